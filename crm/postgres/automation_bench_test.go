package postgres_test

import (
	"context"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// BenchmarkAMillionDeals measures what the automation asks of a large database: nothing may grow with it.
//
//	go test ./crm/postgres -run '^$' -bench AMillionDeals -timeout 30m
func BenchmarkAMillionDeals(b *testing.B) {
	const million = 1_000_000
	ctx, db := context.Background(), pgtest.New(b)
	grow(b, db, million)
	checkPlans(b, db, sqlConstants(&testing.T{}))
	b.ResetTimer()
	b.Run("move", func(b *testing.B) { // a deal gets an owner, a stage, touches and five timers, and its old timers stop
		n := 0
		for b.Loop() {
			n = n%million + 1
			id := crm.DealID(n)
			within(b, db, func(tx *postgres.Turns) bool {
				_, err := tx.Deal(ctx, id)
				must(b, err)
				owner := pick(b, tx, postgres.Wanted{OwnerWanted: crm.OwnerWanted{Role: "technician"}})
				tx.Changes.DealMoves = append(tx.Changes.DealMoves, postgres.DealMove{ID: id, Stage: "moved", Owner: owner})
				a := postgres.Automation{Touches: []postgres.Touch{{Deal: id, Human: 1, Robot: 2}}, Answers: []postgres.Answer{{Contact: crm.ContactID(n%(million/2) + 1), Message: 1 << 40}},
					Points: []crm.Rated{{Employee: owner, Deal: id, Points: 1, Reason: "moved"}}}
				a.StopTimers(postgres.TimerStop{Deal: id, Kind: crm.TimerIdle, Reason: "moved"})
				for range 5 {
					a.Timers = append(a.Timers, due(id, crm.TimerIdle, func(s *crm.TimerSet) { s.DueAt = time.Now().Add(time.Hour) }))
				}
				must(b, tx.WriteAutomation(ctx, &a))
				return true
			})
		}
	})
	b.Run("drain_timers", func(b *testing.B) { // time for one of them
		exec(b, db, `INSERT INTO timers (deal_id, kind, due_at) SELECT 1 + n * 97 % 1000000, 'remind', now() - interval '1 minute' FROM generate_series(1, $1) n`, b.N)
		b.ResetTimer()
		for left := true; left; {
			tx, timers, err := db.BeginTimers(ctx, 0, 32)
			must(b, err)
			a := fire(tx, timers)
			must(b, tx.WriteAutomation(ctx, &a))
			must(b, tx.Commit(ctx))
			left = len(timers) > 0
		}
	})
	for name, read := range map[string]func() error{
		"standings": func() error { _, err := db.Standings(ctx); return err },
		"count": func() error {
			_, err := db.CountStanding(ctx, postgres.Place{Pipeline: "pipeline 1", Stage: "stage 1"})
			return err
		},
		"why":  func() error { _, err := db.Why(ctx, postgres.WhyWanted{Deal: 4711, Limit: 100}); return err },
		"next": func() error { _, _, err := db.NextTimer(ctx); return err },
		"parked": func() error {
			_, err := db.Parked(ctx, postgres.ParkedWanted{Touches: 3, Idle: 24 * time.Hour, PerOwner: 5})
			return err
		},
		"rating": func() error {
			_, err := db.Rating(ctx, postgres.Period{From: time.Now().Add(-time.Hour * 24 * 30), Until: time.Now()}, 200)
			return err
		},
		"move_stage_of_100": func() error {
			_, err := db.MoveStanding(ctx, postgres.StageMove{From: postgres.Place{Pipeline: "pipeline 2", Stage: "stage 2"},
				To: postgres.Place{Pipeline: "pipeline 2", Stage: "stage 4"}, Status: crm.DealOpen}, 100)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b, read())
			}
		})
	}
}
