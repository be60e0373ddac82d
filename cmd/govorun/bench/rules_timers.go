package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	// sweepEvery is how often the program looks for timers.
	sweepEvery = time.Second
	// lookEvery is how often is looked whether all have fired.
	lookEvery = 200 * time.Millisecond
	// drainPatience bounds the wait for all timers.
	drainPatience = 5 * time.Minute
)

const (
	sqlWaitLonger = `UPDATE timers SET due_at = $2 WHERE deal_id = ANY($1::bigint[]) AND kind = 'idle' AND status = 'waiting'`
	sqlRemindThem = `INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'remind', 'asked/1', stage, entered_at, $2 FROM deals WHERE id = ANY($1::bigint[])`
	sqlLearn      = `ANALYZE timers`

	// Entries of timers that have fired stand first in the index until it is cleaned, so a look is not free.
	sqlOverdue = `SELECT count(*) FROM (SELECT FROM timers WHERE status = 'waiting' AND due_at <= $1 LIMIT 1) x`

	// Each idle timer has fired once and left a task and a point taken; each reminder was said once and the next one waits.
	sqlFiredIdle = `SELECT count(*) FROM unnest($1::bigint[]) AS u(id)
		WHERE (SELECT count(*) FROM timers t WHERE t.deal_id = u.id AND t.kind = 'idle' AND t.status = 'fired') = 1
		AND (SELECT count(*) FROM tasks t WHERE t.deal_id = u.id AND t.card = 'order') = 1
		AND (SELECT count(*) FROM events e WHERE e.deal_id = u.id AND e.kind = 'rated') = 1`
	sqlFiredReminders = `SELECT count(*) FROM unnest($1::bigint[]) AS u(id) JOIN deals d ON d.id = u.id
		WHERE (SELECT count(*) FROM timers t WHERE t.deal_id = d.id AND t.kind = 'remind' AND t.status = 'fired') = 1
		AND (SELECT count(*) FROM timers t WHERE t.deal_id = d.id AND t.kind = 'remind' AND t.status = 'waiting') = 1
		AND (SELECT count(*) FROM messages m WHERE m.conversation_id = d.conversation_id AND m.direction = 'out' AND m.content->>'text' LIKE '%a word of yours.') = 1`
)

// timerCell is one measurement of timers. Times are those of interactive turns, sorted.
type timerCell struct {
	Took, Floor   time.Duration // until all had fired
	Before, While []time.Duration
	Cost          cost
}

// timers lets many timers be due in the same second while people hold dialogs.
func (r *rules) timers(ctx context.Context) error {
	r.say("  %d timers due at once", r.Timers)
	half := r.Timers / 2
	idle, remind := r.deals(r.fired, half, digitIdle), r.deals(r.fired, r.Timers-half, digitRemind)
	r.fired += r.Timers - half
	var due time.Time
	if err := r.db.Pool.QueryRow(ctx, `SELECT now() + make_interval(secs => $1)`, r.Before.Seconds()).Scan(&due); err != nil {
		return fmt.Errorf("ask the database for the time: %w", err)
	}
	for _, step := range []struct {
		sql  string
		args []any
	}{{sqlWaitLonger, []any{idle, due}}, {sqlRemindThem, []any{remind, due}}, {sqlLearn, nil}} {
		if _, err := r.db.Pool.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("set timers: %w", err)
		}
	}
	cell, err := r.drainTimers(ctx, due)
	if err != nil {
		return err
	}
	for sql, ids := range map[string][]int64{sqlFiredIdle: idle, sqlFiredReminders: remind} {
		right, err := r.count(ctx, sql, ids)
		if err != nil {
			return err
		}
		r.report.misfired += len(ids) - right
	}
	if cell.Floor, err = r.floorTimers(ctx, half); err != nil {
		return err
	}
	r.report.timers = append(r.report.timers, cell)
	return nil
}

// drainTimers holds dialogs and sweeps until nothing is due any more.
func (r *rules) drainTimers(ctx context.Context, due time.Time) (cell timerCell, err error) {
	running, end := context.WithCancel(ctx)
	defer end()
	swept := make(chan struct{})
	go func() { defer close(swept); r.replicas[0].runner.Sweep(running, sweepEvery) }()
	talk := r.beginTalk(running)
	if err := pause(ctx, time.Until(due)); err != nil {
		return cell, err
	}
	before := r.look()
	drained := until(ctx, drainPatience, lookEvery, func() bool {
		left, err := r.count(ctx, sqlOverdue, due)
		return err == nil && left == 0
	})
	cell.Took = time.Since(due)
	cell.Cost = r.spent(before, r.look())
	end()
	<-swept
	turns, err := talk.stop()
	if err != nil {
		return cell, err
	}
	if !drained {
		return cell, fmt.Errorf("timers still wait after %s", drainPatience)
	}
	for _, t := range turns {
		switch {
		case t.at.After(due) && t.at.Before(due.Add(cell.Took)):
			cell.While = append(cell.While, t.took)
		case t.at.Before(due) && t.at.After(due.Add(-r.Before/2)):
			cell.Before = append(cell.Before, t.took)
		}
	}
	slices.Sort(cell.While)
	slices.Sort(cell.Before)
	return cell, nil
}
