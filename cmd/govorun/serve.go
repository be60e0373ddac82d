package main

import (
	"context"
	"crypto/rand"
	"database/sql"
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
	"govorun/bots/whatsapp"
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
	whatsappSettings
	Listen        string        `env:"GOVORUN_LISTEN" default:"127.0.0.1:8080" help:"Address of the web server: webhook, health, metrics."`
	Metrics       string        `env:"GOVORUN_METRICS" placeholder:"ADDRESS" help:"Address of its own for /metrics; without it only this machine reads them, on the web server."`
	Drain         time.Duration `env:"GOVORUN_DRAIN" default:"1s" help:"With a webhook: how long messages are still taken after a signal to stop, when /readyz says no already, so that a balancer turns to others."`
	DeleteWebhook bool          `help:"Remove the bot's webhook first, so that it can poll."`
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
	log := formatted(std.err, s.LogLevel, s.LogLines)
	y, err := start(ctx, s, channels{c.telegramSettings, c.whatsappSettings}, log)
	if err != nil {
		return err
	}
	defer y.close()
	if err := hooksLack(y.kit); err != nil {
		return err
	}
	if c.DeleteWebhook && y.telegram != nil {
		if err := y.telegram.DeleteWebhook(ctx); err != nil {
			return err
		}
	}
	if y.webhook != nil {
		y.drain = c.Drain
	}
	return y.run(ctx, doors{web: c.Listen, metrics: c.Metrics})
}

// system is the running product. Its parts are made by start, in starting order, and stopped by run and close in reverse.
type system struct {
	log      *slog.Logger
	settings *settings
	webhook  *telegram.WebhookConfig // nil: it polls, or there is no bot
	db       *postgres.DB
	kit      *dialogs.Kit
	signer   *signer
	vault    *vault
	files    *jobs.Files
	telegram *telegram.Channel // nil without a token
	whatsapp whatsapp.Server
	unheld   bool    // numbers show no typing and nothing holds them back, for measuring
	sessions *sql.DB // of linked numbers
	accounts accounts
	guard    *postgres.Guard // of numbers
	runner   *turn.Runner
	media    *jobs.Media
	hooks    *outside.Sender
	keys     apiKeys // of forms and calls
	shift    func() time.Duration
	now      func() time.Time // the program's own clock; nil: the true one
	observe  func(turn.Trace)
	turned   *turned       // turns, counted
	heard    time.Time     // when Telegram last answered, before this start
	drain    time.Duration // between a signal to stop and the end of intake
	stopping atomic.Bool   // messages are still taken, but had better go elsewhere
	standby  atomic.Bool   // another process polls
	listened atomic.Bool   // Telegram has let this process listen
	followed atomic.Bool   // it has stood by while another process polled
	stating  sync.Mutex    // one state of the channel is kept at a time
	warned   sync.Map      // when people last heard of an alert, by its text
}

// channels are the settings of all channels.
type channels struct {
	telegram telegramSettings
	whatsapp whatsappSettings
}

// option changes a system before it runs: the simulator moves its clock and looks on.
type option func(*system)

