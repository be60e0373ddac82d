package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// stalled holds the right to send as a process does that stands still: its connection is there, and nobody asks anything on it.
func stalled(t *testing.T, address, schema string) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	var got bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(1735357812, hashtext($1 || ' telegram'))`, schema).Scan(&got); err != nil || !got {
		t.Fatalf("the lock: %v, %v", got, err)
	}
	return conn
}

// deposes checks that a process leads soon although another one has the lock and stands still.
func deposes(t *testing.T, db *postgres.DB, other *pgx.Conn) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	began := time.Now()
	lease, release, err := db.Outbox().Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release(true)
	t.Logf("it leads after %v", time.Since(began).Round(time.Millisecond))
	if lease.Err() != nil || !db.Outbox().Sure("telegram") {
		t.Error("it is not sure of its right")
	}
	if err := other.Ping(ctx); err == nil {
		t.Error("the other one has its connection yet")
	}
}

func TestO12_WhoStandsStillLosesTheRightToSend(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	deposes(t, open(t, postgres.Config{URL: dsn}), stalled(t, dsn, "public"))
}

func TestO12_WhoStandsStillLosesTheRightToSendAlsoWhenTheAddressIsOfASuperuser(t *testing.T) {
	t.Parallel()
	c := ownServer(t)
	do(t, c.AdminDSN("postgres"), `DROP DATABASE govorun`, `DROP ROLE govorun`, `CREATE DATABASE theirs`)
	address := c.AdminDSN("theirs")
	db := open(t, postgres.Config{URL: address})
	deposes(t, db, stalled(t, address, value(t, db, `SELECT current_schema()::text`)))
}

func TestO12_WhoSpeaksKeepsTheRightToSend(t *testing.T) {
	t.Parallel()
	a, b := twoProcesses(t)
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second) // more than a silent one is given
	defer cancel()
	lease, release, err := a.Outbox().Lead(ctx, "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer release(true)
	if _, end, err := b.Outbox().Lead(ctx, "telegram", func() {}); err == nil {
		end(true)
		t.Error("another one leads beside it")
	}
	if lease.Err() != nil || !a.Outbox().Sure("telegram") {
		t.Error("it has lost its right")
	}
}

func TestTheRightToSendIsSureForMoments(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if db.Outbox().Sure("telegram") {
		t.Error("sure of a right that it never had")
	}
	_, release, err := db.Outbox().Lead(t.Context(), "telegram", func() {})
	if err != nil {
		t.Fatal(err)
	}
	release(true)
	now := time.Now()
	for _, at := range []struct {
		what string
		now  time.Time
		sure bool
	}{
		{"at once", now, true}, {"a second later", now.Add(time.Second), true}, {"ten seconds later", now.Add(10 * time.Second), false},
		{"by a clock that went back", now.Round(0).Add(-time.Hour), false},
	} {
		if got := db.SureAt("telegram", at.now); got != at.sure {
			t.Errorf("%s: %v", at.what, got)
		}
	}
}
