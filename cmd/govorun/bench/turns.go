package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"govorun/crm/postgres"
	"govorun/crm/postgres/floor"
)

// Turns says how turns are measured.
type Turns struct {
	Talks
	Against []Bot   // measured in the same rounds
	Floors  bool    // measure what the parts alone could do
	Calm    float64 // a measurement during which others kept more processors busy is repeated; 0: never
}

// cell is one measurement: so many chats in one round.
type cell struct {
	Pace           pace
	Program        float64 // CPU microseconds of a turn
	Postgres       float64
	Driver         float64
	Foreign        float64 // processors that others kept busy
	ForeignFloors  float64 // the most during a floor
	RSS            int64
	Null, Fn, Gc2  float64 // floors, turns a second
	Peers          []peerCell
	knowsProcesses bool
}

// bottom is F2, what the parts allow together.
func (c cell) bottom() float64 { return inSeries(c.Null, c.Gc2) }

// Result is what Turns found. Cells are by number of chats, then by round.
type Result struct {
	Account
	Cells [][]cell
}

// bench is one running measurement with the program as a child.
type bench struct {
	*base
	Turns
	db       *postgres.DB
	program  *program
	driver   *driver
	postgres int // process id
	null     *null
	floor    *floor.Floor
	peers    []*peer
	waited   time.Duration // for quiet moments, so far
}

// Run measures, prints the report and gives what it found. It leaves nothing behind.
func (t Turns) Run(ctx context.Context, c Config) (result Result, err error) {
	c.say("this takes about %s", about(t.takes()))
	if result, err = t.measure(ctx, c); err != nil {
		return result, err
	}
	t.print(c.Out, result)
	return result, result.wrong()
}

func (t Turns) measure(ctx context.Context, c Config) (result Result, err error) {
	place, err := c.base(ctx, nil)
	if err != nil {
		return result, err
	}
	defer place.drop()
	b := &bench{base: place, Turns: t}
	defer b.stop()
	if err := b.start(ctx); err != nil {
		return result, err
	}
	if result.Cells, err = inRounds(c, t.Talks, func(chats int) (cell, error) { return b.cell(ctx, chats) }); err != nil {
		return result, err
	}
	if failure := b.driver.failure.Load(); failure != nil {
		c.say("the first trouble of a chat: %v", *failure)
	}
	b.driver.stub.quiet(ctx)
	becomesZero(ctx, b.db, sqlQueued, 10*time.Second)
	result.Account, err = account(ctx, b.db, b.driver.seen())
	return result, err
}

// takes estimates how long all of it takes.
func (t Turns) takes() time.Duration {
	beside := time.Second // what was left to be done later
	if t.Floors {
		short := t.short()
		beside += 3*short + min(t.Warm, short/2)
	}
	beside += time.Duration(len(t.Against)) * (t.Warm + t.Measure)
	return 5*time.Second + time.Duration(len(t.Against))*4*time.Second + t.Talks.takes(beside)
}

// short is how long a floor is measured.
func (t Talks) short() time.Duration { return max(t.Measure/2, 500*time.Millisecond) }

// start runs everything that is measured, on a base of its own.
func (b *bench) start(ctx context.Context) (err error) {
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return err
	}
	if b.program, err = b.serve(serving{API: api.URL, Limits: "usual", Log: "warn"}); err != nil {
		api.close()
		return err
	}
	b.driver = newDriver(api, b.program.hook)
	if err := b.program.ready(ctx); err != nil {
		return err
	}
	if b.db, err = b.open(ctx); err != nil {
		return err
	}
	b.postgres = postmaster(ctx, b.db)
	if err := b.driver.learn(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return errors.Join(err, b.program.trouble("is held responsible"))
	}
	for _, bot := range b.Against {
		p, err := startPeer(ctx, bot, b.db)
		if err != nil {
			return err
		}
		b.peers = append(b.peers, p)
	}
	if !b.Floors {
		return nil
	}
	if b.floor, err = floor.Prepare(ctx, b.db.Pool); err != nil {
		return err
	}
	b.null, err = startNull(ctx)
	return err
}

// stop ends everything in the reverse order; parts that never began are skipped.
func (b *bench) stop() {
	if b.null != nil {
		b.null.stop()
	}
	for _, p := range b.peers {
		p.stop()
	}
	if b.db != nil {
		if b.floor != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			_ = b.floor.Drop(ctx) // a private database goes anyway
			cancel()
		}
		shut(b.db)
	}
	if b.program != nil {
		b.program.stop()
	}
	if b.driver != nil {
		b.driver.stub.close()
	}
}

// cell measures the program, the other bots and the floors, one right after the other.
func (b *bench) cell(ctx context.Context, chats int) (m cell, err error) {
	if m.Foreign, err = b.calmly(ctx, func() error { return b.turns(ctx, chats, &m) }); err != nil {
		return m, err
	}
	for _, p := range b.peers {
		found, err := b.against(ctx, p, chats)
		if err != nil {
			return m, fmt.Errorf("measure %s: %w", p.name, err)
		}
		m.Peers = append(m.Peers, found)
	}
	if !b.Floors {
		return m, nil
	}
	short := b.short()
	floors := []func() error{
		func() error {
			pace, err := b.null.driver.play(ctx, load{Chats: chats, Warm: min(b.Warm, short/2), Measure: short})
			m.Null = pace.Turns
			return err
		},
		func() (err error) { m.Fn, err = b.floor.Call(ctx, chats, short); return err },
		func() (err error) { m.Gc2, err = b.floor.Groups(ctx, chats, short); return err },
	}
	for _, measure := range floors {
		others, err := b.calmly(ctx, measure)
		if err != nil {
			return m, err
		}
		m.ForeignFloors = max(m.ForeignFloors, others)
	}
	return m, nil
}

// turns measures the program.
func (b *bench) turns(ctx context.Context, chats int, m *cell) error {
	var before, after sample
	pace, err := b.driver.play(ctx, load{Chats: chats, Warm: b.Warm, Measure: b.Measure, Edge: func() { before, after = after, b.look() }})
	if err != nil {
		return err
	}
	spent := func(root, without int) float64 {
		return micros(after.all.cpu(root, without)-before.all.cpu(root, without)) / max(1, float64(len(pace.Times)))
	}
	program, others := b.program.pid(), 0.0
	for _, p := range b.peers {
		others += spent(p.pid(), 0)
	}
	m.Pace, m.RSS, m.knowsProcesses = pace, after.all[program].rss, len(after.all) > 0
	m.Program, m.Postgres, m.Driver = spent(program, b.postgres), spent(b.postgres, 0), spent(ownPID(), program)-others
	b.settle(ctx, b.db)
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
