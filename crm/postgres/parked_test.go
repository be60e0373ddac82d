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

func TestDealsThatOnlyRobotsKeepAliveAreParked(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	ann, bob := employee(t, db, "Ann", "manager", ""), employee(t, db, "Bob", "manager", "")
	robot := func(id crm.DealID, n int) postgres.Touch { return postgres.Touch{Deal: id, Robot: n} }
	human := func(id crm.DealID) postgres.Touch { return postgres.Touch{Deal: id, Human: 1} }
	oldest, older, worked, once, bobs, closed := deal(t, db, ann), deal(t, db, ann), deal(t, db, ann), deal(t, db, ann), deal(t, db, bob), deal(t, db, ann)
	write(t, db, postgres.Automation{Touches: []postgres.Touch{human(worked), robot(worked, 5), human(worked), human(older)}})
	exec(t, db, `UPDATE deals SET created_at = now() - interval '40 days', human_at = human_at - interval '20 days'`)
	write(t, db, postgres.Automation{Touches: []postgres.Touch{robot(oldest, 2), robot(oldest, 1), robot(older, 3), robot(once, 1), robot(bobs, 4), robot(closed, 9)}})
	write(t, db, postgres.Automation{Touches: []postgres.Touch{robot(worked, 7)}})
	write(t, db, postgres.Automation{Touches: []postgres.Touch{human(worked), robot(worked, 1)}})
	exec(t, db, `UPDATE deals SET status = 'won', closed_at = now() WHERE id = $1`, closed)
	if got := value(t, db, fmt.Sprintf(`SELECT human_touches || ' ' || robot_touches FROM deals WHERE id = %d`, worked)); got != "3 1" {
		t.Errorf("touches of the worked deal: %s", got)
	}

	list, err := db.Parked(ctx, postgres.ParkedWanted{Touches: 3, Idle: 14 * 24 * time.Hour, PerOwner: 5})
	must(t, err)
	var got []crm.DealID
	for _, p := range list {
		got = append(got, p.ID)
	}
	if want := []crm.DealID{oldest, older, bobs}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("parked %v, want %v", got, want)
	}
	if p := list[0]; p.OwnerName != "Ann" || p.Owner != ann || p.Robot != 3 || p.Human != 0 || p.OfOwner != 2 || time.Since(p.HumanAt) < 39*24*time.Hour {
		t.Errorf("parked %+v", p)
	}
	list, err = db.Parked(ctx, postgres.ParkedWanted{Touches: 1, Idle: time.Hour, Owner: ann, PerOwner: 1})
	if err != nil || len(list) != 1 || list[0].OfOwner != 3 {
		t.Errorf("the first of Ann's: %+v, %v", list, err)
	}
}
