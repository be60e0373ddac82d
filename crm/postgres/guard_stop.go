package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

const (
	// stopFresh is how long what is known of a number's stops is taken for true: another process may learn of one.
	stopFresh = 5 * time.Second
	// refusedStop is how long a number holds back after a refusal that names no end.
	refusedStop = 24 * time.Hour
)

// knownStop is what stops a number. When says at which time of this process it was read, Clock what the database's clock was ahead of it.
type knownStop struct {
	kind  guard.Stop
	until time.Time
	when  time.Time
	ahead time.Duration
}

const (
	sqlGuardStopped = `SELECT clock_timestamp(), CASE WHEN a.since > n.stopped_at THEN '' ELSE n.stop END, n.stop_until
		FROM guard_numbers n LEFT JOIN accounts a ON a.channel = n.channel WHERE n.channel = $1`

	// A ban is not shortened by a timelock, and none by one that ends earlier.
	sqlGuardStop = `INSERT INTO guard_numbers (channel, since, stop, stop_until, stopped_at) VALUES ($1, coalesce($4, now()), $2, $3, coalesce($4, now()))
		ON CONFLICT ON CONSTRAINT guard_numbers_pkey DO UPDATE SET stop = excluded.stop, stop_until = excluded.stop_until, stopped_at = excluded.stopped_at
		WHERE $2 = '' OR guard_numbers.stop = '' OR guard_numbers.stop_until <= excluded.stopped_at
			OR guard_numbers.stop_until <= excluded.stop_until AND (guard_numbers.stop <> 'banned' OR excluded.stop = 'banned')`
)

// Stop keeps a number from writing until a time: banned from everything, timelocked from what is of its own accord. NoStop ends either.
func (g *Guard) Stop(ctx context.Context, channel string, kind guard.Stop, until time.Time) error {
	_, err := g.db.Pool.Exec(ctx, sqlGuardStop, channel, string(kind), pointer(until), g.clock())
	g.mu.Lock()
	delete(g.stops, channel)
	g.mu.Unlock()
	return wrap(err, "stop %s", channel)
}

// stopped gives what stops a number and the time. It asks the database now and then only, since answers go by it too.
func (g *Guard) stopped(ctx context.Context, channel string) (s knownStop, now time.Time, err error) {
	g.mu.Lock()
	s, known := g.stops[channel]
	g.mu.Unlock()
	if known && g.c.Now == nil && time.Since(s.when) < stopFresh {
		return s, time.Now().Add(s.ahead), nil
	}
	s = knownStop{when: time.Now()}
	var there time.Time
	var until *time.Time
	err = g.db.Pool.QueryRow(ctx, sqlGuardStopped, channel).Scan(&there, &s.kind, &until)
	if err == pgx.ErrNoRows {
		there, err = time.Now(), nil
	}
	if err != nil {
		return s, now, wrap(err, "read what stops %s", channel)
	}
	s.until, s.ahead = deref(until), there.Sub(s.when)
	if clock := g.clock(); clock != nil {
		there = *clock
	}
	g.mu.Lock()
	g.stops[channel] = s
	g.mu.Unlock()
	return s, there, nil
}

// Settled learns from a refusal by the provider: one that stops first messages of the number stops all that robots say of their own accord for a
// day, and somebody is to call the person. It gives what is to follow.
func (g *Guard) Settled(ctx context.Context, out crm.Outbound, verdict *crm.SendError) *crm.SendError {
	if verdict.Policy != crm.GiveUp || verdict.Reason != guard.Refused {
		return verdict
	}
	err := pgx.BeginFunc(ctx, g.db.Pool, func(tx pgx.Tx) error {
		k, err := g.look(ctx, tx, out)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlGuardStop, out.Address.Channel, string(guard.StopReaches), k.facts.Now.Add(refusedStop), k.facts.Now); err != nil {
			return err
		}
		if k.message.Kind != guard.Own {
			return nil
		}
		return g.call(ctx, tx, k, guard.Verdict{Reason: guard.Cold, Silence: true})
	})
	if err != nil { // nothing is lost: it is tried again, refused again and learnt from then
		return &crm.SendError{Policy: crm.Retry, Reason: verdict.Reason, Err: err}
	}
	g.mu.Lock()
	delete(g.stops, out.Address.Channel)
	g.mu.Unlock()
	final := *verdict
	final.Reason = string(guard.Cold)
	return &final
}
