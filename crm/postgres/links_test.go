package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestALinkIsSeenFromBothSidesAndStoredOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	call, repair, mirror := deal(t, db, 0), deal(t, db, 0), deal(t, db, 0)
	child := crm.DealLinked{Deal: call, Other: repair, Kind: crm.LinkChild, Name: "repair"}
	twin := crm.DealLinked{Deal: repair, Other: mirror, Kind: crm.LinkMirror, Name: "installation"}
	write(t, db, postgres.Automation{Links: []crm.DealLinked{child}})
	write(t, db, postgres.Automation{Links: []crm.DealLinked{child, twin}})
	within(t, db, func(tx *postgres.Turns) bool {
		for id, want := range map[crm.DealID][]crm.DealLinked{call: {child}, repair: {child, twin}, mirror: {twin}} {
			if got, err := tx.Links(context.Background(), id); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("links of %d: %v, %v; want %v", id, got, err, want)
			}
		}
		return false
	})
}

func TestRefusedDuplicatesAreCountedByEmployee(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "operator", ""), employee(t, db, "Bob", "operator", "")
	exec(t, db, `INSERT INTO events (at, kind, author, employee_id) SELECT now() - a::interval, k, 'employee', e FROM (VALUES
		('1 hour', 'duplicate_refused', $1::bigint), ('2 hours', 'duplicate_refused', $1), ('3 hours', 'duplicate_refused', $2),
		('1 hour', 'deal_opened', $2), ('40 days', 'duplicate_refused', $2), ('1 hour', 'duplicate_refused', NULL)) AS v(a, k, e)`, ann, bob)
	got, err := db.Duplicates(context.Background(), postgres.Period{From: time.Now().Add(-24 * time.Hour), Until: time.Now()})
	if want := fmt.Sprintf("[{%d Ann 2} {0  1} {%d Bob 1}]", ann, bob); err != nil || fmt.Sprint(got) != want {
		t.Fatalf("duplicates %v, %v; want %s", got, err, want)
	}
}
