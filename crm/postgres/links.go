package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// The same link twice is one link.
	sqlInsertLinks = `INSERT INTO links (deal_id, other_id, kind, name)
		SELECT deal, other, kind, name FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS u(deal, other, kind, name)
		ON CONFLICT ON CONSTRAINT links_pkey DO NOTHING`

	sqlLinksOf = `SELECT deal_id, other_id, kind, name, created_at FROM links WHERE deal_id = $1
		UNION ALL SELECT deal_id, other_id, kind, name, created_at FROM links WHERE other_id = $1 ORDER BY 5, 1, 2, 4`
)

func (a *Automation) queueLinks(batch *pgx.Batch) {
	n := len(a.Links)
	if n == 0 {
		return
	}
	deals, others := make([]int64, n), make([]int64, n)
	kinds, names := make([]string, n), make([]string, n)
	for i, l := range a.Links {
		deals[i], others[i], kinds[i], names[i] = int64(l.Deal), int64(l.Other), string(l.Kind), l.Name
	}
	batch.Queue(sqlInsertLinks, deals, others, kinds, names)
}

// Links lists the links of which a deal is one side, whichever, the oldest first. Those of this transaction are among them
// once they are flushed.
func (t *Turns) Links(ctx context.Context, id crm.DealID) ([]crm.DealLinked, error) {
	if links, known := t.links[id]; known {
		return links, nil
	}
	batch := &pgx.Batch{}
	t.queueLinksOf(batch, id)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("list links of deal %d: %w", id, domain(err))
	}
	return t.links[id], nil
}

func (t *Turns) queueLinksOf(batch *pgx.Batch, id crm.DealID) {
	batch.Queue(sqlLinksOf, id).Query(func(rows pgx.Rows) error {
		links, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l crm.DealLinked, err error) {
			err = row.Scan(&l.Deal, &l.Other, &l.Kind, &l.Name, nil)
			return l, err
		})
		if t.links == nil {
			t.links = map[crm.DealID][]crm.DealLinked{}
		}
		t.links[id] = links
		return err
	})
}
