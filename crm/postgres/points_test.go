package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestPointsAreSummedByReasonAndNeverChanged(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "manager", ""), employee(t, db, "Bob", "manager", "")
	eve, id := contact(t, db)
	write(t, db, postgres.Automation{Points: []crm.Rated{
		{Employee: ann, Deal: id, Points: 5, Reason: "done"}, {Employee: ann, Points: -2, Reason: "late"}, {Employee: ann, Points: -2, Reason: "late"},
		{Employee: bob, Points: 3, Reason: "done"}, {Contact: eve, Points: -1, Reason: "no_show"},
	}})
	exec(t, db, `INSERT INTO points (employee_id, points, reason, at) VALUES ($1, 100, 'done', now() - interval '1 year')`, ann)
	month := postgres.Period{From: time.Now().Add(-30 * 24 * time.Hour), Until: time.Now().Add(time.Hour)}
	got, err := db.EmployeePoints(ctx, ann, month)
	if want := "[{done 1 5} {late 2 -4}]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("Ann's points: %v, %v; want %s", got, err, want)
	}
	got, err = db.ContactPoints(ctx, eve, month)
	if want := "[{no_show 1 -1}]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("Eve's points: %v, %v; want %s", got, err, want)
	}
	list, err := db.Rating(ctx, month, 10)
	if err != nil || len(list) != 2 || list[0].ID != bob || list[0].Points != 3 || list[1].Points != 1 {
		t.Errorf("rating %+v, %v", list, err)
	}
	for _, sql := range []string{`UPDATE points SET points = 0`, `DELETE FROM points`, `TRUNCATE points`} {
		if _, err := db.Pool.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "never changed") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if _, err := db.Pool.Exec(ctx, `INSERT INTO points (employee_id, contact_id, points, reason) VALUES ($1, $2, 1, 'x')`, ann, eve); err == nil {
		t.Error("points were given to an employee and a contact at once")
	}
}
