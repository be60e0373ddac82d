package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// Somebody who opened a question answers it among the next messages, or not at all.
	sqlShownCard = `SELECT card FROM (SELECT card, created_at FROM messages WHERE conversation_id = $1 AND direction = 'out' ORDER BY id DESC LIMIT 40) m
		WHERE card LIKE $2 || '%' AND created_at > now() - make_interval(secs => $3) LIMIT 1`

	sqlTextTyped = `SELECT coalesce(content->>'text', '') FROM messages WHERE conversation_id = $1 AND id = $2 AND direction = 'in'`
)

// ShownCard is the newest card with this beginning among the last messages of a talk, if it was sent within a time; empty when there is none.
func (t *Turns) ShownCard(ctx context.Context, talk crm.ConversationID, prefix string, within time.Duration) (card string, err error) {
	err = t.conn.QueryRow(ctx, sqlShownCard, talk, prefix, within.Seconds()).Scan(&card)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	return card, wrap(err, "look for a card in conversation %d", talk)
}

// TextTyped is what somebody wrote in a message of a talk; empty when it is none of this talk, or there no more.
func (t *Turns) TextTyped(ctx context.Context, talk crm.ConversationID, id crm.MessageID) (text string, err error) {
	err = t.conn.QueryRow(ctx, sqlTextTyped, talk, id).Scan(&text)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	return text, wrap(err, "read message %d", id)
}
