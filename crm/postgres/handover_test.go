package postgres_test

import (
	"testing"

	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

func TestVisitsAndSavedCommandsChangeHandsAndNoneIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Ann', 'installer'), (2, 'Bob', 'installer'), (3, 'Eve', 'installer')`)
	exec(t, db, `INSERT INTO deals (id, pipeline, stage, status, owner_id) SELECT n, 'p', 's', 'open', 1 FROM generate_series(1, 6) n`)
	visit := func(deal, who, hour int) {
		t.Helper()
		exec(t, db, `INSERT INTO bookings (deal_id, employee_id, kind, starts_at, ends_at, busy, local_start, zone)
			SELECT $1, $2, 'visit', at, at + interval '1 hour', tstzrange(at, at + interval '1 hour'), at AT TIME ZONE 'UTC', 'UTC'
			FROM (SELECT date_trunc('hour', now()) + make_interval(days => 1, hours => $3) AS at) x`, deal, who, hour)
	}
	visit(1, 1, 9)
	visit(2, 1, 11)
	visit(3, 2, 9) // at the same time as Ann's first
	visit(4, 3, 11)
	exec(t, db, `INSERT INTO filters (employee_id, name, query) VALUES (1, 'morning', 'a'), (2, 'morning', 'b'), (2, 'late', 'c'), (3, 'morning', 'd')`)
	exec(t, db, `UPDATE filters SET command = 'morning' WHERE name = 'morning'`)
	ctx := t.Context()
	must(t, acting(t, db, func(tx *postgres.Turns) error { // an exchange: neither is in the way of the other
		moved, clash, err := tx.HandVisits(ctx, postgres.HandOver{From: 1, To: 2, Both: true})
		if moved != 3 || clash != 0 {
			t.Errorf("an exchange moves %d visits, %d clash", moved, clash)
		}
		must(t, err)
		return tx.HandFilters(ctx, 1, 2, true)
	}))
	if got := value(t, db, `SELECT string_agg(deal_id || ':' || employee_id, ' ' ORDER BY deal_id) FROM bookings WHERE status = 'booked'`); got != "1:2 2:2 3:1 4:3" {
		t.Errorf("visits after the exchange: %s", got)
	}
	if got := value(t, db, `SELECT string_agg(employee_id || name || query || command, ' ' ORDER BY query) FROM filters`); got != "2morningamorning 1morningbmorning 1latec 3morningdmorning" {
		t.Errorf("saved commands after the exchange: %s", got)
	}
	must(t, acting(t, db, func(tx *postgres.Turns) error { // Bob's go to Eve, who is busy at 11 and has a morning of her own
		moved, clash, err := tx.HandVisits(ctx, postgres.HandOver{From: 2, To: 3})
		if moved != 1 || clash != 1 {
			t.Errorf("%d visits moved, %d clash", moved, clash)
		}
		must(t, err)
		return tx.HandFilters(ctx, 2, 3, false)
	}))
	if got := value(t, db, `SELECT string_agg(deal_id || ':' || employee_id, ' ' ORDER BY deal_id) FROM bookings WHERE status = 'booked'`); got != "1:3 2:2 3:1 4:3" {
		t.Errorf("visits after Bob left: %s", got)
	}
	if n := number(t, db, `SELECT count(DISTINCT (name, command)) FROM filters WHERE employee_id = 3`); n != 2 {
		t.Errorf("Eve has %d saved commands", n)
	}
}

func TestAnExchangeOfVisitsIsNotRefusedForOneWhoIsOnTheWayBack(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Ann', 'installer'), (2, 'Bob', 'installer')`)
	exec(t, db, `INSERT INTO deals (id, pipeline, stage, status, owner_id) SELECT n, 'p', 's', 'open', 1 FROM generate_series(1, 3) n`)
	visit := func(deal, who int, from, to, free string) {
		t.Helper()
		exec(t, db, `INSERT INTO bookings (deal_id, employee_id, kind, starts_at, ends_at, busy, local_start, zone)
			VALUES ($1, $2, 'visit', now() + $3::interval, now() + $4::interval, tstzrange(now() + $3::interval, now() + $5::interval), now(), 'UTC')`, deal, who, from, to, free)
	}
	visit(1, 2, "-60 min", "-5 min", "25 min") // Bob has left a customer and drives on
	visit(2, 1, "10 min", "70 min", "70 min")
	visit(3, 2, "30 min", "90 min", "90 min")
	must(t, acting(t, db, func(tx *postgres.Turns) error {
		_, clash, err := tx.HandVisits(t.Context(), postgres.HandOver{From: 1, To: 2, Both: true})
		if clash != 0 {
			t.Errorf("%d visits clash", clash)
		}
		return err
	}))
	if got := value(t, db, `SELECT string_agg(deal_id || ':' || employee_id, ' ' ORDER BY deal_id) FROM bookings WHERE status = 'booked'`); got != "1:1 2:2 3:1" {
		t.Errorf("visits after the exchange: %s", got)
	}
}

func TestASavedCommandThatChangesHandsCanBeTyped(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	exec(t, db, `INSERT INTO employees (id, name, role) VALUES (1, 'Ann', 'installer'), (2, 'Bob', 'installer')`)
	exec(t, db, `INSERT INTO filters (employee_id, name, query) VALUES (1, 'утро', 'a'), (2, 'утро', 'b')`)
	must(t, acting(t, db, func(tx *postgres.Turns) error { return tx.HandFilters(t.Context(), 1, 2, false) }))
	if n := number(t, db, `SELECT count(*) FROM filters WHERE employee_id = 2 AND name !~ '[^[:alnum:]_]'`); n != 2 {
		t.Errorf("%d of two commands have a name that a message can hold", n)
	}
}
