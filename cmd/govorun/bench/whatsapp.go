package bench

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots/whatsapp/floor"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres"
)

// WhatsApp says how turns over WhatsApp are measured.
type WhatsApp struct {
	Talks       // chats are phones
	Starts  int // how many cold starts; 0: none
	Numbers int // how many more numbers are linked to see what one takes of memory; 0: none
}

// waCell is one measurement: so many phones in one round.
type waCell struct {
	Pace, Echo                pace
	Program, Postgres, Driver float64 // CPU microseconds of a turn; the driver is the simulator and all phones
	EchoCPU                   float64 // of the whole machine's ours, a turn
	RSS                       int64
}

// WhatsAppResult is what WhatsApp found.
type WhatsAppResult struct {
	Account
	Cells     [][]waCell      // by number of phones, then by round
	Cold      []time.Duration // without the start of a private Postgres, sorted
	PerNumber float64         // MB of resident memory
}

// waBench is one running measurement.
type waBench struct {
	*base
	WhatsApp
	server  *simulator.Server
	db      *postgres.DB
	tables  *sql.DB
	program *program
	phones  *phones
	echo    *floor.Echo
	echoed  *phones
	pid     int // of Postgres
}

// The numbers that take part, invented. Each further one counts up.
var (
	waNumber = types.JID{User: "77010000001", Device: 7, Server: types.DefaultUserServer}
	waFloor  = types.JID{User: "77020000001", Device: 7, Server: types.DefaultUserServer}
)

// Run measures, prints the report and gives what it found. It leaves nothing behind.
func (w WhatsApp) Run(ctx context.Context, c Config) (result WhatsAppResult, err error) {
	c.say("this takes about %s", about(w.takes()))
	if result, err = w.measure(ctx, c); err != nil {
		return result, err
	}
	w.print(c.Out, result)
	return result, result.wrong()
}

func (w WhatsApp) measure(ctx context.Context, c Config) (result WhatsAppResult, err error) {
	place, err := c.base(ctx, nil)
	if err != nil {
		return result, err
	}
	defer place.drop()
	b := &waBench{base: place, WhatsApp: w}
	defer b.stop()
	if err := b.start(ctx); err != nil {
		return result, err
	}
	if result.Cells, err = inRounds(c, w.Talks, func(phones int) (waCell, error) { return b.cell(ctx, phones) }); err != nil {
		return result, err
	}
	if failure := b.phones.failure.Load(); failure != nil {
		c.say("the first trouble of a phone: %v", *failure)
	}
	becomesZero(ctx, b.db, sqlQueued, 10*time.Second)
	if result.Account, err = account(ctx, b.db, b.phones.heard()); err != nil {
		return result, err
	}
	return result, b.starts(ctx, &result)
}

// takes estimates how long all of it takes.
func (w WhatsApp) takes() time.Duration {
	all := 8*time.Second + w.Talks.takes(2*time.Second+w.short()+min(w.Warm, w.short()/2)) + time.Duration(w.Starts)*3*time.Second
	if w.Numbers > 0 {
		all += 2*(rest+2*time.Second) + time.Duration(w.Numbers)*time.Second
	}
	return all
}

func (b *waBench) start(ctx context.Context) (err error) {
	if b.server, err = simulator.New(); err != nil {
		return err
	}
	b.server.Trust()
	if b.program, err = b.begin("warn"); err != nil {
		return err
	}
	if err := b.program.ready(ctx); err != nil {
		return err
	}
	if err := b.openStores(ctx); err != nil {
		return err
	}
	b.pid = postmaster(ctx, b.db)
	if err := b.link(ctx, "whatsapp", waNumber); err != nil {
		return err
	}
	if err := b.online(ctx, b.program, 1); err != nil {
		return err
	}
	b.phones = newPhones(b.server, waNumber)
	if err := b.phones.learn(ctx); err != nil {
		return errors.Join(err, b.program.trouble("is held responsible"))
	}
	b.echo, err = floor.Start(ctx, b.tables, &http.Client{Transport: simulator.Transport(b.server.Addr())}, func(ctx context.Context, qr string) error {
		return b.server.Pair(ctx, qr, accountOf(waFloor))
	})
	if err != nil {
		return err
	}
	b.echoed = newPhones(b.server, waFloor)
	b.echoed.people.Store(5_000_000) // so that nobody writes to both
	for i := range b.echoed.answers {
		b.echoed.answers[i] = 1
	}
	return nil
}

// stop ends everything in the reverse order; parts that never began are skipped.
func (b *waBench) stop() {
	if b.echo != nil {
		b.echo.Close()
	}
	b.closeStores()
	if b.program != nil {
		b.program.stop()
	}
	if b.server != nil {
		b.server.Close()
	}
}

// cell measures the program and right after it the floor.
func (b *waBench) cell(ctx context.Context, chats int) (m waCell, err error) {
	var before, after processes
	edge := func() { before, after = after, readProcesses() }
	spent := func(turns, root, without int) float64 {
		return micros(after.cpu(root, without)-before.cpu(root, without)) / max(1, float64(turns))
	}
	if m.Pace, err = b.phones.play(ctx, load{Chats: chats, Warm: b.Warm, Measure: b.Measure, Edge: edge}); err != nil {
		return m, err
	}
	turns, program := len(m.Pace.Times), b.program.pid()
	m.RSS = after[program].rss
	m.Program, m.Postgres = spent(turns, program, b.pid), spent(turns, b.pid, 0)
	m.Driver = micros(after[ownPID()].cpu-before[ownPID()].cpu) / max(1, float64(turns))
	b.settle(ctx, b.db)
	short := b.short()
	if m.Echo, err = b.echoed.play(ctx, load{Chats: chats, Warm: min(b.Warm, short/2), Measure: short, Edge: edge}); err != nil {
		return m, err
	}
	turns = len(m.Echo.Times)
	m.EchoCPU = micros(after[ownPID()].cpu-before[ownPID()].cpu)/max(1, float64(turns)) + spent(turns, b.pid, 0)
	return m, nil
}
