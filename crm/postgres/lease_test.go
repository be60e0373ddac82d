package postgres_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// twoProcesses are two openings of one database.
func twoProcesses(t *testing.T) (a, b *postgres.DB) {
	t.Helper()
	dsn := pgtest.DSN(t)
	return open(t, postgres.Config{URL: dsn}), open(t, postgres.Config{URL: dsn})
}

func TestO12_WhoStopsInOrderHandsOverAtOnceAndLeavesNoDoubt(t *testing.T) {
	t.Parallel()
	a, b := twoProcesses(t)
	ctx := context.Background()
	_, release, err := a.Outbox().Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Outbox().Doubt(ctx, "telegram"); err != nil { // its reign begins
		t.Fatal(err)
	}
	waits, leads := make(chan struct{}), make(chan error, 1)
	go func() {
		_, end, err := b.Outbox().Lead(ctx, "telegram", func() { close(waits) })
		if err == nil {
			defer end(true)
			_, err = b.Outbox().Doubt(ctx, "telegram")
		}
		leads <- err
	}()
	<-waits
	released := time.Now()
	release(true)
	if err := <-leads; err != nil {
		t.Fatal(err)
	}
	if took := time.Since(released); took > 900*time.Millisecond { // less than a second without being told
		t.Errorf("the next one leads %v after the release", took)
	}
	if got := value(t, b, `SELECT reign::text FROM channels WHERE channel = 'telegram/outbox'`); got != "2" {
		t.Errorf("reign %s", got)
	}
}

func TestO12_WhatAFormerSenderStillSaysIsNotWritten(t *testing.T) {
	t.Parallel()
	a, b := twoProcesses(t)
	ctx := context.Background()
	say := func(db *postgres.DB, state string) {
		t.Helper()
		if err := db.SetLedState(ctx, "whatsapp", postgres.ChannelState{Channel: "whatsapp", State: state}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want string) {
		t.Helper()
		if got := value(t, a, `SELECT state FROM channels WHERE channel = 'whatsapp'`); got != want {
			t.Errorf("the number is %s, want %s", got, want)
		}
	}
	say(a, "unlinked") // nobody leads yet
	is("unlinked")
	_, release, err := a.Outbox().Lead(ctx, "whatsapp", func() {})
	if err != nil {
		t.Fatal(err)
	}
	say(a, "linked")
	release(true)
	say(a, "stopped") // nobody has followed
	is("stopped")
	_, end, err := b.Outbox().Lead(ctx, "whatsapp", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer end(true)
	say(b, "linked")
	say(a, "replaced")
	if err := a.Outbox().SetState(ctx, "whatsapp", "paused", ""); err != nil {
		t.Fatal(err)
	}
	is("linked")
	if err := b.Outbox().Beat(ctx, "whatsapp"); err != nil {
		t.Fatal(err)
	}
	heard := value(t, a, `SELECT heard_at::text FROM channels WHERE channel = 'whatsapp/outbox'`)
	if err := a.Outbox().Beat(ctx, "whatsapp"); err != nil { // it has not noticed yet
		t.Fatal(err)
	}
	if again := value(t, a, `SELECT heard_at::text FROM channels WHERE channel = 'whatsapp/outbox'`); again != heard {
		t.Error("a former sender gives signs of life for the new one")
	}
}

// mortalLine gives another address of a database, on a line that dies without a word when it is cut.
func mortalLine(t *testing.T, dsn string) (address string, cut func()) {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	network, server := pgconn.NetworkAddress(config.Host, config.Port)
	dead := make(chan struct{})
	carry := func(to, from net.Conn) {
		defer to.Close()
		for buffer := make([]byte, 32<<10); ; {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			select {
			case <-dead: // nothing arrives any more, and nobody is told
			default:
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
		}
	}
	go func() {
		for {
			near, err := door.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(network, server)
			if err != nil {
				near.Close()
				continue
			}
			go carry(near, far)
			go carry(far, near)
		}
	}()
	through := url.URL{Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: door.Addr().String(), Path: config.Database, RawQuery: "sslmode=disable"}
	return through.String(), func() { close(dead) }
}

func TestO12_WhoStandsByOnALineThatDiedFindsOutAndCanTryAnother(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	through, cut := mortalLine(t, dsn)
	a, b := open(t, postgres.Config{URL: dsn}), open(t, postgres.Config{URL: through})
	ctx := context.Background()
	_, release, err := a.Outbox().Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release(true)
	waits, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		_, end, err := b.Outbox().Lead(ctx, "telegram", func() { close(waits) })
		if err == nil {
			end(true)
			err = fmt.Errorf("it leads beside another one")
		}
		ended <- err
	}()
	<-waits
	cut()
	select {
	case err := <-ended:
		if !pgconn.Timeout(err) {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Error("it waits for an answer that never comes, and would not take over")
	}
}

func TestTheStoreOfWhatsAppOpensSoManyConnectionsAtMost(t *testing.T) {
	t.Parallel()
	store, err := pgtest.New(t).WhatsAppStore(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if most := store.Stats().MaxOpenConnections; most < 1 || most > 36 { // a hundred, less the pool's sixty-four
		t.Errorf("%d connections", most)
	}
}
