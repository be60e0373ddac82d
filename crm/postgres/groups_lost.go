package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// LostRoom is a room that can't be written to any more, with what is left in it: deals that nobody has taken or whose card never arrived, and
// talks that nobody has taken over.
type LostRoom struct {
	Room
	Deals []crm.DealID
	Talks []crm.ConversationID
}

// ClaimLostRoom takes one room that was lost at least so long ago and whose work nobody has handed on: this transaction does, so that it happens
// once. What waits to be sent there is cancelled. crm.ErrNotFound when there is none.
func (t *Turns) ClaimLostRoom(ctx context.Context, after time.Duration, limit int) (l LostRoom, err error) {
	var id int64
	if err = t.conn.QueryRow(ctx, sqlClaimLostRoom, after).Scan(&id); err != nil {
		return l, wrap(err, "claim a lost room")
	}
	if l.Room, err = t.room(ctx, sqlRoomByID, id); err != nil {
		return l, err
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlLeftInRoom, l.Conversation, l.Thread, limit).Query(func(rows pgx.Rows) (err error) {
		l.Deals, err = pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
		return err
	})
	batch.Queue(sqlTalksLeftInRoom, l.Conversation, l.Thread, limit).Query(func(rows pgx.Rows) (err error) {
		l.Talks, err = pgx.CollectRows(rows, pgx.RowTo[crm.ConversationID])
		return err
	})
	batch.Queue(sqlDropRoomQueue, l.Conversation, l.Thread).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
		t.Cancelled = append(t.Cancelled, ids...)
		return err
	})
	batch.Queue(sqlToldRoom, id)
	return l, wrap(t.conn.SendBatch(ctx, batch).Close(), "empty room %d", id)
}

// sqlRoomTopic is what a topic that is made anew is called. Only topics of ours are.
const (
	sqlRoomTopic = `SELECT title FROM rooms WHERE conversation_id = $1 AND thread = $2 AND thread <> '' AND status = 'open'`

	sqlRenewRoom = `UPDATE rooms SET thread = $3 WHERE conversation_id = $1 AND thread = $2`
	// What was sent there is gone: an edit of it is sent anew, into the new topic.
	sqlRenewThread = `UPDATE messages SET content = jsonb_set(content, '{thread}', to_jsonb($3::text)),
			not_before = CASE WHEN status = 'queued' THEN NULL ELSE not_before END
		WHERE conversation_id = $1 AND direction = 'out' AND content->>'thread' = $2`
	sqlLoseRoom = `UPDATE rooms SET status = 'lost', lost_at = now(), told_at = NULL, reason = $3 WHERE conversation_id = $1 AND thread = $2 AND status = 'open'`
)

// Topic gives the name under which a topic that is gone is to be made anew. crm.ErrNotFound when it is none of ours.
func (o *Outbox) Topic(ctx context.Context, conversation crm.ConversationID, thread string) (title string, err error) {
	if talk, named := crm.TalkOf(thread); named {
		err = o.db.Pool.QueryRow(ctx, sqlTalkTopic, talk, conversation).Scan(&title)
	} else {
		err = o.db.Pool.QueryRow(ctx, sqlRoomTopic, conversation, thread).Scan(&title)
	}
	return title, wrap(err, "find the topic %s of conversation %d", thread, conversation)
}

// Rethread puts a new topic in the place of one that is gone, for its room and everything that waits to be sent there.
func (o *Outbox) Rethread(ctx context.Context, out crm.Outbound, thread string) error {
	err := pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error {
		if talk, named := crm.TalkOf(out.Thread); named {
			return renewTopic(ctx, tx, out, talk, thread)
		}
		if _, err := tx.Exec(ctx, sqlRenewRoom, out.Conversation, out.Thread, thread); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlRenewThread, out.Conversation, out.Thread, thread); err != nil {
			return err
		}
		return outboxEvent(ctx, tx, out, "topic_renewed", crm.Fields{"before": out.Thread, "thread": thread})
	})
	return wrap(err, "renew the topic %s of conversation %d", out.Thread, out.Conversation)
}

// LoseTopic notes that a topic is gone for good: its work goes to private chats.
func (o *Outbox) LoseTopic(ctx context.Context, out crm.Outbound, reason string) error {
	if talk, named := crm.TalkOf(out.Thread); named {
		_, err := o.db.Pool.Exec(ctx, sqlLoseTopic, talk, out.Conversation, reason)
		return wrap(err, "lose the topic of conversation %d", talk)
	}
	_, err := o.db.Pool.Exec(ctx, sqlLoseRoom, out.Conversation, out.Thread, reason)
	return wrap(err, "lose the topic %s of conversation %d", out.Thread, out.Conversation)
}
