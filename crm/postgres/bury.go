package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// What waits is put aside where it stands; what was handled meanwhile gives no row.
	sqlBuryWaiting = `UPDATE messages m SET status = 'dead' FROM message_refs r WHERE r.conversation_id = $1 AND r.direction = 'in' AND r.ref = $2
		AND m.conversation_id = r.conversation_id AND m.id = r.message_id AND m.status = 'waiting' RETURNING m.id`
	sqlBuryInbound = `WITH fresh AS (INSERT INTO message_refs (conversation_id, direction, ref, message_id) VALUES ($1, 'in', $3, nextval('messages_id_seq'))
			ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING RETURNING message_id)
		INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content)
		SELECT message_id, $1, 'in', $2::text, $3, $4::text, 'dead', $5::jsonb FROM fresh RETURNING id`

	sqlBurialEvent = `INSERT INTO events (at, kind, author, conversation_id, message_id) VALUES (now(), 'dead_letter', 'system', $1, $2)`

	sqlApologise = `INSERT INTO messages (conversation_id, direction, author, kind, status, content, cause_id, priority)
		VALUES ($1, 'out', 'bot', 'message', 'queued', $2, $3, 0)`

	sqlClearDue = `UPDATE conversations SET due_at = NULL WHERE id = $1`
)

// Bury puts an input aside that could not be handled: it is stored as a dead letter, a redelivery ends at it, and the person
// is told apology. The reason must hold no personal data. A timeout is only cleared, so that it does not fire for ever.
func (db *DB) Bury(ctx context.Context, in crm.Inbound, reason string, attempts int, apology crm.Outbound) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		var conversation crm.ConversationID
		if err := tx.QueryRow(ctx, sqlEnsureConversation, in.Address.Channel, in.Address.Chat).Scan(&conversation); err != nil {
			return err
		}
		author := crm.ByPerson
		var message crm.MessageID
		if in.Kind == crm.InTimeout {
			if _, err := tx.Exec(ctx, sqlClearDue, conversation); err != nil {
				return err
			}
		} else {
			if in.Kind == crm.InSignal {
				author = crm.BySystem
			}
			err := tx.QueryRow(ctx, sqlBuryWaiting, conversation, in.Key).Scan(&message)
			if err == pgx.ErrNoRows {
				err = tx.QueryRow(ctx, sqlBuryInbound, conversation, author, in.Key, in.Kind, in).Scan(&message)
			}
			if err == pgx.ErrNoRows { // handled meanwhile by somebody else
				return nil
			}
			if err != nil {
				return err
			}
		}
		if _, err := addDead(ctx, tx, DeadLetter{Source: DeadIn, Channel: in.Address.Channel, Chat: in.Address.Chat, Conversation: conversation,
			Message: int64(message), Payload: marshal(in), Error: reason, Attempts: attempts}); err != nil {
			return err
		}
		batch := &pgx.Batch{}
		batch.Queue(sqlBurialEvent, conversation, message)
		if apology.Text != "" && !in.Group {
			batch.Queue(sqlApologise, conversation, apology, message)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return fmt.Errorf("put message %s aside: %w", in.Key, domain(err))
	}
	return nil
}
