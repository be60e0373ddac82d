package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// sqlReportWorld is a park of two cities: Head sees everything, Ann the deals of Almaty, Bob his own.
const sqlReportWorld = `
INSERT INTO employees (id, name, role, city) VALUES (1, 'Head', 'head', ''), (2, 'Ann', 'chief', 'Almaty'), (3, 'Bob', 'manager', 'Almaty'), (4, 'Eve', 'manager', 'Astana');
INSERT INTO role_scopes (role, sees, pipelines) VALUES ('head', 'all', NULL), ('chief', 'city', NULL), ('manager', 'own', NULL);
INSERT INTO contacts (id, name) SELECT n, 'Driver ' || n FROM generate_series(1, 20) n;
INSERT INTO deals (id, pipeline, stage, status, closed_at, contact_id, owner_id, city, source, created_at) VALUES
	(1, 'drivers', 'new', 'open', NULL, 1, 3, 'Almaty', 'instagram', '2026-11-02 10:00Z'),
	(2, 'drivers', 'rides', 'won', '2026-11-20 10:00Z', 2, 3, 'Almaty', 'instagram', '2026-11-03 10:00Z'),
	(3, 'drivers', 'lost', 'lost', '2026-11-21 10:00Z', 3, 3, 'Almaty', '', '2026-11-04 10:00Z'),
	(4, 'drivers', 'new', 'open', NULL, 4, 4, 'Astana', 'instagram', '2026-11-05 10:00Z'),
	(5, 'drivers', 'new', 'open', NULL, 5, 4, 'Astana', 'site', '2026-10-31 10:00Z'),
	(6, 'drivers', 'new', 'open', NULL, 1, 3, 'Almaty', 'site', '2026-11-09 10:00Z'),
	(7, 'support', 'new', 'open', NULL, 6, 3, 'Almaty', 'site', '2026-11-09 10:00Z'),
	(8, 'shifts', 'rides', 'won', '2026-12-01 10:00Z', 4, 4, 'Astana', 'instagram', '2026-11-30 10:00Z'),
	(9, 'drivers', 'new', 'open', NULL, NULL, 4, 'Astana', 'site', '2026-11-30 10:00Z');
INSERT INTO events (at, kind, author, employee_id, deal_id, data) VALUES
	('2026-11-03 10:00Z', 'deal_moved', 'employee', 3, 3, '{"stage": "review"}'), ('2026-11-03 11:00Z', 'deal_moved', 'employee', 3, 3, '{"stage": "lost"}'),
	('2026-11-03 12:00Z', 'comment', 'employee', 3, 2, '{"text": "hello"}'), ('2026-11-03 12:00Z', 'deal_owned', 'employee', 3, 1, '{}'),
	('2026-10-03 12:00Z', 'comment', 'employee', 3, 1, '{"text": "of October"}'), ('2026-11-05 12:00Z', 'comment', 'employee', 4, 4, '{"text": "hello"}'),
	('2026-11-06 12:00Z', 'duplicate_refused', 'employee', 4, 4, '{}'), ('2026-11-06 13:00Z', 'duplicate_refused', 'employee', 4, 4, '{}'),
	('2026-11-06 14:00Z', 'duplicate_refused', 'person', NULL, 1, '{}');
UPDATE deals SET robot_touches = 4, human_at = now() - interval '30 days' WHERE id = 1;
INSERT INTO source_costs (day, source, city, code, cost) VALUES ('2026-11-02', 'instagram', 'Almaty', 'ig1', 100000), ('2026-11-30', 'instagram', 'Almaty', '', 50000),
	('2026-12-01', 'instagram', 'Almaty', '', 7), ('2026-11-02', 'instagram', 'Astana', '', 30000), ('2026-11-02', 'site', '', '', 20000);
INSERT INTO points (employee_id, contact_id, deal_id, points, reason, at) VALUES (3, NULL, NULL, 5, 'done', '2026-11-10Z'), (4, NULL, NULL, 7, 'done', '2026-11-10Z'),
	(NULL, 1, 1, 3, 'ride', '2026-11-10Z'), (NULL, 2, 2, 9, 'ride', '2026-11-10Z'), (NULL, 3, 3, -4, 'no_show', '2026-11-10Z'), (NULL, 4, 4, 8, 'ride', '2026-11-10Z'), (NULL, 4, 4, 100, 'ride', '2026-12-10Z')`

