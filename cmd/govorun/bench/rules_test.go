package bench

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm/postgres/pgtest"
)

func TestAShortRunOfRulesLosesAndDoublesNothing(t *testing.T) {
	var report, trouble bytes.Buffer
	r := Rules{Presses: 20, Timers: 30, Rate: 20, Before: time.Second, Shared: 50, Rounds: 2}
	r.Deals = r.Least()
	if err := r.Run(t.Context(), Config{Database: pgtest.Empty(t), Out: &report, Err: &trouble}); err != nil {
		t.Fatalf("%v\n%s%s", err, &trouble, &report)
	}
	for _, want := range []string{"p99", "30 timers due", "50 new deals", "the call that edits it", "Of 90 presses 0 left", "timers: 0, shared deals: 0"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, &report)
		}
	}
}

// grown are the tables whose rows a measurement adds to.
var grown = []string{"messages", "deals", "links", "events", "timers", "tasks", "points", "conversations", "contacts"}

// rows counts those of all these tables, and the timers that wait.
func (r *rules) rows(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range append(grown, "timers WHERE status = 'waiting'", "timers WHERE status = 'fired'") {
		n, err := r.count(context.Background(), "SELECT count(*) FROM "+table)
		if err != nil {
			t.Fatal(err)
		}
		counts[table] = n
	}
	return counts
}

func less(after, before map[string]int) map[string]int {
	for name, n := range before {
		after[name] -= n
	}
	return after
}

func TestFloorsOfRulesWriteAsManyRows(t *testing.T) {
	ctx := t.Context()
	plan := Rules{Presses: 10, Timers: 20, Rate: 1, Before: time.Second, Shared: 10, Rounds: 1}
	plan.Deals = plan.Least()
	r, err := plan.prepare(ctx, Config{Database: pgtest.Empty(t), Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.drop()
	defer r.stop()
	if err := r.start(ctx); err != nil {
		t.Fatal(err)
	}
	first := 1 // of the chats of people
	for _, pair := range []struct {
		name      string
		do, floor func() error
	}{
		{"presses", func() error { _, err := r.press(ctx, 2, 7); return err }, func() error { _, err := r.floorPress(ctx, 2, 7); return err }},
		{"timers", func() error { return r.fireNow(ctx, 5) }, func() error { _, err := r.floorTimers(ctx, 5); return err }},
		{"shared deals", func() error { return r.last(ctx, first) }, func() error { _, err := r.floorShare(ctx, first); return err }},
	} {
		if pair.name == "shared deals" {
			for step := range len(rulesSteps) - 1 {
				for n := range r.Shared {
					if err := say(ctx, r.replicas[0].runner, first+n, step); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		before := r.rows(t)
		if err := pair.do(); err != nil {
			t.Fatal(err)
		}
		done := less(r.rows(t), before)
		before = r.rows(t)
		if err := pair.floor(); err != nil {
			t.Fatal(err)
		}
		if floor := less(r.rows(t), before); fmt.Sprint(floor) != fmt.Sprint(done) {
			t.Errorf("%s add %v, their floor %v", pair.name, done, floor)
		}
	}
}

// fireNow lets so many timers of each kind fire.
func (r *rules) fireNow(ctx context.Context, each int) error {
	due := time.Now().Add(-time.Second)
	for sql, ids := range map[string][]int64{sqlWaitLonger: r.deals(r.fired, each, digitIdle), sqlRemindThem: r.deals(r.fired, each, digitRemind)} {
		if _, err := r.db.Pool.Exec(ctx, sql, ids, due); err != nil {
			return err
		}
	}
	r.fired += each
	fired, err := r.replicas[0].runner.FireTimers(ctx)
	if err == nil && fired != 2*each {
		err = fmt.Errorf("%d timers fired, not %d", fired, 2*each)
	}
	return err
}

// last lets all people give the last answer of their dialog.
func (r *rules) last(ctx context.Context, first int) error {
	for n := range r.Shared {
		if err := say(ctx, r.replicas[0].runner, first+n, len(rulesSteps)-1); err != nil {
			return err
		}
	}
	return nil
}
