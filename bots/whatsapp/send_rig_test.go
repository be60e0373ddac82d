package whatsapp

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

const sendPatience = 15 * time.Second

var (
	shop    = types.JID{User: "77010000001", Device: 7, Server: types.DefaultUserServer}
	shopLID = types.JID{User: "100000000000001", Device: 7, Server: types.HiddenUserServer}
	annJID  = types.NewJID("77070000001", types.DefaultUserServer)
	annLID  = types.NewJID("200000000000001", types.HiddenUserServer)
)

// ledger is the memory of a channel without a database: what was sent and when people wrote.
type ledger struct {
	Memory
	mu    sync.Mutex
	rows  []crm.Outbound // newest last
	refs  map[string]crm.MessageID
	heard time.Time
}

func (l *ledger) Account(context.Context, string) (crm.Account, error) {
	return crm.Account{Salt: bytes.Repeat([]byte{7}, 32)}, nil
}

func (l *ledger) SentAs(_ context.Context, to crm.Address, ref string) (crm.Outbound, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range l.rows {
		if row.ID == l.refs[ref] && row.Address == to {
			return row, nil
		}
	}
	return crm.Outbound{}, crm.ErrNotFound
}

func (l *ledger) SentLately(_ context.Context, to crm.Address) (rows []crm.Outbound, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range l.rows {
		if row.Address == to {
			rows = append([]crm.Outbound{row}, rows...)
		}
	}
	return rows, nil
}

func (l *ledger) HeardAt(context.Context, crm.Address) (time.Time, error) { return l.heard, nil }

// write keeps a row as the outbox would, and its ref when it was sent.
func (l *ledger) write(out crm.Outbound, ref string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if out.CreatedAt.IsZero() {
		out.CreatedAt = time.Now()
	}
	l.rows = append(l.rows, out)
	if ref != "" {
		l.refs[ref] = out.ID
	}
}

// sendRig is a linked number that sends, and Ann's phone.
type sendRig struct {
	*Channel
	t      *testing.T
	server *simulator.Server
	store  Config
	ledger *ledger
	ann    *simulator.Peer
	dev    types.JID
	next   crm.MessageID
}

// newSendRig links a number to a simulator of the test's own.
func newSendRig(t *testing.T) *sendRig {
	t.Helper()
	s, err := simulator.New()
	must(t, err)
	t.Cleanup(s.Close)
	tables, err := pgtest.New(t).WhatsAppStore(t.Context(), Prepare)
	must(t, err)
	t.Cleanup(func() { _ = tables.Close() })
	root := s.RootKey()
	r := &sendRig{t: t, server: s, ledger: &ledger{refs: map[string]crm.MessageID{}}, dev: shop}
	r.store = Config{Store: tables, Memory: r.ledger, Server: Server{Address: s.Addr(), Root: hex.EncodeToString(root[:])}, Files: stored}
	r.ann = s.NewPeer("Ann", annJID, annLID)
	r.start(nil)
	return r
}

// stored is a file room with one picture and one voice note.
func stored(hash string) (io.ReadSeekCloser, error) {
	data, known := map[string][]byte{"picture": picture(640, 480), "voice": voiceNote(3), "large": append(voiceNote(1), make([]byte, 2<<20)...)}[hash]
	if !known {
		return nil, crm.ErrNotFound
	}
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader(data), io.NopCloser(nil)}, nil
}

// start makes a new channel over the same store, as after a crash; device is linked when it is nil.
func (r *sendRig) start(device *store.Device) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), sendPatience)
	defer cancel()
	r.Channel = New(r.store)
	tables, fresh := openStore(r.config.Store, r.config.Log), device == nil
	if fresh {
		device = tables.NewDevice()
	}
	r.config.Server.trust()
	if !fresh {
		r.guardStore(device)
	}
	cli := r.config.bare(device)
	cli.EnableAutoReconnect, cli.DisableLoginAutoReconnect = true, false
	cli.GetMessageForRetry = r.forRetry(r.t.Context())
	codes, online := make(chan string, 8), make(chan bool, 8)
	cli.AddEventHandler(func(evt any) {
		switch evt := evt.(type) {
		case *events.QR:
			codes <- evt.Codes[0]
		case *events.PairSuccess: // linking gives a device its tables
			r.guardStore(device)
		case *events.Connected:
			online <- true
		}
	})
	must(r.t, cli.Connect())
	r.t.Cleanup(cli.Disconnect)
	if fresh {
		must(r.t, r.server.Pair(ctx, <-codes, simulator.Account{JID: shop, LID: shopLID, Name: "Shop"}))
	}
	r.await(online)
	r.client.Store(cli)
	r.states.set(State{Kind: Linked})
}

// restart ends the process of the channel without a farewell and starts another.
func (r *sendRig) restart() {
	r.t.Helper()
	old := r.client.Load()
	old.Disconnect()
	device, err := openStore(r.config.Store, r.config.Log).GetDevice(r.t.Context(), *old.Store.ID)
	must(r.t, err)
	r.start(device)
}

func (r *sendRig) await(online chan bool) {
	r.t.Helper()
	select {
	case <-online:
	case <-time.After(sendPatience):
		r.t.Fatal("the number did not come online")
	}
}

// row makes a row to Ann.
func (r *sendRig) row(out crm.Outbound) crm.Outbound {
	r.next++
	out.ID, out.Address = r.next, crm.Address{Channel: "whatsapp", Chat: annLID.String()}
	if out.Kind == "" {
		out.Kind = crm.OutMessage
	}
	return out
}

// send sends a row to Ann and keeps it as the outbox would.
func (r *sendRig) send(out crm.Outbound) (crm.Outbound, string) {
	r.t.Helper()
	out = r.row(out)
	ref, err := r.Send(r.t.Context(), out)
	must(r.t, err)
	if own := map[crm.OutboundKind]bool{crm.OutEdit: true, crm.OutReaction: true, crm.OutDelete: true}; own[out.Kind] {
		r.ledger.write(out, "")
	} else {
		r.ledger.write(out, ref)
	}
	return out, ref
}

// bubble waits for a message on Ann's screen.
func (r *sendRig) bubble(match func(simulator.Bubble) bool) simulator.Bubble {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), sendPatience)
	defer cancel()
	b, err := r.ann.WaitBubble(ctx, shop, match)
	if err != nil {
		r.t.Fatalf("%v; on the screen: %+v", err, r.ann.Screen(shop))
	}
	return b
}

// shown waits for the message with an id.
func (r *sendRig) shown(id string) simulator.Bubble {
	r.t.Helper()
	return r.bubble(func(b simulator.Bubble) bool { return b.ID == id })
}

func verdictOf(t *testing.T, err error) *crm.SendError {
	t.Helper()
	var verdict *crm.SendError
	if !errors.As(err, &verdict) {
		t.Fatalf("%v is no SendError", err)
	}
	return verdict
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
