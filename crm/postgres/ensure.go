package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Standing is a kind of timer that every open deal of a place has by standing there: of an idle rule, or of a recall. Rule names
// it, For is how long after the deal came it is due. What should have fired before is due at any time within Spread from now, so that
// a rule that comes into the kit of a company at work does not fire for all its deals at once.
type Standing struct {
	Place
	Kind   crm.TimerKind
	Rule   string
	For    time.Duration
	Spread time.Duration
}

const (
	// Two processes that start at once ensure one after the other, and the second finds nothing to do.
	sqlLockEnsure = `SELECT pg_advisory_xact_lock(hashtextextended('timers of ' || $1 || ' ' || $2, 0))`

	// A recall sets itself anew as long as the deal stands there, so one must wait. An idle rule fires once for each stay: one that
	// did, or was stopped, is not set again, unless it came too early because the kit has another time by now.
	lackingTimer = `d.status = 'open' AND d.pipeline = $1 AND d.stage = $2 AND NOT EXISTS (
			SELECT FROM timers t WHERE t.deal_id = d.id AND t.kind = $3 AND CASE WHEN $3 = 'recall' THEN t.status = 'waiting'
				ELSE t.rule = $4 AND t.since >= d.entered_at - interval '2 seconds' AND t.reason <> 'early' END)`

	sqlLackingTimers = `SELECT d.id FROM deals d WHERE ` + lackingTimer + ` LIMIT $5`

	sqlEnsureTimers = `INSERT INTO timers (deal_id, kind, rule, stage, since, due_at)
		SELECT d.id, $3, $4, d.stage, d.entered_at, greatest(d.entered_at + make_interval(secs => $5), now() + make_interval(secs => random() *
			CASE WHEN d.entered_at + make_interval(secs => $5) < now() THEN $7::float8 ELSE 0 END))
		FROM deals d WHERE d.id = ANY($6::bigint[]) AND ` + lackingTimer

	// The kit may have another time for a rule than when the timer was set. What is overdue by it, and not yet due within the spread, is spread.
	retimed = `status = 'waiting' AND kind = 'idle' AND rule = $1 AND since IS NOT NULL
		AND CASE WHEN since + make_interval(secs => $2) < now() THEN due_at > now() + make_interval(secs => $3)
			ELSE abs(extract(epoch FROM due_at - since) - $2) > 1 END`

	sqlCountRetimed = `SELECT count(*) FROM timers WHERE ` + retimed

	sqlRetime = `UPDATE timers SET due_at = CASE WHEN since + make_interval(secs => $2) < now() THEN now() + make_interval(secs => random() * $3)
			ELSE since + make_interval(secs => $2) END
		WHERE id IN (SELECT id FROM timers WHERE ` + retimed + ` LIMIT $4 FOR UPDATE SKIP LOCKED)`

	sqlLockLoose = `SELECT pg_advisory_xact_lock(hashtextextended('loose timer ' || $1, 0))`
	sqlArmLoose  = `INSERT INTO timers (kind, rule, due_at) SELECT 'recall', $1, $2
		WHERE NOT EXISTS (SELECT FROM timers WHERE deal_id IS NULL AND rule = $1 AND status = 'waiting')`
)

// LackingTimers lists deals that stand on their place without the timer that they should have, at most limit of them: they stood there before
// the rule or recall came into the kit.
func (db *DB) LackingTimers(ctx context.Context, s Standing, limit int) ([]crm.DealID, error) {
	rows, err := db.Pool.Query(ctx, sqlLackingTimers, s.Pipeline, s.Stage, s.Kind, s.Rule, limit)
	if err != nil {
		return nil, wrap(err, "look for deals on %s.%s without %s %q", s.Pipeline, s.Stage, s.Kind, s.Rule)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
	return ids, wrap(err, "look for deals on %s.%s without %s %q", s.Pipeline, s.Stage, s.Kind, s.Rule)
}

// EnsureTimers gives those of the deals that still lack it their timer, and gives their number.
func (db *DB) EnsureTimers(ctx context.Context, s Standing, deals []crm.DealID) (n int, err error) {
	ids := make([]int64, len(deals))
	for i, id := range deals {
		ids[i] = int64(id)
	}
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockEnsure, s.Kind, s.Rule); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlEnsureTimers, s.Pipeline, s.Stage, s.Kind, s.Rule, s.For.Seconds(), ids, s.Spread.Seconds())
		n = int(tag.RowsAffected())
		return err
	})
	return n, wrap(err, "set the timers of %s %q on %s.%s", s.Kind, s.Rule, s.Pipeline, s.Stage)
}

// CountRetimed counts the waiting timers of an idle rule that Retime would move.
func (db *DB) CountRetimed(ctx context.Context, s Standing) (n int, err error) {
	err = db.Pool.QueryRow(ctx, sqlCountRetimed, s.Rule, s.For.Seconds(), s.Spread.Seconds()).Scan(&n)
	return n, wrap(err, "count the timers of rule %q", s.Rule)
}

// Retime moves waiting timers of an idle rule to the time that the kit has for it now, at most limit of them, and gives their number:
// repeat until it is zero.
func (db *DB) Retime(ctx context.Context, s Standing, limit int) (int, error) {
	tag, err := db.Pool.Exec(ctx, sqlRetime, s.Rule, s.For.Seconds(), s.Spread.Seconds(), limit)
	return int(tag.RowsAffected()), wrap(err, "move the timers of rule %q", s.Rule)
}

// ArmLoose makes sure that a timer without a deal waits under this name: the first one is due at a time, and goes on from there.
func (db *DB) ArmLoose(ctx context.Context, rule string, due time.Time) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockLoose, rule); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlArmLoose, rule, due)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the timer %s: %w", rule, domain(err))
	}
	return nil
}
