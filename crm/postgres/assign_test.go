package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func pick(t testing.TB, tx *postgres.Turns, w postgres.Wanted) crm.EmployeeID {
	t.Helper()
	e, err := tx.Pick(context.Background(), w)
	must(t, err)
	return e.ID
}

func TestAnOwnerIsNearAtWorkSkilledBelowTheCapAndNotTriedYet(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	names := map[crm.EmployeeID]string{0: "nobody"}
	hire := func(name, role, city string, more ...string) {
		names[employee(t, db, name, role, city, more...)] = name
	}
	hire("Ann", "technician", "Almaty", "skills = '{repair}'", "open_deals = 3")
	hire("Bob", "technician", "Almaty", "skills = '{repair,filling}'", "open_deals = 1", "cap = 2")
	hire("Eve", "technician", "Taraz", "sources = '{phone}'")
	hire("Kim", "technician", "Astana", "on_shift = NULL")
	hire("Max", "technician", "Almaty", "on_shift = false")
	hire("Old", "technician", "Almaty", "active = false")
	hire("Zoe", "operator", "Almaty")
	south := []string{"Taraz", "Shymkent"}
	by := map[string]crm.EmployeeID{}
	for id, name := range names {
		by[name] = id
	}
	for _, c := range []struct {
		what, want string
		w          postgres.Wanted
	}{
		{"least load in the city", "Bob", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Almaty"}, Region: south, Reach: postgres.ReachAll}},
		{"one's own cap", "Ann", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Almaty", Tried: []crm.EmployeeID{by["Bob"]}}}},
		{"the cap of the rule", "Bob", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Almaty", Cap: 3}}},
		{"nobody below the cap", "nobody", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Almaty", Cap: 1}}},
		{"the region when the city is full", "Eve", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Almaty", Cap: 1}, Region: south, Reach: postgres.ReachRegion}},
		{"another source", "nobody", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Taraz", Source: "chat"}, Region: south, Reach: postgres.ReachRegion}},
		{"no shift, outside hours", "nobody", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Astana"}}},
		{"no shift, within hours", "Kim", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Astana"}, Hours: true}},
		{"hours, but not there", "nobody", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Astana"}, Hours: true, Except: []string{"Astana"}}},
		{"hours there only", "Kim", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Astana"}, Except: []string{"Astana"}}},
		{"anywhere", "Eve", postgres.Wanted{OwnerWanted: crm.OwnerWanted{City: "Oral"}, Reach: postgres.ReachAll}},
		{"a skill", "Bob", postgres.Wanted{OwnerWanted: crm.OwnerWanted{Skill: "filling"}}},
		{"no city at all", "Eve", postgres.Wanted{}},
		{"a role nobody has", "nobody", postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "lawyer"}}},
	} {
		if c.w.Role == "" {
			c.w.Role = "technician"
		}
		within(t, db, func(tx *postgres.Turns) bool {
			if got := names[pick(t, tx, c.w)]; got != c.want {
				t.Errorf("%s: %s, want %s", c.what, got, c.want)
			}
			return false
		})
	}
}

func TestPicksOfOneTransactionSeeEachOther(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ann := employee(t, db, "Ann", "technician", "", "open_deals = 0", "assigned_at = now() - interval '1 hour'")
	bob := employee(t, db, "Bob", "technician", "", "open_deals = 1", "assigned_at = now() - interval '2 hours'")
	for how, want := range map[crm.Pick][]crm.EmployeeID{crm.PickLoad: {ann, bob, ann, bob}, crm.PickQueue: {bob, ann, bob, ann}} {
		within(t, db, func(tx *postgres.Turns) bool {
			var got []crm.EmployeeID
			for range 4 {
				got = append(got, pick(t, tx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "technician", Pick: how}}))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("by %s: %v, want %v", how, got, want)
			}
			return false
		})
	}
}

func TestWhoGotADealLastStandsAtTheEndOfTheQueue(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	people := []crm.EmployeeID{employee(t, db, "Ann", "operator", ""), employee(t, db, "Bob", "operator", ""), employee(t, db, "Eve", "operator", "")}
	for i := range 9 {
		var got crm.EmployeeID
		within(t, db, func(tx *postgres.Turns) bool {
			got = pick(t, tx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "operator", Pick: crm.PickQueue}})
			tx.Changes.Deals = append(tx.Changes.Deals, postgres.DealRow{ID: crm.DealID(i + 1), Pipeline: "p", Stage: "s", Status: crm.DealOpen, Owner: got})
			return true
		})
		if got != people[i%3] {
			t.Fatalf("deal %d: employee %d, want %d", i, got, people[i%3])
		}
	}
}

func TestTheHeadOfTheCityAnswersEvenWhenGoneHome(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	employee(t, db, "Ann", "manager", "Almaty")
	boss := employee(t, db, "Boss", "manager", "Almaty", "head = true", "on_shift = false")
	far := employee(t, db, "Far", "manager", "Astana")
	within(t, db, func(tx *postgres.Turns) bool {
		for city, want := range map[string]crm.EmployeeID{"Almaty": boss, "Astana": far, "Taraz": boss, "": boss} {
			if got, err := tx.Head(context.Background(), "manager", city, []string{"Almaty"}); err != nil || got != want {
				t.Errorf("head of %q: %d, %v; want %d", city, got, err, want)
			}
		}
		if got, err := tx.Head(context.Background(), "lawyer", "", nil); got != 0 || err != nil {
			t.Errorf("head of a role nobody has: %d, %v", got, err)
		}
		return false
	})
}

// distribute opens deals from two processes at once, each picked an owner, and gives the difference of the loads.
func distribute(t testing.TB, dsn string, people, deals int) (spread int64) {
	ctx := context.Background()
	const workers = 4
	results := make(chan error, workers)
	var one *postgres.DB
	for process := range 2 {
		db, err := postgres.Open(ctx, postgres.Config{URL: dsn})
		must(t, err)
		defer db.Close(ctx)
		if one == nil {
			one = db
			exec(t, db, `INSERT INTO employees (name, role, on_shift) SELECT 'Ann ' || n, 'technician', true FROM generate_series(1, $1) n`, people)
		}
		for worker := range 2 {
			go func() { results <- openAll(db, process*2+worker, workers, deals) }()
		}
	}
	for range workers {
		must(t, <-results)
	}
	if n := number(t, one, `SELECT sum(open_deals) FROM employees`); n != int64(deals) {
		t.Fatalf("%d deals counted, %d opened", n, deals)
	}
	return number(t, one, `SELECT max(open_deals) - min(open_deals) FROM employees`)
}

// openAll opens every so many-th deal from the first on, and picks its owner.
func openAll(db *postgres.DB, first, step, deals int) error {
	ctx := context.Background()
	for i := first; i < deals; i += step {
		tx, err := db.Begin(ctx)
		if err != nil {
			return err
		}
		owner, err := tx.Pick(ctx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "technician", Cap: deals}})
		if err != nil || owner.ID == 0 {
			tx.Rollback(ctx)
			return fmt.Errorf("deal %d: owner %d: %w", i, owner.ID, err)
		}
		tx.Changes.Deals = append(tx.Changes.Deals, postgres.DealRow{ID: crm.DealID(i + 1), Pipeline: "p", Stage: "s", Status: crm.DealOpen, Owner: owner.ID})
		if err := tx.Commit(ctx); err != nil {
			return err
		}
	}
	return nil
}

func TestTwoProcessesShareDealsAsExactlyAsOne(t *testing.T) {
	t.Parallel()
	if spread := distribute(t, pgtest.DSN(t), 200, 1000); spread > 1 {
		t.Fatalf("loads differ by %d", spread)
	}
}

func BenchmarkPickOneOf200(b *testing.B) {
	db := pgtest.New(b)
	exec(b, db, `INSERT INTO employees (name, role, on_shift) SELECT 'Ann ' || n, 'technician', true FROM generate_series(1, 200) n`)
	for b.Loop() {
		within(b, db, func(tx *postgres.Turns) bool {
			id := pick(b, tx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "technician", Cap: 1 << 30}})
			tx.Changes.DealMoves = append(tx.Changes.DealMoves, postgres.DealMove{ID: 1, Owner: id})
			return true
		})
	}
}
