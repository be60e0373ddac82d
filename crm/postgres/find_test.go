package postgres_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// sayings are what people type, and what they should not.
var sayings = []string{"кофе", "КОФЕ не", "ремонт", "айгуль", "Айгүл Серік", "петров иван", "петр", "o'neil", "100%", "%", "_", "' OR 1=1--", "\\", "", " ", "\x00", "\xff", "obe", "beans coff",
	"охран", "4", "12", "А1ВС 01", "a 1 bc-01", "№ 7", "+7707", "8 (707) 001-58-38", "0015838", "838", "абая 10", "Мангилик", "достык 5", "новый", "\U0001f600", "a:* & b", "'')", "қайтару"}

var moments = []time.Time{{}, time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 12, 12, 0, 0, 0, time.UTC), time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC),
	time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(200000, 1, 1, 0, 0, 0, 0, time.UTC)}

var keysOfFilters = []crm.FilterKey{crm.ByNumber, crm.ByPipeline, crm.ByStage, crm.ByStatus, crm.ByCity, crm.ByOwner, crm.ByCrew, crm.BySource, crm.ByText, crm.ByPhone, crm.ByCode, crm.ByName,
	crm.ByAddress, crm.ByField, crm.ByDay, crm.ByCreated, crm.ByEntered, crm.ByClosed, crm.ByDue, crm.ByVisit, "nonsense"}

func drawCondition(t *rapid.T) crm.Condition {
	words := append([]string{"repairs", "calls", "sales", "open", "won", "lost", "Алматы", "Астана", "bot", "web", "Снэк", "много", "true"}, sayings...)
	number := func(label string) *float64 {
		if rapid.Bool().Draw(t, label+"?") {
			return nil
		}
		n := rapid.SampledFrom([]float64{0, 7, 100, -1e300, 1e300, 199.5}).Draw(t, label)
		return &n
	}
	c := crm.Condition{Key: rapid.SampledFrom(keysOfFilters).Draw(t, "key"), Not: rapid.IntRange(0, 3).Draw(t, "not") == 0,
		Words: rapid.SliceOfN(rapid.SampledFrom(words), 0, 3).Draw(t, "words"), IDs: rapid.SliceOfN(rapid.Int64Range(-1, 12), 0, 3).Draw(t, "ids"),
		Field: rapid.SampledFrom([]string{"sum", "kind", "day", "", "\x00sum", "'"}).Draw(t, "field"),
		From:  rapid.SampledFrom(moments).Draw(t, "from"), To: rapid.SampledFrom(moments).Draw(t, "to")}
	if c.Key == crm.ByField {
		c.Least, c.Most = number("least"), number("most")
	}
	for range rapid.IntRange(0, 2).Draw(t, "stages") {
		c.Stages = append(c.Stages, crm.Stage{Pipeline: rapid.SampledFrom([]string{"repairs", "sales", "x\x00"}).Draw(t, "pipeline"), Stage: rapid.SampledFrom([]string{"new", "done", "'"}).Draw(t, "stage")})
	}
	return c
}

func drawFilter(t *rapid.T) crm.Filter {
	f := crm.Filter{Sort: rapid.SampledFrom([]crm.Sort{"", "", crm.SortNumber, crm.SortEntered, crm.SortDue, crm.SortVisit, crm.SortCity, "nonsense; DROP"}).Draw(t, "sort"), Desc: rapid.Bool().Draw(t, "desc")}
	for range rapid.IntRange(0, 3).Draw(t, "conditions") {
		f.Conditions = append(f.Conditions, drawCondition(t))
	}
	return f
}

