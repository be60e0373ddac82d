package pgtest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"govorun/crm/postgres"
)

// Filling stores what the tests of a package begin with.
type Filling func(ctx context.Context, db *postgres.DB) error

// filling is a template with something stored in it.
type filling struct {
	once     sync.Once
	database string
	err      error
}

// Filled is New with something stored in it already: the first test that asks for a name fills a template, which takes as long
// as it takes, and every test gets a copy of its own. One name stands for one filling.
func Filled(t testing.TB, name string, fill Filling) *postgres.DB {
	t.Helper()
	return open(t, FilledDSN(t, name, fill))
}

// FilledDSN is Filled for programs that the test starts with the address as their DATABASE_URL.
func FilledDSN(t testing.TB, name string, fill Filling) string {
	t.Helper()
	f := shared.filling(name)
	f.once.Do(func() { f.database, f.err = shared.fill(fill) })
	if f.err != nil {
		t.Fatalf("fill template %q: %v", name, f.err)
	}
	return borrow(t, f.database)
}

// filling gives the template of that name, filled or not.
func (l *lender) filling(name string) *filling {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.filled == nil {
		l.filled = map[string]*filling{}
	}
	if l.filled[name] == nil {
		l.filled[name] = &filling{}
	}
	return l.filled[name]
}

// fill makes a template and gives its name.
func (l *lender) fill(fill Filling) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name, dsn, err := l.lend(ctx, "")
	if err != nil {
		return "", err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: dsn})
	if err != nil {
		return name, fmt.Errorf("open template: %w", err)
	}
	if err := fill(ctx, db); err != nil {
		_ = db.Close(ctx)
		return name, err
	}
	return name, db.Close(ctx) // nobody may be connected to a database that is cloned
}
