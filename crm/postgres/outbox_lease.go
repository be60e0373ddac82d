package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// leadEvery is how often a process that stands by asks whether the sender is gone. One that stops in order tells it.
	leadEvery = time.Second
	// leasePing is how often the sender's connection is tried, and leasePatience how long the answer may take.
	leasePing     = time.Second
	leasePatience = 3 * time.Second
	// leaseTrust is how long after an answer the right to send is sure, longer than an answer may take. A process that stood still asks first.
	leaseTrust = 4500 * time.Millisecond
	// leaseSilence is for how long others must have seen no sign of life of a sender to end its connection: it stands still, or its machine does.
	leaseSilence = 5 * time.Second
	// leaseBegin bounds what is done once: to connect, and to begin a reign. A line that died without a word must not keep a process waiting that
	// may have to send.
	leaseBegin = 10 * time.Second
)

// The sender's lock and the mark of every process that has an outbox are advisory locks of one connection: they end with it.
// 'gout' and 'gpre' in ASCII keep them apart from other locks; schemas of one database do not meet.
const (
	sqlOutboxKey   = `SELECT hashtext(current_schema() || ' ' || $1)`
	sqlOutboxEnter = `SELECT pg_advisory_lock_shared(1735419237, $1)`
	sqlOutboxLead  = `SELECT pg_try_advisory_lock(1735357812, $1)`
	// Who stands by hears that a lock is free; which one, it finds out by asking.
	sqlOutboxHear  = `LISTEN govorun_leads`
	sqlOutboxLeave = `SELECT pg_advisory_unlock(1735357812, $1), pg_notify('govorun_leads', '')`
	// Of whom the lock is, and when they were last heard of. The connections of who has logged in like us may be seen and ended, while we are no other
	// role.
	sqlOutboxBeSelf = `SET ROLE NONE`
	sqlOutboxBeRole = `RESET ROLE`
	sqlOutboxLeader = `SELECT a.pid, a.state_change FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
		WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1735357812 AND l.objsubid = 2 AND l.objid::bigint = $1::bigint & 4294967295
		AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND a.state = 'idle'`
	sqlOutboxDepose = `SELECT pg_terminate_backend(pid, 500) FROM pg_stat_activity WHERE pid = $1 AND state = 'idle' AND state_change = $2`
	// When the machine of a sender vanishes, the server notices in six seconds, also while it has something to tell it. A socket of the same
	// machine ignores this.
	sqlOutboxKeepAlive = `SELECT set_config('tcp_keepalives_idle', '2', false), set_config('tcp_keepalives_interval', '2', false),
		set_config('tcp_keepalives_count', '2', false), set_config('tcp_user_timeout', '6000', false)`
	sqlOutboxAlone = `SELECT count(DISTINCT pid) < 2 FROM pg_locks
		WHERE locktype = 'advisory' AND granted AND classid = 1735419237 AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND objid::bigint = hashtext(current_schema() || ' ' || $1)::bigint & 4294967295`
	// The sender has a row of its own beside that of its account. Its reign has a number, by which a former sender finds out that
	// there is another one.
	sqlOutboxCrown = `INSERT INTO channels (channel, state, since, heard_at, reign) VALUES ($1 || '/outbox', 'stopped', now(), now(), 1)
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET reign = channels.reign + 1 RETURNING reign`
	sqlOutboxReign = `INSERT INTO channels (channel, state, since, heard_at) VALUES ($1 || '/outbox', $2, now(), now())
		ON CONFLICT ON CONSTRAINT channels_pkey DO UPDATE SET state = excluded.state, heard_at = excluded.heard_at,
			since = CASE WHEN channels.state = excluded.state THEN channels.since ELSE excluded.since END WHERE channels.reign = $3`
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

// Lead waits until this process is the one sender of the channel, hearing when another stops and asking every second; entered is called when
// others can know of it. The lock is held by a connection of its own, past a pooler: when that breaks, the lease ends and the lock is free.
func (o *Outbox) Lead(ctx context.Context, channel string, entered func()) (context.Context, func(clean bool), error) {
	begin, begun := context.WithTimeout(ctx, leaseBegin)
	defer begun()
	conn, err := pgx.ConnectConfig(begin, o.db.direct)
	if err != nil {
		return nil, nil, fmt.Errorf("connect sender of %s: %w", channel, domain(err))
	}
	key, err := enter(begin, conn, channel)
	var reign int64
	var won time.Time
	if err == nil {
		entered()
		reign, won, err = lead(ctx, conn, channel, key)
	}
	if err != nil {
		closeQuietly(conn)
		return nil, nil, fmt.Errorf("wait to send for %s: %w", channel, domain(err))
	}
	o.db.reigns.Store(channel, reign)
	lease, lost := context.WithCancel(context.WithoutCancel(ctx))
	watched := make(chan struct{})
	o.db.confirmed.Store(channel, won)
	go func() {
		defer close(watched)
		watch(lease, conn, func(asked time.Time) { o.db.confirmed.Store(channel, asked) })
		lost()
	}()
	release := func(clean bool) {
		lost()
		<-watched
		if clean {
			o.leave(conn, channel, key)
		}
		closeQuietly(conn)
	}
	return lease, release, nil
}

// enter lets others know of this process, and gives the key of the sender's lock.
func enter(ctx context.Context, conn *pgx.Conn, channel string) (key int32, err error) {
	if err := conn.QueryRow(ctx, sqlOutboxKey, channel).Scan(&key); err != nil {
		return 0, err
	}
	if _, err := conn.Exec(ctx, sqlOutboxKeepAlive); err != nil {
		return 0, err
	}
	if _, err := conn.Exec(ctx, sqlOutboxHear); err != nil {
		return 0, err
	}
	_, err = conn.Exec(ctx, sqlOutboxEnter, key)
	return key, err
}

// lead returns when the connection holds the sender's lock, with the number of the reign and when it was asked for.
func lead(ctx context.Context, conn *pgx.Conn, channel string, key int32) (reign int64, asked time.Time, err error) {
	var other leader
	for {
		asked = time.Now()
		got, err := try(ctx, conn, key)
		if err != nil {
			return 0, asked, err
		}
		if got {
			begin, begun := context.WithTimeout(ctx, leaseBegin)
			defer begun()
			err := conn.QueryRow(begin, sqlOutboxCrown, channel).Scan(&reign)
			return reign, asked, err
		}
		deposed, err := other.look(ctx, conn, key)
		if err == nil && !deposed {
			err = hear(ctx, conn)
		}
		if err != nil {
			return 0, asked, err
		}
	}
}

// try asks for the lock. No answer is an error: the line may have died without a word, while another one would work.
func try(ctx context.Context, conn *pgx.Conn, key int32) (got bool, err error) {
	patient, cancel := context.WithTimeout(ctx, leasePatience)
	defer cancel()
	err = conn.QueryRow(patient, sqlOutboxLead, key).Scan(&got)
	return got, err
}

// hear waits until somebody has left, or for leadEvery.
func hear(ctx context.Context, conn *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, leadEvery)
	defer cancel()
	_, err := conn.WaitForNotification(waiting)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if pgconn.Timeout(err) {
		return nil
	}
	return err
}

