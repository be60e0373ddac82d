package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres/cluster"
)

const sqlExamineServer = `
SELECT current_setting('server_version_num')::int / 10000, current_setting('server_encoding'), current_setting('transaction_read_only') = 'on',
       r.rolname, r.rolsuper, r.rolsuper OR r.rolbypassrls
FROM pg_roles r WHERE r.rolname = current_user`

// server is what Open needs to know about a given server and the role it was given.
type server struct {
	major       int
	encoding    string
	readOnly    bool
	role        string
	superuser   bool
	bypassesRLS bool
}

// examine checks a given server, and makes sure that connections with this config will not be above row-level security:
// when the address names a superuser or a role with BYPASSRLS, they run as the role govorun instead.
func examine(ctx context.Context, config *pgx.ConnConfig) error {
	return connectOnce(ctx, config, func(conn *pgx.Conn) error {
		var s server
		err := conn.QueryRow(ctx, sqlExamineServer, pgx.QueryExecModeExec).
			Scan(&s.major, &s.encoding, &s.readOnly, &s.role, &s.superuser, &s.bypassesRLS)
		if err != nil {
			return fmt.Errorf("examine database server: %w", err)
		}
		switch {
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
