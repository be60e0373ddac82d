package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

const (
	// guardExpireAtOnce is how many messages one transaction cancels.
	guardExpireAtOnce = 100

	sqlGuardExpire = `UPDATE messages m SET status = 'cancelled', reason = 'too_old' FROM (
			SELECT m.conversation_id, m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.channel = $1
			WHERE m.status = 'queued' AND m.direction = 'out' AND greatest(m.created_at, m.not_before) < coalesce($4, now()) - make_interval(secs => $2)
			ORDER BY m.priority, m.id LIMIT $3) old
		WHERE m.conversation_id = old.conversation_id AND m.id = old.id AND m.status = 'queued' RETURNING m.id, m.conversation_id, m.priority, m.kind`

	// A message that the guard holds back goes by itself, without an attempt behind it.
	sqlGuardPostpone = `UPDATE messages SET attempts = 0, not_before = now() + make_interval(secs => $3), reason = $4
		WHERE conversation_id = $1 AND id = $2 AND status = 'queued'`
)

// Expire cancels what has been due for longer than age, because the number could not send, and gives the number of messages. Each person who was
// to hear something is to be called.
func (g *Guard) Expire(ctx context.Context, channel string, age time.Duration) (gone int, err error) {
	for {
		n := 0
		err := pgx.BeginFunc(ctx, g.db.Pool, func(tx pgx.Tx) (err error) {
			n, err = g.expireSome(ctx, tx, channel, age)
			return err
		})
		if gone += n; err != nil || n < guardExpireAtOnce {
			return gone, wrap(err, "cancel old messages of %s", channel)
		}
	}
}

func (g *Guard) expireSome(ctx context.Context, tx pgx.Tx, channel string, age time.Duration) (int, error) {
	rows, err := tx.Query(ctx, sqlGuardExpire, channel, age.Seconds(), guardExpireAtOnce, g.clock())
	if err != nil {
		return 0, err
	}
	old, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (out crm.Outbound, err error) {
		out.Address.Channel = channel
		return out, row.Scan(&out.ID, &out.Conversation, &out.Priority, &out.Kind)
	})
	if err != nil {
		return 0, err
	}
	called := map[crm.ConversationID]bool{}
	for _, out := range old {
		if called[out.Conversation] || out.Priority == crm.Broadcast || !ownAccord(out) {
			continue
		}
		called[out.Conversation] = true
		k, err := g.look(ctx, tx, out)
		if err != nil {
			return 0, err
		}
		if k.message.Kind == guard.Staff {
			continue
		}
		if err := g.call(ctx, tx, k, guard.Verdict{Reason: guard.Expired}); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

// postpone lets one message wait by itself.
func postpone(ctx context.Context, tx pgx.Tx, out crm.Outbound, verdict *crm.SendError) error {
	_, err := tx.Exec(ctx, sqlGuardPostpone, out.Conversation, out.ID, verdict.After.Seconds(), verdict.Reason)
	return err
}
