package simulator_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/whatsmeow"
	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store/sqlstore"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
	waLog "go.mau.fi/whatsmeow/util/log"

	"govorun/bots/whatsapp/simulator"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

const patience = 20 * time.Second

var (
	own    = types.JID{User: "5511999999999", Device: 7, Server: types.DefaultUserServer}
	ownLID = types.JID{User: "100000000000001", Device: 7, Server: types.HiddenUserServer}
	ana    = types.NewJID("5511888888888", types.DefaultUserServer)
	anaLID = types.NewJID("200000000000002", types.HiddenUserServer)
	bob    = types.NewJID("5511777777777", types.DefaultUserServer)
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// client is a real whatsmeow client; its methods fail the test.
type client struct {
	*whatsmeow.Client
	*recorder
	stored *sqlstore.Container
	t      *testing.T
}

// server starts a simulator that must have answered every query in the end.
func server(t *testing.T) *simulator.Server {
	t.Helper()
	s, err := simulator.New()
	check(t, err)
	s.Trust()
	t.Cleanup(func() {
		for _, n := range s.Unhandled() {
			t.Errorf("unhandled: %s %v", n.Tag, n.Attrs)
		}
		s.Close()
	})
	return s
}

// library opens the tables of the library in a database of the test's own.
func library(t *testing.T) *sql.DB {
	t.Helper()
	db := pgtest.Filled(t, "library", func(ctx context.Context, db *postgres.DB) error {
		tables, err := db.WhatsAppStore(ctx, func(ctx context.Context, tables *sql.DB) error {
			return sqlstore.NewWithDB(tables, "postgres", waLog.Noop).Upgrade(ctx)
		})
		if err == nil {
			err = tables.Close()
		}
		return err
	})
	tables, err := db.WhatsAppStore(t.Context(), nil)
	check(t, err)
	t.Cleanup(func() { check(t, tables.Close()) })
	return tables
}

// open starts a client over a store.
func open(t *testing.T, s *simulator.Server, tables *sql.DB) *client {
	t.Helper()
	log := waLog.Noop
	if os.Getenv("GOVORUN_TEST_LOG") != "" {
		log = waLog.Stdout("wa", "DEBUG", false)
	}
	c := &client{recorder: &recorder{changed: make(chan struct{})}, stored: sqlstore.NewWithDB(tables, "postgres", log), t: t}
	dev, err := c.stored.GetFirstDevice(t.Context())
	check(t, err)
	c.Client = whatsmeow.NewClient(dev, log)
	c.SynchronousAck, c.EnableDecryptedEventBuffer = true, true
	c.AddEventHandler(c.handle)
	s.Attach(c.Client)
	t.Cleanup(c.Disconnect)
	return c
}

// recorder keeps every event of a client.
type recorder struct {
	mu      sync.Mutex
	all     []any
	changed chan struct{} // closed and replaced on each event
}

func (r *recorder) handle(evt any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, evt)
	close(r.changed)
	r.changed = make(chan struct{})
}

// Mark returns a position; wait looks only at events after it.
func (r *recorder) Mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}

func (r *recorder) since(from int) ([]any, chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]any(nil), r.all[from:]...), r.changed
}

// wait waits for the first event of type T since a position that ok accepts; a nil ok accepts all.
func wait[T any](c *client, from int, ok func(T) bool) T {
	c.t.Helper()
	stop := time.After(patience)
	for {
		all, changed := c.since(from)
		for _, evt := range all {
			if e, is := evt.(T); is && (ok == nil || ok(e)) {
				return e
			}
		}
		select {
		case <-changed:
		case <-stop:
			var names []string
			for _, e := range all {
				names = append(names, strings.TrimPrefix(fmt.Sprintf("%T", e), "*events."))
			}
			var none T
			c.t.Fatalf("no %T came, only %v", none, names)
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must returns v. It panics, as it does not know the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// message waits for a message with content: in a group, the sender's key comes as an event of its own, with the same ID and without
// content.
func (c *client) message(from int, id string) *events.Message {
	c.t.Helper()
	return wait(c, from, func(e *events.Message) bool {
		return e.Info.ID == id && e.Message.GetSenderKeyDistributionMessage() == nil
	})
}

// connect waits for the events of type T that follow a login.
func connect[T any](c *client) T {
	c.t.Helper()
	from := c.Mark()
	check(c.t, c.ConnectContext(context.Background()))
	return wait[T](c, from, nil)
}

func (c *client) pair(s *simulator.Server, a simulator.Account) {
	c.t.Helper()
	from := c.Mark()
	check(c.t, s.Pair(c.t.Context(), connect[*events.QR](c).Codes[0], a))
	wait[*events.PairSuccess](c, from, nil)
	wait[*events.Connected](c, from, nil)
}

// paired returns a server and a client that is paired with it.
func paired(t *testing.T) (*simulator.Server, *client) {
	t.Helper()
	s := server(t)
	c := open(t, s, library(t))
	c.pair(s, simulator.Account{JID: own, LID: ownLID, Name: "Shop"})
	return s, c
}

// says sends a text and returns the message ID.
func (c *client) says(chat types.JID, text string) string {
	c.t.Helper()
	r, err := c.SendMessage(c.t.Context(), chat, &waE2E.Message{Conversation: &text})
	check(c.t, err)
	return r.ID
}

// forgotten waits until no device is stored: whatsmeow reports LoggedOut before it deletes the device.
func (c *client) forgotten() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		if devs, err := c.stored.GetAllDevices(ctx); err == nil && len(devs) == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatal("the device is still stored")
		}
	}
}

// receipt waits until the client sent a receipt for a message.
func receipt(t *testing.T, s *simulator.Server, id, typ string) waBinary.Node {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n, err := s.WaitStanza(ctx, func(n waBinary.Node) bool {
		got, _ := n.Attrs["type"].(string)
		return n.Tag == "receipt" && n.Attrs["id"] == id && (typ == "" || got == typ)
	})
	check(t, err)
	return n
}

// got waits until a user received a message.
func got(t *testing.T, u *simulator.User, id string) simulator.Received {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r, err := u.Wait(ctx, id)
	check(t, err)
	return r
}
