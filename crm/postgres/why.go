package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// WhySource says where a line of the story of a deal comes from.
type WhySource string

// Sources of lines.
const (
	WhyEvent   WhySource = "event"
	WhyTimer   WhySource = "timer"
	WhyMessage WhySource = "message"
)

// WhyLine is one thing that happened to a deal, will happen, or did not and why.
type WhyLine struct {
	At      time.Time // when it happened; of what waits still, when it is due
	Source  WhySource
	ID      int64
	Kind    string // of the event; of the timer; of the message: "in" or "out"
	Author  crm.Author
	Name    string // of the employee who did it, or whom the message is for
	Other   string // of events: the employee whom it is about
	Status  string // of timers and messages
	Reason  string // of a timer that was held, skipped, merged or cancelled; of a message that was not sent
	Rule    string // of timers
	Step    int
	SetAt   time.Time     // when a timer was set, a message written
	Until   time.Time     // of a message that is held back: until when
	Message crm.MessageID // what came in and caused it
	Text    string        // the beginning of a message
	Data    crm.Fields    // of events (cause is the chain) and timers
}

// The messages of a deal are those that show its card, and those to its contact where it was opened while it was open.
const sqlWhy = `WITH d AS MATERIALIZED (SELECT id, conversation_id, created_at, closed_at FROM deals WHERE id = $1),
	said AS (
		SELECT m.conversation_id, m.id FROM messages m WHERE m.card = ANY($3::text[])
		UNION
		SELECT m.conversation_id, m.id FROM d JOIN messages m ON m.conversation_id = d.conversation_id
		WHERE m.created_at >= d.created_at - interval '1 minute' AND (d.closed_at IS NULL OR m.created_at <= d.closed_at + interval '1 hour')),
	lines AS (
		SELECT e.at, 'event' AS source, e.id, e.kind, e.author, coalesce(p.name, '') AS name, coalesce(o.name, '') AS other, '' AS status, '' AS reason, '' AS rule, 0 AS step,
			NULL::timestamptz AS set_at, NULL::timestamptz AS until, coalesce(e.message_id, 0) AS message, '' AS text, e.data
		FROM events e LEFT JOIN employees p ON p.id = e.employee_id
		LEFT JOIN employees o ON o.id = substring(CASE WHEN e.kind IN ('deal_owned', 'rated', 'not_taken', 'task_added', 'task_overdue', 'take_refused')
			THEN coalesce(e.data->>'owner', e.data->>'employee', e.data->>'assignee') END FROM '^[0-9]{1,18}$')::bigint
		WHERE e.deal_id = $1
		UNION ALL
		SELECT coalesce(t.fired_at, t.due_at), 'timer', t.id, t.kind, 'system', '', '', t.status, t.reason, t.rule, t.step,
			t.created_at, CASE WHEN t.status = 'waiting' THEN t.due_at END, coalesce(t.message_id, 0), '', t.data
		FROM timers t WHERE t.deal_id = $1
		UNION ALL
		SELECT coalesce(m.sent_at, greatest(m.created_at, m.not_before)), 'message', m.id, m.direction, m.author, coalesce(p.name, k.name, c.title), '', m.status,
			coalesce(m.reason, CASE WHEN m.status = 'queued' THEN h.reason END, ''), '', 0, m.created_at,
			CASE WHEN m.status = 'queued' THEN greatest(m.not_before, h.until) END, coalesce(m.cause_id, 0),
			left(coalesce(m.content->>'text', ''), 120), '{}'
		FROM said s JOIN messages m ON m.conversation_id = s.conversation_id AND m.id = s.id
		JOIN conversations c ON c.id = m.conversation_id LEFT JOIN contacts k ON k.id = c.contact_id
		LEFT JOIN identities i ON i.channel = c.channel AND i.address = c.chat LEFT JOIN employees p ON p.id = i.employee_id
		LEFT JOIN LATERAL (SELECT max(until) AS until, max(reason) AS reason FROM holds o
			WHERE o.channel = c.channel AND o.chat IN ('', c.chat) AND o.until > now()) h ON true
		WHERE m.kind NOT IN ('edit', 'reaction'))
	SELECT at, source, id, kind, author, name, other, status, reason, rule, step, set_at, until, message, text, data
	FROM lines ORDER BY at DESC, source DESC, id DESC LIMIT $2`

// WhyWanted asks for the story of a deal, its last Limit lines. Marks are those that messages bear which show the deal as a card.
type WhyWanted struct {
	Deal  crm.DealID
	Marks []string
	Limit int
}

// Why tells the story of a deal in the order of time: what happened with its causes, what was sent, held back, cancelled or skipped and
// why, and at the end what waits still. crm.ErrNotFound when there is no such deal.
func (db *DB) Why(ctx context.Context, w WhyWanted) ([]WhyLine, error) { return why(ctx, db.Pool, w) }

// Why is DB.Why as this transaction sees it.
func (t *Turns) Why(ctx context.Context, w WhyWanted) ([]WhyLine, error) { return why(ctx, t.conn, w) }

// reader reads, in a transaction or outside of any.
type reader interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func why(ctx context.Context, q reader, w WhyWanted) ([]WhyLine, error) {
	id := w.Deal
	if err := q.QueryRow(ctx, sqlFindDeal, id).Scan(&id); err != nil {
		return nil, wrap(err, "tell the story of deal %d", id)
	}
	rows, err := q.Query(ctx, sqlWhy, id, w.Limit, orNone(w.Marks))
	if err != nil {
		return nil, wrap(err, "tell the story of deal %d", id)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l WhyLine, err error) {
		var set, until *time.Time
		err = row.Scan(&l.At, &l.Source, &l.ID, &l.Kind, &l.Author, &l.Name, &l.Other, &l.Status, &l.Reason, &l.Rule, &l.Step, &set, &until,
			&l.Message, &l.Text, &l.Data)
		l.SetAt, l.Until = deref(set), deref(until)
		return l, err
	})
	slices.Reverse(lines)
	return lines, wrap(err, "tell the story of deal %d", id)
}

const sqlFindDeal = `SELECT id FROM deals WHERE id = $1`
