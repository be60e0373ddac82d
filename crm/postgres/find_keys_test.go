package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// TestWhatIsSearchedFollowsPeopleThatMergePartAndAreErased looks for one person through all that happens to them.
func TestWhatIsSearchedFollowsPeopleThatMergePartAndAreErased(t *testing.T) {
	t.Parallel()
	db, ctx := pgtest.New(t), context.Background()
	exec(t, db, `INSERT INTO employees (name, role) VALUES ('Head', 'head')`)
	exec(t, db, `INSERT INTO role_scopes (role, sees) VALUES ('head', 'all')`)
	exec(t, db, `INSERT INTO contacts (id, name, phone) VALUES (1, '', NULL), (2, 'Zara Ibrahim', '+77075554433')`)
	exec(t, db, `INSERT INTO deals (id, pipeline, stage, status, contact_id, title) VALUES (1, 'p', 's', 'open', 1, ''), (2, 'p', 's', 'open', 2, 'Broken grinder')`)
	exec(t, db, `INSERT INTO events (id, at, kind, author, deal_id, data) VALUES (9, now(), 'comment', 'employee', 1, '{"text": "key under the mat"}'), (10, now(), 'comment', 'employee', 1, '{"text": null}')`)
	find := func(when string, key crm.FilterKey, word string, want int) {
		t.Helper()
		tx, err := db.Begin(ctx)
		must(t, err)
		defer tx.Rollback(ctx)
		for _, reach := range []int{0, 500} {
			found, err := tx.FindNear(ctx, 1, crm.Filter{Conditions: []crm.Condition{{Key: key, Words: []string{word}}}}, postgres.Page{Size: 5}, reach)
			must(t, err)
			if found.Total != want {
				t.Errorf("%s, %s %q finds %d deals, not %d", when, key, word, found.Total, want)
			}
		}
	}
	both := func(when string, want int) {
		t.Helper()
		find(when, crm.ByName, "ibrahim zara", want)
		find(when, crm.ByPhone, "5554433", want)
	}
	both("before", 1)
	merged, err := db.Merge(ctx, 1, 2)
	must(t, err)
	both("merged", 2)
	_, err = db.Unmerge(ctx, merged.ID)
	must(t, err)
	both("parted", 1)
	exec(t, db, `UPDATE contacts SET name = '', phone = NULL WHERE id = 2`)
	both("forgotten", 0)

	find("before", crm.ByText, "mat", 1)
	exec(t, db, `UPDATE events SET data = '{"text": "key in the box"}' WHERE id = 9`)
	find("corrected", crm.ByText, "mat", 0)
	find("corrected", crm.ByText, "box", 1)
	exec(t, db, `UPDATE events SET data = '{}' WHERE id = 9`)
	find("emptied", crm.ByText, "box", 0)
	exec(t, db, `DELETE FROM deals WHERE id = 2`)
	exec(t, db, `DELETE FROM contact_merges`)
	exec(t, db, `UPDATE events SET contact_id = NULL`)
	exec(t, db, `DELETE FROM contacts WHERE id = 2`)
	if n := number(t, db, `SELECT (SELECT count(*) FROM contact_keys WHERE contact_id = 2) + (SELECT count(*) FROM deal_words WHERE deal_id = 2 OR event_id IN (9, 10))`); n != 0 {
		t.Errorf("%d rows are left to be searched", n)
	}
}

// A server plans a statement once a connection only if its text stays the same.
func TestTheTextOfASearchDependsOnNoValueAndNoPage(t *testing.T) {
	t.Parallel()
	filter := func(word, city string, day time.Time, owner int64) crm.Filter {
		return crm.Filter{Conditions: []crm.Condition{{Key: crm.ByText, Words: []string{word}}, {Key: crm.ByCity, Words: []string{city}}, {Key: crm.ByCreated, From: day}, {Key: crm.ByOwner, IDs: []int64{owner}, Not: true}}}
	}
	one := postgres.FindStatement(3, filter("grinder", "Astana", time.Unix(1, 0), 8), postgres.Page{Size: 5})
	other := postgres.FindStatement(4, filter("mill", "Almaty", time.Unix(9e8, 0), 9), postgres.Page{Skip: 35, Size: 10})
	if one != other {
		t.Errorf("one\n%s\nother\n%s", one, other)
	}
	if strings.Contains(one, "grinder") || strings.Contains(one, "Astana") {
		t.Errorf("a value stands in the text:\n%s", one)
	}
}
