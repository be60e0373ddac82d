// Package bench measures the program on the machine it runs on: the program itself as a child process, a stub of the Bot API and
// simulated chats in this one, everything over loopback. Beside the program's figures it prints, from the same minutes, what the
// parts below it take (the floors), because absolute numbers of a shared machine say little.
//
// It knows the program only from outside: its commands, settings, webhook and database. Nothing here is used in service.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"govorun/crm/postgres"
)

// Config is what every measurement needs.
type Config struct {
	Program  string    // file of the program to measure
	Database string    // address of an empty database; empty: the program's private one, in a temporary folder
	Out      io.Writer // the report
	Err      io.Writer // what happens meanwhile
}

// patience bounds every wait for the program that should take a moment.
const patience = 60 * time.Second

// folder makes a temporary data folder, which a private Postgres under another account can reach; remove deletes it.
func folder() (dir string, remove func(), err error) {
	if dir, err = os.MkdirTemp("", "govorun-bench-"); err != nil {
		return "", nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	if err = os.Chmod(dir, 0o711); err != nil {
		return "", nil, fmt.Errorf("open the temporary folder: %w", err)
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}

// open opens the database that the program uses or is going to use; a private one is shared with it or started.
func (c Config) open(ctx context.Context, dir string) (*postgres.DB, error) {
	return postgres.Open(ctx, postgres.Config{URL: c.Database, DataDir: dir, Join: true, MaxConns: 16})
}

// shut closes a database, waiting a little for a private server to end.
func shut(db *postgres.DB) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_ = db.Close(ctx) // a server that does not stop goes with its folder
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

// postmaster gives the process id of the database's server, 0 when it is on another machine or can't be told.
func postmaster(ctx context.Context, db *postgres.DB) int {
	var backend int
	if db.Pool.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&backend) != nil {
		return 0
	}
	all := readProcesses()
	if p, ok := all[backend]; ok && p.name == "postgres" {
		return p.parent
	}
	return 0
}

func serverVersion(ctx context.Context, db *postgres.DB) string {
	version := "unknown"
	_ = db.Pool.QueryRow(ctx, `SHOW server_version`).Scan(&version) // only shown
	return version
}

// say writes a line of progress.
func (c Config) say(format string, args ...any) { fmt.Fprintf(c.Err, format+"\n", args...) }

// pause waits, or returns early with the reason why ctx ended.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// until asks again and again whether something is so, for at most limit; false when it never was.
func until(ctx context.Context, limit, every time.Duration, so func() bool) bool {
	for began := time.Now(); !so(); {
		if time.Since(began) > limit || pause(ctx, every) != nil {
			return false
		}
	}
	return true
}
