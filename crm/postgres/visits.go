package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Foreman is who answers for a crew: their name and how they are reached.
type Foreman struct {
	ID       crm.EmployeeID
	Name     string
	Phone    string
	Username string // of the messenger
}

// VisitCrew is a crew that makes visits, or an employee who works alone. Hours are {"mon": "09:00-18:00"}, nil for those of the kit;
// Travel is below zero when they have none of their own. Home means that none of them works any more today.
type VisitCrew struct {
	ID      crm.ResourceID
	Name    string
	City    string
	Foreman Foreman
	Hours   map[string]string
	Travel  time.Duration
	Home    bool
}

const (
	// Whoever has not gone home since the morning counts as at work.
	sqlVisitCrews = `SELECT coalesce(e.crew_id, -e.id) AS resource, coalesce(c.name, min(e.name)), coalesce(nullif(c.city, ''), min(e.city)), c.hours,
			coalesce(c.travel, -1), bool_and(coalesce(NOT e.on_shift AND e.shift_at >= $4, false)),
			coalesce((SELECT f.id FROM employees f WHERE f.active AND f.crew_id = c.id AND f.role = nullif($6, '') ORDER BY f.head DESC, f.id LIMIT 1),
				(array_agg(e.id ORDER BY e.head DESC, e.id))[1])
		FROM employees e LEFT JOIN crews c ON c.id = e.crew_id
		WHERE e.active AND ($1 = '' OR e.role = $1) AND ($2 = '' OR coalesce(nullif(c.city, ''), e.city) IN ('', $2))
		AND ($5::bigint = 0 OR coalesce(e.crew_id, -e.id) = $5)
		GROUP BY coalesce(e.crew_id, -e.id), c.id
		HAVING $3 = '' OR c.skills @> ARRAY[$3] OR bool_or(e.skills @> ARRAY[$3])
		ORDER BY 1 LIMIT 200`

	sqlForemen = `SELECT e.id, e.name, coalesce(e.phone, ''), coalesce((SELECT i.username FROM identities i WHERE i.employee_id = e.id AND i.username <> ''
			ORDER BY i.created_at LIMIT 1), '')
		FROM employees e WHERE e.id = ANY($1::bigint[])`

	// Who has joined a crew still makes the visits that were booked with them alone: the crew is not free then.
	sqlBusy = `SELECT b.id, b.deal_id, b.kind, w.crew, b.status, b.starts_at, b.ends_at, upper(b.busy), b.zone, b.seq, coalesce(b.code, '')
		FROM (SELECT id AS crew, id AS who FROM unnest($1::bigint[]) AS u(id)
			UNION ALL SELECT e.crew_id, -e.id FROM employees e WHERE e.active AND e.crew_id = ANY($1::bigint[])) w
		JOIN bookings b ON b.resource = w.who
		WHERE b.status = 'booked' AND b.busy && tstzrange($2, $3) ORDER BY b.starts_at, b.id`
)

// CrewsWanted says which crews can make a visit: those with active members of Role, of City (any when empty), one of which has Skill. ID
// picks one of them. Today is the last midnight where they work. The foreman of a crew is its member of the role Lead, else the first of Role.
type CrewsWanted struct {
	Role  string
	Lead  string
	City  string
	Skill string
	ID    crm.ResourceID
	Today time.Time
}

// VisitCrews lists who can make a visit, crews first, with the foreman of each.
func (t *Turns) VisitCrews(ctx context.Context, w CrewsWanted) ([]VisitCrew, error) {
	rows, err := t.conn.Query(ctx, sqlVisitCrews, w.Role, w.City, w.Skill, w.Today, w.ID, w.Lead)
	if err != nil {
		return nil, fmt.Errorf("list crews: %w", domain(err))
	}
	crews, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c VisitCrew, err error) {
		var hours []byte
		var travel int
		if err = row.Scan(&c.ID, &c.Name, &c.City, &hours, &travel, &c.Home, &c.Foreman.ID); err == nil && hours != nil {
			err = json.Unmarshal(hours, &c.Hours)
		}
		c.Travel = time.Duration(travel) * time.Minute
		return c, err
	})
	if err != nil || len(crews) == 0 {
		return nil, wrap(err, "list crews")
	}
	return crews, t.foremen(ctx, crews)
}

