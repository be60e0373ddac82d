package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres/pgtest"
)

func TestAnAdministratorMergesTwoContactsAndTakesItBack(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	conn, err := pgx.Connect(context.Background(), dsn)
	well(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), `INSERT INTO contacts (id, name) VALUES (1, 'Ann'), (2, 'Anna'), (3, 'Eve');
		INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'manager');
		INSERT INTO identities (channel, address, contact_id, employee_id) VALUES ('telegram', '3', 3, 1);
		INSERT INTO conversations (channel, chat, contact_id) VALUES ('telegram', '2', 2);
		INSERT INTO deals (pipeline, stage, status, contact_id) VALUES ('p', 's', 'open', 2), ('p', 's', 'open', 2)`)
	well(t, err)
	env := []string{"DATABASE_URL=" + dsn, "GOVORUN_DATA=" + t.TempDir()}
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"contacts", exitOK, "No contacts are merged."},
		{"contacts merge 1 99", exitTrouble, "there is no contact 1 or no contact 99"},
		{"contacts merge 1 3", exitTrouble, "an employee's own contact"},
		{"contacts merge 2 1", exitOK, "1 now has what belonged to 2: 1 talk, 2 deals\nTo take it back: govorun contacts unmerge 1\n"},
		{"contacts merge 1 2", exitTrouble, "one contact already"},
		{"contacts", exitOK, "by hand"},
		{"contacts unmerge 7", exitTrouble, "there is no merge 7"},
		{"contacts unmerge 1", exitOK, "1 and 2 are two contacts again"},
		{"contacts unmerge 1", exitOK, "was taken back before"},
		{"contacts", exitOK, "No contacts are merged."},
		{"contacts merges --all", exitOK, "by hand"},
		{"contacts merge 1", exitUsage, "<b>"},
	} {
		if out, code := runOnce(t, env, strings.Fields(c.args)...); code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, printed:\n%s", c.args, code, out)
		}
	}
	var deals int
	well(t, conn.QueryRow(context.Background(), `SELECT count(*) FROM deals WHERE contact_id = 2`).Scan(&deals))
	if deals != 2 {
		t.Errorf("%d deals came back", deals)
	}
}
