package postgres_test

import (
	"context"
	"fmt"
	"testing"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestDealsLeaveARetiredStageSoftlyAndAllOfThem(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), pgtest.New(t)
	exec(t, db, `INSERT INTO deals (pipeline, stage, status, closed_at)
		SELECT p, s, CASE n WHEN 1 THEN 'won' ELSE 'open' END, CASE n WHEN 1 THEN now() END
		FROM unnest('{repairs,sales}'::text[]) p, unnest('{new,old,work}'::text[]) s, generate_series(1, 11) n`)
	places, err := db.Standings(ctx)
	if want := "[{repairs new} {repairs old} {repairs work} {sales new} {sales old} {sales work}]"; err != nil || fmt.Sprint(places) != want {
		t.Fatalf("stages %v, %v", places, err)
	}
	old, fresh := postgres.Place{Pipeline: "repairs", Stage: "old"}, postgres.Place{Pipeline: "repairs", Stage: "new"}
	move := postgres.StageMove{From: old, To: fresh, Status: crm.DealOpen}
	busy := crm.DealID(number(t, db, `SELECT max(id) FROM deals WHERE pipeline = 'repairs' AND stage = 'old' AND status = 'open'`))
	write(t, db, postgres.Automation{Timers: []postgres.TimerRow{
		due(busy, crm.TimerIdle, func(s *crm.TimerSet) { s.Stage = "old" }), due(busy, crm.TimerIdle, func(s *crm.TimerSet) { s.Stage = "new" })}})
	turn, err := db.Begin(ctx)
	must(t, err)
	defer turn.Rollback(ctx)
	_, err = turn.Deal(ctx, busy)
	must(t, err)
	for _, want := range []int{4, 4, 1, 0} {
		if n, err := db.MoveStanding(ctx, move, 4); err != nil || n != want {
			t.Fatalf("%d moved, %v; want %d", n, err, want)
		}
	}
	if n, err := db.CountStanding(ctx, old); err != nil || n != 1 {
		t.Fatalf("%d left, %v; want the one that is being worked on", n, err)
	}
	turn.Rollback(ctx)
	if n, err := db.MoveStanding(ctx, move, 4); err != nil || n != 1 {
		t.Fatalf("%d moved, %v", n, err)
	}
	if n, err := db.CountStanding(ctx, fresh); err != nil || n != 20 {
		t.Fatalf("%d on the new stage, %v", n, err)
	}
	if got := value(t, db, `SELECT string_agg(stage, ' ') FROM timers`); got != "new new" {
		t.Errorf("timers wait for %s", got)
	}
	if n := number(t, db, `SELECT count(DISTINCT deal_id) FROM events WHERE kind = 'deal_moved' AND data->>'from' = 'old' AND data->>'stage' = 'new' AND data->'cause'->>0 = 'kit:repairs.old'`); n != 10 {
		t.Errorf("%d deals have an event of their move", n)
	}

	lost := postgres.StageMove{From: postgres.Place{Pipeline: "sales", Stage: "old"}, To: postgres.Place{Pipeline: "missed", Stage: "refused"}, Status: crm.DealLost}
	if n, err := db.MoveStanding(ctx, lost, 100); err != nil || n != 10 {
		t.Fatalf("%d moved, %v", n, err)
	}
	if n := number(t, db, `SELECT count(*) FROM deals WHERE pipeline = 'missed' AND status = 'lost' AND closed_at IS NOT NULL`); n != 10 {
		t.Errorf("%d lost deals", n)
	}
}

func TestAnEmptyDatabaseHasNoStages(t *testing.T) {
	t.Parallel()
	if places, err := pgtest.New(t).Standings(context.Background()); err != nil || len(places) != 0 {
		t.Fatalf("stages %v, %v", places, err)
	}
}
