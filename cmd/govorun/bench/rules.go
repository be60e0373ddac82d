package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// Rules says how the CRM that acts by itself is measured.
type Rules struct {
	Deals   int           // in the base
	Presses int           // of a button that fires five rules, in each round and at each number at a time
	Timers  int           // due in the same second
	Rate    int           // interactive turns a second beside them
	Before  time.Duration // how long people are answered before the timers are due; the second half of it is compared
	Shared  int           // new deals that are shared out
	Rounds  int
	Calm    float64 // a measurement during which others kept more processors busy is repeated; 0: never
}

// errRules is told when the program did something wrong.
var errRules = errors.New("something was lost, doubled or shared unequally: see the report")

// Least is how many deals the base needs, so that each is pressed, or has its timer fired, only once.
func (r Rules) Least() int {
	again := 1
	if r.Calm > 0 {
		again = calmTries
	}
	tens := max(len(atOnce)*(again*r.Presses+max(1, r.Presses/10))+r.cardPresses(), r.Timers) * r.Rounds // timers: half of them, and as many by the floor
	return 10*(tens+3) + 10*workers
}

// replicas is how many runners share the new deals out.
const replicas = 2

// rules is one running measurement.
type rules struct {
	Rules
	*bench
	kit      *dialogs.Kit
	replicas [replicas]replica
	pressed  int // so far
	floored  int
	fired    int // timers
	chats    int // of people who hold dialogs
	report   rulesReport
}

// replica is one of two processes, as far as the database sees.
type replica struct {
	db     *postgres.DB
	runner *turn.Runner
}

// Run measures, prints the report and leaves nothing behind.
func (r Rules) Run(ctx context.Context, c Config) error {
	m, err := r.prepare(ctx, c)
	if err != nil {
		return err
	}
	defer m.drop()
	defer m.stop()
	if err := m.start(ctx); err != nil {
		return err
	}
	for round := range r.Rounds {
		c.say("round %d of %d", round+1, r.Rounds)
		if err := m.round(ctx); err != nil {
			return err
		}
	}
	m.report.print(c.Out, r)
	return m.report.wrongly()
}

// prepare makes the base and the functions of the floors, which go with it.
func (r Rules) prepare(ctx context.Context, c Config) (*rules, error) {
	began := time.Now()
	c.say("filling a database with %d deals", r.Deals)
	place, err := c.base(ctx, func(ctx context.Context, db *postgres.DB) error {
		return fill(ctx, db, append(scripted(embedded("rules_base.sql"), r.Deals), filling{sql: embedded("rules_floor.sql")}))
	})
	if err != nil {
		return nil, err
	}
	m := &rules{Rules: r, bench: &bench{base: place, Turns: Turns{Calm: r.Calm}}}
	m.report.filled = time.Since(began)
	return m, nil
}

// round measures everything once.
func (r *rules) round(ctx context.Context) error {
	for _, measure := range []func(context.Context) error{r.presses, r.cards, r.timers, r.share} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// start opens the database for each replica and makes the runners.
func (r *rules) start(ctx context.Context) error {
	for i := range r.replicas {
		db, err := r.open(ctx)
		if err != nil {
			return err
		}
		r.replicas[i].db = db
	}
	r.db = r.replicas[0].db
	r.postgres = postmaster(ctx, r.db)
	return r.begin()
}

// begin makes the runners, as the program does.
func (r *rules) begin() (err error) {
	if r.kit, err = loadRules(); err != nil {
		return err
	}
	for i := range r.replicas {
		p := &r.replicas[i]
		p.runner = turn.New(r.config(p.db))
	}
	return nil
}

// config is that of a runner.
func (r *rules) config(db *postgres.DB) turn.Config {
	return turn.Config{DB: db, Kit: r.kit, Log: slog.New(slog.NewTextHandler(r.Err, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Verify:       func(string) (crm.AssetID, int, error) { return 0, 0, crm.ErrNotFound },
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{Buttons: true, Contact: true} },
		Nonce:        func() string { return fmt.Sprintf("%06X", rand.IntN(1<<24)) },
		Sent:         func(crm.MessageID) bool { return true }, // a sender is quicker than people; but for cards nobody sends
		Groups:       max(1, runtime.GOMAXPROCS(0)/2)}
}

// stop closes the second replica first: the first may have started the server. The base stays.
func (r *rules) stop() {
	for i := replicas - 1; i >= 0; i-- {
		if p := r.replicas[i]; p.db != nil {
			if p.runner != nil {
				p.runner.Wait()
			}
			shut(p.db)
		}
		r.replicas[i] = replica{}
	}
}

// cost is what a measurement took besides time.
type cost struct {
	Program, Postgres time.Duration // CPU
	Foreign           float64       // processors that others kept busy
}

// measured does something and tells what it cost.
func (r *rules) measured(ctx context.Context, do func() error) (cost, error) {
	var before, after sample
	others, err := r.calmly(ctx, func() error {
		before = r.look()
		err := do()
		after = r.look()
		return err
	})
	spent := r.spent(before, after)
	spent.Foreign = others
	return spent, err
}

// spent is the cost of what lies between two samples.
func (r *rules) spent(from, to sample) cost {
	return cost{Program: to.all.cpu(ownPID(), r.postgres) - from.all.cpu(ownPID(), r.postgres),
		Postgres: to.all.cpu(r.postgres, 0) - from.all.cpu(r.postgres, 0), Foreign: foreign(from, to)}
}

// count asks the database for a number.
func (r *rules) count(ctx context.Context, sql string, args ...any) (n int, err error) {
	if err = r.db.Pool.QueryRow(ctx, sql, args...).Scan(&n); err != nil {
		err = fmt.Errorf("count what was stored: %w", err)
	}
	return n, err
}
