package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"govorun/bots/simulator"
	"govorun/crm/demo"
	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
)

type tryCommand struct {
	Listen string `env:"GOVORUN_TRY_LISTEN" default:"127.0.0.1:7777" help:"Address of the page, on this machine only."`
	Reset  bool   `help:"Forget everything of earlier tries first."`
}

// Help is shown by try --help.
func (c *tryCommand) Help() string {
	return `Examples:
  govorun try
  govorun try --listen 127.0.0.1:8888 --reset

Everything is simulated and kept in the folder "try" of the data folder: its own database, never that of the real bot.
DATABASE_URL and GOVORUN_TELEGRAM_TOKEN are ignored.`
}

// botName is the simulated bot's user name.
const botName = "govorun_bot"

// Run shows the whole system in a browser until a signal comes.
func (c *tryCommand) Run(ctx context.Context, s *settings, std stdio) (err error) {
	listener, err := c.listen()
	if err != nil {
		return err
	}
	defer listener.Close()
	dir := filepath.Join(s.Data, "try")
	if c.Reset {
		if err := forget(ctx, dir); err != nil {
			return err
		}
	}
	log, closeLog, err := openLog(dir, s.LogLevel)
	if err != nil {
		return err
	}
	defer closeLog()
	t, err := openTrial(ctx, dir, s, log)
	if err != nil {
		return err
	}
	defer t.close()
	if err := t.serve(listener); err != nil {
		return err
	}
	if err := t.worker.start(); err != nil {
		return err
	}
	defer t.linkFirst(ctx)()
	c.greet(std.out, listener.Addr().String(), filepath.Join(dir, logName), t.firstSteps())
	<-ctx.Done()
	fmt.Fprintln(std.out, "\nStopping. What was said and done stays in", dir)
	return nil
}

// listen opens the page's address and refuses those that other machines could reach.
func (c *tryCommand) listen() (net.Listener, error) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("%q is no address: write it as 127.0.0.1:7777", c.Listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("try answers on this machine only, not on %q: choose 127.0.0.1, ::1 or localhost", c.Listen)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w. Another try may be running; choose another address with --listen", c.Listen, err)
	}
	return listener, nil
}

func (c *tryCommand) greet(w io.Writer, address, log, steps string) {
	fmt.Fprintf(w, `
  Govorun is running, simulated: nothing leaves this machine.

      http://%s

  Three things to do first:
%s
  The last phone has WhatsApp: the same dialogs, with numbers instead of buttons.

  Log: %s
  Stop: Ctrl-C. Forget everything: govorun try --reset

`, address, steps, log)
}

// firstSteps says what to press first, in the words of the kit's business.
func (t *trial) firstSteps() string {
	if t.taxiCompany() {
		return taxiSteps
	}
	if !t.demoCompany() {
		return `    1. Press Start on the customer's phone and answer the bot.
    2. When the deal exists, press the first button of the card on an employee's phone.
    3. "+ Phone" gives a phone to any other role of this business.
`
	}
	return `    1. Press "Scan a sticker" on the customer's phone: the bot asks what happened.
    2. Press one of its buttons: the deal exists, the technician's phone has a card.
    3. Press "Беру" and then "Готово" on the technician's phone: the customer hears of it.
`
}

// forget removes what earlier tries left.
func forget(ctx context.Context, dir string) error {
	if err := cluster.Remove(ctx, filepath.Join(dir, "postgres")); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("delete folder %s: %w", dir, err)
	}
	return nil
}

const logName = "try.log"

// openLog writes the log into a file: the terminal is for people.
func openLog(dir, level string) (*slog.Logger, func() error, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("make folder %s: %w: choose another one with GOVORUN_DATA", dir, err)
	}
	file, err := os.OpenFile(filepath.Join(dir, logName), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open log: %w", err)
	}
	return logger(file, level), file.Close, nil
}

