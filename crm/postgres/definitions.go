package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const sqlKeepDefinition = `INSERT INTO definitions (kit, dialog, version, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

// KeepDefinition stores a dialog as it is now, for conversations that begin on it.
func (db *DB) KeepDefinition(ctx context.Context, kit, dialog, version string, source json.RawMessage) error {
	if _, err := db.Pool.Exec(ctx, sqlKeepDefinition, kit, dialog, version, source); err != nil {
		return fmt.Errorf("keep dialog %s version %s: %w", dialog, version, domain(err))
	}
	return nil
}

const sqlMissingDefinitions = `SELECT u.dialog FROM unnest($2::text[], $3::text[]) u(dialog, version)
	WHERE NOT EXISTS (SELECT FROM definitions d WHERE d.kit = $1 AND d.dialog = u.dialog AND d.version = u.version)`

// MissingDefinitions gives those of a kit's dialogs that have not been kept yet as they are now; versions are by dialog.
func (db *DB) MissingDefinitions(ctx context.Context, kit string, versions map[string]string) ([]string, error) {
	var names, theirs []string
	for name, version := range versions {
		names, theirs = append(names, name), append(theirs, version)
	}
	rows, _ := db.Pool.Query(ctx, sqlMissingDefinitions, kit, names, theirs)
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look which dialogs of kit %s are kept: %w", kit, domain(err))
	}
	return missing, nil
}

const sqlDefinition = `SELECT source FROM definitions WHERE kit = $1 AND dialog = $2 AND version = $3`

// Definition gives a dialog as it was. crm.ErrNotFound when it was never kept.
func (t *Turns) Definition(ctx context.Context, kit, dialog, version string) (source json.RawMessage, err error) {
	if err = t.conn.QueryRow(ctx, sqlDefinition, kit, dialog, version).Scan(&source); err != nil {
		return nil, fmt.Errorf("read dialog %s version %s: %w", dialog, version, domain(err))
	}
	return source, nil
}
