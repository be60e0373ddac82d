package floor_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm/postgres/floor"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

type counted struct{ came, said int }

func count(t *testing.T, pool *pgxpool.Pool) (c counted) {
	t.Helper()
	err := pool.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE direction = 0), count(*) FILTER (WHERE direction = 1) FROM govorun_floor.message`).Scan(&c.came, &c.said)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBothFloorsWriteWholeTurns(t *testing.T) {
	ctx := context.Background()
	pool := pgtest.New(t).Pool
	f, err := floor.Prepare(ctx, pool)
	if err != nil {
		t.Fatal(err)
	}
	for name, measure := range map[string]func(context.Context, int, time.Duration) (float64, error){"fn": f.Call, "gc2": f.Groups} {
		before := count(t, pool)
		rate, err := measure(ctx, 8, 200*time.Millisecond)
		if err != nil || rate <= 0 {
			t.Fatalf("%s: %v turns a second, %v", name, rate, err)
		}
		if after := count(t, pool); after.came == before.came || after.came != after.said {
			t.Errorf("%s wrote %d messages that came and %d answers: they must be as many, and more than before (%d)", name, after.came, after.said, before.came)
		}
	}
	if err := f.Drop(ctx); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM pg_namespace WHERE nspname = 'govorun_floor'`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d scratch schemas are left, %v", left, err)
	}
}
