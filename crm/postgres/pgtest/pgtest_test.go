package pgtest_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

func TestEveryTestGetsAnEmptyMigratedDatabaseOfItsOwn(t *testing.T) {
	ctx := context.Background()
	one, two := pgtest.New(t), pgtest.New(t)
	if _, err := one.Pool.Exec(ctx, `CREATE TABLE only_in_one (id int)`); err != nil {
		t.Fatalf("the application's role may not create a table: %v", err)
	}
	var here, migrated bool
	err := two.Pool.QueryRow(ctx, `SELECT to_regclass('only_in_one') IS NOT NULL, to_regclass('goose_db_version') IS NOT NULL`).Scan(&here, &migrated)
	if err != nil || here || !migrated {
		t.Fatalf("second database: table of the first there = %v, migrated = %v, error %v", here, migrated, err)
	}
}

func TestAnEmptyDatabaseHasNoSchemaYet(t *testing.T) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.Empty(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var tables int
	if err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`).Scan(&tables); err != nil || tables != 0 {
		t.Fatalf("%d tables, error %v", tables, err)
	}
}

func TestADatabaseIsDroppedWhenItsTestEnds(t *testing.T) {
	var dsn string
	t.Run("borrower", func(t *testing.T) { dsn = pgtest.DSN(t) })
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		conn, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			return
		}
		conn.Close(context.Background())
		if time.Now().After(end) {
			t.Fatal("the database of a test that has ended still takes connections")
		}
	}
}

func TestAFillingIsDoneOnceAndEveryTestGetsACopyOfItsOwn(t *testing.T) {
	ctx, times := context.Background(), 0
	fill := func(ctx context.Context, db *postgres.DB) error {
		times++
		_, err := db.Pool.Exec(ctx, `CREATE TABLE stored AS SELECT 1 AS id`)
		return err
	}
	for range 2 {
		db := pgtest.Filled(t, "one row", fill)
		var rows int
		if err := db.Pool.QueryRow(ctx, `SELECT count(*) FROM stored`).Scan(&rows); err != nil || rows != 1 || times != 1 {
			t.Fatalf("%d rows, filled %d times, error %v", rows, times, err)
		}
		if _, err := db.Pool.Exec(ctx, `INSERT INTO stored VALUES (2)`); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheAddressIsOfAnOrdinaryUserWithCyrillicTrigrams(t *testing.T) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var above bool
	var locale string
	err = conn.QueryRow(ctx, `SELECT rolsuper OR rolbypassrls, (SELECT datctype FROM pg_database WHERE datname = current_database()) FROM pg_roles WHERE rolname = current_user`).Scan(&above, &locale)
	if err != nil || above || locale != "C.UTF-8" && locale != "en_US.UTF-8" {
		t.Fatalf("above row-level security = %v, locale %q, error %v", above, locale, err)
	}
}

func BenchmarkDSN(b *testing.B) {
	pgtest.DSN(b) // the first one starts the server
	for b.Loop() {
		pgtest.DSN(b)
	}
}
