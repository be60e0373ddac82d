package migrations

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

const (
	// lockKey names the advisory lock of migrations in a database: "govorun" in ASCII.
	lockKey = 0x676f766f72756e
	// lockPoll is how often a second program asks whether the first has finished. It asks instead of waiting inside Postgres,
	// because CREATE INDEX CONCURRENTLY would wait for that waiting query.
	lockPoll = 20 * time.Millisecond
)

const (
	sqlTryLock = `SELECT pg_try_advisory_lock($1)`
	sqlUnlock  = `SELECT pg_advisory_unlock($1)`
	// A server that notices a killed program within a second frees its lock and its half-done work, also in a long statement.
	sqlPrepare = `SELECT set_config('lock_timeout', $1, false), set_config('client_connection_check_interval', '1s', false)`
	sqlRestore = `RESET lock_timeout; RESET client_connection_check_interval`
)

// session holds the advisory lock on the connection that migrates, and gives that connection its timeouts.
type session struct{}

// SessionLock waits for the lock until ctx ends.
func (session) SessionLock(ctx context.Context, conn *sql.Conn) error {
	for {
		var got bool
		if err := conn.QueryRowContext(ctx, sqlTryLock, int64(lockKey)).Scan(&got); err != nil {
			return fmt.Errorf("lock database for migration: %w", err)
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for another program to migrate the database: %w", context.Cause(ctx))
		case <-time.After(lockPoll):
		}
	}
	if _, err := conn.ExecContext(ctx, sqlPrepare, fmt.Sprint(lockTimeout.Milliseconds())); err != nil {
		return fmt.Errorf("prepare connection for migration: %w", err)
	}
	return nil
}

// SessionUnlock gives the connection back as it was.
func (session) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, sqlRestore); err != nil {
		return fmt.Errorf("restore connection after migration: %w", err)
	}
	if _, err := conn.ExecContext(ctx, sqlUnlock, int64(lockKey)); err != nil {
		return fmt.Errorf("unlock database after migration: %w", err)
	}
	return nil
}