// leader is whom one waits for.
type leader struct {
	pid   int
	heard time.Time // by the clock of the server
	since time.Time // when that was first seen, by ours
	looks int       // how often it was seen since
}

// look ends the connection of a leader that gave no sign of life for leaseSilence, watched all the while: a server that stood still itself finds
// all of them silent. The lock is free then, and the process finds out when it goes on.
func (l *leader) look(ctx context.Context, conn *pgx.Conn, key int32) (deposed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, leasePatience)
	defer cancel()
	if conn.Config().RuntimeParams["role"] != "" { // the program is less than who has logged in
		if _, err := conn.Exec(ctx, sqlOutboxBeSelf); err != nil {
			return false, err
		}
		defer func() {
			_, back := conn.Exec(ctx, sqlOutboxBeRole)
			err = errors.Join(err, back)
		}()
	}
	now := leader{since: time.Now()}
	if err := conn.QueryRow(ctx, sqlOutboxLeader, key).Scan(&now.pid, &now.heard); err == pgx.ErrNoRows {
		*l = leader{}
		return false, nil
	} else if err != nil {
		return false, err
	}
	if now.pid != l.pid || !now.heard.Equal(l.heard) {
		*l = now
		return false, nil
	}
	l.looks++
	if time.Since(l.since) < leaseSilence || l.looks < int(leaseSilence/leadEvery)/2 {
		return false, nil
	}
	err = conn.QueryRow(ctx, sqlOutboxDepose, l.pid, l.heard).Scan(&deposed)
	if err == pgx.ErrNoRows || codeOf(err) == codeForbidden { // it has just spoken; or who has logged in may not
		return false, nil
	}
	return deposed, err
}

// watch returns when the connection is broken or ctx ends, and tells of each answer when it was asked for. A closed connection is noticed at once, a
// silent one by asking.
func watch(ctx context.Context, conn *pgx.Conn, sure func(asked time.Time)) {
	for ctx.Err() == nil {
		quiet, cancel := context.WithTimeout(ctx, leasePing)
		_, err := conn.WaitForNotification(quiet)
		cancel()
		if err != nil && !pgconn.Timeout(err) && ctx.Err() == nil {
			return
		}
		ping, cancel := context.WithTimeout(context.WithoutCancel(ctx), leasePatience)
		asked := time.Now()
		err = conn.Ping(ping)
		cancel()
		if err != nil {
			return
		}
		sure(asked)
	}
}

// leave notes that nothing is in doubt, which the next sender must see, and lets it begin. If that fails, the next one doubts more than
// it must and begins when the connection has ended.
func (o *Outbox) leave(conn *pgx.Conn, channel string, key int32) {
	ctx, cancel := context.WithTimeout(context.Background(), leasePatience)
	defer cancel()
	if _, err := conn.Exec(ctx, sqlOutboxReign, channel, senderStopped, o.db.reign(channel)); err == nil {
		_, _ = conn.Exec(ctx, sqlOutboxLeave, key)
	}
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
	_, err := o.db.Pool.Exec(ctx, sqlOutboxReign, channel, senderSends, o.db.reign(channel))
	return domain(err)
}

// reign is the number of the newest reign of this process under a lease; zero when it never led.
func (db *DB) reign(lease string) int64 {
	n, _ := db.reigns.Load(lease)
	reign, _ := n.(int64)
	return reign
}

// Sure tells whether the right to send was confirmed in the last moments. A process that stood still may have a successor by now.
func (o *Outbox) Sure(channel string) bool { return o.db.sureAt(channel, time.Now()) }

func (db *DB) sureAt(lease string, now time.Time) bool {
	at, _ := db.confirmed.Load(lease)
	confirmed, known := at.(time.Time)
	// While a machine stood still one of its clocks may have stood as well.
	return known && now.Sub(confirmed) < leaseTrust && now.Round(0).Sub(confirmed.Round(0)).Abs() < leaseTrust
}
