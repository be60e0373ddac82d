package postgres_test

import (
	"context"
	"regexp"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres/pgtest"
)

// counted is the part of a plan that finds deals without reading them from the table.
var counted = regexp.MustCompile(`Index Only Scan( Backward)? using (deals_of_\w+)`)

// TestListsAreCountedInTheIndexThatLeadsThroughThem is for who sees a city, who sees a crew, and stages: what the policies and the filter ask
// stands in the index, so a thousand deals that lie far apart are counted without a thousand pages of the table.
func TestListsAreCountedInTheIndexThatLeadsThroughThem(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	grow(t, db, 4000)
	exec(t, db, `INSERT INTO crews (name) VALUES ('north')`)
	exec(t, db, `UPDATE deals SET city = 'city ' || id % 7, crew_id = CASE WHEN id % 3 = 0 THEN 1 END`)
	exec(t, db, `INSERT INTO role_scopes (role, sees, pipelines) VALUES ('technician', 'crew', '{pipeline 1,pipeline 2}'), ('head', 'all', NULL), ('region', 'city', '{pipeline 1}')`)
	exec(t, db, `UPDATE employees SET role = 'head' WHERE id = 1`)
	exec(t, db, `UPDATE employees SET role = 'region' WHERE id = 2`)
	exec(t, db, `UPDATE employees SET crew_id = 1 WHERE id = 3`)
	exec(t, db, `VACUUM ANALYZE deals`)
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	must(t, err)
	defer tx.Rollback(ctx)
	open := crm.Condition{Key: crm.ByStatus, Words: []string{"open"}}
	stage := crm.Condition{Key: crm.ByStage, Stages: []crm.Stage{{Pipeline: "pipeline 1", Stage: "stage 1"}}}
	for _, c := range []struct {
		me    crm.EmployeeID
		by    []crm.Condition
		index string
	}{
		{1, []crm.Condition{stage, open}, "deals_of_stage"},
		{1, []crm.Condition{{Key: crm.ByOwner, IDs: []int64{5}}, open}, "deals_of_owner"},
		{2, []crm.Condition{open}, "deals_of_city"},
		{2, []crm.Condition{stage, open}, "deals_of_place"},
		{3, []crm.Condition{open}, "deals_of_crew"},
		{3, []crm.Condition{open}, "deals_of_owner"},
	} {
		plan, err := tx.ExplainFind(ctx, c.me, crm.Filter{Conditions: c.by}, false)
		must(t, err)
		found := false
		for _, m := range counted.FindAllStringSubmatch(plan, -1) {
			found = found || m[2] == c.index
		}
		if !found {
			t.Errorf("employee %d, %v: %s does not count in\n%s", c.me, c.by, c.index, plan)
		}
	}
}
