package whatsapp

import (
	"context"
	"database/sql"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// desk is a memory that keeps accounts.
type desk struct {
	Memory
	mu       sync.Mutex
	accounts map[string]crm.Account
}

func (d *desk) Account(_ context.Context, channel string) (crm.Account, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := d.accounts[channel]
	if !ok {
		return a, crm.ErrNotFound
	}
	return a, nil
}

func (d *desk) Accounts(context.Context) (all []crm.Account, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.accounts {
		all = append(all, a)
	}
	return all, nil
}

func (d *desk) SaveAccount(_ context.Context, a crm.Account) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.accounts[a.Channel] = a
	return nil
}

func (d *desk) AccountSeen(_ context.Context, channel string, at time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[channel]
	a.SeenAt = at
	d.accounts[channel] = a
	return nil
}

func (d *desk) HeardAt(context.Context, crm.Address) (time.Time, error) { return time.Time{}, nil }

// takes is an inbox that takes everything.
type takes struct{ in chan crm.Inbound }

func (i takes) Accept(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
	i.in <- in
	return bots.Receipt{Fresh: true}, nil
}

// office is one company on a server of its own: its store, its memory, and what the states of its number were.
type office struct {
	*desk
	t      *testing.T
	server *simulator.Server
	config Config
	states chan State
	inbox  takes
	ahead  time.Duration // of the clock
}

// quick is a tempo for tests.
func quick() tempo {
	return tempo{look: 20 * time.Millisecond, first: 20 * time.Millisecond, last: 100 * time.Millisecond, stable: 300 * time.Millisecond, answer: 10 * time.Second, retreat: time.Hour}
}

// libraryStore is a database of the test's own with the library's tables.
func libraryStore(t *testing.T) *sql.DB {
	t.Helper()
	db := pgtest.Filled(t, "library", func(ctx context.Context, db *postgres.DB) error {
		store, err := db.WhatsAppStore(ctx, Prepare)
		if err == nil {
			err = store.Close()
		}
		return err
	})
	store, err := db.WhatsAppStore(t.Context(), nil)
	well(t, err)
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func well(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newOffice(t *testing.T) *office {
	t.Helper()
	server, err := simulator.New()
	well(t, err)
	t.Cleanup(server.Close)
	root := server.RootKey()
	o := &office{desk: &desk{accounts: map[string]crm.Account{}}, t: t, server: server, states: make(chan State, 100), inbox: takes{make(chan crm.Inbound, 100)}}
	o.config = Config{Store: libraryStore(t), Memory: o.desk, Server: Server{Address: server.Addr(), Root: hex.EncodeToString(root[:])},
		Now: func() time.Time { return time.Now().Add(o.ahead) }, Report: func(s State) { o.states <- s }}
	return o
}

// scan is a phone that scans the first code.
func (o *office) scan(phone simulator.Account) LinkConfig {
	var once sync.Once
	return LinkConfig{Tell: func(step LinkStep) {
		once.Do(func() {
			go func() {
				if step.Code != "" {
					_ = o.server.PairCode(o.t.Context(), step.Code, phone)
				} else {
					_ = o.server.Pair(o.t.Context(), step.QR, phone)
				}
			}()
		})
	}}
}

// ourPhone is the phone of the company, whose next link gets a number.
func ourPhone(device uint16) simulator.Account {
	jid, lid := shop, shopLID
	jid.Device, lid.Device = device, device
	return simulator.Account{JID: jid, LID: lid, Name: "Shop"}
}

// link links the company's phone.
func (o *office) link(device uint16, replace bool) crm.Account {
	o.t.Helper()
	how := o.scan(ourPhone(device))
	how.Replace = replace
	a, err := Link(o.t.Context(), o.config, how)
	well(o.t, err)
	return a
}

// run runs the channel until the test ends.
func (o *office) run() *Channel {
	o.t.Helper()
	c := New(o.config)
	c.wire.tempo = quick()
	ctx, stop := context.WithCancel(o.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx, o.inbox) }()
	o.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			o.t.Errorf("running: %v", err)
		}
		c.Close()
	})
	return c
}

// until waits for a state and gives those on the way.
func (o *office) until(kind StateKind) (last State, passed []StateKind) {
	o.t.Helper()
	for {
		select {
		case s := <-o.states:
			if s.Kind == kind {
				return s, passed
			}
			passed = append(passed, s.Kind)
		case <-time.After(sendPatience):
			o.t.Fatalf("never %s, only %v", kind, passed)
		}
	}
}

// device is the link of the company's phone.
func device(a crm.Account) types.JID {
	jid, _ := types.ParseJID(a.Device)
	return jid
}
