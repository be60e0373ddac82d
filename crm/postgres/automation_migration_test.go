package postgres_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// sqlBeforeAutomation makes a database what it was before deals acted by themselves.
const sqlBeforeAutomation = `
DROP FUNCTION deals_count_added, deals_count_gone, deals_count_moved, deals_keep_words, contacts_keep_keys, events_keep_words, deals_drop_words, contacts_drop_keys CASCADE;
DROP TABLE role_scopes, funnel_counts, funnel_deltas, contact_keys, deal_words;
ALTER TABLE deals DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP TABLE links, timers, points;
DROP FUNCTION points_refuse_change, deals_note_owner, deals_count_owners, employees_count_deals CASCADE;
DROP INDEX events_duplicates, tasks_assignee;
ALTER TABLE deals DROP COLUMN city CASCADE, DROP COLUMN source, DROP COLUMN human_at, DROP COLUMN human_touches, DROP COLUMN robot_touches;
ALTER TABLE employees DROP COLUMN skills, DROP COLUMN sources, DROP COLUMN cap, DROP COLUMN open_deals, DROP COLUMN assigned_at,
	DROP COLUMN on_shift, DROP COLUMN shift_at, DROP COLUMN head;
ALTER TABLE tasks DROP COLUMN points, DROP COLUMN card, DROP COLUMN timer_id;
DELETE FROM goose_db_version WHERE version_id >= 2;
INSERT INTO employees (name, role) SELECT 'Ann ' || n, 'technician' FROM generate_series(1, 20) n;
INSERT INTO deals (pipeline, stage, status, owner_id) SELECT 'p', 's', 'open', 1 + n % 20 FROM generate_series(1, 20000) n`

// longestWait is how long a write may wait while the database is migrated.
const longestWait = time.Second

func TestM04_DealsAreCountedExactlyWhenTheDatabaseIsMigratedUnderLoadAndKilled(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t)
	pool, err := pgxpool.New(context.Background(), dsn)
	must(t, err)
	defer pool.Close()
	_, err = pool.Exec(context.Background(), sqlBeforeAutomation, pgx.QueryExecModeSimpleProtocol)
	must(t, err)

	var longest [2]time.Duration
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for writer := range longest {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				began := time.Now()
				if err := changeOwners(pool); err != nil {
					t.Errorf("a write fails while the database is migrated: %v", err)
				}
				longest[writer] = max(longest[writer], time.Since(began))
			}
		})
	}
	for wait := 2 * time.Millisecond; wait < 200*time.Millisecond; wait *= 2 { // killed again and again
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		if db, err := postgres.Open(ctx, postgres.Config{URL: dsn}); err == nil {
			must(t, db.Close(context.Background()))
		}
		cancel()
	}
	db := open(t, postgres.Config{URL: dsn})
	close(stop)
	writers.Wait()
	if took := max(longest[0], longest[1]); took > longestWait {
		t.Errorf("a write waited %v", took)
	}
	if got := loads(t, db); got != "exact" {
		t.Error(got)
	}
	if n := number(t, db, `SELECT (SELECT sum(deals) FROM (SELECT deals FROM funnel_counts UNION ALL SELECT deals FROM funnel_deltas) f) - (SELECT count(*) FROM deals)`); n != 0 {
		t.Errorf("the counters of stages are wrong by %d deals", n)
	}
	if n := number(t, db, `SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT indisvalid`); n != 0 {
		t.Errorf("%d broken indexes are left", n)
	}
	if n := number(t, db, `SELECT count(*) FROM pg_indexes WHERE indexname IN ('deals_parked', 'events_duplicates', 'tasks_assignee')`); n != 3 {
		t.Errorf("%d of 3 indexes are there", n)
	}
}

// changeOwners opens a deal and gives another one to somebody else, as a turn does it.
func changeOwners(pool *pgxpool.Pool) error {
	ctx := context.Background()
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO deals (pipeline, stage, status, owner_id) VALUES ('p', 's', 'open', $1)`, 1+rand.IntN(20)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE deals SET owner_id = $1 WHERE id = $2`, 1+rand.IntN(20), 1+rand.IntN(20000))
		return err
	})
}
