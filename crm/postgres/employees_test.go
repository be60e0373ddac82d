package postgres_test

import (
	"context"
	"errors"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

func TestX08_ADismissalFreesTalksTakesMenusAndIsToldOnce(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec := func(sql string) {
		t.Helper()
		if _, err := db.Pool.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	count := func(sql string) (n int) {
		t.Helper()
		if err := db.Pool.QueryRow(ctx, sql).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	exec(`INSERT INTO crews (id, name) VALUES (1, 'Moscow 1')`)
	exec(`INSERT INTO employees (id, name, role, city, crew_id) VALUES (1, 'Ann', 'manager', 'Moscow', 1), (2, 'Bob', 'technician', 'Kazan', NULL), (3, 'Eve', 'manager', 'Omsk', NULL)`)
	exec(`INSERT INTO contacts (id) VALUES (5)`)
	exec(`INSERT INTO conversations (id, channel, chat, contact_id, operator_id, blocked) VALUES
		(10, 'telegram', '100', NULL, NULL, false), (11, 'telegram', '101', NULL, NULL, true), (20, 'telegram', '200', 5, 1, false), (21, 'telegram', '201', NULL, 2, false)`)
	exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', '100', 1), ('telegram', '101', 1), ('telegram', '102', 1), ('telegram', '103', 2)`)
	exec(`INSERT INTO deals (pipeline, stage, status, owner_id, closed_at) VALUES ('p', 's', 'open', 1, NULL), ('p', 's', 'won', 1, now()), ('p', 's', 'open', 2, NULL)`)

	people, err := db.Employees(ctx, false)
	if err != nil || len(people) != 3 {
		t.Fatalf("%d employees, %v", len(people), err)
	}
	if bob, ann := people[0], people[1]; ann.Name != "Ann" || ann.CrewName != "Moscow 1" || ann.Deals != 1 || !ann.Reached || bob.Name != "Bob" || bob.Reached {
		t.Errorf("listed %+v", people)
	}
	left, err := db.Dismiss(ctx, 1)
	if err != nil || left.Talks != 1 || left.Deals != 1 {
		t.Errorf("left behind %+v, %v", left, err)
	}
	if n := count(`SELECT count(*) FROM conversations WHERE operator_id = 1`); n != 0 {
		t.Error("a dismissed operator still has a talk")
	}
	if n := count(`SELECT count(*) FROM conversations WHERE operator_id = 2`); n != 1 {
		t.Error("another operator lost a talk")
	}
	if n := count(`SELECT count(*) FROM events WHERE (kind, conversation_id, contact_id) = ('talk_dropped', 20, 5) OR kind = 'employee_dismissed'`); n != 2 {
		t.Errorf("%d lines in the timeline, want 2", n)
	}
	due, _, err := db.Outbox().Due(ctx, "telegram", [3]int{9, 9, 9}, nil, nil)
	if err != nil || len(due) != 1 || due[0].Kind != crm.OutMenu || due[0].Address.Chat != "100" || len(due[0].Menu) != 0 {
		t.Errorf("to be sent: %+v, %v", due, err)
	}
	if _, err := db.Dismiss(ctx, 1); !errors.Is(err, crm.ErrTaken) {
		t.Errorf("the second dismissal: %v", err)
	}
	for id, want := range map[crm.EmployeeID]error{3: crm.ErrTaken, 99: crm.ErrNotFound, 1: nil} {
		if err := db.Rehire(ctx, id); !errors.Is(err, want) {
			t.Errorf("rehire %d: %v, want %v", id, err, want)
		}
	}
	if _, err := db.Dismiss(ctx, 99); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("dismiss nobody: %v", err)
	}
	if _, err := db.Dismiss(ctx, 3); err != nil {
		t.Error(err)
	}
	if people, err = db.Employees(ctx, true); err != nil || len(people) != 3 || people[2].Name != "Eve" || people[2].Active {
		t.Errorf("listed %+v, %v", people, err)
	}
	if people, err = db.Employees(ctx, false); err != nil || len(people) != 2 {
		t.Errorf("%d work here, %v", len(people), err)
	}
}
