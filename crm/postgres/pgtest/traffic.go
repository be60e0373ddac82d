package pgtest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm/postgres"
)

// Traffic counts what a program sends to its database. What it costs differs from machine to machine, how much it sends does not.
type Traffic struct {
	statements, trips atomic.Int64
}

// Watch counts what is sent through a database's pool from now on.
func Watch(t testing.TB, db *postgres.DB) *Traffic {
	t.Helper()
	traffic := &Traffic{}
	config := db.Pool.Config()
	config.ConnConfig.Tracer = traffic
	watched, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	unwatched := db.Pool
	db.Pool = watched
	t.Cleanup(func() {
		db.Pool = unwatched
		watched.Close()
	})
	return traffic
}

// Take gives how many statements were sent since the last call, and in how many round trips.
func (t *Traffic) Take() (statements, trips int) {
	return int(t.statements.Swap(0)), int(t.trips.Swap(0))
}

// TraceQueryStart implements pgx.QueryTracer.
func (t *Traffic) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	t.statements.Add(1)
	t.trips.Add(1)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (t *Traffic) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (t *Traffic) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	t.statements.Add(int64(data.Batch.Len()))
	t.trips.Add(1)
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (t *Traffic) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (t *Traffic) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