// start makes all parts, the memory first, because everything else speaks to it.
func start(ctx context.Context, s *settings, c channels, log *slog.Logger, options ...option) (y *system, err error) {
	y = &system{log: log, settings: s, turned: newTurned()}
	for _, set := range options {
		set(y)
	}
	if y.keys, err = readAPIKeys(); err != nil {
		return nil, err
	}
	if y.now, err = wrongClock(c.telegram.API); err != nil {
		return nil, err
	}
	if y.telegram, err = newTelegram(y, c.telegram); err != nil { // before the database: a wrong setting is told at once
		return nil, err
	}
	if y.whatsapp, err = c.whatsapp.server(); err != nil {
		return nil, err
	}
	y.unheld = c.whatsapp.Limits == noLimits
	read := make(chan error, 1)
	go func() { // the kit is read while the database starts
		var err error
		y.kit, err = openKit(s.Kit)
		read <- err
	}()
	if y.db, err = postgres.Open(ctx, postgres.Config{URL: s.Database, Direct: s.Direct, DataDir: s.Data, Log: log, MaxConns: connections(runtime.GOMAXPROCS(0))}); err != nil {
		return nil, err
	}
	opened := y // a failing return sets y to nil
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	go func() {
		if err := opened.db.Warm(ctx); err != nil {
			log.Debug("the first turn will be slower", "err", err)
		}
	}()
	if err = <-read; err != nil {
		return nil, err
	}
	if y.heard, err = y.lastHeard(ctx); err != nil {
		return nil, err
	}
	if y.telegram != nil {
		if err = ownBot(ctx, y.db, y.telegram.Name(), c.telegram.Token, false); err != nil {
			return nil, err
		}
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
	y.media = jobs.NewMedia(y.db, y.files, jobs.MediaConfig{Fetcher: y.accounts.fetcher,
		Gone: bots.ErrGone, TooLarge: bots.ErrTooLarge, Log: log, Busy: func() bool { return y.runner.Busy() },
		OnAlert: func(kind, detail string) { y.alert(bots.Alert{Kind: bots.AlertKind(kind), Detail: detail}) }})
	y.hooks = outside.New(y.db, outside.Config{Hooks: hooksOf(y.kit), Log: log})
	if y.telegram != nil {
		y.accounts.add(y.telegramAccount(c.telegram.limits()))
	}
	y.guard = y.db.Guard(turn.GuardConfig(y.kit))
	if _, err = y.addNumbers(ctx); err != nil {
		return nil, err
	}
	if len(y.accounts.list()) == 0 {
		return nil, errNoAccount
	}
	y.runner = turn.New(turn.Config{DB: y.db, Kit: y.kit, Log: log, Verify: y.signer.verify, Nonce: nonce, Groups: max(1, runtime.GOMAXPROCS(0)/2),
		Capabilities: y.capabilities, Committed: y.accounts.push, Sent: y.accounts.sent, Arrived: y.media.Poke, Files: y.files, Shift: y.shift,
		Observe: y.committed, Invite: y.invitation, Elsewhere: y.elsewhere, Link: y.linkNumber, Guarded: y.guarded, Seal: y.vault.ring, FileLink: fileLink,
		Alert: func(kind, detail string) { y.alert(bots.Alert{Kind: bots.AlertKind(kind), Count: 1, Detail: detail}) }})
	if err = y.runner.CheckStages(ctx); err != nil { // before anything comes in: no deal is lost by another kit
		return nil, err
	}
	return y, y.runner.Keep(ctx)
}

// errNoAccount is a program that nobody could write to.
var errNoAccount = errors.New("no Telegram token and no WhatsApp number: set GOVORUN_TELEGRAM_TOKEN to what @BotFather gave, or link a number by `govorun pair`; `govorun try` shows the whole system without either")

// newTelegram makes the channel of the bot, nil without a token.
func newTelegram(y *system, t telegramSettings) (channel *telegram.Channel, err error) {
	if t.Token == "" {
		return nil, nil
	}
	if y.webhook, err = t.webhook(); err != nil {
		return nil, err
	}
	return telegram.New(telegram.Config{Token: t.Token, API: t.API, Webhook: y.webhook, Log: y.log, Now: y.now, Report: y.reportTelegram,
		Files: func(hash string) (io.ReadSeekCloser, error) { return y.files.Open(hash) }})
}

// telegramAccount is the bot with its outbox.
func (y *system) telegramAccount(limits bots.Limits) *account {
	return &account{channel: y.telegram, listen: y.listenTelegram,
		outbox: bots.NewOutbox(y.telegram, y.db.Outbox(), bots.OutboxConfig{Limits: limits, Log: y.log, Now: y.now, OnAlert: y.alert, Open: y.vault.open})}
}

// Limits of the pool of connections to the database.
const (
	fewestConnections = 16
	mostConnections   = 64 // a server takes a hundred as it comes, and several processes may share it
)

// broadcastEvery is how often broadcasts are fed into the outbox.
const broadcastEvery = 500 * time.Millisecond

// guardCallsEvery is how often people are told whom to call instead of a robot that writes.
const guardCallsEvery = 15 * time.Second

// connections is how many connections to the database the program may open on so many processors: turns wait for the disk
// most of their time, so four fit on each.
func connections(processors int) int32 {
	return int32(min(max(4*processors, fewestConnections), mostConnections))
}

// run starts what listens and works, waits for the end of ctx or for a part that can't go on, and stops in reverse order:
// readiness first, then intake, so that nothing new comes, then turns, then sending, so that their answers still go out.
func (y *system) run(ctx context.Context, d doors) error {
	web, err := d.open()
	if err != nil {
		return err
	}
	defer web.close()
	intake, stopIntake := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stopIntake(nil)
	defer context.AfterFunc(ctx, func() { y.leave(intake, stopIntake) })()
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()

	var workers, listeners sync.WaitGroup
	send := func(one *account) { workers.Go(func() { one.outbox.Run(work) }) }
	listen := func(one *account) {
		listeners.Go(func() {
			if err := one.listen(intake); err != nil {
				stopIntake(err)
			}
		})
	}
	begun := y.accounts.list()
	for _, one := range begun {
		send(one)
	}
	workers.Go(func() { y.media.Run(work) })
	workers.Go(func() { (&jobs.Eraser{DB: y.db, Files: y.files, Log: y.log}).Run(work) })
	workers.Go(func() { y.hooks.Run(work) })
	for _, one := range begun { // turns hand their answers to the sender: it is there first
		select {
		case <-one.outbox.Ready():
		case <-ctx.Done():
		}
	}
	for _, one := range begun {
		listen(one)
	}
	web.serve(y)
	listeners.Go(func() { y.watchNumbers(intake, func(one *account) { send(one); listen(one) }) })
	listeners.Go(func() { y.runner.Sweep(intake, time.Second) })
	listeners.Go(func() { y.runner.Settle(intake) })
	listeners.Go(func() { y.runner.Broadcasts(intake, broadcastEvery) })
	listeners.Go(func() { y.runner.GuardCalls(intake, guardCallsEvery) })
	listeners.Go(func() { y.refreshSigner(intake) })
	listeners.Go(func() { y.refreshVault(intake) })
	listeners.Go(func() { y.keepBase(intake) })
	listeners.Go(func() { y.keepMonths(intake) })
	if y.telegram != nil {
		listeners.Go(func() { y.greet(intake) })
		listeners.Go(func() { y.noteHeard(intake) })
	}
	<-intake.Done()
	listeners.Wait()
	y.runner.Wait()
	stopWork()
	workers.Wait()
	for _, one := range y.accounts.list() {
		if one.close != nil {
			one.close()
		}
	}
	if cause := context.Cause(intake); ctx.Err() == nil {
		return cause
	}
	return nil
}

// leave begins the end: first it is said that messages had better go elsewhere, and only when a balancer can know that, intake stops.
func (y *system) leave(intake context.Context, stop context.CancelCauseFunc) {
	y.stopping.Store(true)
	y.log.Info("stopping", "drain", y.drain)
	sleep(intake, y.drain)
	stop(context.Canceled)
}

func (y *system) close() {
	if y.db == nil {
		return
	}
	if y.sessions != nil {
		y.sessions.Close()
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
