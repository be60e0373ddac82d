package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

const (
	// guardBusy is how long a chat waits when the guard can't be asked: who does not know whether something may be sent sends nothing.
	guardBusy = 3 * time.Second
	// banPause is how often a banned number is looked at: a ban may be lifted, or another number linked in its place.
	banPause = 10 * time.Minute
	// spread is how far apart messages that wait for the same thing are looked at again, at the most.
	spread = time.Hour
)

// GuardConfig is what a guard is told by the kit; Quiet and Title are required.
type GuardConfig struct {
	Policy guard.Policy
	// Quiet tells whether it is night in a city, and until when.
	Quiet func(at time.Time, city string) (bool, time.Time)
	// Title gives the title of the task to call somebody, in the words of the company.
	Title func(guard.Reason) string
	// Calls are titles of other tasks to call people: who has such a task open gets no second one.
	Calls []string
	// Role gets the tasks of deals without an owner. Due is how long a task may take, Points (below zero) what it costs when it is overdue.
	Role   string
	Due    time.Duration
	Points int
	// Now moves the clock, for simulation; nil: the database's.
	Now  func() time.Time
	Rand func() float64 // from 0 to 1; nil: by chance
}

// Guard decides, with what the database remembers, whether a robot may write now. It is safe for concurrent use by the outboxes of all numbers.
type Guard struct {
	c  GuardConfig
	db *DB

	mu    sync.Mutex
	stops map[string]knownStop
	lines map[string]time.Time // by number and reason: when the next one that waits for it is looked at again
}

// Guard gives the guard of the numbers of a channel.
func (db *DB) Guard(c GuardConfig) *Guard {
	if c.Policy == (guard.Policy{}) {
		c.Policy = guard.Default()
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	return &Guard{c: c, db: db, stops: map[string]knownStop{}, lines: map[string]time.Time{}}
}

// Check says whether a message may be sent now: nil when it may, and then it is counted already. Else it is to wait (Postpone, or Wait while the
// number is banned), or it was cancelled (GiveUp), and whoever is to call the person instead has a task for it.
func (g *Guard) Check(ctx context.Context, out crm.Outbound) *crm.SendError {
	stop, now, err := g.stopped(ctx, out.Address.Channel)
	if err != nil {
		return unsure(err)
	}
	if stop.kind == guard.StopBanned && stop.until.After(now) {
		return &crm.SendError{Policy: crm.Wait, Reason: string(guard.Banned), After: min(banPause, stop.until.Sub(now)), Global: true,
			Err: fmt.Errorf("%s is banned", out.Address.Channel)}
	}
	if !ownAccord(out) {
		return nil
	}
	v, now, err := g.check(ctx, out)
	switch {
	case err != nil:
		return unsure(fmt.Errorf("ask the guard about message %d: %w", out.ID, err))
	case v.Goes():
		return nil
	case v.Cancel:
		return &crm.SendError{Policy: crm.GiveUp, Reason: string(v.Reason), Err: fmt.Errorf("message %d was cancelled", out.ID)}
	}
	return &crm.SendError{Policy: crm.Postpone, Reason: string(v.Reason), After: g.lineUp(out.Address.Channel, v).Sub(now),
		Err: fmt.Errorf("message %d waits", out.ID)}
}

func unsure(err error) *crm.SendError {
	return &crm.SendError{Policy: crm.Wait, Reason: "guard_away", After: guardBusy, Err: err}
}

// ownAccord tells whether something is a message that nobody of the company wrote and nobody waits for.
func ownAccord(out crm.Outbound) bool {
	switch out.Kind {
	case crm.OutEdit, crm.OutReaction, crm.OutDelete, crm.OutMenu:
		return false
	}
	return !out.Answer && out.Author != crm.ByEmployee
}

// lineUp gives the time at which a message is looked at again: not all that wait for the same thing at once.
func (g *Guard) lineUp(channel string, v guard.Verdict) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := channel + " " + string(v.Reason)
	at := g.lines[key]
	switch {
	case at.Before(v.Until):
		at = v.Until
	case at.Sub(v.Until) > spread:
		return v.Until.Add(time.Duration(g.c.Rand() * float64(spread)))
	}
	g.lines[key] = at.Add(g.c.Policy.Gap)
	return at
}

const (
	// One decision at a time for all numbers of a provider: a person may have talks with several of them.
	sqlGuardLock = `SELECT pg_advisory_xact_lock(1735750002, hashtext(current_schema() || ' ' || split_part($1, ':', 1)))`

	sqlGuardNumber = `INSERT INTO guard_numbers (channel, since) VALUES ($1, coalesce($2, now())) ON CONFLICT ON CONSTRAINT guard_numbers_pkey DO NOTHING`

	// One that is asked about again may have been sent before, or is sent only now: it counts once, and from now on.
	sqlGuardReserve = `INSERT INTO guard_sends (message_id, conversation_id, channel, kind, heard_id, print, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT ON CONSTRAINT guard_sends_pkey DO UPDATE SET at = excluded.at, heard_id = greatest(guard_sends.heard_id, excluded.heard_id)`
	sqlGuardPace = `UPDATE guard_numbers SET free_at = $2 WHERE channel = $1`
)

// check decides about a message of our own accord and writes down what follows, in one transaction.
func (g *Guard) check(ctx context.Context, out crm.Outbound) (v guard.Verdict, now time.Time, err error) {
	err = pgx.BeginFunc(ctx, g.db.Pool, func(tx pgx.Tx) error {
		k, err := g.look(ctx, tx, out)
		if err != nil {
			return err
		}
		now = k.facts.Now
		if v = g.c.Policy.Decide(k.message, k.facts); v.Goes() {
			return g.reserve(ctx, tx, out, k)
		}
		if v.Call {
			return g.call(ctx, tx, k, v)
		}
		return nil
	})
	return v, now, domain(err)
}

func (g *Guard) reserve(ctx context.Context, tx pgx.Tx, out crm.Outbound, k guarded) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlGuardReserve, out.ID, out.Conversation, out.Address.Channel, string(k.message.Kind), k.heard, k.print, k.facts.Now)
	if k.message.Kind != guard.Staff {
		batch.Queue(sqlGuardPace, out.Address.Channel, g.c.Policy.Next(k.facts.Now, g.c.Rand()))
	}
	return tx.SendBatch(ctx, batch).Close()
}
