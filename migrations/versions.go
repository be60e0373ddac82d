package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

const sqlVersionTableExists = `SELECT to_regclass('goose_db_version') IS NOT NULL`

// makeVersionTable creates the table of applied versions under the lock. The migration library would do it by itself, but
// before it asks for the lock: two new programs then get in each other's way.
func makeVersionTable(ctx context.Context, db *sql.DB) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect for migration: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := (session{}).SessionLock(ctx, conn); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session{}.SessionUnlock(context.WithoutCancel(ctx), conn)) }()
	var exists bool
	if err := conn.QueryRowContext(ctx, sqlVersionTableExists).Scan(&exists); err != nil {
		return fmt.Errorf("look for table of versions: %w", err)
	}
	if exists {
		return nil
	}
	store, err := database.NewStore(goose.DialectPostgres, goose.DefaultTablename)
	if err != nil {
		return fmt.Errorf("prepare table of versions: %w", err)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("create table of versions: %w", err)
	}
	err = errors.Join(store.CreateVersionTable(ctx, tx), store.Insert(ctx, tx, database.InsertRequest{Version: 0}))
	if err != nil {
		return fmt.Errorf("create table of versions: %w", errors.Join(err, tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("create table of versions: %w", err)
	}
	return nil
}
