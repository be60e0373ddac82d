package cluster

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

const (
	sqlLookForDatabase = `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), EXISTS (SELECT FROM pg_database WHERE datname = $2)`
	sqlCreateRole      = `CREATE ROLE ` + Role + ` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS`
	// template0 carries the locale that initdb was given.
	sqlCreateDatabase = `CREATE DATABASE ` + Database + ` OWNER ` + Role + ` TEMPLATE template0 ENCODING 'UTF8'`
)

// ensureDatabase makes the application's role and database when they are missing: at the first start, or at the one after
// a first start that was killed.
func (c *Cluster) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.AdminDSN("postgres"))
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL of %s: %w", c.site.dir, err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var role, database bool
	// This mode saves the round trip of a prepared statement that is used once.
	err = conn.QueryRow(ctx, sqlLookForDatabase, pgx.QueryExecModeExec, Role, Database).Scan(&role, &database)
	if err != nil {
		return fmt.Errorf("look for database %s: %w", Database, err)
	}
	if !role {
		if _, err := conn.Exec(ctx, sqlCreateRole); err != nil {
			return fmt.Errorf("create role %s: %w", Role, err)
		}
	}
	if !database {
		if _, err := conn.Exec(ctx, sqlCreateDatabase); err != nil {
			return fmt.Errorf("create database %s: %w", Database, err)
		}
	}
	return nil
}
