package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// DueTimer is a timer whose time has come, claimed by a transaction, with what tells whether it still makes sense.
type DueTimer struct {
	ID TimerID
	crm.TimerSet
	CreatedAt time.Time
	Contact   crm.ContactID
	Pipeline  string
	Stands    string // the stage on which the deal stands now
	Status    crm.DealStatus
	EnteredAt time.Time
	Message   crm.MessageID // whose turn set it, or the last word of the contact that was known then; zero when neither is
	Reminded                // of a reminder
}

// Reminded is what a reminder goes by, where the deal was opened.
type Reminded struct {
	Heard      crm.MessageID // the last word of the contact, zero when there is none
	AnsweredAt time.Time     // when that was
	Sent       int           // reminders that fired since then
	Blocked    bool          // nobody can be written to there
	Held       bool          // a person of the company has the talk
	Others     bool          // other reminders to the contact are overdue as well
}

// Answered tells whether the contact wrote since the reminder was set. The times don't tell for sure: a word that is being stored
// while a reminder fires may be older than the next reminder, and yet unknown to it.
func (d DueTimer) Answered() bool {
	if d.Message != 0 {
		return d.Heard > d.Message
	}
	return d.AnsweredAt.After(d.CreatedAt)
}

// Task is the task that is overdue, of a timer of that kind.
func (d DueTimer) Task() crm.TaskID {
	id, _ := d.Data["task"].(float64)
	return crm.TaskID(id)
}

// clockGrain is less than what lies between two moves of a deal and more than what is lost when a time is stored.
const clockGrain = time.Millisecond

// Stale tells why a timer makes no sense any more: "closed" (the deal is), "left" (the deal left the stage, even when it came
// back), "answered" (the contact wrote since); empty when it does. An overdue task stays overdue.
func (d DueTimer) Stale() string {
	switch {
	case d.Kind == crm.TimerTask:
		return ""
	case d.Status != crm.DealOpen:
		return "closed"
	case d.Stage != "" && (d.Stage != d.Stands || !d.Since.IsZero() && d.EnteredAt.After(d.Since.Add(clockGrain))):
		return "left"
	case d.Kind == crm.TimerRemind && d.Answered():
		return "answered"
	}
	return ""
}

const (
	// The deal is locked before its timer, as turns do it, and what is locked is passed by: a claim waits for nobody. Of
	// several overdue reminders to one contact only the earliest is claimed, because it will speak for all. The inner limit is
	// there for the planner, which takes an unknown one for a large one. Of a deal that began outside of a chat the contact's newest talk counts, as in
	// newestTalk, written out here for the test of plans.
	sqlClaimTimers = `WITH claimed AS MATERIALIZED (SELECT * FROM (
			SELECT t.id, d.id AS deal, t.kind, t.rule, t.step, t.stage, t.since, t.due_at, t.data, t.created_at, t.message_id,
				d.contact_id, d.pipeline, d.stage AS stands, d.status, d.entered_at, CASE WHEN t.kind = 'remind' THEN d.conversation_id END AS talk
			FROM timers t JOIN deals d ON d.id = t.deal_id
			WHERE t.status = 'waiting' AND t.due_at <= now() + make_interval(secs => $1)
			AND (t.kind <> 'remind' OR d.contact_id IS NULL OR NOT EXISTS (
				SELECT FROM deals o JOIN timers e ON e.deal_id = o.id AND e.status = 'waiting' AND e.kind = 'remind'
				WHERE o.contact_id = d.contact_id AND (e.due_at, e.id) < (t.due_at, t.id)))
			ORDER BY t.due_at, t.id LIMIT 100 FOR UPDATE OF d, t SKIP LOCKED) most
			LIMIT $2)
		SELECT t.id, t.deal, t.kind, t.rule, t.step, t.stage, t.since, t.due_at, t.data, t.created_at, coalesce(t.message_id, 0),
			coalesce(t.contact_id, 0), t.pipeline, t.stands, t.status, t.entered_at, coalesce(heard.id, 0), heard.created_at,
			CASE WHEN t.kind = 'remind' THEN (SELECT count(*) FROM timers s WHERE s.deal_id = t.deal AND s.kind = 'remind' AND s.status = 'fired'
				AND s.fired_at > coalesce(heard.created_at, '-infinity')) ELSE 0 END,
			coalesce(k.blocked, true), k.operator_id IS NOT NULL OR coalesce(k.own_until > now(), false),
			t.kind = 'remind' AND EXISTS (SELECT FROM deals o JOIN timers e ON e.deal_id = o.id AND e.status = 'waiting' AND e.kind = 'remind'
				WHERE o.contact_id = t.contact_id AND e.id <> t.id AND e.due_at <= now() + make_interval(secs => $1))
		FROM claimed t LEFT JOIN deals d ON d.id = t.deal AND t.kind = 'remind' AND t.talk IS NULL
		LEFT JOIN conversations k ON k.id = coalesce(t.talk, (SELECT n.id FROM conversations n
			WHERE n.contact_id = d.contact_id AND n.channel NOT LIKE 'form:%' AND n.channel NOT IN ('call', 'mail', 'import') ORDER BY n.updated_at DESC LIMIT 1))
		LEFT JOIN LATERAL (SELECT m.id, m.created_at FROM messages m WHERE m.conversation_id = k.id
			AND m.direction = 'in' AND m.author = 'person' AND m.status = 'received'
			AND m.kind NOT IN ('blocked', 'returned', 'migrated', 'edit', 'revoke', 'reaction', 'ignored') ORDER BY m.id DESC LIMIT 1) heard ON true
		ORDER BY t.due_at, t.id`

	sqlClaimLoose = `SELECT id, 0::bigint, kind, rule, step, stage, since, due_at, data, created_at, 0::bigint, 0::bigint, '', '', '', NULL::timestamptz,
			0::bigint, NULL::timestamptz, 0, false, false, false
		FROM timers WHERE deal_id IS NULL AND status = 'waiting' AND due_at <= now() + make_interval(secs => $1)
		ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`

	sqlNow = `SELECT now()`
)

