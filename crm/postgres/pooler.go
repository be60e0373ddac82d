package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A pooler (pgbouncer, and what works like it) lends a connection of the server for one transaction only: nothing that a session
// knows lasts, neither settings, nor locks, nor prepared statements, unless the pooler keeps these itself. So what needs a session
// goes past it, our settings become those of the role in this database, and statements are prepared only where the pooler knows them.

// errPooled is a session that is none.
var errPooled = errors.New("DATABASE_URL leads through a connection pooler, which keeps no sessions: set GOVORUN_DATABASE_DIRECT to the address of PostgreSQL itself as well, or name that in DATABASE_URL")

var errNotDirect = errors.New("GOVORUN_DATABASE_DIRECT leads through a connection pooler itself: name the address of PostgreSQL, usually its port 5432")

// roleManners are those of manners that must hold behind a pooler too; the others are of the line between it and the server.
var roleManners = []string{"plan_cache_mode", "random_page_cost", "jit", "lock_timeout", "idle_in_transaction_session_timeout"}

const (
	sqlLockManners = `SELECT pg_advisory_xact_lock(hashtext('manners of govorun'))`
	// What somebody has set for the role or the database stays.
	sqlRoleSettings = `SELECT DISTINCT split_part(unnest(s.setconfig), '=', 1) FROM pg_db_role_setting s
		JOIN pg_roles r ON r.rolname = current_user JOIN pg_database d ON d.datname = current_database()
		WHERE s.setrole IN (0, r.oid) AND s.setdatabase IN (0, d.oid)`

	sqlWhere = `SELECT current_user, current_database(), coalesce(current_schema(), ''), pg_postmaster_start_time(), pg_backend_pid(),
		concat_ws(' ', current_setting('plan_cache_mode'), current_setting('random_page_cost'), current_setting('jit'), current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')),
		EXISTS (SELECT FROM pg_prepared_statements WHERE name = '` + probe + `')`

	// probe is a statement whose name a pooler that knows prepared statements changes for the server.
	probe        = "govorun_probe"
	sqlDropProbe = `DEALLOCATE ` + probe

	codeDuplicateStatement = "42P05"
	codeProtocolViolation  = "08P01" // pgbouncer refuses a start parameter by it, and a transaction in its mode statement
)

// place is where a connection has led to.
type place struct {
	role, database, schema string
	started                time.Time // when the server was
	pid                    uint32
	settings               string
	named                  bool // a statement is prepared under the name that was asked for
}

func (p *place) read(row pgx.Row) error {
	return row.Scan(&p.role, &p.database, &p.schema, &p.started, &p.pid, &p.settings, &p.named)
}

// differs says that two addresses do not mean the same database as the same user.
func (p *place) differs(direct place) error {
	switch {
	case p.database != direct.database || !p.started.Equal(direct.started):
		return fmt.Errorf("DATABASE_URL leads to database %s and GOVORUN_DATABASE_DIRECT to %s, not of the same server: name the same database in both", p.database, direct.database)
	case p.role != direct.role || p.schema != direct.schema:
		return fmt.Errorf("through DATABASE_URL the program is user %s in schema %s, through GOVORUN_DATABASE_DIRECT user %s in schema %s: name the same user in both, the owner of the database",
			p.role, p.schema, direct.role, direct.schema)
	}
	return nil
}

// pass opens both ways into the same database: db.direct for sessions, and the pool's through the pooler, with what it can't bear
// taken out.
func (db *DB) pass(ctx context.Context, pool *pgxpool.Config, c Config) error {
	direct, err := pgx.ParseConfig(c.Direct)
	if err != nil {
		return fmt.Errorf("GOVORUN_DATABASE_DIRECT is not an address of a database: write it as postgres://user:password@host:5432/database")
	}
	setName(direct)
	plain := direct.Copy()
	setManners(direct)
	switch err := examine(ctx, direct); {
	case errors.Is(err, errPooled):
		return errNotDirect
	case err != nil:
		return fmt.Errorf("GOVORUN_DATABASE_DIRECT: %w", err)
	case direct.RuntimeParams["role"] != "":
		return fmt.Errorf("user %s of GOVORUN_DATABASE_DIRECT is above row-level security, and behind a pooler the program can't step down: name the same ordinary user, the owner of the database, in both addresses", direct.User)
	}
	if err := connectOnce(ctx, direct, func(conn *pgx.Conn) error { return mind(ctx, conn) }); err != nil {
		return fmt.Errorf("prepare role %s for a pooler: %w", direct.User, err)
	}
	here, _, err := lookThrough(ctx, plain) // as sessions of the role begin now
	if err != nil {
		return err
	}
	there, pooled, err := lookThrough(ctx, pool.ConnConfig)
	if err != nil {
		return err
	}
	db.direct = direct
	if !pooled {
		setManners(pool.ConnConfig)
	}
	if err := there.differs(here); err != nil || !pooled {
		return err
	}
	if there.named { // 1.20 and older, or max_prepared_statements = 0: what is prepared is not there in the next transaction
		pool.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	c.Log.Info("database behind a pooler", "prepared_statements", !there.named)
	if there.settings != here.settings {
		c.Log.Warn("the pooler still has connections from before its role was set up: run RECONNECT in the pooler's console", "want", here.settings, "are", there.settings)
	}
	return nil
}

// mind makes our settings those with which sessions of this role begin in this database, where nobody has set others.
func mind(ctx context.Context, conn *pgx.Conn) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockManners); err != nil { // programs that start at once
			return err
		}
		rows, err := tx.Query(ctx, sqlRoleSettings)
		if err != nil {
			return err
		}
		set, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range roleManners {
			if slices.Contains(set, name) {
				continue
			}
			database := pgx.Identifier{conn.Config().Database}.Sanitize()
			if _, err := tx.Exec(ctx, fmt.Sprintf(`ALTER ROLE CURRENT_USER IN DATABASE %s SET %s = '%s'`, database, name, manners[name])); err != nil {
				return err
			}
		}
		return nil
	})
}

// lookThrough goes once through what may be a pooler.
func lookThrough(ctx context.Context, config *pgx.ConnConfig) (there place, pooled bool, err error) {
	err = connectOnce(ctx, config, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
			if codeOf(err) == codeProtocolViolation || strings.Contains(err.Error(), "statement pooling") {
				return errors.New("the pooler of DATABASE_URL lends connections for a statement only, which tears turns apart: set pool_mode = transaction")
			}
			return fmt.Errorf("look through the pooler: %w", err)
		}
		_, err := conn.PgConn().Prepare(ctx, probe, "SELECT 1", nil)
		if codeOf(err) == codeDuplicateStatement { // somebody died while looking; the statement is of the server under its own name
			there.named = true
			_, _ = conn.Exec(ctx, "ROLLBACK")
			_, err = conn.Exec(ctx, "BEGIN")
		}
		if err != nil {
			return fmt.Errorf("look through the pooler: %w", err)
		}
		named := there.named
		if err := there.read(conn.QueryRow(ctx, sqlWhere, pgx.QueryExecModeExec)); err != nil {
			return fmt.Errorf("look through the pooler: %w", err)
		}
		pooled = there.pid != conn.PgConn().PID()
		if there.named {
			if _, err := conn.Exec(ctx, sqlDropProbe); err != nil {
				return fmt.Errorf("look through the pooler: %w", err)
			}
		}
		there.named = there.named || named
		_, err = conn.Exec(ctx, "ROLLBACK")
		return err
	})
	return there, pooled, err
}
