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
	Chats   []int         // how many chats hold dialogs at once, one measurement each
	Measure time.Duration // of each
	Warm    time.Duration
	Rounds  int
	Against string // command of another bot, measured in the same rounds; may be empty
	Floors  bool
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
	Peer           pace
	PeerCPU        float64
	knowsProcesses bool
}

// bottom is F2, what the parts allow together.
func (c cell) bottom() float64 { return inSeries(c.Null, c.Gc2) }

// Result is what Turns found. Cells are by number of chats, then by round.
type Result struct {
	Cells   [][]cell
	Lost    int
	Doubled int
	Played  played
	Stored  stored
}

// bench is one running measurement of turns.
type bench struct {
	Config
	Turns
	db       *postgres.DB
	program  *program
	driver   *driver
	postgres int // process id
	null     *null
	floor    *floor.Floor
	peer     *peer
}

// Run measures, prints the report and gives what it found. It leaves nothing behind.
func (t Turns) Run(ctx context.Context, c Config) (result Result, err error) {
	dir, remove, err := folder()
	if err != nil {
		return result, err
	}
	defer remove()
	b := &bench{Config: c, Turns: t}
	defer b.stop()
	if err := b.start(ctx, dir); err != nil {
		return result, err
	}
	fmt.Fprintf(c.Out, "%s\n", describe(dir, serverVersion(ctx, b.db)))
	result.Cells = make([][]cell, len(t.Chats))
	for round := range t.Rounds {
		for i, chats := range t.Chats {
			c.say("round %d of %d: %d chats", round+1, t.Rounds, chats)
			measured, err := b.cell(ctx, chats)
			if err != nil {
				return result, err
			}
			result.Cells[i] = append(result.Cells[i], measured)
		}
	}
	if err := b.account(ctx, &result); err != nil {
		return result, err
	}
	t.print(c.Out, result)
	if failure := b.driver.failure.Load(); failure != nil {
		c.say("the first trouble of a chat: %v", *failure)
	}
	if result.Lost > 0 || result.Doubled > 0 {
		err = errors.New("turns were lost or doubled: see the last line of the report")
	}
	return result, err
}

func (b *bench) start(ctx context.Context, dir string) (err error) {
	if b.Database != "" {
		if err := b.checkGiven(ctx, dir); err != nil {
			return err
		}
	}
	api, err := startStub("127.0.0.1:0")
	if err != nil {
		return err
	}
	if b.program, err = b.serve(serving{Dir: dir, API: api.URL, Limits: "usual", Log: "warn"}); err != nil {
		api.close()
		return err
	}
	b.driver = newDriver(api, b.program.hook)
	if err := b.program.ready(ctx); err != nil {
		return err
	}
	if b.db, err = b.open(ctx, dir); err != nil {
		return err
	}
	b.postgres = postmaster(ctx, b.db)
	if err := b.driver.learn(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return errors.Join(err, b.program.trouble("is held responsible"))
	}
	if b.Against != "" {
		if b.peer, err = startPeer(ctx, b.Against); err != nil {
			return err
		}
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

// checkGiven migrates and checks a given database before the program does.
func (b *bench) checkGiven(ctx context.Context, dir string) error {
	db, err := b.open(ctx, dir)
	if err != nil {
		return err
	}
	defer shut(db)
	return checkEmpty(ctx, db)
}

// stop ends everything in the reverse order; parts that never began are skipped.
func (b *bench) stop() {
	if b.null != nil {
		b.null.stop()
	}
	if b.peer != nil {
		b.peer.stop()
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

// cell measures the program, the other bot and the floors, one right after the other.
func (b *bench) cell(ctx context.Context, chats int) (m cell, err error) {
	if m.Foreign, err = b.calmly(ctx, func() error { return b.turns(ctx, chats, &m) }); err != nil {
		return m, err
	}
	if b.peer != nil {
		if b.Calm > 0 {
			b.awaitCalm(ctx) // its database is not ours, so it can't be told whether it was disturbed
		}
		if err := b.against(ctx, chats, &m); err != nil {
			return m, err
		}
	}
	if !b.Floors {
		return m, nil
	}
	short := max(b.Measure/2, 500*time.Millisecond)
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
	if b.peer != nil {
		others = spent(b.peer.pid(), 0)
	}
	m.Pace, m.RSS, m.knowsProcesses = pace, after.all[program].rss, len(after.all) > 0
	m.Program, m.Postgres, m.Driver = spent(program, b.postgres), spent(b.postgres, 0), spent(ownPID(), program)-others
	b.settle(ctx)
	return nil
}

// against measures the other bot.
func (b *bench) against(ctx context.Context, chats int, m *cell) (err error) {
	var before, after processes
	m.Peer, err = b.peer.driver.play(ctx, load{Chats: chats, Warm: b.Warm, Measure: b.Measure, Edge: func() { before, after = after, readProcesses() }})
	if turns := float64(len(m.Peer.Times)); turns > 0 {
		m.PeerCPU = micros(after.cpu(b.peer.pid(), 0)-before.cpu(b.peer.pid(), 0)) / turns
	}
	return err
}

// settle waits until the program has done what turns left to be done later (marks, files), so that it disturbs nothing else.
func (b *bench) settle(ctx context.Context) {
	if !becomesZero(ctx, b.db, sqlPending, 30*time.Second) {
		b.say("files still wait to be fetched")
	}
	becomesZero(ctx, b.db, sqlQueued, 10*time.Second)
}

// account compares what was played with what was stored.
func (b *bench) account(ctx context.Context, r *Result) (err error) {
	b.driver.stub.quiet(ctx)
	becomesZero(ctx, b.db, sqlQueued, 10*time.Second)
	if r.Stored, err = readStored(ctx, b.db); err != nil {
		return err
	}
	r.Played = b.driver.seen()
	r.Lost, r.Doubled = lost(r.Played, r.Stored), doubled(r.Played, r.Stored)
	return nil
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
