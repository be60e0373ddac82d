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

func TestAtTheEndOfAShiftEverythingInHandGoesToTheNext(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "operator", ""), employee(t, db, "Bob", "operator", "")
	mine, closed := deal(t, db, ann), deal(t, db, ann)
	exec(t, db, `UPDATE deals SET status = 'won', closed_at = now() WHERE id = $1`, closed)
	talk := outboxTalk(t, db, "telegram", "1")
	exec(t, db, `UPDATE conversations SET operator_id = $2 WHERE id = $1`, talk, ann)
	outboxRow(t, db, talk, crm.Outbound{Text: "hello"})
	write(t, db, postgres.Automation{TasksMade: []postgres.TaskMade{{Deal: mine, Assignee: ann, Title: "call"}}})
	var held postgres.Held
	var handed postgres.Handed
	within(t, db, func(tx *postgres.Turns) bool {
		var err error
		held, err = tx.Held(ctx, ann, 10)
		must(t, err)
		handed, err = tx.HandOver(ctx, postgres.HandOver{From: ann, To: bob, Cause: "shift_end"})
		must(t, err)
		return true
	})
	if len(held.Deals) != 1 || held.Deals[0].ID != mine || held.Deals[0].Stage != "new" || len(held.Talks) != 1 || held.Talks[0].ID != talk || held.Talks[0].LastAt.IsZero() ||
		len(held.Tasks) != 1 || held.Tasks[0].Title != "call" {
		t.Errorf("Ann had %+v", held)
	}
	if got, want := fmt.Sprint(handed.Deals, handed.Talks, handed.Tasks), fmt.Sprintf("[%d] [%d] [1]", mine, talk); got != want {
		t.Errorf("handed %s, want %s", got, want)
	}
	if got := value(t, db, `SELECT string_agg(kind || ' ' || (data->'cause'->>0), ', ' ORDER BY kind) FROM events`); got != "deal_owned shift_end, talk_handed shift_end" {
		t.Errorf("events: %s", got)
	}
	if n := number(t, db, `SELECT count(*) FROM deals d, conversations c, tasks k WHERE d.id = $1 AND d.owner_id = $2 AND c.operator_id = $2 AND k.assignee_id = $2`, mine, bob); n != 1 {
		t.Error("not everything is Bob's")
	}
	if got := loads(t, db); got != "exact" {
		t.Error(got)
	}
}

func TestAShiftTellsWhatWasBefore(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := employee(t, db, "Ann", "operator", "", "on_shift = NULL")
	within(t, db, func(tx *postgres.Turns) bool {
		if was, err := tx.StartShift(ctx, ann); err != nil || was.Kept {
			t.Errorf("before the first shift: %+v, %v", was, err)
		}
		return true
	})
	began := time.Time{}
	for range 2 { // a second start changes nothing
		within(t, db, func(tx *postgres.Turns) bool {
			was, err := tx.StartShift(ctx, ann)
			if err != nil || !was.On || was.Since.IsZero() || !began.IsZero() && !was.Since.Equal(began) {
				t.Errorf("on shift: %+v, %v", was, err)
			}
			began = was.Since
			return true
		})
	}
	within(t, db, func(tx *postgres.Turns) bool {
		if was, err := tx.EndShift(ctx, ann); err != nil || !was.On || !was.Since.Equal(began) {
			t.Errorf("at the end: %+v, %v", was, err)
		}
		if got := pick(t, tx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "operator"}, Hours: true}); got != 0 {
			t.Errorf("%d was picked after going home", got)
		}
		if _, err := tx.EndShift(ctx, 999); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("shift of nobody: %v", err)
		}
		return true
	})
}
