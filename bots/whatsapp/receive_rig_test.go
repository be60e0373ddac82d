package whatsapp

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

const hearPatience = 20 * time.Second

// hearMemory is the memory of a channel without a database: it keeps the past.
type hearMemory struct {
	Memory
	mu     sync.Mutex
	linked time.Time
	fails  int // of the next calls of KeepPast
	past   []crm.Past
	kept   chan int
}

func (m *hearMemory) Account(context.Context, string) (crm.Account, error) {
	return crm.Account{LinkedAt: m.linked, Salt: make([]byte, 32)}, nil
}

func (m *hearMemory) KeepPast(_ context.Context, _ string, past []crm.Past) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fails > 0 {
		m.fails--
		return crm.ErrUnavailable
	}
	m.past = append(m.past, past...)
	m.kept <- len(m.past)
	return nil
}

// hearInbox keeps what is accepted, once each, and refuses or panics as often as told.
type hearInbox struct {
	mu     sync.Mutex
	before func(call int, in crm.Inbound) error
	calls  int
	stored []crm.Inbound
	change chan struct{}
}

func (b *hearInbox) Accept(_ context.Context, in crm.Inbound) (bots.Receipt, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.before != nil {
		if err := b.before(b.calls, in); err != nil {
			return bots.Receipt{}, err
		}
	}
	for _, was := range b.stored {
		if was.Key == in.Key && was.Address == in.Address {
			return bots.Receipt{}, nil
		}
	}
	b.stored = append(b.stored, in)
	close(b.change)
	b.change = make(chan struct{})
	return bots.Receipt{Fresh: true}, nil
}

// hearRig is a linked number that listens, and the phones of Ann and of the company.
type hearRig struct {
	*Channel
	t      *testing.T
	server *simulator.Server
	memory *hearMemory
	inbox  *hearInbox
	ann    *simulator.Peer
	phone  *simulator.Phone
	cli    *whatsmeow.Client
}

// newHearRig links a number to a simulator of the test's own. spoil changes the device before it is guarded.
func newHearRig(t *testing.T, spoil func(*store.Device)) *hearRig {
	t.Helper()
	s, err := simulator.New()
	must(t, err)
	t.Cleanup(s.Close)
	db := pgtest.Filled(t, "library", func(ctx context.Context, db *postgres.DB) error {
		tables, err := db.WhatsAppStore(ctx, Prepare)
		if err == nil {
			err = tables.Close()
		}
		return err
	})
	tables, err := db.WhatsAppStore(t.Context(), nil)
	must(t, err)
	t.Cleanup(func() { _ = tables.Close() })
	root := s.RootKey()
	r := &hearRig{t: t, server: s, memory: &hearMemory{linked: time.Now(), kept: make(chan int, 64)}, inbox: &hearInbox{change: make(chan struct{})}}
	r.Channel = New(Config{Store: tables, Away: func(err error) bool { return errors.Is(err, sql.ErrConnDone) }, Memory: r.memory, Server: Server{Address: s.Addr(), Root: hex.EncodeToString(root[:])}})
	r.ann = s.NewPeer("Ann", annJID, annLID)
	device := openStore(tables, r.config.Log).NewDevice()
	r.config.Server.trust()
	r.link(device, spoil)
	r.phone, err = s.Phone(shop)
	must(t, err)
	return r
}

func (r *hearRig) link(device *store.Device, spoil func(*store.Device)) {
	r.t.Helper()
	cli := r.config.bare(device)
	cli.EnableAutoReconnect, cli.DisableLoginAutoReconnect = true, false
	codes, online := make(chan string, 8), make(chan bool, 64)
	hear := r.handler(r.t.Context(), r.inbox)
	cli.AddEventHandlerWithSuccessStatus(func(evt any) bool {
		switch evt := evt.(type) {
		case *events.QR:
			codes <- evt.Codes[0]
		case *events.PairSuccess:
			if spoil != nil {
				spoil(device)
			}
			r.guardStore(device)
		case *events.Connected:
			online <- true
		}
		return hear(evt)
	})
	r.client.Store(cli)
	must(r.t, cli.Connect())
	r.t.Cleanup(cli.Disconnect)
	ctx, cancel := context.WithTimeout(r.t.Context(), hearPatience)
	defer cancel()
	must(r.t, r.server.Pair(ctx, <-codes, simulator.Account{JID: shop, LID: shopLID, Name: "Shop"}))
	select {
	case <-online:
	case <-ctx.Done():
		r.t.Fatal("the number did not come online")
	}
	r.cli = cli
}

// wait waits until something that matches is stored.
func (r *hearRig) wait(what string, match func(crm.Inbound) bool) crm.Inbound {
	r.t.Helper()
	stop := time.After(hearPatience)
	for {
		r.inbox.mu.Lock()
		stored, change := append([]crm.Inbound(nil), r.inbox.stored...), r.inbox.change
		r.inbox.mu.Unlock()
		for _, in := range stored {
			if match(in) {
				return in
			}
		}
		select {
		case <-change:
		case <-stop:
			r.t.Fatalf("%s did not come; stored: %+v", what, stored)
		}
	}
}

func (r *hearRig) key(key string) crm.Inbound {
	r.t.Helper()
	return r.wait(key, func(in crm.Inbound) bool { return in.Key == key })
}

// say sends a text of Ann's and waits until it is stored.
func (r *hearRig) say(text string) crm.Inbound {
	r.t.Helper()
	id, err := r.ann.SendText(r.t.Context(), shop, text)
	must(r.t, err)
	return r.key("m:" + id)
}

// reply sends Ann a text and waits until she has it.
func (r *hearRig) reply(text string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), hearPatience)
	defer cancel()
	sent, err := r.cli.SendMessage(ctx, annJID, &waE2E.Message{Conversation: &text})
	must(r.t, err)
	_, err = r.ann.Wait(ctx, sent.ID)
	must(r.t, err)
}

// settled waits until the server keeps nothing for the number that was not acknowledged.
func (r *hearRig) settled() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), hearPatience)
	defer cancel()
	must(r.t, r.server.WaitSettled(ctx, shop))
}

func (r *hearRig) all() []crm.Inbound {
	r.inbox.mu.Lock()
	defer r.inbox.mu.Unlock()
	return append([]crm.Inbound(nil), r.inbox.stored...)
}

var annChat = crm.Address{Channel: "whatsapp", Chat: annLID.String()}