func (t *Turns) foremen(ctx context.Context, crews []VisitCrew) error {
	ids := make([]int64, len(crews))
	for i, c := range crews {
		ids[i] = int64(c.Foreman.ID)
	}
	rows, err := t.conn.Query(ctx, sqlForemen, ids)
	if err != nil {
		return fmt.Errorf("read foremen: %w", domain(err))
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Foreman])
	for _, f := range found {
		for i := range crews {
			if crews[i].Foreman.ID == f.ID {
				crews[i].Foreman = f
			}
		}
	}
	return wrap(err, "read foremen")
}

// Busy lists what crews, or people of theirs alone, have booked in a span, in order; Resource is the crew that was asked for.
func (t *Turns) Busy(ctx context.Context, crews []crm.ResourceID, from, to time.Time) ([]crm.Booking, error) {
	ids := make([]int64, len(crews))
	for i, id := range crews {
		ids[i] = int64(id)
	}
	return t.bookings(ctx, sqlBusy, ids, from, to)
}

// sqlReachCrew finds whom to tell of a visit: members of the crew who have an address, or the one who works alone.
const sqlReachCrew = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), coalesce(nullif(c.lang, ''), e.lang), i.channel, i.address, coalesce(c.id, 0)
	FROM employees e JOIN identities i ON i.employee_id = e.id LEFT JOIN conversations c ON c.channel = i.channel AND c.chat = i.address
	WHERE e.active AND ($2 = '' OR e.role IN ($2, $3)) AND NOT coalesce(c.blocked, false) AND (e.crew_id = nullif(greatest($1::bigint, 0), 0) OR e.id = -$1::bigint)
	ORDER BY e.id, i.channel LIMIT 50`

// ReachCrew finds the conversations of those of a role who make a visit, and of who leads them.
func (t *Turns) ReachCrew(ctx context.Context, id crm.ResourceID, role, lead string) ([]Reached, error) {
	return t.reach(ctx, sqlReachCrew, id, role, lead)
}

// VisitView is a visit with what a plan of the day shows of it.
type VisitView struct {
	crm.Booking
	Crew    string
	Title   string
	Address string
	Contact string
	Phone   string
	City    string
}

// The fields of a deal come out of their own row, so that its policies are asked first.
const sqlPlan = `SELECT ` + bookingColumns + `, coalesce(c.name, e.name, ''), d.title, coalesce(nullif(a.address, ''), f.fields->>'address', ''), coalesce(k.name, ''), coalesce(k.phone, ''), d.city
	FROM bookings b JOIN deals d ON d.id = b.deal_id CROSS JOIN LATERAL (SELECT d.fields OFFSET 0) f
	LEFT JOIN assets a ON a.id = d.asset_id LEFT JOIN contacts k ON k.id = d.contact_id
	LEFT JOIN crews c ON c.id = b.crew_id LEFT JOIN employees e ON e.id = b.employee_id
	WHERE b.status IN ('booked', 'done') AND b.starts_at >= $1 AND b.starts_at < $2
	AND ($3::bigint = 0 OR b.resource = $3 OR b.resource IN (SELECT -m.id FROM employees m WHERE m.active AND m.crew_id = $3)) AND ($4 = '' OR coalesce(nullif(c.city, ''), e.city, '') IN ('', $4))
	ORDER BY b.starts_at, b.resource LIMIT 500`

// Plan lists the visits that begin within a span: of one crew and its people, or of all of a city (of all cities when it is empty).
func (t *Turns) Plan(ctx context.Context, from, to time.Time, crew crm.ResourceID, city string) ([]VisitView, error) {
	rows, err := t.conn.Query(ctx, sqlPlan, from, to, crew, city)
	if err != nil {
		return nil, fmt.Errorf("read the plan: %w", domain(err))
	}
	plan, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v VisitView, err error) {
		err = row.Scan(&v.ID, &v.Deal, &v.Kind, &v.Resource, &v.Status, &v.Start, &v.End, &v.Free, &v.Zone, &v.Seq, &v.Code,
			&v.Crew, &v.Title, &v.Address, &v.Contact, &v.Phone, &v.City)
		return v, err
	})
	return plan, wrap(err, "read the plan")
}
