package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestAnOverdueTaskFiresOnceWithItsPointsAndADoneOneNever(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := employee(t, db, "Ann", "manager", "")
	id := deal(t, db, ann)
	past := time.Now().Add(-time.Hour)
	write(t, db, postgres.Automation{TasksMade: []postgres.TaskMade{
		{Deal: id, Assignee: ann, Title: "call Bob", DueAt: past, Points: -2, Card: "repair"},
		{Deal: id, Owner: true, Title: "call Eve", DueAt: past},
		{Assignee: ann, Title: "about no deal", DueAt: past},
		{Role: "manager", Title: "whenever"},
	}})
	var done postgres.Task
	within(t, db, func(tx *postgres.Turns) bool {
		list, err := tx.TasksOf(ctx, ann, 10)
		must(t, err)
		if len(list) != 4 || list[1].Title != "call Eve" || list[3].Title != "whenever" {
			t.Fatalf("tasks %+v", list)
		}
		done, err = tx.FinishTask(ctx, list[1].ID)
		must(t, err)
		if done.DoneAt.IsZero() {
			t.Errorf("finished %+v", done)
		}
		return true
	})
	within(t, db, func(tx *postgres.Turns) bool {
		if again, err := tx.FinishTask(ctx, done.ID); !errors.Is(err, crm.ErrTaken) || again.DoneAt != done.DoneAt {
			t.Errorf("finished twice: %+v, %v", again, err)
		}
		if _, err := tx.FinishTask(ctx, 999); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("finished a task that is not there: %v", err)
		}
		return false
	})
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 2 {
			t.Fatalf("timers %+v", timers)
		}
		overdue, err := tx.Task(ctx, timers[0].Task())
		must(t, err)
		if overdue.Title != "call Bob" || overdue.Points != -2 || overdue.Card != "repair" || overdue.Assignee != ann || overdue.Deal != id || overdue.Timer != timers[0].ID {
			t.Errorf("overdue %+v", overdue)
		}
		loose, err := tx.Task(ctx, timers[1].Task())
		must(t, err)
		if loose.Title != "about no deal" || timers[1].Stale() != "" {
			t.Errorf("overdue %+v", loose)
		}
		return fire(tx, timers)
	})
	if got, want := states(t, db), "fired, cancelled done, fired"; got != want {
		t.Fatalf("timers are: %s; want: %s", got, want)
	}
}
