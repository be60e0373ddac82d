package postgres_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

// growing are the tables that grow with the years.
var growing = regexp.MustCompile(`Seq Scan on (deals|events|points|tasks|contacts|attachments|bookings|conversations|contact_keys|deal_words)\b`)

// TestNoStatementOfTheProgramReadsAWholeTableBecauseOfPolicies compares plans with and without policies: behind a policy an index is not used
// by a condition that runs a function which might tell of rows that it has seen.
func TestNoStatementOfTheProgramReadsAWholeTableBecauseOfPolicies(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	grow(t, db, 4000)
	ctx := context.Background()
	conn, err := db.Pool.Acquire(ctx)
	must(t, err)
	defer conn.Release()
	plans := func() map[string]string {
		all := map[string]string{}
		for name, sql := range sqlConstants(t) {
			if !strings.HasPrefix(sql, "SELECT") && !strings.HasPrefix(sql, "WITH") && !strings.HasPrefix(sql, "UPDATE") && !strings.HasPrefix(sql, "INSERT") && !strings.HasPrefix(sql, "DELETE") {
				continue
			}
			if _, err := conn.Exec(ctx, "PREPARE p AS "+sql); err != nil {
				continue // it is of a temporary table
			}
			plan := planOf(t, conn.Conn())
			_, err := conn.Exec(ctx, "DEALLOCATE p")
			must(t, err)
			all[name] = plan
		}
		return all
	}
	with := plans()
	for _, table := range []string{"deals", "tasks", "contacts", "events", "attachments", "points", "bookings"} {
		exec(t, db, "ALTER TABLE "+table+" DISABLE ROW LEVEL SECURITY")
	}
	without := plans()
	if len(with) < 100 {
		t.Fatalf("only %d statements were looked at", len(with))
	}
	for name, plan := range with {
		for _, whole := range growing.FindAllString(plan, -1) {
			if !strings.Contains(without[name], whole) {
				t.Errorf("%s: %s in\n%s", name, whole, plan)
			}
		}
	}
}

// planOf gives the generic plan of the statement p.
func planOf(t testing.TB, conn *pgx.Conn) string {
	t.Helper()
	ctx := context.Background()
	var arguments string
	must(t, conn.QueryRow(ctx, `SELECT coalesce('(' || nullif(string_agg('NULL', ','), '') || ')', '') FROM pg_prepared_statements, unnest(parameter_types) WHERE name = 'p'`,
		pgx.QueryExecModeSimpleProtocol).Scan(&arguments))
	rows, err := conn.Query(ctx, "EXPLAIN EXECUTE p"+arguments, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(lines, "\n")
}

func TestNoFilterReadsAWholeTable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	grow(t, db, 4000)
	exec(t, db, `INSERT INTO role_scopes (role, sees, pipelines) VALUES ('technician', 'crew', '{pipeline 1,pipeline 2}'), ('head', 'all', NULL), ('region', 'city', '{pipeline 1}')`)
	exec(t, db, `UPDATE employees SET role = 'head' WHERE id = 1`)
	exec(t, db, `UPDATE employees SET role = 'region' WHERE id = 2`)
	exec(t, db, `INSERT INTO crews (name) VALUES ('north')`)
	exec(t, db, `UPDATE employees SET crew_id = 1 WHERE id = 3`)
	exec(t, db, `INSERT INTO assets (kind, code, address) SELECT 'machine', n::text, 'Абая ' || n FROM generate_series(1, 3000) n`)
	exec(t, db, `INSERT INTO deal_words SELECT id, 0, words_of('ремонт ' || id) FROM deals ON CONFLICT DO NOTHING`)
	exec(t, db, `ANALYZE`)
	ctx := context.Background()
	now := time.Now()
	conds := []crm.Condition{{Key: crm.ByNumber, IDs: []int64{7}}, {Key: crm.ByPipeline, Words: []string{"pipeline 1"}}, {Key: crm.ByStatus, Words: []string{"open"}}, {Key: crm.ByCity, Words: []string{"x"}},
		{Key: crm.ByStage, Stages: []crm.Stage{{Pipeline: "pipeline 1", Stage: "stage 1"}}}, {Key: crm.ByOwner, IDs: []int64{5}}, {Key: crm.ByOwner, IDs: []int64{0}}, {Key: crm.ByCrew, IDs: []int64{1}},
		{Key: crm.BySource, Words: []string{"bot"}}, {Key: crm.ByText, Words: []string{"ремонт 77"}}, {Key: crm.ByPhone, Words: []string{"1234567"}}, {Key: crm.ByName, Words: []string{"bob 77"}},
		{Key: crm.ByCode, Words: []string{"77"}}, {Key: crm.ByAddress, Words: []string{"абая 77"}}, {Key: crm.ByField, Field: "kind", Words: []string{"x"}}, {Key: crm.ByAny, Words: []string{"77", "ремонт"}},
		{Key: crm.ByDay, From: now, To: now.Add(time.Hour)}, {Key: crm.ByCreated, From: now, To: now.Add(time.Hour)}, {Key: crm.ByEntered, To: now}, {Key: crm.ByClosed, From: now}, {Key: crm.ByDue, To: now}, {Key: crm.ByVisit, From: now}}
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	for _, me := range []crm.EmployeeID{1, 2, 3} {
		for _, c := range conds {
			for i, sort := range []crm.Sort{"", crm.SortDue} {
				c.Not = i == 1
				plan, err := tx.ExplainFind(ctx, me, crm.Filter{Conditions: []crm.Condition{c, {Key: crm.ByStatus, Words: []string{"open"}}}, Sort: sort}, false)
				must(t, err)
				if whole := growing.FindString(plan); whole != "" {
					t.Errorf("employee %d, %s, not %t, by %q: %s in\n%s", me, c.Key, c.Not, sort, whole, plan)
				}
			}
		}
	}
}
