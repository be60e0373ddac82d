package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// exec runs a statement that prepares or checks a test.
func exec(t testing.TB, db *postgres.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Pool.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// number reads one number.
func number(t testing.TB, db *postgres.DB, sql string, args ...any) (n int64) {
	t.Helper()
	if err := db.Pool.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// employee hires somebody who is at work; more are further columns as "column = value".
func employee(t testing.TB, db *postgres.DB, name, role, city string, more ...string) crm.EmployeeID {
	t.Helper()
	id := crm.EmployeeID(number(t, db, `INSERT INTO employees (name, role, city, on_shift) VALUES ($1, $2, $3, true) RETURNING id`, name, role, city))
	if len(more) > 0 {
		exec(t, db, `UPDATE employees SET `+strings.Join(more, ", ")+` WHERE id = $1`, id)
	}
	return id
}

// deal opens a deal on repairs.new.
func deal(t testing.TB, db *postgres.DB, owner crm.EmployeeID) crm.DealID {
	t.Helper()
	return crm.DealID(number(t, db, `INSERT INTO deals (pipeline, stage, status, owner_id) VALUES ('repairs', 'new', 'open', nullif($1::bigint, 0)) RETURNING id`, owner))
}

// within runs a transaction of turns and commits it, or rolls it back when use says so.
func within(t testing.TB, db *postgres.DB, use func(tx *postgres.Turns) (keep bool)) {
	t.Helper()
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	if use(tx) {
		must(t, tx.Commit(ctx))
	}
}

// write commits what goes on by itself.
func write(t testing.TB, db *postgres.DB, a postgres.Automation) {
	t.Helper()
	within(t, db, func(tx *postgres.Turns) bool {
		must(t, tx.WriteAutomation(context.Background(), &a))
		return true
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// due is a timer of repairs.new that has been due for a minute, changed by the functions given.
func due(id crm.DealID, kind crm.TimerKind, change ...func(*crm.TimerSet)) postgres.TimerRow {
	row := postgres.TimerRow{TimerSet: crm.TimerSet{Deal: id, Kind: kind, Rule: "forgotten", DueAt: time.Now().Add(-time.Minute)}}
	for _, c := range change {
		c(&row.TimerSet)
	}
	return row
}

// claim claims timers and commits what use makes of them.
func claim(t testing.TB, db *postgres.DB, use func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation) {
	t.Helper()
	ctx := context.Background()
	tx, timers, err := db.BeginTimers(ctx, 0, 100)
	must(t, err)
	defer tx.Rollback(ctx)
	a := use(tx, timers)
	must(t, tx.WriteAutomation(ctx, &a))
	must(t, tx.Commit(ctx))
}

// states reads the status and reason of every timer, by id.
func states(t testing.TB, db *postgres.DB) string {
	t.Helper()
	return value(t.(*testing.T), db, `SELECT coalesce(string_agg(trim(status || ' ' || reason), ', ' ORDER BY id), '') FROM timers`)
}
