// Package migrations holds the database schema as numbered SQL files, embedded in the program, and brings a database to it.
// Files run forward only, one idea each; every file is one transaction, so a killed migration leaves nothing behind and is simply
// run again (a file marked NO TRANSACTION must be safe to repeat by itself). The package knows SQL files and nothing of ours.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

const (
	// lockTimeout bounds how long a migration waits for a table, because every later query on that table waits behind it:
	// no chat may stand still for a second.
	lockTimeout = 800 * time.Millisecond
	// busyRetries times busyPause is how long a migration keeps asking for a busy table before it gives up.
	busyRetries = 60
	busyPause   = 250 * time.Millisecond
)

// NewerError says that the database was migrated by a newer program than this one.
type NewerError struct {
	Database int64 // the version the database is at
	Program  int64 // the newest version this program knows
}

// Error is a sentence for people, with the next step.
func (e *NewerError) Error() string {
	return fmt.Sprintf("database is at version %d, this program knows %d: start the newer program", e.Database, e.Program)
}

// Run brings the database to this program's schema. When it is there already this costs one query. Of several programs that
// start at once one migrates and the others wait for it. A database that is ahead gives a NewerError and is left alone. The
// connections of db must be allowed to create tables in the current schema.
func Run(ctx context.Context, db *sql.DB) error { return run(ctx, db, files) }

// run is Run for any set of files.
func run(ctx context.Context, db *sql.DB, fsys fs.FS) error {
	known, err := knownVersions(fsys)
	if err != nil {
		return err
	}
	if current, err := isCurrent(ctx, db, known); err != nil || current {
		return err
	}
	for try := 0; ; try++ {
		err = migrate(ctx, db, fsys)
		if try >= busyRetries || !isBusy(err) {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("migrate database: %w", context.Cause(ctx))
		case <-time.After(busyPause):
		}
	}
	if isBusy(err) {
		return fmt.Errorf("migrate database: other sessions keep a table busy: end long transactions and start again: %w", err)
	}
	if err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	// Once more: while this program waited for the lock, a newer one may have gone further.
	if _, err := isCurrent(ctx, db, known); err != nil {
		return err
	}
	return nil
}

// migrate applies what is missing, under the lock.
func migrate(ctx context.Context, db *sql.DB, fsys fs.FS) error {
	if err := makeVersionTable(ctx, db); err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, fsys,
		goose.WithSessionLocker(session{}), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return fmt.Errorf("%s: %w", partial.Failed.Source.Path, partial.Err)
	}
	return err
}

// knownVersions reads the numbers of the files, in ascending order.
func knownVersions(fsys fs.FS) ([]int64, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("list migrations: the program holds none")
	}
	versions := make([]int64, len(names))
	for i, name := range names {
		if versions[i], err = goose.NumericComponent(name); err != nil {
			return nil, fmt.Errorf("number of migration %s: %w", name, err)
		}
	}
	return versions, nil
}

const sqlSelectVersion = `SELECT coalesce(max(version_id), 0), count(DISTINCT version_id) FROM goose_db_version WHERE is_applied AND version_id > 0`

// isCurrent says whether the database has exactly the known versions; NewerError when it has gone beyond them.
func isCurrent(ctx context.Context, db *sql.DB, known []int64) (bool, error) {
	var newest, applied int64
	err := db.QueryRowContext(ctx, sqlSelectVersion).Scan(&newest, &applied)
	if hasState(err, undefinedTable) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read schema version of database: %w", err)
	}
	last := known[len(known)-1]
	if newest > last {
		return false, &NewerError{Database: newest, Program: last}
	}
	return newest == last && applied == int64(len(known)), nil
}

// Postgres' codes of the errors that are expected here.
const (
	undefinedTable   = "42P01"
	lockNotAvailable = "55P03"
	deadlockDetected = "40P01"
)

func isBusy(err error) bool {
	return hasState(err, lockNotAvailable) || hasState(err, deadlockDetected)
}

// hasState says whether Postgres answered with that code; every driver of ours can tell.
func hasState(err error, code string) bool {
	var state interface{ SQLState() string }
	return errors.As(err, &state) && state.SQLState() == code
}
