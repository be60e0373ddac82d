package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"

	"govorun/crm/postgres/pgtest"
	"govorun/migrations"
)

// childEnv makes the test binary a program that migrates the named database.
const childEnv = "GOVORUN_MIGRATIONS_TEST_DATABASE"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childEnv); dsn != "" {
		db, err := sql.Open("pgx", dsn)
		if err == nil {
			err = migrations.RunFiles(context.Background(), db, withSlowFile())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(pgtest.Run(m))
}

// withSlowFile is the program's own migrations and one more that sleeps between two tables while a table kill.here exists.
func withSlowFile() fs.FS {
	all := fstest.MapFS{
		"90001_slow.sql": {Data: []byte(`-- +goose Up
CREATE TABLE slow_one (id int CONSTRAINT slow_one_pkey PRIMARY KEY);
SELECT pg_sleep(CASE WHEN to_regclass('kill.here') IS NULL THEN 0 ELSE 60 END);
CREATE TABLE slow_two (id int CONSTRAINT slow_two_pkey PRIMARY KEY);
`)},
	}
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			panic(err)
		}
		all[name] = &fstest.MapFile{Data: b}
	}
	return all
}

// numbered makes migrations 1 to last, each a table of its own.
func numbered(last int) fstest.MapFS {
	all := fstest.MapFS{}
	for i := 1; i <= last; i++ {
		all[fmt.Sprintf("%05d_table.sql", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- +goose Up\nCREATE TABLE t%d (id int);\n", i)}
	}
	return all
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, files fs.FS) {
	t.Helper()
	if err := migrations.RunFiles(context.Background(), db, files); err != nil {
		t.Fatal(err)
	}
}

func do(t testing.TB, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func text(t testing.TB, db *sql.DB, query string) (v string) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

// sqlSchema writes the whole schema as lines of text, so that two databases can be compared.
const sqlSchema = `
SELECT coalesce(string_agg(line, E'\n' ORDER BY line), '') FROM (
	SELECT format('column %s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
	FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
	UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
	UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
	UNION ALL SELECT format('policy %s %s %s %s', tablename, policyname, qual, with_check) FROM pg_policies WHERE schemaname = 'public'
	UNION ALL SELECT format('function %s %s', oid::regprocedure, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
	UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger WHERE NOT tgisinternal
	UNION ALL SELECT 'version ' || version_id FROM goose_db_version
) AS lines(line)`

func TestM01_AMigrationKilledInTheMiddleRunsAgainToTheSameSchema(t *testing.T) {
	clean := open(t, pgtest.Empty(t))
	run(t, clean, withSlowFile())

	dsn := pgtest.Empty(t)
	db := open(t, dsn)
	do(t, db, `CREATE SCHEMA kill`)
	do(t, db, `CREATE TABLE kill.here ()`)
	child := startChild(t, dsn)
	eventually(t, "the child is between two tables", func() bool {
		return text(t, db, `SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()`) == "1"
	})
	kill(child)
	do(t, db, `DROP SCHEMA kill CASCADE`)

	began := time.Now()
	run(t, db, withSlowFile())
	if took := time.Since(began); took > 90*time.Second {
		t.Errorf("the killed program kept the lock for %v", took)
	}
	if got, want := text(t, db, sqlSchema), text(t, clean, sqlSchema); got != want || !strings.Contains(got, "slow_two") {
		t.Errorf("schema after a kill differs from a clean one:\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
	}
}

func TestM01_AKillAtAnyMomentOfTheFirstMigrationIsHarmless(t *testing.T) {
	clean := open(t, pgtest.Empty(t))
	run(t, clean, withSlowFile())
	want := text(t, clean, sqlSchema)
	for _, delay := range []time.Duration{5, 20, 40, 80} {
		dsn := pgtest.Empty(t)
		child := startChild(t, dsn)
		db := open(t, dsn)
		eventually(t, "the child has connected, or is done already", func() bool {
			return text(t, db, `SELECT (count(*) > 1 OR to_regclass('slow_two') IS NOT NULL)::text FROM pg_stat_activity WHERE datname = current_database()`) == "true"
		})
		time.Sleep(delay * time.Millisecond) // a different moment each time is the point
		kill(child)
		run(t, db, withSlowFile())
		if got := text(t, db, sqlSchema); got != want {
			t.Errorf("schema after a kill at %d ms differs from a clean one:\n%s", delay, cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
	}
}

func TestM02_OfManyNewInstancesOneMigrates(t *testing.T) {
	dsn := pgtest.Empty(t)
	files := numbered(5)
	files["00006_slow.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT pg_sleep(0.2);\n")}
	var instances sync.WaitGroup
	for range 4 {
		db := open(t, dsn)
		instances.Go(func() {
			if err := migrations.RunFiles(context.Background(), db, files); err != nil {
				t.Errorf("an instance: %v", err)
			}
		})
	}
	instances.Wait()
	if got := text(t, open(t, dsn), `SELECT string_agg(version_id::text, ' ' ORDER BY id) FROM goose_db_version`); got != "0 1 2 3 4 5 6" {
		t.Errorf("applied: %s", got)
	}
}

func TestM03_AnOlderProgramRefusesANewerSchema(t *testing.T) {
	db := open(t, pgtest.Empty(t))
	run(t, db, numbered(7))
	err := migrations.RunFiles(context.Background(), db, numbered(5))
	var newer *migrations.NewerError
	if !errors.As(err, &newer) || err.Error() != "database is at version 7, this program knows 5: start the newer program" {
		t.Fatalf("got %v", err)
	}
}

func TestM03_AnOlderProgramThatWaitedForANewerOneRefusesToo(t *testing.T) {
	dsn := pgtest.Empty(t)
	newer := numbered(2)
	newer["00001_table.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT pg_sleep(0.5);\n")}
	done := make(chan error, 1)
	first := open(t, dsn)
	go func() { done <- migrations.RunFiles(context.Background(), first, newer) }()
	db := open(t, dsn)
	eventually(t, "the newer program is at work", func() bool {
		return text(t, db, `SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()`) == "true"
	})
	err := migrations.RunFiles(context.Background(), db, numbered(1))
	var refused *migrations.NewerError
	if !errors.As(err, &refused) {
		t.Errorf("the older program: %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("the newer program: %v", err)
	}
}

func TestM04_AMigrationThatWaitsForABusyTableLetsOthersThrough(t *testing.T) {
	dsn := pgtest.Empty(t)
	db := open(t, dsn)
	run(t, db, numbered(1))
	reader, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := reader.Exec(`SELECT * FROM t1`); err != nil { // a lock that ALTER TABLE must wait for
		t.Fatal(err)
	}
	files := numbered(1)
	files["00002_alter.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nALTER TABLE t1 ADD COLUMN name text;\n")}
	done := make(chan error, 1)
	go func() { done <- migrations.RunFiles(context.Background(), db, files) }()
	eventually(t, "the migration waits for the table", func() bool {
		return text(t, db, `SELECT (count(*) > 0)::text FROM pg_locks WHERE NOT granted`) == "true"
	})
	for range 3 {
		began := time.Now()
		do(t, db, `INSERT INTO t1 (id) VALUES (1)`)
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("a write stood still for %v", took)
		}
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	do(t, db, `INSERT INTO t1 (id, name) VALUES (2, 'Ann')`)
	if got := text(t, db, `SHOW lock_timeout`); got != "0" {
		t.Errorf("a connection keeps the migration's lock_timeout: %s", got)
	}
}

func TestACurrentSchemaCostsOneQueryAndNoLock(t *testing.T) {
	ctx := context.Background()
	db := open(t, pgtest.DSN(t))
	holder, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	if _, err := holder.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(0x676f766f72756e)); err != nil {
		t.Fatal(err)
	}
	bounded, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	if err := migrations.Run(bounded, db); err != nil {
		t.Fatal(err)
	}
}

func TestABrokenMigrationIsNamedAndLeavesNothing(t *testing.T) {
	db := open(t, pgtest.Empty(t))
	files := numbered(2)
	files["00003_broken.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE t3 (id int);\nCREATE TABLE t1 (id int);\n")}
	err := migrations.RunFiles(context.Background(), db, files)
	if err == nil || !strings.Contains(err.Error(), "00003_broken.sql") {
		t.Fatalf("got %v", err)
	}
	if got := text(t, db, `SELECT (to_regclass('t2') IS NOT NULL AND to_regclass('t3') IS NULL)::text`); got != "true" {
		t.Error("the broken migration has left something, or those before it have not")
	}
}

func BenchmarkCurrentSchema(b *testing.B) {
	db := open(b, pgtest.DSN(b))
	for b.Loop() {
		if err := migrations.Run(context.Background(), db); err != nil {
			b.Fatal(err)
		}
	}
}

func startChild(t *testing.T, dsn string) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dsn)
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(child) })
	return child
}

// kill ends a child like kill -9 does; a second time it does nothing.
func kill(child *exec.Cmd) {
	_ = child.Process.Kill()
	_ = child.Wait()
}

// eventually waits for something outside this process, which sends no signal.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(2 * time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not within 2 minutes: %s", what)
		}
	}
}
