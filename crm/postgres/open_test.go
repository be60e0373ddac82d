package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
	"govorun/crm/postgres/pgtest"
)

// ownServer is a server on which a test may be superuser, and its folder.
func ownServer(t *testing.T) *cluster.Cluster {
	t.Helper()
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "govorun-open-test-")
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Start(ctx, cluster.Options{Dir: dir, Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.Stop(ctx), cluster.Remove(ctx, dir)); err != nil {
			t.Error(err)
		}
	})
	return c
}

func open(t *testing.T, c postgres.Config) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), c)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	return db
}

func value(t *testing.T, db *postgres.DB, sql string) (v string) {
	t.Helper()
	if err := db.Pool.QueryRow(context.Background(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func do(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func TestWithoutAnAddressAPrivateServerIsRunAndStopped(t *testing.T) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "govorun-open-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for range 2 {
		db := open(t, postgres.Config{DataDir: dir})
		if err := db.Ping(ctx); err != nil {
			t.Fatal(err)
		}
		if got := value(t, db, `SELECT current_user || ' ' || (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`); got != "govorun false" {
			t.Fatalf("the application runs as %s", got)
		}
		server := db.Private()
		if err := db.Close(ctx); err != nil {
			t.Fatal(err)
		}
		select {
		case <-server.Done():
		default:
			t.Fatal("the server outlives Close")
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres", "data")); err != nil {
		t.Fatal(err)
	}
}

func TestASuperusersAddressRunsAsAnOrdinaryRole(t *testing.T) {
	c := ownServer(t)
	do(t, c.AdminDSN("postgres"), `DROP DATABASE govorun`, `DROP ROLE govorun`, `CREATE DATABASE theirs`)
	var together sync.WaitGroup
	for range 3 { // replicas of a first start
		together.Go(func() {
			db, err := postgres.Open(context.Background(), postgres.Config{URL: c.AdminDSN("theirs")})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			_ = db.Close(context.Background())
		})
	}
	together.Wait()
	db := open(t, postgres.Config{URL: c.AdminDSN("theirs")})
	for sql, want := range map[string]string{
		`SELECT session_user || ' as ' || current_user`:                                                     "postgres as govorun",
		`SELECT (rolsuper OR rolbypassrls OR rolcanlogin)::text FROM pg_roles WHERE rolname = current_user`: "false",
		`SELECT tableowner FROM pg_tables WHERE tablename = 'contacts'`:                                     "govorun",
	} {
		if got := value(t, db, sql); got != want {
			t.Errorf("%s gives %q, want %q", sql, got, want)
		}
	}
	ctx := context.Background()
	for _, sql := range []string{
		`CREATE TABLE secrets_of_eve (id int)`, `ALTER TABLE secrets_of_eve ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
		`INSERT INTO secrets_of_eve SELECT 1`,
	} {
		if _, err := db.Pool.Exec(ctx, sql); err != nil && !strings.Contains(err.Error(), "row-level security") {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if got := value(t, db, `SELECT row_security_active('secrets_of_eve')::text`); got != "true" {
		t.Error("row-level security does not apply to the application")
	}
	do(t, c.AdminDSN("postgres"), `ALTER ROLE govorun BYPASSRLS`)
	refused(t, c.AdminDSN("theirs"), "role govorun", "ALTER ROLE govorun NOSUPERUSER NOBYPASSRLS")
}

func TestARoleThatBypassesRowLevelSecurityAndCannotHelpItIsRefused(t *testing.T) {
	c := ownServer(t)
	do(t, c.AdminDSN("postgres"), `DROP DATABASE govorun`, `DROP ROLE govorun`, `CREATE ROLE ann LOGIN BYPASSRLS`, `CREATE DATABASE theirs OWNER ann`)
	refused(t, as(t, c.AdminDSN("theirs"), url.User("ann")), "user ann bypasses row-level security", "ordinary user")
	do(t, c.AdminDSN("postgres"), `ALTER ROLE ann CREATEROLE`, `CREATE ROLE govorun NOLOGIN`, `GRANT govorun TO ann WITH ADMIN OPTION`)
	do(t, c.AdminDSN("theirs"), `ALTER SCHEMA public OWNER TO ann`)
	db := open(t, postgres.Config{URL: as(t, c.AdminDSN("theirs"), url.User("ann"))})
	if got := value(t, db, `SELECT session_user || ' as ' || current_user`); got != "ann as govorun" {
		t.Fatalf("the application runs %s", got)
	}
}

func TestAnUnfitDatabaseIsRefusedInASentence(t *testing.T) {
	c := ownServer(t)
	do(t, c.AdminDSN("postgres"), `CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
		`CREATE DATABASE still`, `ALTER DATABASE still SET default_transaction_read_only = on`)
	refused(t, c.AdminDSN("latin"), "latin", "LATIN1", "ENCODING 'UTF8'")
	refused(t, c.AdminDSN("still"), "read-only", "primary")
	refused(t, c.DSN("nowhere"), "no database nowhere", "CREATE DATABASE nowhere")
	refused(t, as(t, c.DSN("govorun"), url.User("eve")), "refuses user eve", "DATABASE_URL")
}

func TestErrorsNeverHoldThePassword(t *testing.T) {
	const password = "h0rse-battery"
	c := ownServer(t)
	withPassword := as(t, c.DSN("nowhere"), url.UserPassword("govorun", password))
	refused(t, withPassword, "no database nowhere")
	refused(t, "postgres://ann:"+password+"@host:port/db", "DATABASE_URL is not an address")
	refused(t, "postgres://ann:"+password+"@no-such-host.invalid/db", "no host no-such-host.invalid")
	refused(t, "postgres://"+password+"x:"+password+"@127.0.0.1:1/db?connect_timeout=1&sslmode=wrong", "DATABASE_URL")
}

func TestAServerThatComesUpLateIsWaitedFor(t *testing.T) {
	behind, err := pgx.ParseConfig(pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	// A free port where nobody listens yet; the door opens after the first knock would have been refused.
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := door.Addr().String()
	door.Close()
	opened := make(chan *postgres.DB, 1)
	go func() {
		db, err := postgres.Open(context.Background(), postgres.Config{URL: fmt.Sprintf("postgres://%s@%s/%s?sslmode=disable", behind.User, address, behind.Database)})
		if err != nil {
			t.Errorf("open: %v", err)
		}
		opened <- db
	}()
	if door, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	defer door.Close()
	go forward(door, filepath.Join(behind.Host, fmt.Sprintf(".s.PGSQL.%d", behind.Port)))
	if db := <-opened; db != nil {
		if err := db.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// as puts another user into an address.
func as(t *testing.T, dsn string, user *url.Userinfo) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = user
	return u.String()
}

// refused opens an address that must not open, and checks what the sentence says and does not say.
func refused(t *testing.T, dsn string, parts ...string) {
	t.Helper()
	db, err := postgres.Open(context.Background(), postgres.Config{URL: dsn})
	if err == nil {
		_ = db.Close(context.Background())
		t.Fatalf("it opened, want an error with %q", parts)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the sentence does not say %q: %v", part, err)
		}
	}
	if u, parseErr := url.Parse(dsn); parseErr == nil {
		if secret, has := u.User.Password(); has && strings.Contains(err.Error(), secret) {
			t.Errorf("the password is shown: %v", err)
		}
	}
	if strings.Contains(err.Error(), "h0rse") {
		t.Errorf("the password is shown: %v", err)
	}
}
