package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ImportCounts says what an import did, or would do.
type ImportCounts struct {
	New, Changed, Same int
}

// ImportOptions bound one import. With Dry everything is done and taken back, so that the counts are exact. Progress, when set,
// is told how many rows have been sent.
type ImportOptions struct {
	Dry      bool
	Progress func(done int)
}

// AssetRow is one asset of an import; Kind and Code say which. A nil pointer keeps what is stored, an empty text empties it.
// Fields are added to the stored ones; a nil value removes one. Crew is a name: a crew that is new is made, in the asset's city.
type AssetRow struct {
	Kind, Code                string
	Name, City, Address, Crew *string
	Fields                    crm.Fields
}

// StaffRow is one employee of an import. Address is their own in the channel of the import (a Telegram user id), empty when
// unknown. Crew is a name: a crew that is new is made, in the employee's city. A nil Crew or Lang keeps what is stored, and so
// do all of these: Phone (E.164) is shown to whom they visit, Skills are their own, Hours ({"mon-fri": "09:00-18:00"}) and Travel (minutes to the
// next visit) are those of their crew.
type StaffRow struct {
	Name, Role, City string
	Crew, Lang       *string
	Address          string
	Phone            string
	Skills           []string
	Hours            map[string]string
	Travel           *int
}

const (
	// Two imports at once would each count the other's rows as their own: they take turns.
	sqlLockImport = `SELECT pg_advisory_xact_lock(hashtext('govorun import'))`

	sqlMakeAssetRows = `CREATE TEMP TABLE asset_rows (kind text, code text, name text, city text, address text, crew text, fields jsonb)
		ON COMMIT DROP`

	// Rows without statistics would be joined by a nested loop.
	sqlAnalyseAssetRows = `ANALYZE asset_rows`

	sqlMakeAssetCrews = `INSERT INTO crews (name, city)
		SELECT r.crew, coalesce(min(r.city), '') FROM asset_rows r WHERE r.crew <> '' AND NOT EXISTS (SELECT FROM crews c WHERE c.name = r.crew)
		GROUP BY r.crew ORDER BY r.crew ON CONFLICT ON CONSTRAINT crews_name_key DO NOTHING`

	sqlMergeAssets = `WITH merged AS (
			SELECT r.kind, r.code, a.id IS NULL AS fresh,
				coalesce(r.name, a.name, '') AS name, coalesce(r.city, a.city, '') AS city, coalesce(r.address, a.address, '') AS address,
				CASE WHEN r.crew IS NULL THEN a.crew_id ELSE c.id END AS crew_id,
				jsonb_strip_nulls(coalesce(a.fields, '{}') || r.fields) AS fields,
				a.name AS old_name, a.city AS old_city, a.address AS old_address, a.crew_id AS old_crew, a.fields AS old_fields
			FROM asset_rows r LEFT JOIN assets a ON a.kind = r.kind AND a.code = r.code LEFT JOIN crews c ON c.name = r.crew),
		written AS (
			INSERT INTO assets (kind, code, name, city, address, crew_id, fields)
			SELECT kind, code, name, city, address, crew_id, fields FROM merged
			WHERE fresh OR (name, city, address, crew_id, fields) IS DISTINCT FROM (old_name, old_city, old_address, old_crew, old_fields)
			ON CONFLICT ON CONSTRAINT assets_kind_code_key DO UPDATE SET name = excluded.name, city = excluded.city,
				address = excluded.address, crew_id = excluded.crew_id, fields = excluded.fields, updated_at = now()
			RETURNING kind, code)
		SELECT count(*) FILTER (WHERE m.fresh), count(*) FILTER (WHERE NOT m.fresh) FROM written w JOIN merged m USING (kind, code)`
)

// errDry ends the transaction of a dry run.
var errDry = errors.New("dry run")

// ImportAssets adds or updates assets, all of them or none. Rows must name each asset once.
func (db *DB) ImportAssets(ctx context.Context, rows []AssetRow, o ImportOptions) (ImportCounts, error) {
	var n ImportCounts
	err := db.importing(ctx, o.Dry, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlMakeAssetRows); err != nil {
			return err
		}
		columns := []string{"kind", "code", "name", "city", "address", "crew", "fields"}
		_, err := tx.CopyFrom(ctx, pgx.Identifier{"asset_rows"}, columns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			o.tell(i + 1)
			r := rows[i]
			if r.Fields == nil {
				r.Fields = crm.Fields{}
			}
			return []any{r.Kind, r.Code, r.Name, r.City, r.Address, r.Crew, r.Fields}, nil
		}))
		if err != nil {
			return err
		}
		for _, sql := range []string{sqlAnalyseAssetRows, sqlMakeAssetCrews} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, sqlMergeAssets).Scan(&n.New, &n.Changed)
	})
	if err != nil {
		return ImportCounts{}, fmt.Errorf("import %d assets: %w", len(rows), err)
	}
	n.Same = len(rows) - n.New - n.Changed
	return n, nil
}

// importing runs one import in a transaction of its own; a dry one is rolled back at its end.
func (db *DB) importing(ctx context.Context, dry bool, do func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockImport); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		if dry {
			return errDry
		}
		return nil
	})
	if dry && errors.Is(err, errDry) {
		return nil
	}
	return domain(err)
}

func (o ImportOptions) tell(done int) {
	if o.Progress != nil {
		o.Progress(done)
	}
}
