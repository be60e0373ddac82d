package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm/postgres/cluster"
)

const sqlExamineServer = `
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), current_setting('transaction_read_only') = 'on',
       r.rolname, r.rolsuper, r.rolsuper OR r.rolbypassrls, pg_backend_pid()
FROM pg_roles r WHERE r.rolname = current_user`

// server is what Open needs to know about a given server and the role it was given.
type server struct {
	major       int
	encoding    string
	readOnly    bool
	role        string
	superuser   bool
	bypassesRLS bool
	pid         uint32 // of the process that serves the connection
}

// examine checks a given server, and makes sure that connections with this config will not be above row-level security:
// when the address names a superuser or a role with BYPASSRLS, they run as the role govorun instead.
func examine(ctx context.Context, config *pgx.ConnConfig) error {
	return connectOnce(ctx, config, func(conn *pgx.Conn) error {
		var s server
		err := conn.QueryRow(ctx, sqlExamineServer, pgx.QueryExecModeExec).
			Scan(&s.major, &s.encoding, &s.readOnly, &s.role, &s.superuser, &s.bypassesRLS, &s.pid)
		if err != nil {
			return fmt.Errorf("examine database server: %w", err)
		}
		switch {
		case s.pid != conn.PgConn().PID():
			return errPooled
		case s.major < cluster.MinMajor || s.major > cluster.MaxMajor:
			return fmt.Errorf("the database server is PostgreSQL %d, this program needs %d to %d: use another server in DATABASE_URL, or unset it to use a private one",
				s.major, cluster.MinMajor, cluster.MaxMajor)
		case s.encoding != "UTF8":
			return fmt.Errorf("database %s is encoded in %s and cannot hold every language: create one with ENCODING 'UTF8' TEMPLATE template0 and name it in DATABASE_URL", config.Database, s.encoding)
		case s.readOnly:
			return fmt.Errorf("database %s is read-only (a standby?): name the primary server in DATABASE_URL", config.Database)
		}
		if !s.bypassesRLS {
			return nil
		}
		if err := stepDown(ctx, conn, s); err != nil {
			return err
		}
		// As a start parameter it is also what RESET ROLE and a pooled connection's cleaning return to.
		config.RuntimeParams["role"] = cluster.Role
		return nil
	})
}

// sqlUnprotected finds a table whose policies don't bind the user of this connection: the first one, and whether it is the user who is above them.
const sqlUnprotected = `SELECT c.relname, r.rolname, r.rolsuper OR r.rolbypassrls FROM pg_class c, pg_roles r
	WHERE r.rolname = current_user AND c.oid IN (SELECT to_regclass(t) FROM unnest(ARRAY['deals', 'tasks', 'contacts', 'events', 'attachments', 'points', 'bookings']) t)
	AND NOT row_security_active(c.oid) ORDER BY c.relname LIMIT 1`

// checkProtected refuses to work when a bug in a query could show an employee the deals of another.
func checkProtected(ctx context.Context, pool *pgxpool.Pool) error {
	var table, user string
	var above bool
	err := pool.QueryRow(ctx, sqlUnprotected).Scan(&table, &user, &above)
	switch {
	case err == pgx.ErrNoRows:
		return nil
	case err != nil:
		return fmt.Errorf("look whether row-level security applies: %w", err)
	case above:
		return fmt.Errorf("user %s bypasses row-level security, so employees could see the deals of others: run ALTER ROLE %[1]s NOSUPERUSER NOBYPASSRLS, or use an ordinary user in DATABASE_URL", user)
	}
	return fmt.Errorf("row-level security is off on table %s, so employees could see the deals of others: run ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", table)
}