func november() postgres.Period {
	return postgres.Period{From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
}

func leadsOfNovember() postgres.LeadsWanted {
	place := func(pipeline, stage string, step int) postgres.StepPlace {
		return postgres.StepPlace{Place: postgres.Place{Pipeline: pipeline, Stage: stage}, Step: step}
	}
	return postgres.LeadsWanted{Period: november(), Pipelines: []string{"drivers"}, Steps: []postgres.StepPlace{
		place("drivers", "review", 1), place("drivers", "rides", 2), place("shifts", "rides", 2)}}
}

// reporting begins a transaction over a filled database.
func reporting(t *testing.T) (*postgres.DB, *postgres.Turns) {
	t.Helper()
	db := pgtest.New(t)
	exec(t, db, sqlReportWorld)
	tx, err := db.Begin(context.Background())
	must(t, err)
	t.Cleanup(func() { tx.Rollback(context.Background()) })
	return db, tx
}

func TestLeadsAreCountedOnceAPersonWithWhatBecameOfThem(t *testing.T) {
	t.Parallel()
	_, tx := reporting(t)
	counts, costs, err := tx.Leads(context.Background(), 1, leadsOfNovember())
	must(t, err)
	// Driver 1 came twice, driver 5 in October; driver 2 skipped the review; driver 4 rides in another pipeline; the last lead has no contact.
	if got, want := fmt.Sprint(counts), "[{instagram Almaty 2 [1 1 0]} { Almaty 1 [1 0 0]} {instagram Astana 1 [1 1 0]} {site Astana 1 [0 0 0]}]"; got != want {
		t.Errorf("leads are %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(costs), "[{instagram Almaty 150000} {instagram Astana 30000} {site  20000}]"; got != want {
		t.Errorf("costs are %s, want %s", got, want)
	}
}

func TestAReportTellsNobodyOfDealsThatTheyDontSee(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, tx := reporting(t)
	counts, costs, err := tx.Leads(ctx, 2, leadsOfNovember())
	must(t, err)
	if got, want := fmt.Sprint(counts, costs), "[{instagram Almaty 2 [1 1 0]} { Almaty 1 [1 0 0]}] [{instagram Almaty 150000}]"; got != want {
		t.Errorf("the head of a city reads %s, want %s", got, want)
	}
	counts, costs, err = tx.Leads(ctx, 4, leadsOfNovember())
	must(t, err)
	if got, want := fmt.Sprint(counts, costs), "[{instagram Astana 1 [1 1 0]} {site Astana 1 [0 0 0]}] []"; got != want {
		t.Errorf("a manager reads %s, want %s", got, want)
	}
	for _, stranger := range []crm.EmployeeID{0, 99} {
		counts, costs, err = tx.Leads(ctx, stranger, leadsOfNovember())
		if err != nil || len(counts)+len(costs) > 0 {
			t.Errorf("nobody of ours (%d) reads %v %v, %v", stranger, counts, costs, err)
		}
	}
	if n, err := tx.Deal(ctx, 4); err != nil || n.ID != 4 {
		t.Errorf("after the reports the transaction is no longer that of the program: %v", err)
	}
}

func TestTheWorkOfEmployeesIsCounted(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	_, tx := reporting(t)
	told := func(me crm.EmployeeID) string {
		work, customers, err := tx.WorkReport(ctx, me, november(), postgres.ParkedWanted{Touches: 3, Idle: 7 * 24 * time.Hour})
		must(t, err)
		text := fmt.Sprint(customers)
		for _, w := range work {
			text += fmt.Sprintf(" %s: %d %d %d %d %d %+d.", w.Name, w.Worked, w.Won, w.Lost, w.Attempts, w.Parked, w.Points)
		}
		return text
	}
	// Who only got a deal has not worked on it; what was done in October doesn't count.
	if got, want := told(1), "1 Bob: 2 1 1 0 1 +5. Eve: 1 0 0 2 0 +7."; got != want {
		t.Errorf("the head reads %s, want %s", got, want)
	}
	if got, want := told(2), "1 Bob: 2 1 1 0 1 +5."; got != want {
		t.Errorf("the head of a city reads %s, want %s", got, want)
	}
	parked, err := tx.ParkedFor(ctx, 4, postgres.ParkedWanted{Touches: 3, Idle: 7 * 24 * time.Hour, PerOwner: 3})
	if err != nil || len(parked) != 0 {
		t.Errorf("Eve hears of what is parked in Almaty: %v, %v", parked, err)
	}
}

func TestContactsAreRatedByTheBestAndTheWorst(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, tx := reporting(t)
	told := func(me crm.EmployeeID, best, worst int) string {
		list, err := tx.RatedContacts(ctx, me, november(), best, worst)
		must(t, err)
		text := ""
		for _, c := range list {
			text += fmt.Sprintf("%d/%d %s %+d. ", c.Place, c.Many, c.Name, c.Points)
		}
		return text
	}
	if got, want := told(1, 2, 1), "1/4 Driver 2 +9. 2/4 Driver 4 +8. 4/4 Driver 3 -4. "; got != want {
		t.Errorf("the head reads %s, want %s", got, want)
	}
	if got, want := told(2, 9, 9), "1/3 Driver 2 +9. 2/3 Driver 1 +3. 3/3 Driver 3 -4. "; got != want {
		t.Errorf("the head of a city reads %s, want %s", got, want)
	}
	tx.Rollback(ctx)
	exec(t, db, `UPDATE deals SET contact_id = 2 WHERE contact_id = 1; UPDATE contacts SET merged_into = 2 WHERE id = 1`)
	again, err := db.Begin(ctx)
	must(t, err)
	defer again.Rollback(ctx)
	list, err := again.RatedContacts(ctx, 1, november(), 1, 0)
	if err != nil || len(list) != 1 || list[0].Points != 12 || list[0].Times != 2 {
		t.Errorf("who was merged of two has %v, %v", list, err)
	}
}

func TestAReportThatTakesTooLongEndsAndTheTurnGoesOn(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, tx := reporting(t)
	exec(t, db, `ALTER TABLE source_costs RENAME TO slow_costs`)
	exec(t, db, `CREATE VIEW source_costs AS SELECT c.* FROM slow_costs c, LATERAL (SELECT pg_sleep(600)) s`)
	begun := time.Now()
	_, _, err := tx.Leads(ctx, 1, leadsOfNovember())
	if !errors.Is(err, crm.ErrTooBroad) {
		t.Fatalf("a slow report ends in %v", err)
	}
	if took := time.Since(begun); took > time.Minute {
		t.Errorf("it took %s", took)
	}
	if _, err := tx.Deal(ctx, 4); err != nil {
		t.Errorf("the turn does not go on: %v", err)
	}
}