// BeginTimers begins a transaction and claims at most limit timers (100 at once is the most) that are due now, or within ahead (a simulation's clock),
// the longest overdue first. Their deals are locked, those locked elsewhere are left for the next time. Each claimed timer
// belongs into Changes.Ends; after a rollback it waits again. The caller ends the transaction by Commit or Rollback.
func (db *DB) BeginTimers(ctx context.Context, ahead time.Duration, limit int) (*Turns, []DueTimer, error) {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("claim timers: %w", domain(err))
	}
	t := &Turns{conn: conn, open: true, met: &db.met}
	var due []DueTimer
	collect := func(rows pgx.Rows) error {
		claimed, err := pgx.CollectRows(rows, scanTimer)
		for _, d := range claimed {
			t.lock(d.Deal)
		}
		due = append(due, claimed...)
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	batch.Queue(sqlNow).QueryRow(func(row pgx.Row) error { return row.Scan(&t.Now) })
	batch.Queue(sqlClaimTimers, ahead.Seconds(), limit).Query(collect)
	batch.Queue(sqlClaimLoose, ahead.Seconds(), limit).Query(collect)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		t.Rollback(ctx)
		return nil, nil, fmt.Errorf("claim timers: %w", domain(err))
	}
	return t, due, nil
}

func scanTimer(row pgx.CollectableRow) (d DueTimer, err error) {
	var since, entered, answered *time.Time
	err = row.Scan(&d.ID, &d.Deal, &d.Kind, &d.Rule, &d.Step, &d.Stage, &since, &d.DueAt, &d.Data, &d.CreatedAt, &d.Message,
		&d.Contact, &d.Pipeline, &d.Stands, &d.Status, &entered, &d.Heard, &answered, &d.Sent, &d.Blocked, &d.Held, &d.Others)
	d.Since, d.EnteredAt, d.AnsweredAt = deref(since), deref(entered), deref(answered)
	return d, err
}

const sqlMergeReminders = `UPDATE timers t SET status = 'merged', reason = $3, fired_at = now()
	FROM deals d WHERE d.id = t.deal_id AND t.id IN (
		SELECT o.id FROM deals c JOIN timers o ON o.deal_id = c.id AND o.status = 'waiting' AND o.kind = 'remind'
		WHERE c.contact_id = $1 AND o.id <> $2 AND o.due_at <= $4 FOR UPDATE OF o SKIP LOCKED)
	RETURNING t.id, d.id, t.kind, t.rule, t.step, t.stage, t.since, t.due_at, t.data, t.created_at, coalesce(t.message_id, 0),
		$1::bigint, d.pipeline, d.stage, d.status, d.entered_at, 0::bigint, NULL::timestamptz, 0, false, false, false`

// MergeReminders ends the other reminders to the same contact that are due at now, because the claimed one speaks for all, and gives them,
// so that it can name their deals. After an outage a person hears once, not once for every reminder missed.
func (t *Turns) MergeReminders(ctx context.Context, kept DueTimer, now time.Time) ([]DueTimer, error) {
	if kept.Contact == 0 {
		return nil, nil
	}
	rows, err := t.conn.Query(ctx, sqlMergeReminders, kept.Contact, kept.ID, fmt.Sprintf("timer %d", kept.ID), now)
	if err != nil {
		return nil, fmt.Errorf("merge reminders of contact %d: %w", kept.Contact, domain(err))
	}
	merged, err := pgx.CollectRows(rows, scanTimer)
	return merged, wrap(err, "merge reminders of contact %d", kept.Contact)
}

const sqlGiveUpTimer = `UPDATE timers SET status = 'skipped', reason = $2, fired_at = now() WHERE id = $1 AND status = 'waiting'`

// GiveUpTimer ends a waiting timer for a reason: one that fails again and again must not hold up the others.
func (db *DB) GiveUpTimer(ctx context.Context, id TimerID, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlGiveUpTimer, id, reason)
	return wrap(err, "give up timer %d", id)
}
