package postgres

import (
	"context"
	"fmt"
)

// Look lets somebody read and try as a turn would, in a transaction that is rolled back whatever comes of it: nothing is done. Deals that are
// read are locked until the end.
func (db *DB) Look(ctx context.Context, use func(*Turns) error) error {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("look into the database: %w", domain(err))
	}
	t := &Turns{conn: conn, open: true, met: &db.met}
	defer t.Rollback(ctx)
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("look into the database: %w", domain(err))
	}
	if err := conn.QueryRow(ctx, sqlNow).Scan(&t.Now); err != nil {
		return fmt.Errorf("look into the database: %w", domain(err))
	}
	return use(t)
}
