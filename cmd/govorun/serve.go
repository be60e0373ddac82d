package main

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"govorun/bots"
	"govorun/bots/telegram"
	"govorun/crm/jobs"
	"govorun/crm/outside"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/turn"
)

// telegramSettings say which bot and how it listens.
type telegramSettings struct {
	Token   string `kong:"-"`
	API     string `env:"GOVORUN_TELEGRAM_API" placeholder:"URL" help:"Address of a Bot API server, when it is not Telegram's own."`
	Webhook string `env:"GOVORUN_TELEGRAM_WEBHOOK" placeholder:"URL" help:"Public https address that Telegram posts to; without it the bot polls. Needs GOVORUN_TELEGRAM_SECRET."`
	Secret  string `kong:"-"`
	Limits  string `env:"GOVORUN_TELEGRAM_LIMITS" enum:"usual,strict,none" default:"usual" help:"Sending limits: usual, strict (never a 429) or none."`
}

// webhook says where Telegram is to post; nil when the bot polls. A secret alone is a setup left half done: who wanted a
// webhook would hear nothing, so it is refused.
func (t *telegramSettings) webhook() (*telegram.WebhookConfig, error) {
	switch {
	case t.Webhook != "":
		return &telegram.WebhookConfig{URL: t.Webhook, Secret: t.Secret}, nil
	case t.Secret != "":
		return nil, errors.New("GOVORUN_TELEGRAM_SECRET is set without GOVORUN_TELEGRAM_WEBHOOK: set that to the public https address that Telegram is to post to, or unset the secret to poll")
	}
	return nil, nil
}

// read takes the secrets from the environment, so that they stand in no list of processes.
func (t *telegramSettings) read() {
	t.Token, t.Secret = os.Getenv("GOVORUN_TELEGRAM_TOKEN"), os.Getenv("GOVORUN_TELEGRAM_SECRET")
}

func (t *telegramSettings) limits() bots.Limits {
	switch t.Limits {
	case "strict":
		return bots.StrictLimits()
	case "none":
		return bots.Limits{}
	}
	return bots.DefaultLimits()
}

type serveCommand struct {
	telegramSettings
	Listen        string `env:"GOVORUN_LISTEN" default:"127.0.0.1:8080" help:"Address of the web server: webhook, health, metrics."`
	Metrics       string `env:"GOVORUN_METRICS" placeholder:"ADDRESS" help:"Address of its own for /metrics; without it only this machine reads them, on the web server."`
	DeleteWebhook bool   `help:"Remove the bot's webhook first, so that it can poll."`
}

// Help is shown by serve --help.
func (c *serveCommand) Help() string {
	return `Examples:
  GOVORUN_TELEGRAM_TOKEN=123:abc govorun serve
  GOVORUN_TELEGRAM_TOKEN=123:abc GOVORUN_TELEGRAM_WEBHOOK=https://bot.example.org/telegram \
    GOVORUN_TELEGRAM_SECRET=$(openssl rand -hex 32) GOVORUN_LISTEN=:8080 govorun serve

GOVORUN_TELEGRAM_TOKEN is what @BotFather gave. GOVORUN_API_KEYS=site:KEY,calls:KEY opens POST /api/leads/site
(a form of intake.yaml) and POST /api/calls; GOVORUN_HOOK_… are the keys of its hooks.`
}

// Run serves until a signal comes; what has begun is finished then, for at most ten seconds.
func (c *serveCommand) Run(ctx context.Context, s *settings, std stdio) error {
	c.read()
	if c.Token == "" {
		return errors.New("no Telegram token: set GOVORUN_TELEGRAM_TOKEN to what @BotFather gave, or see the whole system without one by `govorun try`")
	}
	log := logger(std.err, s.LogLevel)
	y, err := start(ctx, s, c.telegramSettings, log)
	if err != nil {
		return err
	}
	defer y.close()
	if err := hooksLack(y.kit); err != nil {
		return err
	}
	if c.DeleteWebhook {
		if err := y.channel.DeleteWebhook(ctx); err != nil {
			return err
		}
	}
	return y.run(ctx, doors{web: c.Listen, metrics: c.Metrics})
}

// system is the running product. Its parts are made by start, in starting order, and stopped by run and close in reverse.
type system struct {
	log      *slog.Logger
	settings *settings
	webhook  *telegram.WebhookConfig // nil: it polls
	db       *postgres.DB
	kit      *dialogs.Kit
	signer   *signer
	vault    *vault
	files    *jobs.Files
	channel  *telegram.Channel
	outbox   *bots.Outbox
	runner   *turn.Runner
	media    *jobs.Media
	hooks    *outside.Sender
	keys     apiKeys // of forms and calls
	shift    func() time.Duration
	observe  func(turn.Trace)
	heard    time.Time   // when Telegram last answered, before this start
	standby  atomic.Bool // another process polls
	listened atomic.Bool // Telegram has let this process listen
	stating  sync.Mutex  // one state of the channel is kept at a time
}

// option changes a system before it runs: the simulator moves its clock and looks on.
type option func(*system)

