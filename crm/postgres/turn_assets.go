package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// AssetWanted names an asset by its id and the version of its printed code, or by its kind and the code people read.
type AssetWanted struct {
	ID        crm.AssetID
	QRVersion int
	Kind      string
	Code      string
	Contact   crm.ContactID // whose own open deal is looked for
}

// AssetFound is an asset with its open deals. ID is zero when there is none, when it is disabled, or when the printed code
// is of an earlier version: all unknown codes look alike.
type AssetFound struct {
	crm.Asset
	Own   crm.DealID // open, of this contact
	OwnAt time.Time
	Open  int // of others
	Since time.Time
}

const sqlFindAsset = `SELECT a.id, a.kind, a.code, a.name, a.city, a.address, coalesce(a.crew_id, 0), a.fields,
		coalesce(max(d.id) FILTER (WHERE d.contact_id = $5), 0), max(d.created_at) FILTER (WHERE d.contact_id = $5),
		count(d.id) FILTER (WHERE d.contact_id IS DISTINCT FROM $5), min(d.created_at) FILTER (WHERE d.contact_id IS DISTINCT FROM $5)
	FROM assets a LEFT JOIN deals d ON d.asset_id = a.id AND d.status = 'open' AND d.parent_id IS NULL -- what a report made others do is no report
	WHERE NOT a.disabled AND (($1::bigint > 0 AND a.id = $1 AND a.qr_version = $2) OR ($1::bigint = 0 AND a.kind = $3 AND a.code_key = translate(upper($4), 'АВЕКМНОРСТУХ', 'ABEKMHOPCTYX')))
	GROUP BY a.id`

// Assets finds assets in one round trip, in the order asked.
func (t *Turns) Assets(ctx context.Context, wanted []AssetWanted) ([]AssetFound, error) {
	batch := &pgx.Batch{}
	found := make([]AssetFound, len(wanted))
	for i, w := range wanted {
		batch.Queue(sqlFindAsset, w.ID, w.QRVersion, w.Kind, w.Code, w.Contact).QueryRow(func(row pgx.Row) error {
			f := &found[i]
			var own, since *time.Time
			err := row.Scan(&f.ID, &f.Kind, &f.Code, &f.Name, &f.City, &f.Address, &f.Crew, &f.Fields, &f.Own, &own, &f.Open, &since)
			f.OwnAt, f.Since = deref(own), deref(since)
			if err == pgx.ErrNoRows {
				return nil
			}
			return err
		})
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("find assets: %w", domain(err))
	}
	return found, nil
}
