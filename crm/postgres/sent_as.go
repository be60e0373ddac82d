package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// lately is how many of the newest things in a chat are looked through for one whose id is in no row.
const lately = 200

const (
	// A chat may be known by two addresses; both are of the same person. What was taken back stays so, whoever asks for it.
	sqlSentAs = `WITH talks AS (
			SELECT id, chat FROM conversations WHERE channel = $1 AND chat = $2
			UNION SELECT c.id, c.chat FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.chat
				WHERE a.channel = $1 AND a.alias = $2
			UNION SELECT c.id, c.chat FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.alias
				WHERE a.channel = $1 AND a.chat = $2)
		SELECT m.id, m.conversation_id, k.chat, m.author, m.content, m.priority, m.not_before,
			CASE WHEN m.sent_at IS NULL THEN m.created_at ELSE m.sent_at END, m.attempts, m.maybe_duplicate, t.ref, coalesce(t.direction = 'in', false)
		FROM talks k JOIN message_refs r ON r.conversation_id = k.id AND r.direction = 'out' AND r.ref = $3
		JOIN messages m ON m.conversation_id = r.conversation_id AND m.id = r.message_id AND m.status IN ('sent', 'queued')
		LEFT JOIN messages t ON t.conversation_id = m.conversation_id AND t.id = (m.content->>'target')::bigint
		WHERE NOT EXISTS (SELECT FROM messages d WHERE d.conversation_id = m.conversation_id AND d.kind = 'delete' AND d.status = 'sent'
			AND d.id > m.id AND (d.content->>'target')::bigint = m.id)
		LIMIT 1`

	sqlSentLately = `WITH talks AS (
			SELECT id, chat FROM conversations WHERE channel = $1 AND chat = $2
			UNION SELECT c.id, c.chat FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.chat
				WHERE a.channel = $1 AND a.alias = $2
			UNION SELECT c.id, c.chat FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.alias
				WHERE a.channel = $1 AND a.chat = $2)
		SELECT m.id, m.conversation_id, k.chat, m.author, m.content, m.priority, m.not_before,
			CASE WHEN m.sent_at IS NULL THEN m.created_at ELSE m.sent_at END, m.attempts, m.maybe_duplicate, t.ref, coalesce(t.direction = 'in', false)
		FROM talks k CROSS JOIN LATERAL (SELECT * FROM messages
			WHERE conversation_id = k.id AND direction = 'out' AND status IN ('sent', 'queued') ORDER BY id DESC LIMIT $3) m
		LEFT JOIN messages t ON t.conversation_id = m.conversation_id AND t.id = (m.content->>'target')::bigint
		WHERE NOT EXISTS (SELECT FROM messages d WHERE d.conversation_id = m.conversation_id AND d.kind = 'delete' AND d.status = 'sent'
			AND d.id > m.id AND (d.content->>'target')::bigint = m.id)
		ORDER BY m.id DESC`

	sqlHeardAt = `WITH talks AS (
			SELECT id FROM conversations WHERE channel = $1 AND chat = $2
			UNION SELECT c.id FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.chat WHERE a.channel = $1 AND a.alias = $2
			UNION SELECT c.id FROM chat_aliases a JOIN conversations c ON c.channel = a.channel AND c.chat = a.alias WHERE a.channel = $1 AND a.chat = $2)
		SELECT max(m.created_at) FROM talks k CROSS JOIN LATERAL (SELECT created_at FROM messages
			WHERE conversation_id = k.id AND direction = 'in' AND author = 'person' ORDER BY id DESC LIMIT 1) m`
)

// SentAs gives what was sent into a chat under a provider's id, with CreatedAt as the time at which it went out. It is crm.ErrNotFound when
// nothing was, when it went to another chat, and when it was taken back.
func (db *DB) SentAs(ctx context.Context, to crm.Address, ref string) (crm.Outbound, error) {
	rows, err := db.sent(ctx, sqlSentAs, to, ref)
	if err == nil && len(rows) == 0 {
		err = crm.ErrNotFound
	}
	if err != nil {
		return crm.Outbound{}, fmt.Errorf("look for a sent message of %s: %w", to.Channel, err)
	}
	return rows[0], nil
}

// SentLately gives the newest things that were sent into a chat or are about to be, newest first, as SentAs does: not all have an id of
// their own in the table.
func (db *DB) SentLately(ctx context.Context, to crm.Address) ([]crm.Outbound, error) {
	rows, err := db.sent(ctx, sqlSentLately, to, lately)
	if err != nil {
		return nil, fmt.Errorf("list sent messages of %s: %w", to.Channel, err)
	}
	return rows, nil
}

func (db *DB) sent(ctx context.Context, sql string, to crm.Address, which any) ([]crm.Outbound, error) {
	rows, err := db.Pool.Query(ctx, sql, to.Channel, to.Chat, which)
	if err != nil {
		return nil, domain(err)
	}
	sent, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (crm.Outbound, error) {
		r := outboxRow{}
		err := row.Scan(&r.id, &r.conversation, &r.chat, &r.author, &r.content, &r.priority, &r.notBefore, &r.created, &r.attempts,
			&r.twice, &r.target, &r.targetIn)
		if err != nil {
			return crm.Outbound{}, err
		}
		return r.outbound(to.Channel)
	})
	if err != nil {
		return nil, domain(err)
	}
	return sent, nil
}

// HeardAt says when the person of a chat wrote last, by the database's clock; zero when they never did.
func (db *DB) HeardAt(ctx context.Context, to crm.Address) (time.Time, error) {
	var at *time.Time
	if err := db.Pool.QueryRow(ctx, sqlHeardAt, to.Channel, to.Chat).Scan(&at); err != nil {
		return time.Time{}, wrap(err, "look when somebody of %s wrote last", to.Channel)
	}
	return deref(at), nil
}