// start makes all parts, the memory first, because everything else speaks to it.
func start(ctx context.Context, s *settings, t telegramSettings, log *slog.Logger, options ...option) (y *system, err error) {
	y = &system{log: log, settings: s}
	for _, set := range options {
		set(y)
	}
	if y.keys, err = readAPIKeys(); err != nil {
		return nil, err
	}
	if y.channel, err = newTelegram(y, t); err != nil { // before the database: a wrong setting is told at once
		return nil, err
	}
	read := make(chan error, 1)
	go func() { // the kit is read while the database starts
		var err error
		y.kit, err = openKit(s.Kit)
		read <- err
	}()
	if y.db, err = postgres.Open(ctx, postgres.Config{URL: s.Database, DataDir: s.Data, Log: log, MaxConns: connections(runtime.GOMAXPROCS(0))}); err != nil {
		return nil, err
	}
	opened := y // a failing return sets y to nil
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	if err = <-read; err != nil {
		return nil, err
	}
	if y.heard, err = y.lastHeard(ctx); err != nil {
		return nil, err
	}
	if y.signer, err = newSigner(ctx, y.db); err != nil {
		return nil, err
	}
	if y.vault, err = openVault(ctx, y.db, s.Data); err != nil {
		return nil, err
	}
	if err = y.db.SealForgotten(ctx, y.vault.ring); err != nil {
		return nil, err
	}
	fileLink, err := y.fileLink()
	if err != nil {
		return nil, err
	}
	if y.files, err = jobs.OpenFiles(filepath.Join(s.Data, "files"), y.vault.ring); err != nil {
		return nil, err
	}
	y.media = jobs.NewMedia(y.db, y.files, jobs.MediaConfig{Fetchers: map[string]jobs.Fetcher{y.channel.Name(): y.channel},
		Gone: bots.ErrGone, TooLarge: bots.ErrTooLarge, Log: log, Busy: func() bool { return y.runner.Busy() },
		OnAlert: func(kind, detail string) {
			y.alert(bots.Alert{Kind: bots.AlertKind(kind), Channel: y.channel.Name(), Detail: detail})
		}})
	y.hooks = outside.New(y.db, outside.Config{Hooks: hooksOf(y.kit), Log: log})
	y.outbox = bots.NewOutbox(y.channel, y.db.Outbox(), bots.OutboxConfig{Limits: t.limits(), Log: log, OnAlert: y.alert, Open: y.vault.open})
	y.runner = turn.New(turn.Config{DB: y.db, Kit: y.kit, Log: log, Verify: y.signer.verify, Nonce: nonce, Groups: max(1, runtime.GOMAXPROCS(0)/2),
		Capabilities: func(string) dialogs.Capabilities { return dialogs.Capabilities{Buttons: true, Contact: true} },
		Committed:    y.outbox.Push, Sent: y.outbox.Sent, Arrived: y.media.Poke, Files: y.files, Shift: y.shift, Observe: y.observe, Invite: y.invitation, Seal: y.vault.ring, FileLink: fileLink,
		Alert: func(kind, detail string) { y.alert(bots.Alert{Kind: bots.AlertKind(kind), Count: 1, Detail: detail}) }})
	if err = y.runner.CheckStages(ctx); err != nil { // before anything comes in: no deal is lost by another kit
		return nil, err
	}
	return y, y.runner.Keep(ctx)
}

func newTelegram(y *system, t telegramSettings) (channel *telegram.Channel, err error) {
	if y.webhook, err = t.webhook(); err != nil {
		return nil, err
	}
	return telegram.New(telegram.Config{Token: t.Token, API: t.API, Webhook: y.webhook, Log: y.log, Report: y.report,
		Files: func(hash string) (io.ReadSeekCloser, error) { return y.files.Open(hash) }})
}

// Limits of the pool of connections to the database.
const (
	fewestConnections = 16
	mostConnections   = 64 // a server takes a hundred as it comes, and several processes may share it
)

// broadcastEvery is how often broadcasts are fed into the outbox.
const broadcastEvery = 500 * time.Millisecond

// connections is how many connections to the database the program may open on so many processors: turns wait for the disk
// most of their time, so four fit on each.
func connections(processors int) int32 {
	return int32(min(max(4*processors, fewestConnections), mostConnections))
}

// run starts what listens and works, waits for the end of ctx or for a part that can't go on, and stops in reverse order:
// intake first, so that nothing new comes, then turns, then sending, so that their answers still go out.
func (y *system) run(ctx context.Context, d doors) error {
	web, err := d.open()
	if err != nil {
		return err
	}
	defer web.close()
	intake, stopIntake := context.WithCancelCause(ctx)
	defer stopIntake(nil)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()

	var workers, listeners sync.WaitGroup
	workers.Go(func() { y.outbox.Run(work) })
	workers.Go(func() { y.media.Run(work) })
	workers.Go(func() { (&jobs.Eraser{DB: y.db, Files: y.files, Log: y.log}).Run(work) })
	workers.Go(func() { y.hooks.Run(work) })
	select { // turns hand their answers to the sender: it is there first
	case <-y.outbox.Ready():
	case <-ctx.Done():
	}
	listeners.Go(func() {
		if err := y.listen(intake); err != nil {
			stopIntake(err)
		}
	})
	web.serve(y)
	listeners.Go(func() { y.runner.Sweep(intake, time.Second) })
	listeners.Go(func() { y.runner.Settle(intake) })
	listeners.Go(func() { y.runner.Broadcasts(intake, broadcastEvery) })
	listeners.Go(func() { y.refreshSigner(intake) })
	listeners.Go(func() { y.refreshVault(intake) })
	listeners.Go(func() { y.keepBase(intake) })
	listeners.Go(func() { y.greet(intake) })
	listeners.Go(func() { y.noteHeard(intake) })
	<-intake.Done()
	listeners.Wait()
	y.runner.Wait()
	stopWork()
	workers.Wait()
	if cause := context.Cause(intake); ctx.Err() == nil {
		return cause
	}
	return nil
}

func (y *system) close() {
	if y.db == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := y.db.Close(ctx); err != nil {
		y.log.Warn("database did not stop in time", "err", err)
	}
}

// nonce gives six unpredictable characters of 5 bits each.
func nonce() string {
	var b [4]byte
	rand.Read(b[:])
	return base32.StdEncoding.EncodeToString(b[:])[:6]
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
