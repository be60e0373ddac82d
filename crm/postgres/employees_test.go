package postgres_test

import (
	"context"
	"errors"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// acting does something in a transaction of its own.
func acting(t *testing.T, db *postgres.DB, do func(tx *postgres.Turns) error) error {
	t.Helper()
	tx, err := db.BeginActs(t.Context())
	must(t, err)
	defer tx.Rollback(t.Context())
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(t.Context())
}

func TestX08_ADismissalTakesMenusSessionsAndInvitationsAndIsDoneOnce(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO crews (id, name) VALUES (1, 'Moscow 1')`)
	exec(t, db, `INSERT INTO employees (id, name, role, city, crew_id) VALUES (1, 'Ann', 'manager', 'Moscow', 1), (2, 'Bob', 'technician', 'Kazan', NULL), (3, 'Eve', 'manager', 'Omsk', NULL)`)
	exec(t, db, `INSERT INTO conversations (id, channel, chat, blocked, session) VALUES
		(10, 'telegram', '100', false, '{"dialog": "demand.x"}'), (11, 'telegram', '101', true, NULL), (21, 'telegram', '201', false, NULL)`)
	exec(t, db, `INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '100', 1), ('telegram', '101', 1), ('telegram', '102', 1), ('telegram', '103', 2)`)
	exec(t, db, `INSERT INTO deals (pipeline, stage, status, owner_id, closed_at) VALUES ('p', 's', 'open', 1, NULL), ('p', 's', 'won', 1, now()), ('p', 's', 'open', 2, NULL)`)
	exec(t, db, `INSERT INTO invites (status, role, token_hash, expires_at, created_by) VALUES ('open', 'manager', 'x', now() + interval '1 day', 1), ('draft', '', NULL, NULL, 1)`)

	people, err := db.Employees(ctx, false)
	if err != nil || len(people) != 3 {
		t.Fatalf("%d employees, %v", len(people), err)
	}
	if bob, ann := people[0], people[1]; ann.Name != "Ann" || ann.CrewName != "Moscow 1" || ann.Deals != 1 || !ann.Reached || bob.Name != "Bob" || bob.Reached {
		t.Errorf("listed %+v", people)
	}
	dismiss := func(id crm.EmployeeID) error {
		return acting(t, db, func(tx *postgres.Turns) error { return tx.Dismiss(ctx, id, 2) })
	}
	must(t, dismiss(1))
	if n := number(t, db, `SELECT count(*) FROM conversations WHERE session IS NOT NULL`); n != 0 {
		t.Error("a dismissed employee is still asked for something")
	}
	if got := value(t, db, `SELECT string_agg(status, ' ') FROM invites`); got != "revoked" {
		t.Errorf("invitations of a dismissed employee: %s", got)
	}
	if n := number(t, db, `SELECT count(*) FROM events WHERE kind = 'employee_dismissed' AND employee_id = 1 AND data->>'by' = '2'`); n != 1 {
		t.Error("the timeline doesn't tell who dismissed whom")
	}
	due, _, err := db.Outbox().Due(ctx, "telegram", [3]int{9, 9, 9}, nil, nil)
	if err != nil || len(due) != 1 || due[0].Kind != crm.OutMenu || due[0].Address.Chat != "100" || len(due[0].Menu) != 0 {
		t.Errorf("to be sent: %+v, %v", due, err)
	}
	if err := dismiss(1); !errors.Is(err, crm.ErrTaken) {
		t.Errorf("the second dismissal: %v", err)
	}
	for id, want := range map[crm.EmployeeID]error{3: crm.ErrTaken, 99: crm.ErrNotFound, 1: nil} {
		if err := db.Rehire(ctx, id); !errors.Is(err, want) {
			t.Errorf("rehire %d: %v, want %v", id, err, want)
		}
	}
	if err := dismiss(99); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("dismiss nobody: %v", err)
	}
	must(t, dismiss(3))
	if people, err = db.Employees(ctx, true); err != nil || len(people) != 3 || people[2].Name != "Eve" || people[2].Active {
		t.Errorf("listed %+v, %v", people, err)
	}
	if people, err = db.Employees(ctx, false); err != nil || len(people) != 2 {
		t.Errorf("%d work here, %v", len(people), err)
	}
}
