package postgres

import (
	"context"
	"time"
)

// Backlog is what waits in the database, for all processes together. Counts end at a hundred thousand.
type Backlog struct {
	Queued      int64         // messages whose time to be sent has come
	QueuedSince time.Duration // age of the oldest of them
	Signals     int64         // signals that no conversation has met yet
	Timers      int64         // of deals, that are due
	TimersSince time.Duration // how long the first of them has been due
	Media       int64         // files to be fetched
	MediaSince  time.Duration // age of the oldest of them
	Hooks       int64         // calls to addresses outside
	Calls       int64         // people whom somebody is to call instead of a robot that writes
	Dead        int64         // open dead letters
	Backup      time.Time     // the moment that the newest backup holds; 1970 when there is none
}

// Counting goes by partial indexes and ends early: what is asked every few seconds must cost nothing when much waits.
const sqlBacklog = `WITH
	q AS MATERIALIZED (SELECT greatest(created_at, not_before) AS due FROM messages
		WHERE status = 'queued' AND direction = 'out' AND (not_before IS NULL OR not_before <= now()) LIMIT 100000),
	s AS MATERIALIZED (SELECT FROM messages WHERE status = 'waiting' LIMIT 100000),
	t AS MATERIALIZED (SELECT due_at FROM timers WHERE status = 'waiting' AND due_at <= now() ORDER BY due_at LIMIT 100000),
	m AS MATERIALIZED (SELECT created_at FROM attachments WHERE status = 'pending' LIMIT 100000),
	h AS MATERIALIZED (SELECT FROM hook_calls WHERE status = 'queued' LIMIT 100000)
	SELECT (SELECT count(*) FROM q), (SELECT coalesce(now() - min(due), '0') FROM q),
		(SELECT count(*) FROM s),
		(SELECT count(*) FROM t), (SELECT coalesce(now() - min(due_at), '0') FROM t),
		(SELECT count(*) FROM m), (SELECT coalesce(now() - min(created_at), '0') FROM m),
		(SELECT count(*) FROM h),
		(SELECT count(*) FROM guard_calls WHERE ended_at IS NULL),
		(SELECT count(*) FROM dead_letters WHERE status = 'open'),
		(SELECT coalesce(max(taken_at), 'epoch') FROM backups)`

// Backlog looks what waits.
func (db *DB) Backlog(ctx context.Context) (b Backlog, err error) {
	err = db.Pool.QueryRow(ctx, sqlBacklog).Scan(&b.Queued, &b.QueuedSince, &b.Signals, &b.Timers, &b.TimersSince, &b.Media, &b.MediaSince,
		&b.Hooks, &b.Calls, &b.Dead, &b.Backup)
	return b, wrap(err, "look what waits")
}
