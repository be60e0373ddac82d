package postgres_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// runners let four processes do the same at once and gives what each thing was done by, in no order.
func runners(t *testing.T, dsn string, run func(db *postgres.DB, done func(what string)) error) (all []string) {
	t.Helper()
	var mu sync.Mutex
	var together sync.WaitGroup
	for range 4 {
		db := open(t, postgres.Config{URL: dsn})
		together.Go(func() {
			err := run(db, func(what string) {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, what)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	slices.Sort(all)
	return all
}

// eachOnce checks that n things were done, each once.
func eachOnce(t *testing.T, n int, done []string) {
	t.Helper()
	if once := slices.Compact(slices.Clone(done)); len(once) != n || len(done) != n {
		t.Errorf("%d things were done %d times, want %d once each", len(once), len(done), n)
	}
}

func TestAnyNumberOfProcessesTakeEachCallOfAHookOnce(t *testing.T) {
	t.Parallel()
	dsn, ctx := pgtest.DSN(t), context.Background()
	do(t, dsn, `INSERT INTO hook_calls (hook, data) SELECT 'books', jsonb_build_object('n', n) FROM generate_series(1, 200) n`)
	eachOnce(t, 200, runners(t, dsn, func(db *postgres.DB, done func(string)) error {
		for {
			calls, err := db.ClaimHooks(ctx, 3)
			if err != nil || len(calls) == 0 {
				return err
			}
			for _, c := range calls {
				done(string(c.Data))
				if err := db.HookSent(ctx, c.ID); err != nil {
					return err
				}
			}
		}
	}))
}

func TestW11_AnyNumberOfProcessesTellOfEachCallOnce(t *testing.T) {
	t.Parallel()
	dsn, ctx := pgtest.DSN(t), context.Background()
	do(t, dsn, `INSERT INTO conversations (id, channel, chat) SELECT n, 'whatsapp', n::text FROM generate_series(1, 100) n`,
		`INSERT INTO tasks (id, title) SELECT n, 'Call ' || n FROM generate_series(1, 100) n`,
		`INSERT INTO guard_calls (conversation_id, channel, heard_id, silent, reason, task_id, at) SELECT n, 'whatsapp', 0, true, 'guard_unanswered', n, now() FROM generate_series(1, 100) n`)
	eachOnce(t, 100, runners(t, dsn, func(db *postgres.DB, done func(string)) error {
		for {
			tx, calls, err := db.BeginGuardCalls(ctx, 3)
			if err != nil {
				return err
			}
			if tx == nil {
				return nil
			}
			for _, c := range calls {
				done(c.Task.Title)
			}
			if err := tx.Commit(ctx); err != nil {
				return err
			}
		}
	}))
}

func TestX20_AnyNumberOfProcessesRemoveEachFileOnce(t *testing.T) {
	t.Parallel()
	dsn, ctx := pgtest.DSN(t), context.Background()
	do(t, dsn, `INSERT INTO erased_files (hash) SELECT lpad(n::text, 64, '0') FROM generate_series(1, 100) n`)
	eachOnce(t, 100, runners(t, dsn, func(db *postgres.DB, done func(string)) error {
		_, err := db.EraseFiles(ctx, func(hash string) error { done(hash); return nil })
		return err
	}))
}
