package postgres

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Work is what an employee did in a period, of what the reader sees. Worked counts deals on which they did something, Won and Lost those that
// were closed as theirs, Attempts how often they entered a request that was there already; Parked are deals of theirs that only robots keep alive now.
type Work struct {
	crm.Employee
	Worked   int
	Won      int
	Lost     int
	Attempts int
	Parked   int
	Points   int
}

const (
	// What says that somebody worked on a deal: not that they looked at it, or got it.
	sqlReportWorked = `SELECT e.employee_id, count(DISTINCT e.deal_id) FROM events e JOIN deals d ON d.id = e.deal_id
		WHERE e.author = 'employee' AND e.deal_id IS NOT NULL AND e.at >= $1 AND e.at < $2 AND e.employee_id IS NOT NULL
		AND e.kind IN ('deal_opened', 'deal_moved', 'deal_changed', 'comment', 'attached', 'task_done') GROUP BY e.employee_id`

	sqlReportClosed = `SELECT owner_id, count(*) FILTER (WHERE status = 'won'), count(*) FILTER (WHERE status = 'lost') FROM deals
		WHERE closed_at IS NOT NULL AND closed_at >= $1 AND closed_at < $2 AND owner_id IS NOT NULL GROUP BY owner_id`

	sqlReportAttempts = `SELECT coalesce(e.employee_id, 0), count(*) FROM events e JOIN deals d ON d.id = e.deal_id
		WHERE e.kind = 'duplicate_refused' AND e.at >= $1 AND e.at < $2 GROUP BY 1`

	sqlReportParked = `SELECT coalesce(owner_id, 0), count(*) FROM deals
		WHERE status = 'open' AND robot_touches > 0 AND robot_touches >= $1 AND coalesce(human_at, created_at) < now() - make_interval(secs => $2) GROUP BY 1`

	// Points of colleagues are read as the program: many have no deal. Those of other cities stay untold.
	sqlReportPeople = `SELECT e.id, e.name, e.role, e.city, e.active, coalesce(p.points, 0)
		FROM employees e LEFT JOIN LATERAL (SELECT sum(points) AS points FROM points WHERE employee_id = e.id AND at >= $1 AND at < $2) p
			ON $3::boolean OR e.city = ANY ($4::text[])
		ORDER BY e.name, e.id`

	// The best and the worst of those with points, each person once however many rows they were merged of.
	sqlReportContacts = `WITH sums AS (
			SELECT coalesce(c.merged_into, c.id) AS id, sum(p.points) AS points, count(*) AS times FROM points p JOIN contacts c ON c.id = p.contact_id
			WHERE p.contact_id IS NOT NULL AND p.at >= $1 AND p.at < $2 GROUP BY 1),
		ranked AS (SELECT id, points, times, row_number() OVER (ORDER BY points DESC, id) AS best, row_number() OVER (ORDER BY points, id DESC) AS worst, count(*) OVER () AS many FROM sums)
		SELECT r.id, k.name, r.points, r.times, r.best, r.many FROM ranked r JOIN contacts k ON k.id = r.id
		WHERE r.best <= $3 OR r.worst <= $4 ORDER BY r.best`
)

// WorkReport tells what employees did in a period, who had the most closed first; people of whom there is nothing to tell are left out. Customers is how often
// people from outside entered a request that was there already. parked says what counts as parked. It may end in crm.ErrTooBroad, as Leads.
func (t *Turns) WorkReport(ctx context.Context, me crm.EmployeeID, p Period, parked ParkedWanted) (work []Work, customers int, err error) {
	by := map[crm.EmployeeID]*Work{}
	of := func(id crm.EmployeeID) *Work {
		if by[id] == nil {
			by[id] = &Work{}
		}
		return by[id]
	}
	counted := func(into func(*Work) *int) func(pgx.Rows) error {
		return func(rows pgx.Rows) error {
			var id crm.EmployeeID
			var n int
			_, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { *into(of(id)) = n; return nil })
			return err
		}
	}
	err = t.report(ctx, me, func(batch *pgx.Batch, s scope) {
		batch.Queue(sqlReportWorked, p.From, p.Until).Query(counted(func(w *Work) *int { return &w.Worked }))
		batch.Queue(sqlReportAttempts, p.From, p.Until).Query(counted(func(w *Work) *int { return &w.Attempts }))
		batch.Queue(sqlReportParked, parked.Touches, parked.Idle.Seconds()).Query(counted(func(w *Work) *int { return &w.Parked }))
		batch.Queue(sqlReportClosed, p.From, p.Until).Query(func(rows pgx.Rows) error {
			var id crm.EmployeeID
			var won, lost int
			_, err := pgx.ForEachRow(rows, []any{&id, &won, &lost}, func() error { of(id).Won, of(id).Lost = won, lost; return nil })
			return err
		})
		batch.Queue(sqlFindAs, "") // the program
		batch.Queue(sqlReportPeople, p.From, p.Until, s.everywhere, orNone(s.cities)).Query(func(rows pgx.Rows) error {
			var e crm.Employee
			var points int
			_, err := pgx.ForEachRow(rows, []any{&e.ID, &e.Name, &e.Role, &e.City, &e.Active, &points}, func() error {
				if by[e.ID] != nil || points != 0 {
					w := of(e.ID)
					w.Employee, w.Points = e, points
				}
				return nil
			})
			return err
		})
	})
	if none := by[0]; none != nil { // nobody's deals, and requests of people from outside
		customers = none.Attempts
		delete(by, 0)
	}
	for _, w := range by {
		work = append(work, *w)
	}
	slices.SortFunc(work, func(a, b Work) int {
		return cmp.Or(b.Won-a.Won, b.Worked-a.Worked, b.Points-a.Points, cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return work, customers, err
}

// RatedContact is a contact with the points of a period: the Place among Many, and for how many things they got or lost them.
type RatedContact struct {
	ID     crm.ContactID
	Name   string
	Points int
	Times  int
	Place  int
	Many   int
}

// RatedContacts lists those contacts with the most points in a period, and those with the fewest, of the points that came of deals that an employee
// sees; the best first. It may end in crm.ErrTooBroad, as Leads.
func (t *Turns) RatedContacts(ctx context.Context, me crm.EmployeeID, p Period, best, worst int) (list []RatedContact, err error) {
	err = t.report(ctx, me, func(batch *pgx.Batch, _ scope) {
		batch.Queue(sqlReportContacts, p.From, p.Until, best, worst).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[RatedContact])
			return err
		})
	})
	return list, err
}

// LastMonth is the month before a moment, in the zone of it.
func LastMonth(at time.Time) Period {
	until := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, at.Location())
	return Period{From: until.AddDate(0, -1, 0), Until: until}
}

// ParkedFor is Parked of the deals that an employee sees. It may end in crm.ErrTooBroad, as Leads.
func (t *Turns) ParkedFor(ctx context.Context, me crm.EmployeeID, w ParkedWanted) (list []Parked, err error) {
	err = t.report(ctx, me, func(batch *pgx.Batch, _ scope) {
		batch.Queue(sqlParked, w.Touches, w.Idle.Seconds(), w.Owner, w.PerOwner, append([]string{}, w.Except...)).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, scanParked)
			return err
		})
	})
	return list, err
}
