package bench

import (
	"context"
	"fmt"
	"os"
	"strings"

	"govorun/crm/postgres"
)

// base is what a measurement runs on: a temporary folder and an empty or filled database. Nobody is connected to it but those who measure, and
// its private server rests in between, so that a run of many measurements can keep several.
type base struct {
	Config
	Dir     string // the program's data folder
	Version string // of the server
	undo    []func()
}

// base makes one, fills it and says what machine it is on. What fill leaves is there for every measurement until drop.
func (c Config) base(ctx context.Context, fill func(context.Context, *postgres.DB) error) (b *base, err error) {
	b = &base{Config: c}
	defer func() {
		if err != nil {
			b.drop()
		}
	}()
	if err := b.folder(); err != nil {
		return b, err
	}
	if c.lender != nil {
		address, drop, err := c.lender.lend(ctx)
		if err != nil {
			return b, err
		}
		b.Database, b.undo = address, append(b.undo, drop)
	}
	return b, b.with(ctx, func(db *postgres.DB) error {
		if err := checkEmpty(ctx, db); err != nil {
			return err
		}
		b.Version = serverVersion(ctx, db)
		fmt.Fprintln(c.Out, describe(b.Dir, b.Version))
		if fill == nil {
			return nil
		}
		return fill(ctx, db)
	})
}

// folder makes the temporary folder, which a private Postgres under another account can reach.
func (b *base) folder() error {
	dir, err := os.MkdirTemp("", "govorun-bench-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	b.Dir, b.undo = dir, append(b.undo, func() { os.RemoveAll(dir) })
	if err = os.Chmod(dir, 0o711); err != nil {
		return fmt.Errorf("open the temporary folder: %w", err)
	}
	return nil
}

// open opens the database; a private one is shared with the program that runs it, or started.
func (b *base) open(ctx context.Context) (*postgres.DB, error) {
	return postgres.Open(ctx, postgres.Config{URL: b.Database, DataDir: b.Dir, Join: true, MaxConns: 16})
}

// with opens the database for as long as something takes.
func (b *base) with(ctx context.Context, do func(*postgres.DB) error) error {
	db, err := b.open(ctx)
	if err != nil {
		return err
	}
	defer shut(db)
	return do(db)
}

// drop removes it, the last first.
func (b *base) drop() {
	for i := len(b.undo) - 1; i >= 0; i-- {
		b.undo[i]()
	}
	b.undo = nil
}

const sqlTalks = `SELECT count(*) FROM conversations`

// checkEmpty refuses a database that holds somebody's conversations: a measurement fills it with invented ones.
func checkEmpty(ctx context.Context, db *postgres.DB) error {
	var talks int
	if err := db.Pool.QueryRow(ctx, sqlTalks).Scan(&talks); err != nil {
		return fmt.Errorf("look whether the database is empty: %w", err)
	}
	if talks > 0 {
		return fmt.Errorf("the database in DATABASE_URL holds %d conversations, and a measurement would add invented ones: give an empty database, or unset DATABASE_URL", talks)
	}
	return nil
}

// filling is a statement that fills a database.
type filling struct {
	sql  string
	args []any
}

// fill runs statements one after the other.
func fill(ctx context.Context, db *postgres.DB, all []filling) error {
	for _, f := range all {
		if _, err := db.Pool.Exec(ctx, f.sql, f.args...); err != nil {
			return fmt.Errorf("fill the database (%.60s…): %w", f.sql, err)
		}
	}
	return nil
}

// scripted are the statements of a script that says {deals} for the number of deals.
func scripted(script string, deals int) []filling {
	var all []filling
	for _, sql := range strings.Split(strings.ReplaceAll(script, "{deals}", fmt.Sprint(deals)), ";\n") {
		all = append(all, filling{sql: sql})
	}
	return all
}
