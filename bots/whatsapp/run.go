package whatsapp

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/store/sqlstore"

	"govorun/bots"
	"govorun/crm"
)

// wire is the connection of a number, as Run, Close and Unlink share it. The zero value is one that nobody runs.
type wire struct {
	mu    sync.Mutex
	stop  context.CancelFunc      // ends the connection
	ended chan struct{}           // closed when nothing of it is under way any more
	tempo tempo                   // zero: the usual one
	spoil func(*whatsmeow.Client) // for tests
}

// gate lets events through to the inbox until it is closed.
type gate struct {
	sync.RWMutex
	closed bool
}

// close waits for events that are under way; later ones are not heard, and so not acknowledged.
func (g *gate) close() {
	g.Lock()
	defer g.Unlock()
	g.closed = true
}

// Run listens until ctx ends: it waits for a linked number, connects, and connects again whenever the connection is lost. It returns when
// ctx ended and nothing is under way that came in; the connection stays for sending until Close. An error is why it can't listen at all.
func (c *Channel) Run(ctx context.Context, inbox bots.Inbox) error {
	c.Close()
	until, stop := context.WithCancel(context.WithoutCancel(ctx))
	life, dead := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the connection, so that this is closed in good order
	r := &running{Channel: c, work: ctx, until: until, life: life, inbox: inbox, tempo: c.wire.tempo, signals: make(chan any, signalsKept), fatal: make(chan error, 1)}
	if r.tempo == (tempo{}) {
		r.tempo = usualTempo()
	}
	r.trouble.tempo = r.tempo
	ended := make(chan struct{})
	c.wire.mu.Lock()
	c.wire.stop, c.wire.ended = stop, ended
	c.wire.mu.Unlock()
	go func() { defer close(ended); defer dead(); r.keep() }()
	select {
	case <-ctx.Done():
		r.gate.close()
		return nil
	case err := <-r.fatal:
		return err
	}
}

// Close ends the connection and waits until nothing of it is under way. Run may be called again. The store is the caller's, to be closed after it.
func (c *Channel) Close() {
	c.wire.mu.Lock()
	stop, ended := c.wire.stop, c.wire.ended
	c.wire.stop, c.wire.ended = nil, nil
	c.wire.mu.Unlock()
	if stop == nil {
		return
	}
	stop()
	<-ended
	c.state(Stopped, "", time.Time{})
}

// running is one call of Run.
type running struct {
	*Channel
	work    context.Context // events are heard until it ends
	until   context.Context // the connection stays until it ends
	life    context.Context // of all that the connection begins
	inbox   bots.Inbox
	tempo   tempo
	trouble trouble
	gate    gate
	signals chan any // what the connection tells
	fatal   chan error
	store   *sqlstore.Container
	account crm.Account

	refreshed time.Time // when the web version was
	worked    time.Time // since when the connection works; zero while it does not
	greeted   bool      // WhatsApp knows that the number is there
	hangUp    func()    // ends what the last connection has begun
}

// signalsKept is more than a connection tells while nobody listens.
const signalsKept = 64

// keep keeps the number connected.
func (r *running) keep() {
	r.store = openStore(r.config.Store, r.config.Log)
	for r.going() {
		device, err := r.await()
		if err != nil {
			return
		}
		cli, err := r.newClient(device)
		if err != nil {
			r.fatal <- err
			return
		}
		r.client.Store(cli)
		r.stay(cli)
		r.client.Store(nil)
		cli.Disconnect()
	}
}

// await waits for a linked device of this account.
func (r *running) await() (*store.Device, error) {
	for {
		device, err := r.find()
		if err == nil && device != nil {
			return device, nil
		}
		if err := r.pause(r.tempo.look); err != nil {
			return nil, err
		}
	}
}

// find looks for a linked device, and says in the state why there is none.
func (r *running) find() (*store.Device, error) {
	account, err := r.config.Account(r.work, r.config.Name)
	if errors.Is(err, crm.ErrNotFound) || err == nil && account.Device == "" {
		r.state(Unlinked, "", time.Time{})
		return nil, nil
	}
	if err == nil {
		var device *store.Device
		if device, err = deviceOf(r.work, r.store, account.Device); err == nil && device != nil {
			r.account = account
			return device, nil
		}
	}
	switch {
	case r.work.Err() != nil:
	case err != nil:
		r.config.Log.Warn("linked device not found", "channel", r.config.Name, "err", kindOf(err))
		r.state(StoreAway, "", time.Time{})
	case r.states.get().Kind != LoggedOut: // it happened while nobody was connected
		r.state(LoggedOut, "", time.Time{})
	}
	return nil, err
}

// pause waits; an error means that nothing more is to be begun.
func (r *running) pause(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.work.Done():
		return r.work.Err()
	case <-r.until.Done():
		return r.until.Err()
	}
}

// going tells whether something new may begin.
func (r *running) going() bool { return r.work.Err() == nil && r.until.Err() == nil }

// state says how the number is doing.
func (c *Channel) state(kind StateKind, detail string, until time.Time) {
	c.states.set(State{Kind: kind, Detail: detail, Until: until, Sentence: Sentence(c.config.Name, kind, detail, until)})
}

// waitOffline is when a send is tried again while the connection is being made.
const waitOffline = 5 * time.Second

// linked gives the client of a number that can send right now, else a *crm.SendError that says until when to wait, or that nothing can be sent
// before a person has done something: the account pauses then, and goes on by itself.
func (c *Channel) linked() (*whatsmeow.Client, error) {
	if cli := c.client.Load(); cli.IsLoggedIn() && cli.IsConnected() {
		return cli, nil
	}
	state := c.states.get()
	refusal := &crm.SendError{Policy: crm.Wait, Global: true, Reason: "offline", After: waitOffline, Err: bots.Reason("whatsapp: " + string(state.Kind))}
	switch state.Kind {
	case Unlinked, LoggedOut, Outdated, Replaced:
		if state.Kind == Unlinked && state.Sentence == "" { // nobody has looked yet: the program has begun this moment
			refusal.After = time.Second
			break
		}
		*refusal = crm.SendError{Policy: crm.BadSetup, Reason: "whatsapp_" + string(state.Kind), Err: bots.Reason(state.Sentence)}
	case Banned:
		refusal.Reason, refusal.After = "banned", max(waitOffline, state.Until.Sub(c.config.Now()))
	}
	return nil, refusal
}

// Unlink takes the link back, at WhatsApp and here. A number whose server can't be reached is forgotten here; the phone shows the link until it ends
// by itself.
func (c *Channel) Unlink(ctx context.Context) error {
	account, err := c.config.Account(ctx, c.config.Name)
	if err != nil || account.Device == "" {
		return err
	}
	if cli := c.client.Load(); cli.IsLoggedIn() {
		if err := cli.Logout(ctx); err != nil {
			c.config.Log.Warn("whatsapp not told that the link ends", "channel", c.config.Name, "err", kindOf(err))
		}
	}
	if err := forgetDevice(ctx, openStore(c.config.Store, c.config.Log), account.Device); err != nil {
		return err
	}
	account.Device = ""
	return c.config.SaveAccount(ctx, account)
}
