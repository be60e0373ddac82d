package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const (
	// A last word that can't be delivered is not waited for longer than an hour.
	sqlSpokenErasures = `SELECT e.id, e.conversation_id, e.message_id FROM erasures e
		LEFT JOIN messages m ON m.conversation_id = e.conversation_id AND m.id = e.message_id
		WHERE e.status = 'erased' AND (m.status IS DISTINCT FROM 'queued' OR e.erased_at < now() - interval '1 hour') ORDER BY e.id LIMIT 100`
	sqlLockSpoken     = `SELECT FROM conversations WHERE id = $1 FOR UPDATE`
	sqlForgetSpoken   = `SELECT forget_whatsapp('{}', array_agg(chat)) FROM conversations WHERE id = $1 AND (channel = 'whatsapp' OR channel LIKE 'whatsapp:%') HAVING count(*) > 0`
	sqlEraseLastWord  = `DELETE FROM messages WHERE conversation_id = $1 AND id = $2`
	sqlEraseEmptyTalk = `DELETE FROM conversations c WHERE id = $1 AND contact_id IS NULL AND employee_id IS NULL AND NOT EXISTS (SELECT FROM messages m WHERE m.conversation_id = c.id)`
	sqlDoneErasure    = `UPDATE erasures SET status = 'done', done_at = now(), conversation_id = NULL, message_id = NULL WHERE id = $1 AND status = 'erased'`

	sqlOldForgotten = `DELETE FROM forgotten WHERE kind = 'message' AND forgotten_at < now() - interval '30 days'`
)

// EndErasures forgets the chats of those whose last word is on its way, unless they have begun anew there, and what no late delivery can
// bring back any more.
func (db *DB) EndErasures(ctx context.Context) error {
	rows, err := db.Pool.Query(ctx, sqlSpokenErasures)
	if err != nil {
		return wrap(err, "list talks to be forgotten")
	}
	spoken, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ ID, Talk, Message int64 }])
	if err != nil || len(spoken) == 0 {
		return wrap(err, "list talks to be forgotten")
	}
	for _, e := range spoken {
		err := db.patiently(ctx, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sqlLockSpoken, e.Talk); err != nil {
				return err
			}
			batch := &pgx.Batch{}
			batch.Queue(sqlForgetSpoken, e.Talk)
			batch.Queue(sqlEraseLastWord, e.Talk, e.Message)
			batch.Queue(sqlEraseEmptyTalk, e.Talk)
			batch.Queue(sqlDoneErasure, e.ID)
			batch.Queue(sqlOldForgotten)
			return tx.SendBatch(ctx, batch).Close()
		})
		if err != nil {
			return wrap(err, "forget talk %d", e.Talk)
		}
	}
	return nil
}
