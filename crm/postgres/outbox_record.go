package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// A lost mark is a repeat, never a loss: only this transaction does without waiting for the disk. A row is marked even if a
	// turn has superseded it meanwhile, since it was sent; once, since what it is called may have changed after that. A file made by us has no
	// business here once its receiver has it. An id that another message of the chat has is an error.
	sqlOutboxSent = `WITH lazy AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
		sent AS (UPDATE messages m SET status = 'sent', sent_at = now(), ref = coalesce(nullif(u.ref, ''), m.ref), reason = NULL,
				content = CASE WHEN m.kind = 'media' THEN m.content #- '{media,0,bytes}' ELSE m.content END
			FROM lazy, unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(conversation, id, ref)
			WHERE m.conversation_id = u.conversation AND m.id = u.id AND m.sent_at IS NULL RETURNING m.conversation_id, m.id, u.ref)
		INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, 'out', ref, id FROM sent s WHERE ref <> ''
			AND NOT EXISTS (SELECT FROM message_refs o WHERE o.conversation_id = s.conversation_id AND o.direction = 'out' AND o.ref = s.ref AND o.message_id = s.id)`

	// The newest message with a provider's id has it: a provider that counts anew has forgotten the older one.
	sqlOutboxFreeRef = `WITH had AS (DELETE FROM message_refs WHERE conversation_id = $1 AND direction = 'out' AND ref = $3 AND message_id <> $2 RETURNING message_id)
		UPDATE messages SET ref = NULL FROM had WHERE conversation_id = $1 AND id = had.message_id AND ref = $3`

	// A message that is marked already takes nothing from another one.
	sqlOutboxFreeOwn = `WITH had AS (DELETE FROM message_refs WHERE conversation_id = $1 AND direction = 'out' AND ref = $3 AND message_id <> $2
			AND EXISTS (SELECT FROM messages WHERE conversation_id = $1 AND id = $2 AND sent_at IS NULL) RETURNING message_id)
		UPDATE messages SET ref = NULL FROM had WHERE conversation_id = $1 AND id = had.message_id AND ref = $3`

	sqlOutboxMoveRef = `WITH was AS (SELECT ref FROM messages WHERE conversation_id = $1 AND id = $2 AND direction = 'out'),
		moved AS (UPDATE messages SET ref = $3 WHERE conversation_id = $1 AND id = $2 AND direction = 'out' RETURNING id),
		gone AS (DELETE FROM message_refs r USING was WHERE r.conversation_id = $1 AND r.direction = 'out' AND r.ref = was.ref AND r.ref <> $3)
		INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT $1, 'out', $3, id FROM moved
		ON CONFLICT ON CONSTRAINT message_refs_pkey DO UPDATE SET message_id = excluded.message_id`

	sqlOutboxLater = `UPDATE messages SET attempts = $3, not_before = now() + make_interval(secs => $4), reason = $5,
			maybe_duplicate = maybe_duplicate OR $6
		WHERE conversation_id = $1 AND id = $2 AND status = 'queued'`

	sqlOutboxEnd = `UPDATE messages SET status = $3, reason = $4, attempts = $5
		WHERE conversation_id = $1 AND id = $2 AND status = 'queued'`

	sqlOutboxSeenLost = `SELECT EXISTS (SELECT FROM messages m JOIN messages n USING (conversation_id)
		WHERE m.conversation_id = $1 AND m.id = $2 AND n.status = 'queued' AND n.reason = $3
		AND n.content->>'thread' IS NOT DISTINCT FROM m.content->>'thread')`

	// What happened to a message stands in the timeline of the person it was for; deals get their own line from whoever asks.
	sqlOutboxEvent = `INSERT INTO events (at, kind, author, employee_id, conversation_id, message_id, contact_id, data)
		SELECT now(), $3, 'system', c.employee_id, c.id, m.cause_id, c.contact_id, $4::jsonb || jsonb_build_object('message', $2::bigint)
		FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id AND m.id = $2 WHERE c.id = $1`

	sqlOutboxBlock = `UPDATE conversations SET blocked = true, due_at = NULL, updated_at = now() WHERE id = $1 AND NOT blocked`

	sqlOutboxCancel = `UPDATE messages SET status = 'cancelled', reason = $2
		WHERE conversation_id = $1 AND direction = 'out' AND status = 'queued'`

	sqlOutboxBlockedDeals = `INSERT INTO events (at, kind, author, conversation_id, contact_id, deal_id, data)
		SELECT now(), 'unreachable', 'system', c.id, c.contact_id, d.id, jsonb_build_object('reason', $2::text)
		FROM conversations c JOIN deals d ON d.contact_id = c.contact_id AND d.status = 'open' WHERE c.id = $1 ORDER BY d.id`

	sqlOutboxCallTask = `INSERT INTO tasks (deal_id, contact_id, assignee_id, title, due_at)
		SELECT d.id, c.contact_id, d.owner_id, $2, now()
		FROM conversations c JOIN deals d ON d.contact_id = c.contact_id AND d.status = 'open'
		WHERE c.id = $1 ORDER BY d.id DESC LIMIT 1`

	sqlOutboxMoveChat = `UPDATE conversations SET chat = $3, updated_at = now() WHERE channel = $1 AND chat = $2
		AND NOT EXISTS (SELECT FROM conversations o WHERE o.channel = $1 AND o.chat = $3)`
	sqlOutboxMoveQueue = `UPDATE messages m SET conversation_id = c.id FROM conversations c
		WHERE m.conversation_id = $1 AND m.direction = 'out' AND m.status = 'queued'
		AND c.channel = $2 AND c.chat = $3 AND c.id <> $1`
	sqlOutboxMoveCrew     = `UPDATE crews SET chat = $3 WHERE channel = $1 AND chat = $2`
	sqlOutboxMoveIdentity = `UPDATE identities SET address = $3 WHERE channel = $1 AND address = $2
		AND NOT EXISTS (SELECT FROM identities o WHERE o.channel = $1 AND o.address = $3)`
	sqlOutboxForgetHold = `DELETE FROM holds WHERE channel = $1 AND chat = $2`
)

