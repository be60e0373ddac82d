package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// The readable message has the same id after another prefix.
	sqlReadAtLast = `UPDATE messages SET status = 'superseded' WHERE conversation_id = $1 AND status = 'received'
		AND id = (SELECT message_id FROM message_refs WHERE conversation_id = $1 AND direction = 'in' AND ref = 'u:' || $2)`

	sqlDueUnread = `SELECT conversation_id, id FROM messages WHERE kind = 'unread' AND status = 'received' AND created_at <= now() + make_interval(secs => $1)
		ORDER BY created_at LIMIT 1`

	sqlEndUnread = `UPDATE messages m SET status = CASE WHEN r.known THEN 'superseded' ELSE m.status END, kind = CASE WHEN r.known THEN m.kind ELSE 'other' END,
			content = CASE WHEN r.known THEN m.content ELSE m.content || jsonb_build_object('text', $3::text) END
		FROM (SELECT EXISTS (SELECT FROM messages p JOIN message_refs a ON a.conversation_id = p.conversation_id AND a.direction = 'in' AND a.ref = 'm:' || substr(p.ref, 3)
			WHERE p.conversation_id = $1 AND p.id = $2) AS known) r
		WHERE m.conversation_id = $1 AND m.id = $2 AND m.kind = 'unread' AND m.status = 'received' RETURNING r.known`

	sqlGoneFile = `SELECT a.id, a.conversation_id, a.message_id FROM attachments a JOIN messages m ON m.conversation_id = a.conversation_id AND m.id = a.message_id
		WHERE a.status = 'failed' AND a.reason = 'gone' AND a.created_at > now() + make_interval(secs => $1) - interval '1 day' AND m.kind = 'media'
		ORDER BY a.id LIMIT 1`

	// All files of one message at once: an album that is gone is one loss, and parts of it that come later find somebody asked already.
	sqlTellGone = `UPDATE attachments SET reason = 'gone_told' WHERE conversation_id = $1 AND message_id = $2 AND status = 'failed' AND reason = 'gone'`

	sqlResendAsked = `SELECT EXISTS (SELECT FROM messages WHERE card = $1 AND conversation_id = $2 AND created_at > now() + make_interval(secs => $3) - interval '1 day')`
)

// Lost is something that a person sent and nobody here can open: a message, or the files of one.
type Lost struct {
	Conversation crm.ConversationID
	Message      crm.MessageID
	File         bool
}

// ReadAtLast takes away the place that was kept for a message, by the provider's id of it.
func (t *Turns) ReadAtLast(ctx context.Context, id crm.ConversationID, ref string) error {
	_, err := t.conn.Exec(ctx, sqlReadAtLast, id, ref)
	return wrap(err, "take the place of an unread message in conversation %d", id)
}

// NextLost gives something that is lost by now, of which nobody was told: a message that could not be read for as long as patience (ahead is the
// shift of a simulation's clock), a file that its provider has no longer. crm.ErrNotFound when there is none. It locks nothing.
func (t *Turns) NextLost(ctx context.Context, ahead, patience time.Duration) (l Lost, err error) {
	err = t.conn.QueryRow(ctx, sqlDueUnread, (ahead-patience).Seconds()).Scan(&l.Conversation, &l.Message)
	if err == pgx.ErrNoRows {
		l.File = true
		err = t.conn.QueryRow(ctx, sqlGoneFile, ahead.Seconds()).Scan(new(int64), &l.Conversation, &l.Message)
	}
	return l, wrap(err, "look for what was lost")
}

// EndLost notes that this transaction tells of what was lost; text then stands where the message would. It is false when there is nothing to tell: the
// message has come meanwhile, or somebody else tells. The talk must be locked before.
func (t *Turns) EndLost(ctx context.Context, l Lost, text string) (mine bool, err error) {
	if l.File {
		tag, err := t.conn.Exec(ctx, sqlTellGone, l.Conversation, l.Message)
		return tag.RowsAffected() > 0, wrap(err, "tell of lost files of message %d", l.Message)
	}
	came := false
	err = t.conn.QueryRow(ctx, sqlEndUnread, l.Conversation, l.Message, text).Scan(&came)
	if err == pgx.ErrNoRows {
		return false, nil
	}
	return !came, wrap(err, "tell of the unread message %d", l.Message)
}

// ResendAsked tells whether a message with this mark was written into a conversation within a day.
func (t *Turns) ResendAsked(ctx context.Context, id crm.ConversationID, mark string, ahead time.Duration) (asked bool, err error) {
	err = t.conn.QueryRow(ctx, sqlResendAsked, mark, id, ahead.Seconds()).Scan(&asked)
	return asked, wrap(err, "look whether conversation %d was asked lately", id)
}
