package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// loads writes the counted open deals beside the real ones where they differ.
func loads(t *testing.T, db *postgres.DB) string {
	t.Helper()
	return value(t, db, `SELECT coalesce(string_agg(format('%s: %s counted, %s open', name, open_deals, real), '; ' ORDER BY id), 'exact') FROM (
		SELECT e.*, (SELECT count(*) FROM deals WHERE owner_id = e.id AND status = 'open') AS real FROM employees e) x WHERE open_deals <> real`)
}

func TestOpenDealsAreCountedWhoeverWrites(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "technician", "Almaty"), employee(t, db, "Bob", "technician", "Almaty")
	id := deal(t, db, ann)
	for _, step := range []struct {
		what     string
		sql      string
		ann, bob int64
	}{
		{"opened", `SELECT`, 1, 0},
		{"given to Bob", fmt.Sprintf(`UPDATE deals SET owner_id = %d`, bob), 0, 1},
		{"touched", `UPDATE deals SET title = 'x', owner_id = owner_id`, 0, 1},
		{"closed", `UPDATE deals SET status = 'won', closed_at = now()`, 0, 0},
		{"given to Ann when closed", fmt.Sprintf(`UPDATE deals SET owner_id = %d`, ann), 0, 0},
		{"opened again", `UPDATE deals SET status = 'open', closed_at = NULL`, 1, 0},
		{"freed", `UPDATE deals SET owner_id = NULL`, 0, 0},
		{"many at once", fmt.Sprintf(`INSERT INTO deals (pipeline, stage, status, owner_id) SELECT 'p', 's', 'open', %d + n %% 2 FROM generate_series(1, 5000) n`, ann), 2500, 2500},
		{"deleted", fmt.Sprintf(`DELETE FROM deals WHERE owner_id = %d`, bob), 2500, 0},
	} {
		exec(t, db, step.sql)
		a, b := number(t, db, `SELECT open_deals FROM employees WHERE id = $1`, ann), number(t, db, `SELECT open_deals FROM employees WHERE id = $1`, bob)
		if a != step.ann || b != step.bob {
			t.Fatalf("%s: Ann has %d, Bob %d; want %d, %d", step.what, a, b, step.ann, step.bob)
		}
	}
	_ = id
}

func TestWhatIsRolledBackIsNotCounted(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann := employee(t, db, "Ann", "technician", "Almaty")
	give := func(tx pgx.Tx) {
		_, err := tx.Exec(ctx, `INSERT INTO deals (pipeline, stage, status, owner_id) VALUES ('p', 's', 'open', $1)`, ann)
		must(t, err)
	}
	tx, err := db.Pool.Begin(ctx)
	must(t, err)
	give(tx)
	inner, err := tx.Begin(ctx)
	must(t, err)
	give(inner)
	must(t, inner.Rollback(ctx))
	give(tx)
	must(t, tx.Commit(ctx))
	tx, err = db.Pool.Begin(ctx)
	must(t, err)
	give(tx)
	must(t, tx.Rollback(ctx))
	if got := loads(t, db); got != "exact" {
		t.Fatal(got)
	}
	if n := number(t, db, `SELECT open_deals FROM employees`); n != 2 {
		t.Fatalf("%d deals counted, want 2", n)
	}
}

func TestM07_TransactionsThatChangeOwnersCrosswiseNeverWaitForEachOther(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	people := []crm.EmployeeID{employee(t, db, "Ann", "technician", ""), employee(t, db, "Bob", "technician", ""), employee(t, db, "Eve", "technician", "")}
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for round := range 60 {
				err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
					for i := range people {
						who := people[(i*(1+worker%2)+round+worker)%len(people)]
						if _, err := tx.Exec(ctx, `INSERT INTO deals (pipeline, stage, status, owner_id) VALUES ('p', 's', 'open', $1)`, who); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("worker %d, round %d: %v", worker, round, err)
				}
			}
		})
	}
	wg.Wait()
	if got := loads(t, db); got != "exact" {
		t.Fatal(got)
	}
}
