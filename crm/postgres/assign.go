package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Reach says how far away from its city an owner of a deal may be looked for.
type Reach int

// Reaches. Nearer people come first in each.
const (
	ReachAll    Reach = 2 // its city, else its region, else anywhere
	ReachRegion Reach = 1
	ReachCity   Reach = 0
)

// Wanted is crm.OwnerWanted with what the kit knows of the map and the hour.
type Wanted struct {
	crm.OwnerWanted
	Region []string // the other cities of the region of City
	Reach  Reach    // without a City it is everywhere
	// Hours says that it is working time for those who keep no shifts, except in the cities of Except, where it is the other way
	// round (another time zone).
	Hours  bool
	Except []string
}

const (
	// Everyone has one role, so the picks of a role go one after the other until commit, and each sees the loads that those
	// before it made.
	sqlLockRole = `SELECT pg_advisory_xact_lock(hashtextextended('owners of role ' || $1, 0))`

	// Loads are counted at commit: what this transaction has picked itself is noted beside them.
	sqlPickOwner = `WITH mine AS (
			SELECT id::bigint AS id, count(*) AS n, max(nth) AS last
			FROM unnest(string_to_array(nullif(current_setting('govorun.picked', true), ''), ',')) WITH ORDINALITY AS u(id, nth) GROUP BY 1),
		free AS (
			SELECT e.id, e.name, e.role, e.city, e.crew_id, e.lang, e.open_deals + coalesce(m.n, 0) AS load, e.assigned_at, coalesce(m.last, 0) AS last,
				CASE WHEN $3 = '' OR e.city = $3 THEN 0 WHEN e.city = ANY($4::text[]) OR e.city = '' THEN 1 ELSE 2 END AS far -- who has no city works for all
			FROM employees e LEFT JOIN mine m ON m.id = e.id
			WHERE e.active AND e.role = $1 AND ($2 = '' OR e.skills @> ARRAY[$2]) AND ($5 = '' OR e.sources = '{}' OR e.sources @> ARRAY[$5])
			AND e.id <> ALL($6::bigint[]) AND coalesce(e.on_shift, $7 <> (e.city = ANY($8::text[])))
			AND ($9::bigint = 0 OR e.open_deals + coalesce(m.n, 0) < $9) AND (e.cap IS NULL OR e.open_deals + coalesce(m.n, 0) < e.cap)),
		chosen AS (
			SELECT id, name, role, city, crew_id, lang FROM free WHERE far <= $10 ORDER BY far, CASE WHEN $11 THEN 0 ELSE load END, last, assigned_at NULLS FIRST, load, id LIMIT 1)
		SELECT id, name, role, city, coalesce(crew_id, 0), lang,
			set_config('govorun.picked', concat_ws(',', nullif(current_setting('govorun.picked', true), ''), id), true) FROM chosen`
)

// Pick chooses an owner: an employee of the role who is at work, has the skill, takes deals of the source, is below the cap and
// not among those tried; the nearest, and among them by load or queue. The ID is zero when nobody is there. Until this transaction ends,
// no other one picks of the role, so two processes share the work as exactly as one; the caller makes the chosen one the owner
// in this transaction.
func (t *Turns) Pick(ctx context.Context, w Wanted) (crm.Employee, error) {
	tried, region, except := make([]int64, len(w.Tried)), orNone(w.Region), orNone(w.Except)
	for i, id := range w.Tried {
		tried[i] = int64(id)
	}
	e := crm.Employee{Active: true}
	batch := &pgx.Batch{}
	batch.Queue(sqlLockRole, w.Role)
	batch.Queue(sqlPickOwner, w.Role, w.Skill, w.City, region, w.Source, tried, w.Hours, except, w.Cap, w.Reach, w.Pick == crm.PickQueue).
		QueryRow(func(row pgx.Row) error {
			if err := row.Scan(&e.ID, &e.Name, &e.Role, &e.City, &e.Crew, &e.Lang, nil); err != pgx.ErrNoRows {
				return err
			}
			return nil
		})
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return crm.Employee{}, fmt.Errorf("pick a %s for deal %d: %w", w.Role, w.Deal, domain(err))
	}
	return e, nil
}

const sqlHead = `SELECT id FROM employees WHERE active AND role = $1
	ORDER BY CASE WHEN $2 = '' OR city = $2 THEN 0 WHEN city = ANY($3::text[]) THEN 1 ELSE 2 END, head DESC, coalesce(on_shift, true) DESC, id LIMIT 1`

// Head finds who of a role answers for a city: someone of the city, else of its region, else anyone; there the head, then who
// has not gone home. Neither cap nor hours matter: zero only when nobody has the role.
func (t *Turns) Head(ctx context.Context, role, city string, region []string) (crm.EmployeeID, error) {
	var id crm.EmployeeID
	err := t.conn.QueryRow(ctx, sqlHead, role, city, orNone(region)).Scan(&id)
	if err == pgx.ErrNoRows {
		return 0, nil
	}
	return id, wrap(err, "find the %s of %q", role, city)
}

// orNone makes no list an empty one: a comparison with a null list would be null.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
