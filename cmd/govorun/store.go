package main

import (
	"context"
	"time"

	"govorun/crm/postgres"
)

// openStore opens the database for a command that works beside a running program: when the private database runs already, it
// is shared.
func openStore(ctx context.Context, s *settings, io stdio) (*postgres.DB, error) {
	return postgres.Open(ctx, postgres.Config{URL: s.Database, DataDir: s.Data, Log: logger(io.err, "warn"), MaxConns: 4, Join: true})
}

func closeStore(db *postgres.DB) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	db.Close(ctx)
}
