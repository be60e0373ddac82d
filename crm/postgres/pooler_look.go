package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Pooler is what was seen between DATABASE_URL and the server.
type Pooler struct {
	Pooled     bool // there is one
	Shares     bool // it lends a connection of the server for a transaction (pool_mode = transaction), not for a session
	Statements bool // it keeps prepared statements
	Minds      bool // its connections have the settings with which sessions of the role begin now; known with the direct address only
}

// sharingTries is how often is looked whether two clients get the same connection of the server: on a busy pooler another may be in between.
const sharingTries = 5

// LookAtPooler tells what lies between url and the server, and changes nothing. An error is a sentence that says what is wrong with
// the two addresses; direct may be empty.
func LookAtPooler(ctx context.Context, url, direct string) (p Pooler, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return p, errors.New("DATABASE_URL is not an address of a database: write it as postgres://user:password@host:5432/database")
	}
	there, pooled, err := lookThrough(ctx, config)
	if err != nil {
		return p, hidePassword(err, url)
	}
	p = Pooler{Pooled: pooled, Statements: !there.named}
	if pooled {
		if p.Shares, err = shares(ctx, config); err != nil {
			return p, hidePassword(err, url)
		}
	}
	if direct == "" {
		return p, nil
	}
	if config, err = pgx.ParseConfig(direct); err != nil {
		return p, errors.New("GOVORUN_DATABASE_DIRECT is not an address of a database: write it as postgres://user:password@host:5432/database")
	}
	here, pooled, err := lookThrough(ctx, config)
	switch {
	case err != nil:
		return p, hidePassword(fmt.Errorf("GOVORUN_DATABASE_DIRECT: %w", err), direct)
	case pooled:
		return p, errNotDirect
	}
	p.Minds = there.settings == here.settings
	return p, there.differs(here)
}

// shares tells whether a second client gets the connection of the server that an idle first one has just used.
func shares(ctx context.Context, config *pgx.ConnConfig) (shared bool, err error) {
	err = connectOnce(ctx, config, func(first *pgx.Conn) error {
		return connectOnce(ctx, config, func(second *pgx.Conn) error {
			for range sharingTries {
				var one, other int32
				err := errors.Join(first.QueryRow(ctx, sqlPID, pgx.QueryExecModeExec).Scan(&one),
					second.QueryRow(ctx, sqlPID, pgx.QueryExecModeExec).Scan(&other))
				if err != nil {
					return fmt.Errorf("look how the pooler lends connections: %w", err)
				}
				if shared = one == other; shared {
					return nil
				}
			}
			return nil
		})
	})
	return shared, err
}

const sqlPID = `SELECT pg_backend_pid()`
