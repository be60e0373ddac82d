package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// StageCount is how many deals stand on a stage, those that ended there among them.
type StageCount struct {
	Pipeline string
	Stage    string
	Deals    int
}

const (
	// What was counted and what came since: no writer ever waits for a counter.
	sqlFunnel = `SELECT pipeline, stage, sum(deals)::bigint FROM (
			SELECT pipeline, stage, city, deals FROM funnel_counts UNION ALL SELECT pipeline, stage, city, deals FROM funnel_deltas) s
		WHERE ($1 OR pipeline = ANY ($2::text[])) AND ($3 OR city = ANY ($4::text[]))
		GROUP BY pipeline, stage HAVING sum(deals) > 0 ORDER BY pipeline, stage`

	// Who sees only some deals has few open ones: they are counted one by one, under the policies.
	sqlFunnelOwn = `SELECT pipeline, stage, count(*) FROM (
			SELECT pipeline, stage FROM deals WHERE owner_id = $1 AND status = 'open'
			UNION ALL SELECT pipeline, stage FROM deals WHERE crew_id = $2 AND status = 'open' AND owner_id IS DISTINCT FROM $1) s
		GROUP BY pipeline, stage ORDER BY pipeline, stage`

	sqlFoldFunnel = `WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtext('govorun funnel')) AS alone),
		gone AS (
			DELETE FROM funnel_deltas WHERE (SELECT alone FROM mine) AND id IN (SELECT id FROM funnel_deltas ORDER BY id LIMIT $1)
			RETURNING pipeline, stage, city, deals),
		added AS (
			INSERT INTO funnel_counts (pipeline, stage, city, deals) SELECT pipeline, stage, city, sum(deals) FROM gone GROUP BY 1, 2, 3
			ON CONFLICT ON CONSTRAINT funnel_counts_pkey DO UPDATE SET deals = funnel_counts.deals + excluded.deals)
		SELECT count(*) FROM gone`
)

// Funnel counts the deals of each stage that an employee's role looks at: of their cities or everywhere; for who sees no more than
// their own or their crew's, those that are open.
func (t *Turns) Funnel(ctx context.Context, me crm.EmployeeID) ([]StageCount, error) {
	if err := t.FlushDeals(ctx); err != nil {
		return nil, err
	}
	var s scope
	batch := &pgx.Batch{}
	batch.Queue(sqlSeeAs, named(me))
	batch.Queue(sqlScope).QueryRow(s.scan)
	batch.Queue(sqlSeeAs, 0)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count the deals that employee %d sees: %w", me, domain(err))
	}
	var counts []StageCount
	read := func(rows pgx.Rows) (err error) {
		counts, err = pgx.CollectRows(rows, pgx.RowToStructByPos[StageCount])
		return err
	}
	batch = &pgx.Batch{}
	switch {
	case s.me == 0:
		return nil, nil
	case s.wide:
		batch.Queue(sqlFunnel, s.anyPipeline, orNone(s.pipelines), s.everywhere, s.cities).Query(read)
	default:
		batch.Queue(sqlSeeAs, s.me)
		batch.Queue(sqlFunnelOwn, s.me, s.crewSeen).Query(read)
		batch.Queue(sqlSeeAs, 0)
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count the deals that employee %d sees: %w", me, domain(err))
	}
	return counts, nil
}

// foldAtOnce is how many changes of counters are added up in one transaction.
const foldAtOnce = 5000

// FoldFunnel adds up what has changed since, and gives how many changes there were. One process does it at a time; others find nothing to do.
func (db *DB) FoldFunnel(ctx context.Context) (folded int, err error) {
	for n := foldAtOnce; n == foldAtOnce; folded += n {
		if err := db.Pool.QueryRow(ctx, sqlFoldFunnel, foldAtOnce).Scan(&n); err != nil {
			return folded, wrap(err, "add up the counters of stages")
		}
	}
	return folded, nil
}
