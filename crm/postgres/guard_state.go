package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

// GuardNumber is how a number stands: how old it is, what stops it, what it sent of its own accord and to employees, what waits and why, to how many
// people robots are silent.
type GuardNumber struct {
	Channel   string
	Phone     string
	State     string // of the channel, as its account keeps it; empty when nobody said
	Now       time.Time
	Since     time.Time
	Stop      guard.Stop
	StopUntil time.Time
	Hour, Day int
	Staff     int // within the day
	Waits     []GuardWait
	Silent    int
}

// GuardWait is how many messages wait for a reason, and when the first of them is looked at again.
type GuardWait struct {
	Reason string
	Count  int
	First  time.Time
}

const (
	sqlGuardNumbers = `SELECT n.channel, coalesce(a.phone, ''), coalesce(c.state, ''), coalesce($1, now()), coalesce(a.since, n.since),
			CASE WHEN a.since > n.stopped_at OR n.stop_until <= coalesce($1, now()) THEN '' ELSE n.stop END, n.stop_until,
			(SELECT count(*) FROM guard_sends s WHERE s.channel = n.channel AND s.kind <> 'staff' AND s.at > coalesce($1, now()) - interval '1 hour'),
			(SELECT count(*) FROM guard_sends s WHERE s.channel = n.channel AND s.kind <> 'staff' AND s.at > coalesce($1, now()) - interval '1 day'),
			(SELECT count(*) FROM guard_sends s WHERE s.channel = n.channel AND s.kind = 'staff' AND s.at > coalesce($1, now()) - interval '1 day'),
			(SELECT count(*) FROM guard_calls k WHERE k.channel = n.channel AND k.silent AND k.ended_at IS NULL)
		FROM guard_numbers n LEFT JOIN accounts a ON a.channel = n.channel LEFT JOIN channels c ON c.channel = n.channel ORDER BY n.channel`

	sqlGuardWaits = `SELECT c.channel, m.reason, count(*), min(m.not_before) FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE m.status = 'queued' AND m.direction = 'out' AND m.reason LIKE 'guard%' GROUP BY 1, 2 ORDER BY 3 DESC, 2`
)

// GuardNumbers tells how all numbers stand. Now is the time of a simulation, zero for the database's.
func (t *Turns) GuardNumbers(ctx context.Context, now time.Time) ([]GuardNumber, error) {
	return guardNumbers(ctx, t.conn, now)
}

// GuardNumbers tells how all numbers stand.
func (db *DB) GuardNumbers(ctx context.Context, now time.Time) ([]GuardNumber, error) {
	return guardNumbers(ctx, db.Pool, now)
}

func guardNumbers(ctx context.Context, q reader, now time.Time) ([]GuardNumber, error) {
	rows, err := q.Query(ctx, sqlGuardNumbers, pointer(now))
	if err != nil {
		return nil, wrap(err, "read how numbers stand")
	}
	numbers, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n GuardNumber, err error) {
		var until *time.Time
		err = row.Scan(&n.Channel, &n.Phone, &n.State, &n.Now, &n.Since, &n.Stop, &until, &n.Hour, &n.Day, &n.Staff, &n.Silent)
		n.StopUntil = deref(until)
		return n, err
	})
	if err != nil {
		return nil, wrap(err, "read how numbers stand")
	}
	waits, err := q.Query(ctx, sqlGuardWaits)
	if err != nil {
		return nil, wrap(err, "read what waits")
	}
	var channel string
	var first *time.Time
	var w GuardWait
	_, err = pgx.ForEachRow(waits, []any{&channel, &w.Reason, &w.Count, &first}, func() error {
		for i := range numbers {
			if numbers[i].Channel == channel {
				w.First = deref(first)
				numbers[i].Waits = append(numbers[i].Waits, w)
			}
		}
		return nil
	})
	return numbers, wrap(err, "read what waits")
}

const sqlReceiversBy = `SELECT count(*)::int FROM broadcast_people p JOIN conversations k ON k.id = p.conversation_id
	WHERE p.broadcast_id = $1 AND p.status = 'waiting' AND split_part(k.channel, ':', 1) = $2`

// ReceiversBy counts the people of a broadcast who have still to get it by a provider, whatever number of ours.
func (t *Turns) ReceiversBy(ctx context.Context, id crm.BroadcastID, provider string) (n int, err error) {
	err = t.conn.QueryRow(ctx, sqlReceiversBy, id, provider).Scan(&n)
	return n, wrap(err, "count people of broadcast %d by %s", id, provider)
}
