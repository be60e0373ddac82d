package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// told collects the plans by which the server goes about a search.
type told struct {
	with string
	text strings.Builder
}

// ExplainFind gives the server's plans of a search, for people who measure; when it is carried out, with the times and rows of each step.
func (t *Turns) ExplainFind(ctx context.Context, me crm.EmployeeID, f crm.Filter, carryOut bool) (string, error) {
	explained := &told{with: "EXPLAIN "}
	if carryOut {
		explained.with = "EXPLAIN (ANALYZE, BUFFERS) "
	}
	_, err := t.search(ctx, me, plan{f: f, page: Page{Size: 5}, most: countCap, reach: nearCap, told: explained}, "60s")
	return explained.text.String(), err
}

// explain asks for one plan; of nobody it does nothing.
func (p *told) explain(batch *pgx.Batch, sql string, args []any) {
	if p == nil {
		return
	}
	batch.Queue(p.with+sql, args...).Query(func(rows pgx.Rows) error {
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		p.text.WriteString(strings.Join(lines, "\n") + "\n\n")
		return err
	})
}

const sqlRowsRead = `SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::bigint FROM pg_stat_xact_user_tables`

// RowsRead tells how many rows of tables the server has fetched for this transaction so far.
func (t *Turns) RowsRead(ctx context.Context) (n int64, err error) {
	err = t.conn.QueryRow(ctx, sqlRowsRead).Scan(&n)
	return n, wrap(err, "count the rows read")
}
