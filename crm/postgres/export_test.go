package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Begin is a transaction of turns without any input.
func (db *DB) Begin(ctx context.Context) (*Turns, error) {
	t, _, err := db.BeginTimers(ctx, 0, 0)
	return t, err
}

// WriteAutomation writes what goes on by itself, and nothing else, without committing.
func (t *Turns) WriteAutomation(ctx context.Context, a *Automation) error {
	batch := &pgx.Batch{}
	a.queue(batch)
	return t.conn.SendBatch(ctx, batch).Close()
}

// Domain is how errors of the server leave this room.
var Domain = domain
