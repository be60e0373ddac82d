package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// doubtSlack is how much longer than its last sign of life a sender may have lived, in seconds: it gives one every five.
const doubtSlack = 10

const (
	// In doubt is what was due while the dead sender lived: it may have been sent without being marked. What came later was
	// not. A sender that stopped in order leaves no doubt. Nothing was sent for certain, so nothing is left out.
	sqlOutboxDoubt = `UPDATE messages m SET maybe_duplicate = true FROM conversations c, channels s
		WHERE m.status = 'queued' AND m.direction = 'out' AND NOT m.maybe_duplicate
		AND c.id = m.conversation_id AND c.channel = $1 AND s.channel = $1 || '/outbox' AND s.state = 'sending'
		AND greatest(m.created_at, m.not_before) <= s.heard_at + make_interval(secs => $2)`

	sqlOutboxExpire = `UPDATE messages m SET status = 'cancelled', reason = 'too_old' FROM conversations c
		WHERE m.status = 'queued' AND m.direction = 'out' AND c.id = m.conversation_id AND c.channel = $1
		AND greatest(m.created_at, m.not_before) < now() - make_interval(secs => $2)`

	// Each priority walks the index of pending rows by itself, so that a long line of broadcasts costs a reply nothing but the
	// walk. NOT IN a subselect is hashed whatever the plan, <> ALL of a parameter is not.
	sqlOutboxDue = `SELECT m.id, m.conversation_id, m.chat, m.author, m.content, m.priority, m.not_before, m.created_at, m.attempts,
			m.maybe_duplicate, t.ref, coalesce(t.direction = 'in', false), coalesce(m.cause_id, 0), now()
		FROM unnest($2::integer[]) WITH ORDINALITY AS r(room, n)
		CROSS JOIN LATERAL (
			SELECT m.*, c.chat FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.channel = $1
			WHERE m.status = 'queued' AND m.direction = 'out' AND m.priority = r.n - 1
			AND (m.not_before IS NULL OR m.not_before <= now() OR m.attempts > 0)
			AND m.id NOT IN (SELECT unnest($3::bigint[])) AND m.conversation_id NOT IN (SELECT unnest($4::bigint[]))
			ORDER BY m.id LIMIT r.room) m
		LEFT JOIN messages t ON t.conversation_id = m.conversation_id AND t.id = (m.content->>'target')::bigint
		ORDER BY m.priority, m.id`

	sqlOutboxGone = `SELECT u.id FROM unnest($1::bigint[], $2::bigint[]) AS u(conversation, id)
		LEFT JOIN messages m ON m.conversation_id = u.conversation AND m.id = u.id WHERE m.status IS DISTINCT FROM 'queued'`

	sqlOutboxTarget = `SELECT coalesce(ref, ''), direction = 'in', status = 'queued' FROM messages WHERE conversation_id = $1 AND id = $2`

	sqlOutboxDepth = `SELECT count(*), coalesce(extract(epoch FROM now() - min(greatest(m.created_at, m.not_before))), 0)::float8
		FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.channel = $1
		WHERE m.status = 'queued' AND m.direction = 'out' AND (m.not_before IS NULL OR m.not_before <= now())`
)

// Doubt flags the rows that a sender which did not stop in order may have sent, gives their number, and begins the reign of
// this one.
func (o *Outbox) Doubt(ctx context.Context, channel string) (doubtful int, err error) {
	err = pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error {
		if !o.SameAgain {
			tag, err := tx.Exec(ctx, sqlOutboxDoubt, channel, doubtSlack)
			if err != nil {
				return err
			}
			doubtful = int(tag.RowsAffected())
		}
		_, err := tx.Exec(ctx, sqlOutboxReign, channel, senderSends, o.db.reign(channel))
		return err
	})
	return doubtful, wrap(err, "flag doubtful messages of %s", channel)
}

// Expire cancels what has been due for longer than age and gives the number.
func (o *Outbox) Expire(ctx context.Context, channel string, age time.Duration) (int, error) {
	tag, err := o.db.Pool.Exec(ctx, sqlOutboxExpire, channel, age.Seconds())
	return int(tag.RowsAffected()), wrap(err, "cancel old messages of %s", channel)
}

