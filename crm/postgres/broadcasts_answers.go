package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// As sqlBroadcastWork says.
	sqlToLookAt = `SELECT id FROM broadcasts WHERE started_at IS NOT NULL AND coalesce(ended_at, now()) > now() - interval '73 hours'
		AND (looked_at IS NULL OR looked_at < now() - CASE WHEN coalesce(ended_at, now()) > now() - interval '1 hour' THEN interval '1 minute' ELSE interval '15 minutes' END)
		ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`

	// An answer is what somebody says within three days, but not that they want no more of them. Each person is looked up in the order of their talk.
	sqlNoteAnswers = `UPDATE broadcast_people p SET answered_at = x.at FROM (
			SELECT o.contact_id, a.at FROM broadcast_people o CROSS JOIN LATERAL (
				SELECT m.created_at AS at FROM messages m WHERE m.conversation_id = o.conversation_id AND m.id > o.message_id AND m.direction = 'in' AND m.author = 'person'
				AND m.status = 'received' AND m.kind IN ('text', 'press', 'media', 'contact', 'location') AND m.id IS DISTINCT FROM o.left_by
				AND m.created_at < o.sent_at + interval '3 days' AND coalesce(m.content->'press'->>'data', '') NOT LIKE 'b:%' ORDER BY m.id LIMIT 1) a
			WHERE o.broadcast_id = $1 AND o.status = 'sent' AND o.answered_at IS NULL) x
		WHERE p.broadcast_id = $1 AND p.contact_id = x.contact_id`

	sqlCountAnswers = `UPDATE broadcasts SET looked_at = now(), answered = s.answered, left_after = s.gone
		FROM (SELECT count(answered_at)::int AS answered, count(left_by)::int AS gone FROM broadcast_people WHERE broadcast_id = $1) s WHERE id = $1`
)

// LookAtAnswers counts for one broadcast, whose time has come, who answered and who wanted no more of them. False when there is none.
func (db *DB) LookAtAnswers(ctx context.Context) (looked bool, err error) {
	err = pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		var id crm.BroadcastID
		if err := tx.QueryRow(ctx, sqlToLookAt).Scan(&id); errors.Is(err, pgx.ErrNoRows) {
			return nil
		} else if err != nil {
			return err
		}
		looked = true
		if _, err := tx.Exec(ctx, sqlNoteAnswers, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlCountAnswers, id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("count answers to broadcasts: %w", domain(err))
	}
	return looked, nil
}
