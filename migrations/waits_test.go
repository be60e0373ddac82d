package migrations_test

import (
	"testing"
	"testing/fstest"

	"govorun/crm/postgres/pgtest"
)

func TestM04_AMigrationLeavesNoLongPatienceToTheNextOne(t *testing.T) {
	all := withSlowFile().(fstest.MapFS)
	all["90001_slow.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE seen AS SELECT current_setting('lock_timeout') AS patience;\n")}
	db := open(t, pgtest.Empty(t))
	run(t, db, all)
	if got := text(t, db, `SELECT patience FROM seen`); got != "800ms" {
		t.Errorf("the next migration waits %s for a table, and everybody behind it", got)
	}
}
