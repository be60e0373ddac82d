package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestDealsThatStoodBeforeARuleCameGetItsTimerOnce(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	old, fresh, fired, closed := deal(t, db, 0), deal(t, db, 0), deal(t, db, 0), deal(t, db, 0)
	exec(t, db, `UPDATE deals SET entered_at = now() - interval '3 days' WHERE id IN ($1, $2)`, old, fired)
	exec(t, db, `UPDATE deals SET status = 'lost', closed_at = now() WHERE id = $1`, closed)
	exec(t, db, `INSERT INTO timers (deal_id, kind, rule, stage, since, due_at, status) SELECT id, 'idle', 'forgotten', 'new', entered_at, now(), 'fired' FROM deals WHERE id = $1`, fired)
	standing := postgres.Standing{Place: postgres.Place{Pipeline: "repairs", Stage: "new"}, Kind: crm.TimerIdle, Rule: "forgotten", For: 48 * time.Hour}
	ensure := func(want int64) {
		t.Helper()
		var all sync.WaitGroup
		for range 3 { // as many programs start at once
			all.Go(func() {
				for {
					lacking, err := db.LackingTimers(ctx, standing, 1)
					if err == nil && len(lacking) > 0 {
						_, err = db.EnsureTimers(ctx, standing, lacking)
					}
					if err != nil {
						t.Error(err)
					}
					if len(lacking) == 0 || err != nil {
						return
					}
				}
			})
		}
		all.Wait()
		if n := number(t, db, `SELECT count(*) FROM timers WHERE status = 'waiting' AND kind = $1`, standing.Kind); n != want {
			t.Fatalf("%d timers of kind %s wait, want %d", n, standing.Kind, want)
		}
	}
	ensure(2)
	ensure(2)
	if n := number(t, db, `SELECT count(*) FROM timers t JOIN deals d ON d.id = t.deal_id WHERE t.status = 'waiting' AND t.since = d.entered_at
		AND CASE WHEN d.id = $1 THEN t.due_at BETWEEN now() - interval '1 minute' AND now() ELSE d.id = $2 AND t.due_at = d.entered_at + interval '48 hours' END`, old, fresh); n != 2 {
		t.Errorf("%d timers are right, want one that is overdue now and one due in two days", n)
	}
	exec(t, db, `UPDATE deals SET entered_at = now() WHERE id = $1`, fired) // it left and came back
	ensure(3)

	standing.Kind, standing.Rule, standing.For = crm.TimerRecall, "repairs.new", time.Hour
	ensure(3)
	ensure(3)
}

func TestWaitingTimersFollowTheTimeThatTheKitHasNow(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	id := deal(t, db, 0)
	standing := postgres.Standing{Place: postgres.Place{Pipeline: "repairs", Stage: "new"}, Kind: crm.TimerIdle, Rule: "forgotten", For: 48 * time.Hour}
	_, err := db.EnsureTimers(ctx, standing, []crm.DealID{id})
	must(t, err)
	for _, step := range []struct {
		after time.Duration
		moved int
	}{{48 * time.Hour, 0}, {72 * time.Hour, 1}, {72 * time.Hour, 0}, {time.Hour, 1}} {
		standing.For = step.after
		if n, err := db.Retime(ctx, standing, 10); err != nil || n != step.moved {
			t.Errorf("%v: %d timers moved, want %d: %v", step.after, n, step.moved, err)
		}
	}
	exec(t, db, `UPDATE deals SET entered_at = entered_at - interval '2 hours' WHERE id = $1`, id)
	exec(t, db, `UPDATE timers SET since = since - interval '2 hours'`)
	for _, moved := range []int{1, 0} { // it is due now, and stays so
		if n, err := db.Retime(ctx, standing, 10); err != nil || n != moved {
			t.Errorf("%d timers moved, want %d: %v", n, moved, err)
		}
	}
}

func TestWhatIsOverdueByANewRuleIsSpreadAndNotMovedAgain(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	var old []crm.DealID
	for range 40 {
		old = append(old, deal(t, db, 0))
	}
	exec(t, db, `UPDATE deals SET entered_at = now() - interval '3 days'`)
	fresh := deal(t, db, 0)
	standing := postgres.Standing{Place: postgres.Place{Pipeline: "repairs", Stage: "new"}, Kind: crm.TimerIdle, Rule: "forgotten", For: 48 * time.Hour, Spread: 10 * time.Hour}
	_, err := db.EnsureTimers(ctx, standing, append(old, fresh))
	must(t, err)
	spread := func(hours int) {
		t.Helper()
		if n := number(t, db, `SELECT count(*) FROM timers WHERE deal_id <> $1 AND due_at BETWEEN now() - interval '1 minute' AND now() + make_interval(hours => $2)`, fresh, hours); n != 40 {
			t.Errorf("%d of 40 overdue timers are due within %d hours", n, hours)
		}
		if n := number(t, db, `SELECT extract(epoch FROM max(due_at) - min(due_at))::int / 360 / $2::int FROM timers WHERE deal_id <> $1`, fresh, hours); n < 5 {
			t.Errorf("they lie within %d tenths of the time", n)
		}
	}
	spread(10)
	if n := number(t, db, `SELECT count(*) FROM timers WHERE deal_id = $1 AND due_at = since + interval '48 hours'`, fresh); n != 1 {
		t.Errorf("%d timers of a deal that came just now are due when they should be", n)
	}
	standing.For = 24 * time.Hour
	if n, err := db.Retime(ctx, standing, 100); err != nil || n != 1 {
		t.Errorf("%d timers moved, want that of the new deal alone: %v", n, err)
	}
	exec(t, db, `UPDATE timers SET due_at = now() + interval '5 days' WHERE deal_id <> $1`, fresh)
	standing.Spread = 2 * time.Hour
	if n, err := db.CountRetimed(ctx, standing); err != nil || n != 40 {
		t.Errorf("%d timers are to be moved, want 40: %v", n, err)
	}
	for _, moved := range []int{30, 10, 0} {
		if n, err := db.Retime(ctx, standing, 30); err != nil || n != moved {
			t.Errorf("%d timers moved, want %d: %v", n, moved, err)
		}
	}
	spread(2)
}

func TestALooseTimerIsOneWhoeverArmsItAndGoesOnInPlace(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := db.ArmLoose(ctx, "digest.parked", time.Now().Add(-time.Minute)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	claim(t, db, func(tx *postgres.Turns, timers []postgres.DueTimer) postgres.Automation {
		if len(timers) != 1 || timers[0].Deal != 0 || timers[0].Rule != "digest.parked" {
			t.Fatalf("claimed %+v", timers)
		}
		return postgres.Automation{Ends: []postgres.TimerEnd{{ID: timers[0].ID, Status: postgres.TimerWaiting, DueAt: tx.Now.Add(time.Hour)}}}
	})
	must(t, db.ArmLoose(ctx, "digest.parked", time.Now()))
	if n := number(t, db, `SELECT count(*) FROM timers WHERE status = 'waiting' AND due_at > now() + interval '59 minutes'`); n != 1 {
		t.Errorf("%d timers wait for their next time", n)
	}
}