// callTitle is the title of the task when CallTitle is not set.
const callTitle = "Call: messages no longer reach this person"

// Sent marks rows with the provider's ids, all by one statement. A row with a Target was sent in its place: the target gets
// the id, so that later edits and presses meet it.
func (o *Outbox) Sent(ctx context.Context, rows []crm.Outbound, refs []string) error {
	conversations, ids, own := make([]int64, len(rows)), make([]int64, len(rows)), make([]string, len(rows))
	for i, out := range rows {
		conversations[i], ids[i], own[i] = int64(out.Conversation), int64(out.ID), refs[i]
		if out.Kind != crm.OutEdit && out.Target != 0 && refs[i] != "" {
			moved, err := o.moveRef(ctx, out.Conversation, out.Target, refs[i])
			if err != nil {
				return wrap(err, "give message %d the id of what replaced it", out.Target)
			}
			if moved {
				own[i] = ""
			}
		}
	}
	_, err := o.db.Pool.Exec(ctx, sqlOutboxSent, conversations, ids, own)
	if codeOf(err) != codeUniqueViolation {
		return wrap(err, "mark %d messages sent", len(rows))
	}
	for i := range rows {
		if err := o.sentAlone(ctx, conversations[i], ids[i], own[i]); err != nil {
			return wrap(err, "mark message %d sent", ids[i])
		}
	}
	return nil
}

// moveRef gives a message the id of what was sent in its place; false when there is no such message.
func (o *Outbox) moveRef(ctx context.Context, conversation crm.ConversationID, target crm.MessageID, ref string) (moved bool, err error) {
	err = pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlOutboxFreeRef, conversation, target, ref); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlOutboxMoveRef, conversation, target, ref)
		moved = tag.RowsAffected() > 0
		return err
	})
	return moved, err
}

// sentAlone marks one row of a group in which an id is already taken.
func (o *Outbox) sentAlone(ctx context.Context, conversation, id int64, ref string) error {
	return pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error {
		if ref != "" {
			if _, err := tx.Exec(ctx, sqlOutboxFreeOwn, conversation, id, ref); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, sqlOutboxSent, []int64{conversation}, []int64{id}, []string{ref})
		return err
	})
}

// Settle records a refusal by its policy: Retry, Postpone and Unthread (after verdict.After), GiveUp, Blocked, Readdress.
func (o *Outbox) Settle(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error {
	settle := map[crm.Policy]func(context.Context, pgx.Tx, crm.Outbound, *crm.SendError) error{
		crm.Retry: later, crm.Postpone: postpone, crm.Unthread: loseTopic, crm.GiveUp: giveUp, crm.Blocked: o.block, crm.Readdress: readdress,
	}[verdict.Policy]
	if settle == nil {
		return fmt.Errorf("settle message %d: policy %s leaves nothing to record", out.ID, verdict.Policy)
	}
	err := pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error { return settle(ctx, tx, out, verdict) })
	return wrap(err, "settle message %d (%s)", out.ID, verdict.Policy)
}

