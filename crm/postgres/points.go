package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// Who has no deal behind the points has a null there.
	sqlInsertPoints = `INSERT INTO points (employee_id, contact_id, deal_id, points, reason)
		SELECT nullif(employee, 0), nullif(contact, 0), nullif(deal, 0), points, reason
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::integer[], $5::text[]) AS u(employee, contact, deal, points, reason)`

	sqlEmployeePoints = `SELECT reason, count(*), sum(points) FROM points WHERE employee_id = $1 AND at >= $2 AND at < $3
		GROUP BY reason ORDER BY reason`
	sqlContactPoints = `SELECT reason, count(*), sum(points) FROM points WHERE (contact_id = $1 OR contact_id IN (SELECT id FROM contacts WHERE merged_into = $1)) AND at >= $2 AND at < $3
		GROUP BY reason ORDER BY reason`

	sqlRating = `SELECT e.id, e.name, e.role, e.city, coalesce(p.points, 0)
		FROM employees e LEFT JOIN LATERAL (SELECT sum(points) AS points FROM points WHERE employee_id = e.id AND at >= $1 AND at < $2) p ON true
		WHERE e.active ORDER BY 5 DESC, e.name, e.id LIMIT $3`
)

func (a *Automation) queuePoints(batch *pgx.Batch) {
	n := len(a.Points)
	if n == 0 {
		return
	}
	employees, contacts, deals := make([]int64, n), make([]int64, n), make([]int64, n)
	points, reasons := make([]int32, n), make([]string, n)
	for i, p := range a.Points {
		employees[i], contacts[i], deals[i] = int64(p.Employee), int64(p.Contact), int64(p.Deal)
		points[i], reasons[i] = int32(p.Points), p.Reason
	}
	batch.Queue(sqlInsertPoints, employees, contacts, deals, points, reasons)
}

// Period is from a moment on until before another one.
type Period struct{ From, Until time.Time }

// Reason is how often points were given or taken for one reason, and how many they are together.
type Reason struct {
	Reason string
	Times  int
	Points int
}

// EmployeePoints sums the points of an employee in a period by reason.
func (db *DB) EmployeePoints(ctx context.Context, id crm.EmployeeID, p Period) ([]Reason, error) {
	rows, err := db.Pool.Query(ctx, sqlEmployeePoints, id, p.From, p.Until)
	return reasons(rows, err)
}

// EmployeePoints is DB.EmployeePoints as this transaction sees it.
func (t *Turns) EmployeePoints(ctx context.Context, id crm.EmployeeID, p Period) ([]Reason, error) {
	rows, err := t.conn.Query(ctx, sqlEmployeePoints, id, p.From, p.Until)
	return reasons(rows, err)
}

// ContactPoints sums the points of a contact in a period by reason.
func (db *DB) ContactPoints(ctx context.Context, id crm.ContactID, p Period) ([]Reason, error) {
	rows, err := db.Pool.Query(ctx, sqlContactPoints, id, p.From, p.Until)
	return reasons(rows, err)
}

func reasons(rows pgx.Rows, err error) ([]Reason, error) {
	if err != nil {
		return nil, wrap(err, "sum points")
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Reason])
	return list, wrap(err, "sum points")
}

// Rated is an employee with the points of a period.
type Rated struct {
	crm.Employee
	Points int
}

// Rating lists the active employees by their points in a period, the best first, at most limit.
func (db *DB) Rating(ctx context.Context, p Period, limit int) ([]Rated, error) {
	return rating(ctx, db.Pool, p, limit)
}

// Rating is DB.Rating as this transaction sees it.
func (t *Turns) Rating(ctx context.Context, p Period, limit int) ([]Rated, error) {
	return rating(ctx, t.conn, p, limit)
}

func rating(ctx context.Context, q reader, p Period, limit int) ([]Rated, error) {
	rows, err := q.Query(ctx, sqlRating, p.From, p.Until, limit)
	if err != nil {
		return nil, wrap(err, "rate employees")
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Rated, err error) {
		r.Active = true
		err = row.Scan(&r.ID, &r.Name, &r.Role, &r.City, &r.Points)
		return r, err
	})
	return list, wrap(err, "rate employees")
}
