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

// noon is when Ann wants the crew.
var noon = time.Date(2030, 6, 4, 9, 0, 0, 0, time.UTC)

// visitHouse has a crew of Igor and Oleg, Timur who works alone, and three deals.
func visitHouse(t *testing.T) *postgres.DB {
	t.Helper()
	db := pgtest.New(t)
	for _, sql := range []string{
		`INSERT INTO crews (id, name, city, skills, hours, travel) VALUES (1, 'North', 'Moscow', '{fibre}', '{"mon": "10:00-20:00"}', 45)`,
		`INSERT INTO employees (id, name, role, city, crew_id, phone) VALUES (1, 'Igor', 'installer', 'Moscow', 1, '+79160000001'),
			(2, 'Oleg', 'installer', 'Moscow', 1, NULL), (3, 'Timur', 'installer', 'Moscow', NULL, NULL), (4, 'Max', 'installer', 'Tver', NULL, NULL)`,
		`INSERT INTO deals (id, pipeline, stage, status, title) SELECT n, 'connection', 'new', 'open', 'flat' FROM generate_series(1, 3) n`,
	} {
		if _, err := db.Pool.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func beginVisits(t *testing.T, db *postgres.DB, person string) *postgres.Turns {
	t.Helper()
	tx, _, err := db.BeginTurns(context.Background(), []crm.Inbound{{Address: crm.Address{Channel: "telegram", Chat: person}, From: crm.Person{ID: person},
		Key: fmt.Sprint(time.Now().UnixNano()), Kind: crm.InText, Text: "hello", SentAt: noon}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback(context.Background()) })
	return tx
}

func visitAt(deal crm.DealID, who crm.ResourceID, start time.Time) crm.Booking {
	return crm.Booking{Deal: deal, Kind: "connection", Resource: who, Start: start, End: start.Add(2 * time.Hour), Free: start.Add(150 * time.Minute), Zone: "Europe/Moscow"}
}

func TestACrewIsBookedOnceAndTheWayToTheNextVisitIsKeptFree(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	tx := beginVisits(t, db, "1")
	first, err := tx.Book(ctx, visitAt(1, 1, noon))
	if err != nil || first.ID == 0 || first.Seq != 0 {
		t.Fatalf("the first visit: %+v, %v", first, err)
	}
	for name, b := range map[string]crm.Booking{"the same hour": visitAt(2, 1, noon), "on the way": visitAt(2, 1, noon.Add(130*time.Minute)), "the deal has one": visitAt(1, 1, noon.Add(24*time.Hour))} {
		if _, err := tx.Book(ctx, b); !errors.Is(err, crm.ErrTaken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]crm.Booking{"afterwards": visitAt(2, 1, noon.Add(150*time.Minute)), "somebody else": visitAt(3, -3, noon)} {
		if _, err := tx.Book(ctx, b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	moved := first
	moved.Start, moved.End, moved.Free = noon.Add(24*time.Hour), noon.Add(26*time.Hour), noon.Add(26*time.Hour)
	if moved, err = tx.Book(ctx, moved); err != nil || moved.ID != first.ID || moved.Seq != 1 {
		t.Errorf("moved: %+v, %v", moved, err)
	}
	if _, err := tx.Book(ctx, first); !errors.Is(err, crm.ErrTaken) {
		t.Errorf("moved by somebody who saw it as it was: %v", err)
	}
	if b, err := tx.EndBooking(ctx, moved, crm.VisitCancelled, "asked"); err != nil || b.Seq != 2 {
		t.Errorf("cancelled: %+v, %v", b, err)
	}
	if err := tx.Commit(ctx); err != nil { // the refusals have harmed nothing
		t.Fatal(err)
	}
	var crew, local string
	if err := db.Pool.QueryRow(ctx, `SELECT d.crew_id::text, b.local_start::text FROM bookings b JOIN deals d ON d.id = b.deal_id WHERE b.deal_id = 2`).Scan(&crew, &local); err != nil || crew != "1" || local != "2030-06-04 14:30:00" {
		t.Errorf("crew %s comes at %s: %v", crew, local, err)
	}
}

// R07: two managers book the same crew at the same hour, each in a transaction of their own, as two programs do.
func TestR07_OfTwoWhoBookTheSameHourOneHearsThatItIsTaken(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	for round := range 10 {
		at := noon.Add(time.Duration(round) * 24 * time.Hour)
		if _, err := db.Pool.Exec(ctx, `DELETE FROM bookings`); err != nil {
			t.Fatal(err)
		}
		results := make(chan error, 3)
		for deal := range 3 {
			tx := beginVisits(t, db, fmt.Sprint(deal))
			go func() {
				_, err := tx.Book(ctx, visitAt(crm.DealID(deal+1), 1, at.Add(time.Duration(deal)*time.Minute)))
				if e := tx.Commit(ctx); err == nil {
					err = e
				}
				results <- err
			}()
		}
		booked := 0
		for range 3 {
			switch err := <-results; {
			case err == nil:
				booked++
			case !errors.Is(err, crm.ErrTaken):
				t.Fatal(err)
			}
		}
		if booked != 1 {
			t.Fatalf("%d of three were booked", booked)
		}
	}
}

func TestTheConstraintItselfRefusesASecondVisitWhoeverWritesIt(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	const insert = `INSERT INTO bookings (deal_id, crew_id, kind, starts_at, ends_at, busy, local_start, zone)
		VALUES ($1, 1, 'connection', $2, $3, tstzrange($2, $3), $2::timestamptz AT TIME ZONE 'UTC', 'UTC')`
	if _, err := db.Pool.Exec(ctx, insert, 1, noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(ctx, insert, 2, noon.Add(30*time.Minute), noon.Add(2*time.Hour)); err == nil {
		t.Error("the crew is at two places at once")
	}
}

func TestCrewsAreFoundByRoleCityAndSkillWithTheirForeman(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	tx := beginVisits(t, db, "1")
	all, err := tx.VisitCrews(ctx, postgres.CrewsWanted{Role: "installer", City: "Moscow", Today: noon})
	if err != nil || len(all) != 2 || all[0].ID != -3 || all[1].ID != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if c := all[1]; c.Name != "North" || c.Foreman.Name != "Igor" || c.Foreman.Phone != "+79160000001" || c.Hours["mon"] != "10:00-20:00" || c.Travel != 45*time.Minute {
		t.Errorf("%+v", c)
	}
	if c := all[0]; c.Name != "Timur" || c.Hours != nil || c.Travel >= 0 {
		t.Errorf("%+v", c)
	}
	if some, err := tx.VisitCrews(ctx, postgres.CrewsWanted{Role: "installer", Skill: "fibre", Today: noon}); err != nil || len(some) != 1 || some[0].ID != 1 {
		t.Errorf("with the skill: %+v, %v", some, err)
	}
}

func TestACrewIsLedByItsMemberOfTheLeadingRole(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	if _, err := db.Pool.Exec(ctx, `INSERT INTO employees (id, name, role, city, crew_id, phone) VALUES (90, 'Rust', 'foreman', 'Moscow', 1, '+79160000009')`); err != nil {
		t.Fatal(err)
	}
	tx := beginVisits(t, db, "1")
	all, err := tx.VisitCrews(ctx, postgres.CrewsWanted{Role: "installer", Lead: "foreman", City: "Moscow", Today: noon})
	if err != nil || len(all) != 2 || all[0].Foreman.Name != "Timur" || all[1].Foreman.Name != "Rust" || all[1].Foreman.Phone != "+79160000009" {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err = tx.VisitCrews(ctx, postgres.CrewsWanted{Role: "installer", City: "Moscow", Today: noon}); err != nil || all[1].Foreman.Name != "Igor" {
		t.Errorf("without a leading role: %+v, %v", all, err)
	}
}

func TestThePlanListsTheVisitsOfACrewOrOfACity(t *testing.T) {
	db, ctx := visitHouse(t), context.Background()
	tx := beginVisits(t, db, "1")
	for _, b := range []crm.Booking{visitAt(1, 1, noon), visitAt(2, -3, noon.Add(time.Hour)), visitAt(3, -4, noon.Add(time.Hour))} {
		if _, err := tx.Book(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	from, to := noon.Add(-12*time.Hour), noon.Add(12*time.Hour)
	if plan, err := tx.Plan(ctx, from, to, -3, ""); err != nil || len(plan) != 1 || plan[0].Crew != "Timur" || plan[0].Deal != 2 {
		t.Errorf("of one: %+v, %v", plan, err)
	}
	if plan, err := tx.Plan(ctx, from, to, 0, "Moscow"); err != nil || len(plan) != 2 || plan[0].Crew != "North" {
		t.Errorf("of a city: %+v, %v", plan, err)
	}
	if plan, err := tx.Plan(ctx, to, to.AddDate(0, 0, 1), 0, ""); err != nil || len(plan) != 0 {
		t.Errorf("of the day after: %+v, %v", plan, err)
	}
}
