package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const sqlDueTalks = `SELECT channel, chat, due_at FROM conversations WHERE due_at <= now() + make_interval(secs => $1) ORDER BY due_at LIMIT $2`

// Due lists conversations whose session timer fires now or within ahead (a simulation's clock), as inputs for a turn.
func (db *DB) Due(ctx context.Context, ahead time.Duration, limit int) ([]crm.Inbound, error) {
	rows, err := db.Pool.Query(ctx, sqlDueTalks, ahead.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("list due conversations: %w", domain(err))
	}
	ins, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (in crm.Inbound, err error) {
		in.Kind = crm.InTimeout
		err = row.Scan(&in.Address.Channel, &in.Address.Chat, &in.SentAt)
		in.From.ID = in.Address.Chat
		return in, err
	})
	return ins, domain(err)
}

const sqlWaitingSignals = `SELECT m.content FROM messages m JOIN conversations c ON c.id = m.conversation_id
	WHERE m.direction = 'in' AND m.status = 'waiting' AND c.operator_id IS NULL AND (c.own_until IS NULL OR c.own_until <= now()) ORDER BY m.id LIMIT $1`

// Signals lists signals that no conversation has met yet, except where a person has the talk, as inputs for a turn.
func (db *DB) Signals(ctx context.Context, limit int) ([]crm.Inbound, error) {
	rows, err := db.Pool.Query(ctx, sqlWaitingSignals, limit)
	if err != nil {
		return nil, fmt.Errorf("list waiting signals: %w", domain(err))
	}
	ins, err := pgx.CollectRows(rows, pgx.RowTo[crm.Inbound])
	return ins, domain(err)
}