// plainOrder sorts like a filter does, without SQL.
func plainOrder(f crm.Filter, all []row) {
	later := func(a, b time.Time) int { // nothing comes last, whatever the direction
		switch {
		case a.IsZero() || b.IsZero():
			return cmp.Compare(b.Unix(), a.Unix()) * btoi(a.IsZero() != b.IsZero())
		case f.Desc:
			return b.Compare(a)
		}
		return a.Compare(b)
	}
	slices.SortStableFunc(all, func(a, b row) int {
		c, turn := 0, 1
		if f.Desc {
			turn = -1
		}
		switch f.Sort {
		case crm.SortNumber:
			return turn * cmp.Compare(a.ID, b.ID)
		case crm.SortEntered:
			c = turn * a.EnteredAt.Compare(b.EnteredAt)
		case crm.SortCity:
			c = turn * cmp.Compare(a.City, b.City)
		case crm.SortDue:
			c = later(a.DueAt, b.DueAt)
		case crm.SortVisit:
			c = later(a.VisitAt, b.VisitAt)
		default:
			return turn * cmp.Compare(b.ID, a.ID)
		}
		return cmp.Or(c, cmp.Compare(b.ID, a.ID))
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestX07_AnyFilterFindsExactlyWhatAPlainLookFinds compares what SQL finds, under the policies, with what a loop over all deals finds.
func TestX07_AnyFilterFindsExactlyWhatAPlainLookFinds(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	all := world(t, db)
	ctx := context.Background()
	rapid.Check(t, func(r *rapid.T) {
		f, me := drawFilter(r), rapid.SampledFrom(everybody).Draw(r, "who")
		page := postgres.Page{Skip: rapid.IntRange(-1, 12).Draw(r, "skip"), Size: rapid.IntRange(1, 9).Draw(r, "size")}
		var wanted []row
		for _, d := range all {
			if me.mayRead(d) && plainFits(cleaned(f), d) {
				wanted = append(wanted, d)
			}
		}
		plainOrder(f, wanted)
		tx, err := db.Begin(ctx)
		must(t, err)
		defer tx.Rollback(ctx)
		found, err := tx.FindNear(ctx, me.id, f, page, rapid.SampledFrom([]int{0, 3, 40, 500}).Draw(r, "near"))
		if err != nil {
			r.Fatalf("%+v for %d: %v", f, me.id, err)
		}
		var got, want []crm.DealID
		for _, d := range found.Deals {
			got = append(got, d.ID)
		}
		skip := max(0, page.Skip)
		for _, d := range wanted[min(skip, len(wanted)):min(skip+page.Size, len(wanted))] {
			want = append(want, d.ID)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			r.Fatalf("%d, %+v, page %+v:\n%s", me.id, f, page, diff)
		}
		if found.Total > len(wanted) || !found.AtLeast && found.Total != len(wanted) {
			r.Fatalf("%d, %+v: %d counted (at least: %t), there are %d", me.id, f, found.Total, found.AtLeast, len(wanted))
		}
		if n := number(t, db, `SELECT count(*) FROM deals`); n != int64(len(all)) {
			r.Fatalf("%d deals are left", n)
		}
	})
}

// cleaned is a filter without what no database stores, and in the years it knows.
func cleaned(f crm.Filter) crm.Filter {
	strip := func(s string) string {
		return string(slices.DeleteFunc([]rune(s), func(r rune) bool { return r == 0 || r == '\ufffd' }))
	}
	f.Conditions = slices.Clone(f.Conditions)
	for i := range f.Conditions {
		c := &f.Conditions[i]
		c.Field, c.Words, c.Stages = strip(c.Field), slices.Clone(c.Words), slices.Clone(c.Stages)
		for n := range c.Words {
			c.Words[n] = strip(c.Words[n])
		}
		for n := range c.Stages {
			c.Stages[n].Pipeline = strip(c.Stages[n].Pipeline)
		}
	}
	return f
}

func TestX06_AnEmployeeNeverReadsAnothersDealByAnyQuery(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	all := world(t, db)
	ctx := context.Background()
	for _, me := range everybody {
		tx, err := db.Pool.Begin(ctx)
		must(t, err)
		id := int64(me.id)
		if id <= 0 {
			id = -1
		}
		_, err = tx.Exec(ctx, `SELECT see_as($1)`, id)
		must(t, err)
		seen := map[int64]bool{}
		rows, err := tx.Query(ctx, `SELECT id FROM deals WHERE true OR 1 = 1`)
		must(t, err)
		for rows.Next() {
			var deal int64
			must(t, rows.Scan(&deal))
			seen[deal] = true
		}
		must(t, rows.Err())
		for _, d := range all {
			if me.mayRead(d) != seen[int64(d.ID)] {
				t.Errorf("employee %d, deal %d %s %s %s owner %d crew %d: seen %t", me.id, d.ID, d.Pipeline, d.Status, d.City, d.Owner, d.Crew, seen[int64(d.ID)])
			}
		}
		for _, sql := range []string{`SELECT count(*) FROM events WHERE deal_id <> ALL ($1)`, `SELECT count(*) FROM bookings WHERE deal_id <> ALL ($1)`, `SELECT count(*) FROM attachments WHERE deal_id <> ALL ($1)`,
			`SELECT count(*) FROM contacts c WHERE NOT EXISTS (SELECT FROM deals d WHERE d.contact_id = c.id AND d.id = ANY ($1))`} {
			var others int
			deals := make([]int64, 0, len(seen))
			for deal := range seen {
				deals = append(deals, deal)
			}
			must(t, tx.QueryRow(ctx, sql, deals).Scan(&others))
			if others > 0 {
				t.Errorf("employee %d: %s: %d", me.id, sql, others)
			}
		}
		var changed int64
		for _, sql := range []string{`UPDATE deals SET title = 'mine' WHERE id = $1`, `DELETE FROM events WHERE deal_id = $1`} {
			for _, d := range all {
				if !seen[int64(d.ID)] {
					tag, err := tx.Exec(ctx, sql, d.ID)
					must(t, err)
					changed += tag.RowsAffected()
				}
			}
		}
		if changed > 0 {
			t.Errorf("employee %d changed %d rows of others", me.id, changed)
		}
		must(t, tx.Rollback(ctx))
	}
}

func TestX06_ADealOfAnotherIsNotFoundAndNotLocked(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	all := world(t, db)
	ctx := context.Background()
	for _, me := range everybody {
		tx, err := db.Begin(ctx)
		must(t, err)
		for _, d := range all[:60] {
			v, err := tx.DealFor(ctx, me.id, d.ID)
			if got := err == nil && v.ID == d.ID; got != me.mayRead(d) || err != nil && !isNotFound(err) {
				t.Errorf("employee %d, deal %d: %v", me.id, d.ID, err)
			}
		}
		if v, err := tx.Deal(ctx, all[0].ID); err != nil || v.ID != all[0].ID {
			t.Errorf("the program itself doesn't see a deal afterwards: %v", err)
		}
		tx.Rollback(ctx)
	}
}

func TestX08_WhoIsDismissedSeesNothingFromThenOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	all := world(t, db)
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	i := slices.IndexFunc(all, func(d row) bool { return d.Owner == 1 })
	if _, err := tx.DealFor(ctx, 1, all[i].ID); err != nil {
		t.Fatal(err)
	}
	exec(t, db, `UPDATE employees SET active = false WHERE id = 1`)
	if _, err := tx.DealFor(ctx, 1, all[i].ID); !isNotFound(err) {
		t.Errorf("the deal is still shown to who was dismissed a moment ago: %v", err)
	}
	found, err := tx.Find(ctx, 1, crm.Filter{}, postgres.Page{Size: 5})
	if err != nil || len(found.Deals)+found.Total > 0 {
		t.Errorf("who was dismissed finds %d deals, %v", found.Total, err)
	}
}

func TestASearchThatTakesTooLongIsRefusedAndTheTurnGoesOn(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	world(t, db)
	exec(t, db, `CREATE OR REPLACE FUNCTION fold(typed text) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT pg_sleep(1)::text $$`)
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	_, err = tx.Find(ctx, 6, crm.Filter{Conditions: []crm.Condition{{Key: crm.ByField, Field: "kind", Words: []string{"x"}}}}, postgres.Page{Size: 5})
	if !isTooBroad(err) {
		t.Fatalf("the search ends with %v", err)
	}
	found, err := tx.Find(ctx, 6, crm.Filter{}, postgres.Page{Size: 5})
	if err != nil || len(found.Deals) != 5 || found.Newest.IsZero() {
		t.Fatalf("the next one finds %d deals, %v", len(found.Deals), err)
	}
	must(t, tx.Commit(ctx))
}

func TestANameWithAMistakeIsFound(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	world(t, db)
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	for _, typed := range []string{"Айгуль Серикызы", "Айгүль Серикбайқызы", "Иван Питров"} {
		found, err := tx.Find(ctx, 6, crm.Filter{Conditions: []crm.Condition{{Key: crm.ByName, Words: []string{typed}}}}, postgres.Page{Size: 5})
		must(t, err)
		if found.Total == 0 {
			t.Errorf("nobody is found for %s", typed)
		}
	}
	for _, sort := range []crm.Sort{"", crm.SortDue, crm.SortVisit} { // whatever the order, a name that is like nobody's finds nobody
		found, err := tx.Find(ctx, 6, crm.Filter{Sort: sort, Conditions: []crm.Condition{{Key: crm.ByName, Words: []string{"repairs"}}}}, postgres.Page{Size: 5})
		must(t, err)
		if found.Total != 0 || len(found.Deals) != 0 {
			t.Errorf("sorted by %q %d deals are found for nobody", sort, found.Total)
		}
	}
	for typed, want := range map[string]int{"7": 2, "0015838": 7, "беспредел": 0, "кофе": 168} {
		found, err := tx.Find(ctx, 6, crm.Filter{Conditions: []crm.Condition{{Key: crm.ByAny, Words: []string{typed}}}}, postgres.Page{Size: 5})
		must(t, err)
		t.Log(fmt.Sprint(typed, " ", found.Total, " ", want))
	}
}
