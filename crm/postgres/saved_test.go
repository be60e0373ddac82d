package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// inTurn runs something in a turn of its own and commits.
func inTurn(t *testing.T, db *postgres.DB, key string, do func(*postgres.Turns) error) {
	t.Helper()
	ctx := context.Background()
	tx, _, err := db.BeginTurns(ctx, []crm.Inbound{{Address: crm.Address{Channel: "telegram", Chat: "7"}, From: crm.Person{ID: "7"}, Key: key, Kind: crm.InText}})
	must(t, err)
	defer tx.Rollback(ctx)
	must(t, do(tx))
	must(t, tx.Commit(ctx))
}

func TestListsAreForgottenAMonthAfterTheirLastUse(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'technician'), (2, 'Bob', 'technician')`)
	exec(t, db, `INSERT INTO lists (token, employee_id, conversation_id, message_id, base, query, used_at)
		SELECT 'old' || n, 1, 1, n, 'my', '', now() - interval '31 days' FROM generate_series(1, 30) n`)
	inTurn(t, db, "m:1", func(tx *postgres.Turns) error {
		if _, err := tx.LastList(ctx, 2); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("who has no list has one: %v", err)
		}
		return tx.AddList(ctx, postgres.List{Token: "new", Employee: 1, Conversation: 7, Message: 70, Base: postgres.BaseDeals, Query: "city:Almaty"})
	})
	if n := number(t, db, `SELECT count(*) FROM lists`); n != 11 {
		t.Errorf("%d lists are left", n)
	}
	inTurn(t, db, "m:2", func(tx *postgres.Turns) error {
		l, err := tx.List(ctx, "new")
		if err != nil || l.Query != "city:Almaty" || l.Base != postgres.BaseDeals || l.Conversation != 7 || l.Message != 70 {
			t.Errorf("the list came back as %+v, %v", l, err)
		}
		l.Query, l.Page, l.Revision = "", 3, 1
		must(t, tx.ChangeList(ctx, l))
		last, err := tx.LastList(ctx, 1)
		if last != l {
			t.Errorf("the last list is %+v", last)
		}
		if _, err := tx.List(ctx, "forged"); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("a forged token gives %v", err)
		}
		return err
	})
}

func TestASavedCommandKeepsItsScheduleInOneTimer(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'technician'), (2, 'Bob', 'technician')`)
	var s postgres.Saved
	inTurn(t, db, "m:1", func(tx *postgres.Turns) (err error) {
		s = postgres.Saved{Employee: 1, Name: "утро", Command: "utro", Base: postgres.BaseMy, Query: "new"}
		s.ID, err = tx.Save(ctx, s)
		must(t, err)
		s.Minute = 510
		for i := range 3 {
			must(t, tx.Schedule(ctx, s, time.Now().Add(time.Duration(i)*time.Hour)))
		}
		return err
	})
	waiting := func() int64 {
		return number(t, db, fmt.Sprintf(`SELECT count(*) FROM timers WHERE status = 'waiting' AND rule = '%s'`, postgres.SavedRule(s.ID)))
	}
	if waiting() != 1 {
		t.Fatalf("%d timers wait", waiting())
	}
	inTurn(t, db, "m:2", func(tx *postgres.Turns) error {
		again := s
		again.Query = "today"
		if id, err := tx.Save(ctx, again); err != nil || id != s.ID {
			t.Errorf("saved again it is %d, %v", id, err)
		}
		got, err := tx.Saved(ctx, s.ID)
		if err != nil || got.Query != "today" || got.Minute != 510 {
			t.Errorf("it came back as %+v, %v", got, err)
		}
		other := s
		other.Employee = 2
		if err := tx.Schedule(ctx, other, time.Now()); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("another schedules it: %v", err)
		}
		if err := tx.ForgetSaved(ctx, 2, s.ID); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("another removes it: %v", err)
		}
		return nil
	})
	inTurn(t, db, "m:3", func(tx *postgres.Turns) error { return tx.ForgetSaved(ctx, 1, s.ID) })
	if waiting() != 0 {
		t.Error("a timer of a removed command waits")
	}
	if id, is := postgres.SavedOfRule(postgres.SavedRule(s.ID)); !is || id != s.ID {
		t.Errorf("the rule names command %d, %v", id, is)
	}
	for _, rule := range []string{"digest.parked", "saved:", "saved:x", "saved:-1"} {
		if _, is := postgres.SavedOfRule(rule); is {
			t.Errorf("%q is taken for a saved command", rule)
		}
	}
}