func later(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	_, err := tx.Exec(ctx, sqlOutboxLater, out.Conversation, out.ID, out.Attempts, verdict.After.Seconds(), verdict.Reason, out.MaybeTwice)
	return err
}

// loseTopic lets the row wait; the timeline learns of a lost topic once.
func loseTopic(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	var seen bool
	if err := tx.QueryRow(ctx, sqlOutboxSeenLost, out.Conversation, out.ID, verdict.Reason).Scan(&seen); err != nil {
		return err
	}
	if !seen {
		if err := outboxEvent(ctx, tx, out, "topic_lost", crm.Fields{"reason": verdict.Reason, "thread": out.Thread}); err != nil {
			return err
		}
	}
	return later(ctx, tx, out, verdict)
}

func giveUp(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	status, event := "failed", "send_failed"
	if strings.HasPrefix(verdict.Reason, "guard_") { // we did not want to
		status, event = "cancelled", "guard_cancelled"
	}
	if _, err := tx.Exec(ctx, sqlOutboxEnd, out.Conversation, out.ID, status, verdict.Reason, out.Attempts); err != nil {
		return err
	}
	return outboxEvent(ctx, tx, out, event, crm.Fields{"reason": verdict.Reason})
}

// block ends the talk with a person who wants nothing from us: nothing more is sent, no timer fires, and when something is
// still open somebody is asked to call. The conversation is locked first, as a turn does.
func (o *Outbox) block(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	tag, err := tx.Exec(ctx, sqlOutboxBlock, out.Conversation)
	if err != nil {
		return err
	}
	if err := giveUp(ctx, tx, out, verdict); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlOutboxCancel, out.Conversation, verdict.Reason); err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return nil // known before: who must be asked was asked
	}
	if _, err := tx.Exec(ctx, sqlLoseRooms, out.Conversation, verdict.Reason); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlOutboxBlockedDeals, out.Conversation, verdict.Reason); err != nil {
		return err
	}
	title := callTitle
	if o.CallTitle != nil {
		title = o.CallTitle(verdict.Reason)
	}
	if out.Priority == crm.Broadcast { // a thousand calls at once are of no use: who waits for this person hears of it when a reminder can't reach them
		return nil
	}
	_, err = tx.Exec(ctx, sqlOutboxCallTask, out.Conversation, title)
	return err
}

// readdress replaces an address wherever it stands. If somebody has written from the new one already, what waits moves to
// that conversation.
func readdress(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	channel, old, chat := out.Address.Channel, out.Address.Chat, verdict.NewChat
	if _, err := tx.Exec(ctx, sqlOutboxMoveChat, channel, old, chat); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlMoveRooms, channel, old, chat); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlOutboxMoveCrew, channel, old, chat); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlOutboxMoveIdentity, channel, old, chat); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlOutboxForgetHold, channel, old); err != nil {
		return err
	}
	at := *verdict
	at.After = 0
	if err := later(ctx, tx, out, &at); err != nil {
		return err
	}
	if err := outboxEvent(ctx, tx, out, "chat_moved", crm.Fields{"reason": verdict.Reason}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlOutboxMoveQueue, out.Conversation, channel, chat)
	return err
}

// Bury makes a dead letter of a row.
func (o *Outbox) Bury(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error {
	err := pgx.BeginFunc(ctx, o.db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlOutboxEnd, out.Conversation, out.ID, "dead", verdict.Reason, out.Attempts); err != nil {
			return err
		}
		if _, err := addDead(ctx, tx, deadOutbound(out, verdict)); err != nil {
			return err
		}
		return outboxEvent(ctx, tx, out, "send_failed", crm.Fields{"reason": verdict.Reason, "dead": true})
	})
	return wrap(err, "bury message %d", out.ID)
}

// Hold keeps a chat, or with an empty chat the whole account, silent.
func (o *Outbox) Hold(ctx context.Context, to crm.Address, wait time.Duration, reason string) error {
	return o.db.Hold(ctx, to, wait, reason)
}

// Holds gives for how long chats must not be written to.
func (o *Outbox) Holds(ctx context.Context, channel string) (map[string]time.Duration, error) {
	return o.db.Holds(ctx, channel)
}

// SetState records the state of the account.
func (o *Outbox) SetState(ctx context.Context, channel, state, detail string) error {
	return o.db.SetLedState(ctx, channel, ChannelState{Channel: channel, State: state, Detail: detail})
}

func outboxEvent(ctx context.Context, tx pgx.Tx, out crm.Outbound, kind string, data crm.Fields) error {
	_, err := tx.Exec(ctx, sqlOutboxEvent, out.Conversation, out.ID, kind, data)
	return err
}
