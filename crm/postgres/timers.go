package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// TimerID is the number of a timer.
type TimerID int64

// TimerStatus says what became of a timer.
type TimerStatus string

// Statuses of timers.
const (
	TimerWaiting   TimerStatus = "waiting"
	TimerFired     TimerStatus = "fired"
	TimerSkipped   TimerStatus = "skipped"   // it made no sense any more when it was due
	TimerMerged    TimerStatus = "merged"    // another one spoke for it
	TimerCancelled TimerStatus = "cancelled" // before it was due
)

// TimerRow is a new timer. Message is the inbound message whose turn sets it, zero when a timer did.
type TimerRow struct {
	crm.TimerSet
	Message crm.MessageID
}

// TimerStop cancels the waiting timers of a deal: of a kind, and of a rule, or all when these are empty.
type TimerStop struct {
	Deal   crm.DealID
	Kind   crm.TimerKind
	Rule   string
	Reason string
}

// TimerEnd says what came of a claimed timer. When it goes on waiting (quiet hours), DueAt is its new time.
type TimerEnd struct {
	ID     TimerID
	Status TimerStatus
	Reason string
	DueAt  time.Time
}

// Answer says that a contact wrote: reminders to them that were set before this message are pointless.
type Answer struct {
	Contact crm.ContactID
	Message crm.MessageID
}

const (
	sqlInsertTimers = `INSERT INTO timers (deal_id, kind, rule, step, stage, since, due_at, data, message_id)
		SELECT deal, kind, rule, step, stage, since, due, data::jsonb, nullif(message, 0)
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::bigint[])
			AS u(deal, kind, rule, step, stage, since, due, data, message)`

	// A timer that fires this very moment is past stopping: waiting for it would be waiting for what its transaction needs of ours.
	sqlStopTimers = `UPDATE timers SET status = 'cancelled', reason = $4, fired_at = now() WHERE id IN (
			SELECT id FROM timers WHERE deal_id = $1 AND status = 'waiting' AND ($2 = '' OR kind = $2) AND ($3 = '' OR rule = $3)
			FOR UPDATE SKIP LOCKED)`

	sqlEndTimers = `UPDATE timers t SET status = u.status, reason = u.reason, due_at = coalesce(u.due, t.due_at),
			fired_at = CASE WHEN u.status <> 'waiting' THEN now() END
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) AS u(id, status, reason, due) WHERE t.id = u.id`

	sqlStopReminders = `UPDATE timers SET status = 'cancelled', reason = 'answered', fired_at = now() WHERE id IN (
			SELECT t.id FROM unnest($1::bigint[], $2::bigint[]) AS u(contact, message) JOIN deals d ON d.contact_id = u.contact
			JOIN timers t ON t.deal_id = d.id AND t.status = 'waiting' AND t.kind = 'remind'
			WHERE coalesce(t.message_id, 0) < u.message FOR UPDATE OF t SKIP LOCKED)`
)

// StopTimers cancels timers, those that this transaction has set so far among them.
func (a *Automation) StopTimers(s TimerStop) {
	kept := a.Timers[:0]
	for _, t := range a.Timers {
		if t.Deal != s.Deal || s.Kind != "" && s.Kind != t.Kind || s.Rule != "" && s.Rule != t.Rule {
			kept = append(kept, t)
		}
	}
	a.Timers, a.Stops = kept, append(a.Stops, s)
}

func (a *Automation) queueTimers(batch *pgx.Batch) {
	n := len(a.Timers)
	if n == 0 {
		return
	}
	deals, steps, messages := make([]int64, n), make([]int32, n), make([]int64, n)
	kinds, rules, stages, data := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	since, due := make([]*time.Time, n), make([]time.Time, n)
	for i, t := range a.Timers {
		deals[i], steps[i], messages[i] = int64(t.Deal), int32(t.Step), int64(t.Message)
		kinds[i], rules[i], stages[i], data[i] = string(t.Kind), t.Rule, t.Stage, "{}"
		since[i], due[i] = pointer(t.Since), t.DueAt
		if len(t.Data) > 0 {
			data[i] = string(marshal(t.Data))
		}
	}
	batch.Queue(sqlInsertTimers, deals, kinds, rules, steps, stages, since, due, data, messages)
}

func (a *Automation) queueStops(batch *pgx.Batch) {
	for _, s := range a.Stops {
		batch.Queue(sqlStopTimers, s.Deal, s.Kind, s.Rule, s.Reason)
	}
}

func (a *Automation) queueEnds(batch *pgx.Batch) {
	n := len(a.Ends)
	if n == 0 {
		return
	}
	ids, statuses, reasons, dues := make([]int64, n), make([]string, n), make([]string, n), make([]*time.Time, n)
	for i, e := range a.Ends {
		ids[i], statuses[i], reasons[i], dues[i] = int64(e.ID), string(e.Status), e.Reason, pointer(e.DueAt)
	}
	batch.Queue(sqlEndTimers, ids, statuses, reasons, dues)
}

func (a *Automation) queueAnswers(batch *pgx.Batch) {
	n := len(a.Answers)
	if n == 0 {
		return
	}
	contacts, messages := make([]int64, n), make([]int64, n)
	for i, w := range a.Answers {
		contacts[i], messages[i] = int64(w.Contact), int64(w.Message)
	}
	batch.Queue(sqlStopReminders, contacts, messages)
}

const sqlNextTimer = `SELECT extract(epoch FROM min(due_at) - now())::float8 FROM timers WHERE status = 'waiting'`

// NextTimer tells how long it is, by the database's clock, until a timer is due: zero or less when one is overdue, and false
// when none waits.
func (db *DB) NextTimer(ctx context.Context) (time.Duration, bool, error) {
	var seconds *float64
	if err := db.Pool.QueryRow(ctx, sqlNextTimer).Scan(&seconds); err != nil {
		return 0, false, wrap(err, "look for the next timer")
	}
	return time.Duration(deref(seconds) * float64(time.Second)), seconds != nil, nil
}
