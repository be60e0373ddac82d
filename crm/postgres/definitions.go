package postgres

import (
	"context"
	"encoding/json"
	"fmt"
)

const sqlKeepDefinition = `INSERT INTO definitions (kit, dialog, version, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

// KeepDefinition stores a dialog as it is now, for conversations that begin on it.
func (db *DB) KeepDefinition(ctx context.Context, kit, dialog, version string, source json.RawMessage) error {
	if _, err := db.Pool.Exec(ctx, sqlKeepDefinition, kit, dialog, version, source); err != nil {
		return fmt.Errorf("keep dialog %s version %s: %w", dialog, version, domain(err))
	}
	return nil
}

const sqlDefinition = `SELECT source FROM definitions WHERE kit = $1 AND dialog = $2 AND version = $3`

// Definition gives a dialog as it was. crm.ErrNotFound when it was never kept.
func (t *Turns) Definition(ctx context.Context, kit, dialog, version string) (source json.RawMessage, err error) {
	if err = t.conn.QueryRow(ctx, sqlDefinition, kit, dialog, version).Scan(&source); err != nil {
		return nil, fmt.Errorf("read dialog %s version %s: %w", dialog, version, domain(err))
	}
	return source, nil
}