// Due gives what may be sent, ordered by priority and id, and the database's now.
func (o *Outbox) Due(ctx context.Context, channel string, room [3]int, known []crm.MessageID, full []crm.ConversationID) ([]crm.Outbound, time.Time, error) {
	var now time.Time
	if known == nil {
		known = []crm.MessageID{}
	}
	if full == nil {
		full = []crm.ConversationID{}
	}
	rows, err := o.db.Pool.Query(ctx, sqlOutboxDue, channel, room[:], known, full)
	if err != nil {
		return nil, now, wrap(err, "read outbox of %s", channel)
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (crm.Outbound, error) {
		r := outboxRow{now: &now}
		err := row.Scan(&r.id, &r.conversation, &r.chat, &r.author, &r.content, &r.priority, &r.notBefore, &r.created, &r.attempts,
			&r.twice, &r.target, &r.targetIn, &r.cause, r.now)
		if err != nil {
			return crm.Outbound{}, err
		}
		return r.outbound(channel)
	})
	return due, now, wrap(err, "read outbox of %s", channel)
}

// outboxRow is a row as read.
type outboxRow struct {
	id           crm.MessageID
	conversation crm.ConversationID
	chat, author string
	content      []byte
	priority     int16
	notBefore    *time.Time
	created      time.Time
	attempts     int16
	twice        bool
	target       *string
	targetIn     bool
	cause        crm.MessageID
	now          *time.Time
}

func (r *outboxRow) outbound(channel string) (out crm.Outbound, err error) {
	if err := json.Unmarshal(r.content, &out); err != nil {
		return out, fmt.Errorf("content of message %d: %w", r.id, err)
	}
	out.ID, out.Conversation, out.Address = r.id, r.conversation, crm.Address{Channel: channel, Chat: r.chat}
	out.Author, out.Priority = crm.Author(r.author), crm.Priority(r.priority)
	out.NotBefore, out.CreatedAt, out.Attempts, out.MaybeTwice = deref(r.notBefore), r.created, int(r.attempts), r.twice
	out.Cause = r.cause
	if ref := deref(r.target); ref != "" {
		out.TargetRef = providerID(ref, r.targetIn)
	}
	return out, nil
}

// providerID takes the provider's id of a message out of its ref: what came in bears it behind "m:" (crm.Inbound.Key).
func providerID(ref string, in bool) string {
	if in {
		return strings.TrimPrefix(ref, "m:")
	}
	return ref
}

// Gone gives those of the rows that are not queued any more.
func (o *Outbox) Gone(ctx context.Context, conversations []crm.ConversationID, ids []crm.MessageID) ([]crm.MessageID, error) {
	rows, err := o.db.Pool.Query(ctx, sqlOutboxGone, conversations, ids)
	if err != nil {
		return nil, wrap(err, "look for cancelled messages")
	}
	gone, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
	return gone, wrap(err, "look for cancelled messages")
}

// Target gives the provider's id of a message, empty when it has none or is not there, and whether it still waits to be sent.
func (o *Outbox) Target(ctx context.Context, conversation crm.ConversationID, id crm.MessageID) (ref string, waits bool, err error) {
	var in bool
	err = o.db.Pool.QueryRow(ctx, sqlOutboxTarget, conversation, id).Scan(&ref, &in, &waits)
	if err == pgx.ErrNoRows {
		return "", false, nil
	}
	return providerID(ref, in), waits, wrap(err, "look for message %d", id)
}

// Depth gives how many rows of the channel are due and how long the oldest has waited.
func (o *Outbox) Depth(ctx context.Context, channel string) (count int, oldest time.Duration, err error) {
	var seconds float64
	err = o.db.Pool.QueryRow(ctx, sqlOutboxDepth, channel).Scan(&count, &seconds)
	return count, time.Duration(seconds * float64(time.Second)), wrap(err, "count outbox of %s", channel)
}

// wrap says what was done to whom, and turns the rest into a domain error; nil stays nil.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), domain(err))
}
