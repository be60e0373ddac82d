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
	"time"

	"govorun/crm/postgres"
)

// Config is what every measurement needs.
type Config struct {
	Program  string    // file of the program to measure
	Database string    // address of an empty database; empty: the program's private one, in a temporary folder
	Out      io.Writer // the report
	Err      io.Writer // what happens meanwhile

	lender *lender // gives each measurement a database of its own on the given server; nil: they use the given database
}

// patience bounds every wait for the program that should take a moment.
const patience = 60 * time.Second

// shut closes a database, waiting a little for a private server to end.
func shut(db *postgres.DB) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_ = db.Close(ctx) // a server that does not stop goes with its folder
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
