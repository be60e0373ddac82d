package postgres_test

import (
	"bytes"
	"context"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// dumpTool finds one of the server's own tools, beside the server when it is not on the path.
func dumpTool(t *testing.T, name string) string {
	t.Helper()
	if path, err := osexec.LookPath(name); err == nil {
		return path
	}
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(all) == 0 {
		t.Fatalf("there is no %s: install the client programs of PostgreSQL", name)
	}
	return all[len(all)-1]
}

func opened(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), postgres.Config{URL: url})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close(context.Background())) })
	return db
}

// TestADumpAsTheReadmeSaysHoldsAllRowsAndIsRestored goes the whole way: the policies bind the owner, who makes the dump.
func TestADumpAsTheReadmeSaysHoldsAllRowsAndIsRestored(t *testing.T) {
	t.Parallel()
	from, to := pgtest.Empty(t), pgtest.Empty(t)
	db := opened(t, from)
	deals := len(world(t, db))
	dumping := osexec.CommandContext(t.Context(), dumpTool(t, "pg_dump"), "--enable-row-security", from)
	var dump, trouble bytes.Buffer
	dumping.Stdout, dumping.Stderr = &dump, &trouble
	if err := dumping.Run(); err != nil {
		t.Fatalf("%v: %s", err, &trouble)
	}
	restore := osexec.CommandContext(t.Context(), dumpTool(t, "psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", to)
	restore.Stdin, restore.Stderr = &dump, &trouble
	if err := restore.Run(); err != nil {
		t.Fatalf("%v: %s", err, &trouble)
	}
	again := opened(t, to)
	for _, table := range []string{"deals", "tasks", "contacts", "events", "bookings", "contact_keys", "deal_words", "employees", "role_scopes"} {
		if before, after := number(t, db, "SELECT count(*) FROM "+table), number(t, again, "SELECT count(*) FROM "+table); before != after || before == 0 {
			t.Errorf("of %d %s %d are restored", before, table, after)
		}
	}
	if n := number(t, again, "SELECT count(*) FROM deals"); int(n) != deals {
		t.Errorf("%d of %d deals are restored", n, deals)
	}
	for _, table := range []string{"deals", "tasks", "contacts", "events", "attachments", "points", "bookings"} {
		if !strings.Contains(value(t, again, "SELECT row_security_active('"+table+"')::text"), "true") {
			t.Errorf("the policies of %s went", table)
		}
	}
	if _, err := again.Pool.Exec(context.Background(), `REINDEX TABLE assets`); err != nil {
		t.Errorf("an index is not built anew: %v", err)
	}
}
