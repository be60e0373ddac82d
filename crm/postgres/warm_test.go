package postgres_test

import (
	"testing"

	"govorun/crm/postgres/pgtest"
)

func TestAWarmConnectionKnowsTheStatementsOfATurnAndNothingHasHappened(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	conn, err := db.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn.Release() // the next to be taken
	for range 2 {  // for ever so often
		if err := db.Warm(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var known, rows, next int
	err = db.Pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0),
		(SELECT count(*) FROM messages) + (SELECT count(*) FROM conversations) + (SELECT count(*) FROM events),
		(SELECT count(*) FROM messages_id_seq WHERE is_called AND last_value % 68719476736 > 1)`).Scan(&known, &rows, &next)
	if err != nil {
		t.Fatal(err)
	}
	if known < 7 || rows+next > 0 {
		t.Errorf("%d statements are known, %d rows and %d ids were made", known, rows, next)
	}
}
