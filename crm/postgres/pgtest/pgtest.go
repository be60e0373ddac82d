// Package pgtest gives tests a real Postgres: one private server per test binary, started when the first test asks for it, and
// a database of its own for every test, cloned in some tens of milliseconds from one that was migrated once.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }
//
//	func TestDealOpens(t *testing.T) { db := pgtest.New(t) … }
//
// The server is never the developer's own, unless GOVORUN_TEST_DATABASE_URL names one (a superuser's address). It dies with
// the test binary, also when that is killed.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm/postgres"
	"govorun/crm/postgres/cluster"
)

// patience bounds every step of a test's set-up and clean-up, on a machine that runs other tests too.
const patience = 3 * time.Minute

// shared is the one server of this test binary. It is the package's only state: TestMain and the tests have no other way
// to hand it to each other.
var shared lender

// Run runs a package's tests and then removes the server, if a test has started it. It gives the exit code for TestMain.
func Run(m *testing.M) int {
	code := m.Run()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := shared.close(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(code, 1)
	}
	return code
}

// New gives a migrated, empty database of the test's own, as the application opens it. It is dropped soon after the test ends.
func New(t testing.TB) *postgres.DB {
	t.Helper()
	return open(t, DSN(t))
}

// open opens a database for the duration of a test.
func open(t testing.TB, dsn string) *postgres.DB {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	db, err := postgres.Open(ctx, postgres.Config{URL: dsn})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := db.Close(ctx); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	return db
}

// DSN gives the address of a migrated, empty database of the test's own, for programs that the test starts with it as their
// DATABASE_URL. It is dropped soon after the test ends, whoever is still connected.
func DSN(t testing.TB) string {
	t.Helper()
	return borrow(t, "")
}

// Empty is DSN without the migrations: a database as it is on an installation's first day.
func Empty(t testing.TB) string {
	t.Helper()
	return borrow(t, "template0")
}

// borrow takes a copy of a template for the duration of a test; without a name, of the migrated one.
func borrow(t testing.TB, template string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name, dsn, err := shared.lend(ctx, template)
	if err != nil {
		t.Fatalf("lend test database: %v", err)
	}
	t.Cleanup(func() { shared.dropSoon(name) })
	return dsn
}

// lender makes databases on one server.
type lender struct {
	mu       sync.Mutex
	cluster  *cluster.Cluster // nil on a given server
	admin    *pgxpool.Pool    // nil until the first database is asked for
	template string           // the migrated database that others are cloned from
	filled   map[string]*filling
	dsn      func(database string) string
	count    int

	drops  sync.WaitGroup // of databases of tests that have ended
	failed atomic.Pointer[error]
}

// lend clones a template, the migrated one when none is named, after starting the server and making that one when this is the
// first time.
func (l *lender) lend(ctx context.Context, template string) (name, dsn string, err error) {
	l.mu.Lock()
	if l.admin == nil {
		if err := l.open(ctx); err != nil {
			l.mu.Unlock()
			return "", "", err
		}
	}
	l.count++
	name = fmt.Sprintf("%s_%d", l.template, l.count)
	l.mu.Unlock()
	if template == "" {
		template = l.template
	}
	if err := l.create(ctx, l.admin, name, template); err != nil {
		return "", "", err
	}
	return name, l.dsn(name), nil
}

// create makes a database as a copy of another, with the application's role as its owner on a private server.
func (l *lender) create(ctx context.Context, admin *pgxpool.Pool, name, template string) error {
	sql := fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s ENCODING 'UTF8'`, name, template)
	if l.cluster != nil {
		sql += ` OWNER ` + cluster.Role
		if l.cluster.Major() >= 15 {
			sql += ` STRATEGY file_copy` // without syncing it is the faster one, and older servers know no other
		}
	}
	if _, err := admin.Exec(ctx, sql); err != nil {
		return fmt.Errorf("create test database as a copy of %s: %w", template, err)
	}
	return nil
}

// open starts the server, or connects to the given one, and makes the template.
func (l *lender) open(ctx context.Context) error {
	adminDSN := os.Getenv("GOVORUN_TEST_DATABASE_URL")
	if adminDSN != "" {
		given, err := url.Parse(adminDSN)
		if err != nil || given.Scheme == "" {
			return fmt.Errorf("GOVORUN_TEST_DATABASE_URL is not an address of a database: write it as postgres://user:password@host:5432/database")
		}
		l.dsn = func(database string) string {
			u := *given
			u.Path = "/" + database
			return u.String()
		}
	} else {
		private, err := startPrivate(ctx)
		if err != nil {
			return err
		}
		l.cluster, l.dsn, adminDSN = private, private.DSN, private.AdminDSN("postgres")
	}
	admin, err := pgxpool.New(ctx, adminDSN)
	if err != nil {
		return fmt.Errorf("open test server: %w", err)
	}
	// Test binaries that run at once on a given server must not meet.
	l.template = fmt.Sprintf("govorun_test_%d_%x", os.Getpid(), time.Now().UnixNano())
	if err := l.makeTemplate(ctx, admin); err != nil {
		admin.Close()
		return err
	}
	l.admin = admin
	return nil
}

// makeTemplate creates and migrates the database that others are cloned from.
func (l *lender) makeTemplate(ctx context.Context, admin *pgxpool.Pool) error {
	if err := l.create(ctx, admin, l.template, "template0"); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: l.dsn(l.template)})
	if err != nil {
		return fmt.Errorf("migrate template database: %w", err)
	}
	return db.Close(ctx) // nobody may be connected to a database that is cloned
}

// drop removes a database, ending whoever is connected to it.
func (l *lender) drop(ctx context.Context, name string) error {
	if _, err := l.admin.Exec(ctx, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// dropSoon removes a database while the next test runs already: its connections take a moment to end. close tells what failed.
func (l *lender) dropSoon(name string) {
	l.drops.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := l.drop(ctx, name); err != nil {
			l.failed.CompareAndSwap(nil, &err)
		}
	})
}

// close removes what was started, if anything was.
func (l *lender) close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drops.Wait()
	if failed := l.failed.Load(); failed != nil {
		return *failed
	}
	if l.admin != nil {
		if l.cluster == nil {
			for _, f := range l.filled {
				if err := l.drop(ctx, f.database); err != nil {
					return err
				}
			}
			if err := l.drop(ctx, l.template); err != nil {
				return err
			}
		}
		l.admin.Close()
	}
	if l.cluster == nil {
		return nil
	}
	if err := l.cluster.Stop(ctx); err != nil {
		return err
	}
	return cluster.Remove(ctx, l.cluster.Dir())
}
