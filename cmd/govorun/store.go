package main

import (
	"context"
	"time"

	"govorun/crm/postgres"
)

// openStore opens the database for a command that works beside a running program: when the private database runs already, it
// is shared.
func openStore(ctx context.Context, s *settings, io stdio) (*postgres.DB, error) {
	db, err := postgres.Open(ctx, postgres.Config{URL: s.Database, Direct: s.Direct, DataDir: s.Data, Log: logger(io.err, "warn"), MaxConns: 4, Join: true})
	if err == nil && db.ForgottenSealed() {
		if v, e := openVault(ctx, db, s.Data); e == nil { // a command that needs to know who was forgotten says so itself
			err = db.SealForgotten(ctx, v.ring)
		}
	}
	return db, err
}

func closeStore(db *postgres.DB) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	db.Close(ctx)
}

// keepBase starts the private database again when it ends by itself: somebody killed it, or the machine had no memory left.
// What comes meanwhile waits at its provider.
func (y *system) keepBase(ctx context.Context) {
	for private := y.db.Private(); private != nil; private = y.db.Private() {
		select {
		case <-ctx.Done():
			return
		case <-private.Done():
		}
		if ctx.Err() != nil {
			return
		}
		y.log.Error("the private database has ended by itself, it is started again", "dir", private.Dir())
		if err := y.db.Revive(ctx); err != nil && ctx.Err() == nil {
			y.log.Error("the private database is not back yet", "err", err)
			sleep(ctx, 5*time.Second)
		}
	}
}
