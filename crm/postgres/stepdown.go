package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres/cluster"
)

const (
	sqlSelectRole = `SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = $1`
	sqlCreateRole = `CREATE ROLE ` + cluster.Role + ` NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`
	sqlJoinRole   = `GRANT ` + cluster.Role + ` TO CURRENT_USER`
	// CREATE on the database is for trusted extensions, on the schema for tables. The lock is for programs that start at once:
	// Postgres refuses two grants on the same thing at the same moment.
	sqlGrantWork = `DO $$ BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('grant work to ` + cluster.Role + `'));
	EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO ` + cluster.Role + `', current_database());
	EXECUTE format('GRANT CREATE, USAGE ON SCHEMA %I TO ` + cluster.Role + `', current_schema());
END $$`
)

// stepDown prepares the role govorun, as which a connection of a superuser will work: row-level security silently does not
// apply to superusers, so one forgotten condition would show every deal to everybody. The role cannot log in; the
// superuser of the address becomes it at connection.
func stepDown(ctx context.Context, conn *pgx.Conn, s server) error {
	above, err := roleIsAbove(ctx, conn)
	if err == pgx.ErrNoRows {
		// Two programs may start at once, so a role that has just appeared is fine.
		if _, err = conn.Exec(ctx, sqlCreateRole); err != nil && codeOf(err) != codeDuplicateObject && codeOf(err) != codeUniqueViolation {
			return mayNotStepDown(s, fmt.Errorf("create role %s: %w", cluster.Role, err))
		}
		above, err = roleIsAbove(ctx, conn)
	}
	if err != nil {
		return fmt.Errorf("look for role %s: %w", cluster.Role, err)
	}
	if above {
		return fmt.Errorf("role %s of the database server is a superuser or bypasses row-level security: run ALTER ROLE %s NOSUPERUSER NOBYPASSRLS", cluster.Role, cluster.Role)
	}
	if !s.superuser {
		if _, err := conn.Exec(ctx, sqlJoinRole); err != nil {
			return mayNotStepDown(s, fmt.Errorf("join role %s: %w", cluster.Role, err))
		}
	}
	if _, err := conn.Exec(ctx, sqlGrantWork); err != nil {
		return mayNotStepDown(s, fmt.Errorf("let role %s create tables: %w", cluster.Role, err))
	}
	return nil
}

// roleIsAbove says whether the role govorun would itself be above row-level security; pgx.ErrNoRows when there is none.
func roleIsAbove(ctx context.Context, conn *pgx.Conn) (above bool, err error) {
	err = conn.QueryRow(ctx, sqlSelectRole, pgx.QueryExecModeExec, cluster.Role).Scan(&above)
	return above, err
}

// mayNotStepDown says what to do when the given user bypasses row-level security and may not make a role that does not.
func mayNotStepDown(s server, err error) error {
	return fmt.Errorf("user %s bypasses row-level security and may not prepare a role that does not: use an ordinary user in DATABASE_URL, or make the database's owner one (%w)", s.role, err)
}
