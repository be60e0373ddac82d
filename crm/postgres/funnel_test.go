package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// funnel reads the counts that an employee sees.
func funnel(t testing.TB, db *postgres.DB, me crm.EmployeeID) map[string]int {
	t.Helper()
	tx, err := db.Begin(context.Background())
	must(t, err)
	defer tx.Rollback(context.Background())
	counts, err := tx.Funnel(context.Background(), me)
	must(t, err)
	all := map[string]int{}
	for _, c := range counts {
		all[c.Pipeline+"."+c.Stage] = c.Deals
	}
	return all
}

func TestTheFunnelCountsWhatARoleSeesWhoeverWrites(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	all := world(t, db)
	check := func(when string, wanted func(w who, d row) bool) {
		t.Helper()
		for _, me := range everybody {
			want := map[string]int{}
			for _, d := range all {
				if wanted(me, d) {
					want[d.Pipeline+"."+d.Stage]++
				}
			}
			if diff := cmp.Diff(want, funnel(t, db, me.id)); diff != "" {
				t.Errorf("%s, employee %d:\n%s", when, me.id, diff)
			}
		}
	}
	rule := func(w who, d row) bool {
		looks := w.pipelines == nil || len(w.pipelines) > 0 && contains(w.pipelines, d.Pipeline)
		switch w.sees {
		case "all":
			return looks
		case "city":
			return looks && (d.City == "" || w.city == "" || d.City == w.city)
		case "nothing":
			return false
		}
		return d.Status == crm.DealOpen && w.mayRead(d) && (d.Owner == w.id || w.sees == "crew" && d.Crew == w.crew)
	}
	check("before anything was added up", rule)
	if n, err := db.FoldFunnel(context.Background()); err != nil || n == 0 {
		t.Fatalf("%d changes were added up, %v", n, err)
	}
	check("after", rule)
	exec(t, db, `UPDATE deals SET stage = 'work' WHERE id % 4 = 0 AND status = 'open'`)
	exec(t, db, `UPDATE deals SET city = 'Шымкент' WHERE id % 5 = 0`)
	for i := range all {
		if all[i].ID%4 == 0 && all[i].Status == crm.DealOpen {
			all[i].Stage = "work"
		}
		if all[i].ID%5 == 0 {
			all[i].City = "Шымкент"
		}
	}
	check("after moves", rule)
	if n, err := db.FoldFunnel(context.Background()); err != nil || n == 0 || number(t, db, `SELECT count(*) FROM funnel_deltas`) != 0 {
		t.Fatalf("%d changes were added up, %v", n, err)
	}
	check("after moves that were added up", rule)
}

func TestDealsOfTheForgottenStandNowhereAndOthersWhereTheyEnded(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO employees (name, role) VALUES ('Head', 'head'); INSERT INTO role_scopes (role, sees) VALUES ('head', 'all')`)
	exec(t, db, `INSERT INTO deals (pipeline, stage, status, city, closed_at) VALUES ('p', 'new', 'open', 'Алматы', NULL),
		('p', 'new', 'open', 'Алматы', NULL), ('p', 'done', 'won', 'Алматы', now())`)
	stand := func(what string, want map[string]int) {
		t.Helper()
		if diff := cmp.Diff(want, funnel(t, db, 1)); diff != "" {
			t.Errorf("%s:\n%s", what, diff)
		}
	}
	stand("before", map[string]int{"p.new": 2, "p.done": 1})
	exec(t, db, `UPDATE deals SET status = 'lost', closed_at = now(), lost_reason = 'forgotten' WHERE id = 1`) // as an erasure does
	stand("forgotten", map[string]int{"p.new": 1, "p.done": 1})
	exec(t, db, `UPDATE deals SET city = 'Астана'`)
	stand("moved to another city", map[string]int{"p.new": 1, "p.done": 1})
	exec(t, db, `UPDATE deals SET status = 'lost', closed_at = now(), lost_reason = 'price', stage = 'refused' WHERE id = 2`)
	stand("lost", map[string]int{"p.refused": 1, "p.done": 1})
	exec(t, db, `DELETE FROM deals WHERE id <= 2`)
	stand("deleted", map[string]int{"p.done": 1})
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

func TestCountersStayExactWhileManyWriteAndSeveralAddUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var work sync.WaitGroup
	for writer := range 4 {
		work.Go(func() {
			for n := range 40 {
				_, err := db.Pool.Exec(context.Background(), `INSERT INTO deals (pipeline, stage, status) VALUES ('p', $1, 'open')`, fmt.Sprint("s", (writer+n)%3))
				if err == nil {
					_, err = db.Pool.Exec(context.Background(), `UPDATE deals SET stage = 's0' WHERE id = (SELECT id FROM deals WHERE stage = 's1' LIMIT 1 FOR UPDATE SKIP LOCKED)`)
				}
				if err != nil {
					t.Error(err)
				}
				if n%10 == writer {
					if _, err := db.FoldFunnel(context.Background()); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	work.Wait()
	if n := number(t, db, `SELECT count(*) FROM (SELECT pipeline, stage, city, count(*) AS n FROM deals GROUP BY 1, 2, 3) d
		FULL JOIN (SELECT pipeline, stage, city, sum(deals) AS n FROM (SELECT pipeline, stage, city, deals FROM funnel_counts
		UNION ALL SELECT pipeline, stage, city, deals FROM funnel_deltas) u GROUP BY 1, 2, 3) c USING (pipeline, stage, city) WHERE coalesce(d.n, 0) <> coalesce(c.n, 0)`); n > 0 {
		t.Errorf("%d counters are wrong", n)
	}
}
