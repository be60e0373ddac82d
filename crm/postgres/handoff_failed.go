package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Failing is a conversation in which something that matters reaches nobody, and another chat of the same person in which it would.
type Failing struct {
	Talk  crm.ConversationID
	First crm.MessageID // the oldest message that waits or failed
	Other crm.Address
}

const (
	// Of the last day: what a person blocked, or what waits for an account that is away for longer than $1 seconds. Broadcasts and reminders that were
	// held back on purpose are nobody's loss. Each person is read behind few rows: those that failed, by their newest events.
	sqlFailing = `WITH lost AS (
			SELECT e.conversation_id AS talk, (e.data->>'message')::bigint AS message FROM events e
			WHERE e.kind = 'send_failed' AND e.at > now() - interval '1 day'
			UNION SELECT m.conversation_id, m.id FROM messages m JOIN conversations k ON k.id = m.conversation_id
				JOIN channels c ON c.channel = k.channel AND c.state IN ('logged_out', 'banned', 'replaced', 'outdated', 'unlinked', 'stopped', 'offline', 'store_away', 'bad_credentials')
					AND c.since < now() - make_interval(secs => $1)
			WHERE m.status = 'queued' AND m.direction = 'out')
		SELECT DISTINCT ON (k.id) k.id, m.id, o.channel, o.chat
		FROM lost l JOIN messages m ON m.conversation_id = l.talk AND m.id = l.message JOIN conversations k ON k.id = l.talk
		CROSS JOIN LATERAL (SELECT t.channel, t.chat FROM conversations t WHERE t.contact_id = k.contact_id AND t.id <> k.id AND t.channel <> k.channel
				AND NOT t.blocked AND NOT t.grouped AND t.operator_id IS NULL
				AND EXISTS (SELECT FROM messages w WHERE w.conversation_id = t.id AND w.direction = 'in' AND w.author = 'person' AND w.kind IN ('text', 'press', 'media', 'contact', 'location', 'other'))
				AND NOT EXISTS (SELECT FROM channels s WHERE s.channel = t.channel AND s.state IN ('logged_out', 'banned', 'replaced', 'outdated', 'unlinked', 'stopped', 'offline', 'store_away', 'bad_credentials'))
				AND NOT EXISTS (SELECT FROM chat_aliases a WHERE a.channel = t.channel AND a.alias = t.chat)
			ORDER BY t.updated_at DESC LIMIT 1 OFFSET 0) o
		JOIN contacts c ON c.id = k.contact_id
		WHERE NOT k.grouped AND m.kind IN ('message', 'media') AND m.author IN ('bot', 'employee') AND m.priority < 2
			AND (m.status = 'queued' OR k.blocked AND m.status IN ('failed', 'cancelled') AND coalesce(m.reason, '') <> 'failed_over')
			AND m.created_at > now() - interval '1 day' AND NOT c.fields @> '{"opted_out": true}'
		ORDER BY k.id, m.id LIMIT $2`

	sqlFailedMessages = `SELECT id, author, content FROM messages WHERE conversation_id = $1 AND direction = 'out' AND kind IN ('message', 'media')
			AND author IN ('bot', 'employee') AND priority < 2 AND created_at > now() - interval '1 day'
			AND (status = 'queued' OR status IN ('failed', 'cancelled') AND coalesce(reason, '') <> 'failed_over' AND coalesce(reason, '') NOT LIKE 'guard%')
		ORDER BY id LIMIT $2 FOR UPDATE`

	sqlMarkFailedOver = `UPDATE messages SET status = CASE WHEN status = 'queued' THEN 'cancelled' ELSE status END, reason = 'failed_over'
		WHERE conversation_id = $1 AND id = ANY($2::bigint[])`
)

// Failing lists at most limit conversations whose messages reach nobody: the person has blocked us there, or the account has been away for longer
// than patience, and they have written to us in another chat.
func (db *DB) Failing(ctx context.Context, patience time.Duration, limit int) ([]Failing, error) {
	rows, err := db.Pool.Query(ctx, sqlFailing, patience.Seconds(), limit)
	if err != nil {
		return nil, wrap(domain(err), "list what reaches nobody")
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Failing, err error) {
		err = row.Scan(&f.Talk, &f.First, &f.Other.Channel, &f.Other.Chat)
		return f, err
	})
}

// FailedMessages locks what reached nobody in a conversation, the oldest first.
func (t *Turns) FailedMessages(ctx context.Context, talk crm.ConversationID, limit int) ([]crm.Outbound, error) {
	rows, err := t.conn.Query(ctx, sqlFailedMessages, talk, limit)
	if err != nil {
		return nil, wrap(domain(err), "read what reached nobody in conversation %d", talk)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (out crm.Outbound, err error) {
		var id crm.MessageID
		var author crm.Author
		err = row.Scan(&id, &author, &out)
		out.ID, out.Author = id, author
		return out, err
	})
}

// MarkFailedOver notes messages that were sent elsewhere: they are not sent here any more, and not elsewhere again.
func (t *Turns) MarkFailedOver(ctx context.Context, talk crm.ConversationID, ids []crm.MessageID) error {
	_, err := t.conn.Exec(ctx, sqlMarkFailedOver, talk, ids)
	return wrap(domain(err), "note what was sent elsewhere than in conversation %d", talk)
}
