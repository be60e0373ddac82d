package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// leadEvery is how often a process that stands by asks whether the sender is gone.
	leadEvery = 2 * time.Second
	// leasePing is how often the sender's connection is tried, and leasePatience how long the answer may take.
	leasePing     = 2 * time.Second
	leasePatience = 3 * time.Second
)

// The sender's lock and the mark of every process that has an outbox are advisory locks of one connection: they end with it.
// 'gout' and 'gpre' in ASCII keep them apart from other locks; schemas of one database do not meet.
const (
	sqlOutboxKey   = `SELECT hashtext(current_schema() || ' ' || $1)`
	sqlOutboxEnter = `SELECT pg_advisory_lock_shared(1735419237, $1)`
	sqlOutboxLead  = `SELECT pg_try_advisory_lock(1735357812, $1)`
	// When the machine of a sender vanishes, the server notices in six seconds. A socket of the same machine ignores this.
	sqlOutboxKeepAlive = `SELECT set_config('tcp_keepalives_idle', '2', false), set_config('tcp_keepalives_interval', '2', false),
		set_config('tcp_keepalives_count', '2', false)`
	sqlOutboxAlone = `SELECT count(DISTINCT pid) < 2 FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND classid = 1735419237 AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND objid::bigint = hashtext(current_schema() || ' ' || $1)::bigint & 4294967295`
	// The sender has a row of its own beside that of its account.
	sqlOutboxReign = `INSERT INTO channels (channel, state, since, heard_at) VALUES ($1 || '/outbox', $2, now(), now())
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET state = excluded.state, heard_at = excluded.heard_at,
			since = CASE WHEN channels.state = excluded.state THEN channels.since ELSE excluded.since END`
)

// States of a sender. A sender that is found sending when another begins has died.
const (
	senderSends   = "sending"
	senderStopped = "stopped"
)

// Outbox is the table of messages as the sender sees it.
type Outbox struct {
	// CallTitle gives the title of the task to call a person whom messages no longer reach, in the words of the company; the
	// reason is the short word of the refusal. Nil is a title in English.
	CallTitle func(reason string) string
	// SameAgain says that what is sent once more is the same message to the provider, which people see once: nothing is doubtful.
	SameAgain bool

	db *DB
}

// Outbox gives the store of the outboxes.
func (db *DB) Outbox() *Outbox { return &Outbox{db: db} }

// Lead waits until this process is the one sender of the channel, asking every two seconds; entered is called when others can
// know of it. The lock is held by a connection of
// its own: when that breaks, the lease ends and the lock is free.
func (o *Outbox) Lead(ctx context.Context, channel string, entered func()) (context.Context, func(clean bool), error) {
	pooled, err := o.db.Pool.Acquire(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("connect sender of %s: %w", channel, domain(err))
	}
	conn := pooled.Hijack()
	if err := lead(ctx, conn, channel, entered); err != nil {
		closeQuietly(conn)
		return nil, nil, fmt.Errorf("wait to send for %s: %w", channel, domain(err))
	}
	lease, lost := context.WithCancel(context.WithoutCancel(ctx))
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watch(lease, conn)
		lost()
	}()
	release := func(clean bool) {
		lost()
		<-watched
		if clean {
			o.stopped(conn, channel)
		}
		closeQuietly(conn)
	}
	return lease, release, nil
}

// lead returns when the connection holds the sender's lock.
func lead(ctx context.Context, conn *pgx.Conn, channel string, entered func()) error {
	var key int32
	if err := conn.QueryRow(ctx, sqlOutboxKey, channel).Scan(&key); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, sqlOutboxKeepAlive); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, sqlOutboxEnter, key); err != nil {
		return err
	}
	entered()
	for {
		var got bool
		if err := conn.QueryRow(ctx, sqlOutboxLead, key).Scan(&got); err != nil || got {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(leadEvery):
		}
	}
}

// watch returns when the connection is broken or ctx ends. A closed connection is noticed at once, a silent one by asking.
func watch(ctx context.Context, conn *pgx.Conn) {
	for ctx.Err() == nil {
		quiet, cancel := context.WithTimeout(ctx, leasePing)
		_, err := conn.WaitForNotification(quiet)
		cancel()
		if err != nil && !pgconn.Timeout(err) && ctx.Err() == nil {
			return
		}
		ping, cancel := context.WithTimeout(context.WithoutCancel(ctx), leasePatience)
		err = conn.Ping(ping)
		cancel()
		if err != nil {
			return
		}
	}
}

// stopped notes that nothing is in doubt; if that fails, the next sender doubts more than it must.
func (o *Outbox) stopped(conn *pgx.Conn, channel string) {
	ctx, cancel := context.WithTimeout(context.Background(), leasePatience)
	defer cancel()
	_, _ = conn.Exec(ctx, sqlOutboxReign, channel, senderStopped)
}

func closeQuietly(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), leasePatience)
	defer cancel()
	_ = conn.Close(ctx)
}

// Alone says whether no other process shares the channel.
func (o *Outbox) Alone(ctx context.Context, channel string) (alone bool, err error) {
	err = o.db.Pool.QueryRow(ctx, sqlOutboxAlone, channel).Scan(&alone)
	return alone, domain(err)
}

// Beat records that the sender lives.
func (o *Outbox) Beat(ctx context.Context, channel string) error {
	_, err := o.db.Pool.Exec(ctx, sqlOutboxReign, channel, senderSends)
	return domain(err)
}
