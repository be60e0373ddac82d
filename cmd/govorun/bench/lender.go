package bench

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"govorun/crm/postgres"
)

// lender makes databases on a given server, since each measurement of a long run wants an empty one of its own.
type lender struct {
	db    *postgres.DB
	given *url.URL
	count atomic.Int64
	say   func(format string, args ...any)
}

// newLender connects to the given database, which must be empty too: nobody's business is measured by mistake.
func (c Config) newLender(ctx context.Context) (*lender, error) {
	given, err := url.Parse(c.Database)
	if err != nil || given.Scheme == "" {
		return nil, fmt.Errorf("DATABASE_URL is not an address that databases can be made beside: write it as postgres://user:password@host:5432/database")
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: c.Database, MaxConns: 4})
	if err != nil {
		return nil, err
	}
	if err := checkEmpty(ctx, db); err != nil {
		shut(db)
		return nil, err
	}
	return &lender{db: db, given: given, say: c.say}, nil
}

// lend makes an empty database and gives its address and what removes it.
func (l *lender) lend(ctx context.Context) (address string, drop func(), err error) {
	name := fmt.Sprintf("govorun_bench_%d_%d", ownPID(), l.count.Add(1))
	if _, err := l.db.Pool.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return "", nil, fmt.Errorf("make a database for a measurement (the user in DATABASE_URL needs the right to: ALTER ROLE … CREATEDB; or unset DATABASE_URL): %w", err)
	}
	u := *l.given
	u.Path = "/" + name
	return u.String(), func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if _, err := l.db.Pool.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			l.say("the database %s is left behind: %v", name, err)
		}
	}, nil
}