// trial is one running try: the simulated provider, the database, and the product between them.
type trial struct {
	dir    string
	log    *slog.Logger
	base   *base
	db     *postgres.DB // what the page reads through; the product has a pool of its own
	sim    *simulator.Server
	clock  *clock
	traces *traces
	worker *worker
	signer *signer
	vault  *vault
	names  kitNames
	stops  []func() // in starting order

	whatsapp *whatsappTrial

	casting sync.Mutex
	cast    []personView // whose phones the page shows
}

// openTrial starts what the product needs around it, the memory first.
func openTrial(ctx context.Context, dir string, s *settings, log *slog.Logger) (t *trial, err error) {
	t = &trial{dir: dir, log: log, traces: newTraces()}
	opened := t // a failing return sets t to nil
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	kit, err := openKit(s.Kit)
	if err != nil {
		return nil, err
	}
	t.names = kitNames{kit}
	if err := t.sameBusiness(); err != nil {
		return nil, err
	}
	if t.base, err = openBase(ctx, filepath.Join(dir, "postgres"), log); err != nil {
		return nil, err
	}
	t.stops = append(t.stops, t.base.close)
	if t.db, err = postgres.Open(ctx, postgres.Config{URL: t.base.dsn(), Log: log, MaxConns: 4}); err != nil {
		return nil, err
	}
	t.stops = append(t.stops, func() { closeStore(t.db) })
	if err := t.load(ctx); err != nil {
		return nil, err
	}
	if t.signer, err = newSigner(ctx, t.db); err != nil {
		return nil, err
	}
	if t.vault, err = openVault(ctx, t.db, dir); err != nil {
		return nil, err
	}
	t.clock = openClock(filepath.Join(dir, "clock"))
	api, err := t.openPhones(ctx)
	if err != nil {
		return nil, err
	}
	number, err := t.openWhatsApp()
	if err != nil {
		return nil, err
	}
	own := *s
	own.Data, own.Database = dir, t.base.dsn()
	t.worker = newWorker(own, channels{telegram: telegramSettings{Token: simulatedToken, API: api, Limits: "usual"}, whatsapp: number}, log, t.watch)
	t.stops = append(t.stops, t.worker.stop)
	return t, nil
}

// sameBusiness refuses a folder in which another business was tried: its people and deals would stand on the page of this one.
func (t *trial) sameBusiness() error {
	file, name := filepath.Join(t.dir, "business"), t.names.kit.Name
	kept, err := os.ReadFile(file)
	if err == nil && string(kept) != name {
		return fmt.Errorf("the try before this one was of the kit %s: forget it with --reset, or keep both with another folder for %s (--data)", kept, name)
	}
	if err := errors.Join(os.MkdirAll(t.dir, 0o755), os.WriteFile(file, []byte(name), 0o600)); err != nil {
		return fmt.Errorf("note which kit is tried: %w", err)
	}
	return nil
}

// watch lets a system run on the simulated clock and tells the page of its turns.
func (t *trial) watch(y *system) {
	y.shift = t.clock.shift
	y.observe = t.traces.turn
}

// load puts the demo company into an empty database, if the kit is its own. A database that has its last machine has it all: an
// import is one transaction.
func (t *trial) load(ctx context.Context) error {
	if t.taxiCompany() {
		return t.loadTaxi(ctx)
	}
	if !t.demoCompany() {
		return nil
	}
	began := time.Now()
	machine, err := t.db.Board().Machines(ctx, "machine", demo.MachineCode, 1)
	if err != nil || len(machine) > 0 && machine[0].Code == demo.MachineCode {
		return err
	}
	loaded, err := demo.Load(ctx, t.db, "telegram")
	if err != nil {
		return err
	}
	t.log.Info("demo company loaded", "machines", loaded.Machines.New, "staff", loaded.Staff.New, "took", time.Since(began))
	return nil
}

func (t *trial) close() {
	for i := len(t.stops) - 1; i >= 0; i-- {
		t.stops[i]()
	}
}
