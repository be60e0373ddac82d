package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// librarySpare is how many connections of the WhatsApp library stay open while nothing is written, for libraryIdle, and libraryMost
	// how many there may be: a server takes a hundred as it comes, and the pool is let have sixty-four of them. A number opens one message
	// at a time, and nobody waits for a chat inside a transaction, so that whoever waits for a connection gets one.
	librarySpare = 2
	libraryMost  = 16
	libraryIdle  = 5 * time.Minute
)

// The number is the schema's own among advisory locks.
const (
	sqlLockLibrary   = `SELECT pg_advisory_lock(1735416161)`
	sqlUnlockLibrary = `SELECT pg_advisory_unlock(1735416161)`
)

// WhatsAppStore opens the tables of the library that speaks to WhatsApp, which lie in a schema of their own. prepare makes them or brings them up to
// date; one process at a time does. The caller closes the store, after everything that writes to it and before the database.
func (db *DB) WhatsAppStore(ctx context.Context, prepare func(context.Context, *sql.DB) error) (*sql.DB, error) {
	config := db.direct.Copy()
	config.RuntimeParams["search_path"] = "whatsapp"
	config.RuntimeParams["lock_timeout"] = "0" // the library has no second try
	store := stdlib.OpenDB(*config)
	store.SetMaxOpenConns(libraryMost)
	store.SetMaxIdleConns(librarySpare)
	store.SetConnMaxIdleTime(libraryIdle)
	if err := prepareAlone(ctx, store, prepare); err != nil {
		return nil, errors.Join(wrap(err, "prepare the tables of WhatsApp"), store.Close())
	}
	return store, nil
}

func prepareAlone(ctx context.Context, store *sql.DB, prepare func(context.Context, *sql.DB) error) (err error) {
	if prepare == nil {
		return nil
	}
	conn, err := store.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, sqlLockLibrary); err != nil {
		return fmt.Errorf("wait for another program: %w", err)
	}
	defer func() {
		_, unlocked := conn.ExecContext(context.WithoutCancel(ctx), sqlUnlockLibrary)
		err = errors.Join(err, unlocked)
	}()
	return prepare(ctx, store)
}
