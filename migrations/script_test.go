package migrations_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govorun/crm/postgres/pgtest"
	"govorun/migrations"
)

// TestTheScriptsMakeTheSameSchemaInOneTransaction is what a restore relies on.
func TestTheScriptsMakeTheSameSchemaInOneTransaction(t *testing.T) {
	clean, db := open(t, pgtest.Empty(t)), open(t, pgtest.Empty(t))
	run(t, clean, migrations.Files)
	scripts, err := migrations.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := tx.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(migrations.VersionTable)
	do(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true)`)
	for _, s := range scripts {
		if _, err := tx.Exec(s.SQL); err != nil { // without arguments it is one simple query
			t.Fatalf("migration %d: %v", s.Version, err)
		}
		do(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, s.Version)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	want, got := text(t, clean, sqlSchema), text(t, db, sqlSchema)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the schema differs:\n%s", diff)
	}
}
