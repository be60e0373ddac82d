package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres/pgtest"
)

func TestX23_ActsOfDeletionAreListedShownAndWrittenToAFile(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	conn, err := pgx.Connect(context.Background(), dsn)
	well(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), `INSERT INTO contacts (id, name) VALUES (1, 'Ann'), (3, 'Eve');
		INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'manager');
		INSERT INTO identities (channel, address, contact_id, employee_id) VALUES ('telegram', '3', 3, 1)`)
	well(t, err)
	file := filepath.Join(t.TempDir(), "acts.csv")
	env := []string{"DATABASE_URL=" + dsn, "GOVORUN_DATA=" + t.TempDir()}
	run := func(args string, code int, says string) {
		t.Helper()
		if out, got := runOnce(t, env, strings.Fields(args)...); got != code || !strings.Contains(out, says) {
			t.Errorf("%s: exit %d, printed:\n%s", args, got, out)
		}
	}
	run("acts", exitOK, "Nothing was deleted yet")
	run("contacts forget 1", exitTrouble, "govorun contacts forget 1 --yes")
	run("contacts forget 99 --yes", exitTrouble, "there is no contact 99")
	run("contacts forget 3 --yes", exitTrouble, "an employee's own")
	run("contacts forget 1 --yes", exitOK, "Contact 1 is forgotten by the running program")
	_, err = conn.Exec(context.Background(), `INSERT INTO acts (kind, policy, basis, day, items) VALUES ('erasure', '', 'contact 1', '2026-11-22', '[{"what": "messages", "count": 41}]'),
		('retention', 'refused', 'refused: selfie, deals on drivers.refused after 30d', '2026-11-22', '[{"deal": 5512, "what": "selfie", "kind": "files", "count": 1}, {"deal": 5513, "what": "selfie", "kind": "files", "count": 1}]')`)
	well(t, err)
	run("acts", exitOK, "asked to be forgotten (contact 1)")
	run("acts show 2", exitOK, "5512")
	run("acts show 7", exitTrouble, "there is no act 7")
	run("acts list --csv "+file, exitOK, "2 acts, 3 lines")
	written, err := os.ReadFile(file)
	well(t, err)
	if text := string(written); strings.Count(text, "\n") != 4 || !strings.Contains(text, "retention,refused,\"refused: selfie, deals on drivers.refused after 30d\",5512,selfie,files,,1") {
		t.Errorf("the file holds:\n%s", text)
	}
}
