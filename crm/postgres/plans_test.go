package postgres_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// sqlGrow makes a database of some size: deals of 200 owners on 60 stages, each with timers, events, messages, touches and more.
const sqlGrow = `
INSERT INTO employees (name, role, city, on_shift) SELECT 'Ann ' || n, 'technician', 'city ' || n % 7, true FROM generate_series(1, 200) n;
INSERT INTO contacts (name) SELECT 'Bob ' || n FROM generate_series(1, $1 / 2) n;
INSERT INTO conversations (channel, chat) SELECT 'telegram', n::text FROM generate_series(1, $1 / 2) n;
ALTER TABLE deals DISABLE TRIGGER USER;
INSERT INTO deals (pipeline, stage, status, closed_at, contact_id, conversation_id, owner_id, human_at, robot_touches)
	SELECT 'pipeline ' || n % 6, 'stage ' || n % 10, CASE WHEN n % 10 = 3 THEN 'won' ELSE 'open' END, CASE WHEN n % 10 = 3 THEN now() END,
		1 + n / 2 % ($1 / 2), 1 + n / 2 % ($1 / 2), 1 + n % 200, now() - make_interval(mins => n % 10000), CASE WHEN n % 500 = 0 THEN 3 ELSE 0 END
	FROM generate_series(1, $1) n;
ALTER TABLE deals ENABLE TRIGGER USER;
UPDATE employees e SET open_deals = (SELECT count(*) FROM deals WHERE owner_id = e.id AND status = 'open');
INSERT INTO timers (deal_id, kind, rule, due_at) SELECT n, 'idle', 'forgotten', now() + make_interval(mins => n % 5000 + 60) FROM generate_series(1, $1) n;
INSERT INTO timers (deal_id, kind, due_at, status) SELECT n, 'remind', now() - interval '1 day', 'fired' FROM generate_series(1, $1) n;
INSERT INTO events (at, kind, author, deal_id) SELECT now() - make_interval(mins => n % 50000), 'deal_moved', 'system', n FROM generate_series(1, $1) n;
INSERT INTO messages (conversation_id, direction, author, kind, status, content) SELECT 1 + n / 2 % ($1 / 2), 'in', 'person', 'text', 'received', '{}' FROM generate_series(1, $1) n;
INSERT INTO links (deal_id, other_id, kind, name) SELECT n, n + 1, 'child', 'repair' FROM generate_series(1, $1 - 1, 2) n;
INSERT INTO points (employee_id, deal_id, points, reason) SELECT 1 + n % 200, n, 1, 'done' FROM generate_series(1, $1 / 5) n;
INSERT INTO tasks (deal_id, assignee_id, title) SELECT n, 1 + n % 200, 'call' FROM generate_series(1, $1 / 5) n;
ANALYZE`

// grow fills a database with so many deals.
func grow(t testing.TB, db *postgres.DB, deals int) {
	t.Helper()
	for _, sql := range strings.Split(strings.ReplaceAll(sqlGrow, "$1", fmt.Sprint(deals)), ";\n") {
		exec(t, db, sql)
	}
}

func TestNoHotStatementReadsAWholeTable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	grow(t, db, 5000)
	checkPlans(t, db, sqlConstants(t))
}

// wholeTable is a plan that reads all of a table that grows.
var wholeTable = regexp.MustCompile(`Seq Scan on (deals|timers|events|messages|points|links|tasks|contacts|conversations)\b`)

// checkPlans finds plans that read a whole table.
func checkPlans(t testing.TB, db *postgres.DB, constants map[string]string) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.Pool.Acquire(ctx)
	must(t, err)
	defer conn.Release()
	for _, name := range []string{"sqlInsertLinks", "sqlLinksOf", "sqlInsertTimers", "sqlStopTimers", "sqlEndTimers", "sqlStopReminders", "sqlNextTimer",
		"sqlClaimTimers", "sqlClaimLoose", "sqlMergeReminders", "sqlInsertTasksMade", "sqlStopTimer", "sqlInsertPoints", "sqlEmployeePoints", "sqlRating",
		"sqlTouchDeals", "sqlPickOwner", "sqlStandings", "sqlMoveStanding", "sqlHeldTalks", "sqlHeldDeals", "sqlHandDeals", "sqlHandTalks", "sqlHandTasks",
		"sqlParked", "sqlDuplicates", "sqlWhy", "sqlLeftInRoom", "sqlTalksLeftInRoom"} {
		sql, known := constants[name]
		if !known {
			t.Errorf("there is no %s", name)
			continue
		}
		plan := explain(t, conn.Conn(), name, sql)
		if whole := wholeTable.FindString(plan); whole != "" {
			t.Errorf("%s: %s in\n%s", name, whole, plan)
		}
	}
}

// explain gives the generic plan of a statement, which is the one that runs.
func explain(t testing.TB, conn *pgx.Conn, name, sql string) string {
	t.Helper()
	ctx := context.Background()
	_, err := conn.Exec(ctx, "PREPARE "+name+" AS "+sql)
	must(t, err)
	var arguments string
	must(t, conn.QueryRow(ctx, `SELECT coalesce('(' || nullif(string_agg('NULL', ','), '') || ')', '') FROM pg_prepared_statements, unnest(parameter_types)
		WHERE name = lower($1)`, name).Scan(&arguments))
	rows, err := conn.Query(ctx, "EXPLAIN EXECUTE "+name+arguments)
	must(t, err)
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(lines, "\n")
}
