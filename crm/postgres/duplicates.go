package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Duplicates is how often somebody tried to enter a request that was there already. Zero Employee is nobody of the staff.
type Duplicates struct {
	Employee crm.EmployeeID
	Name     string
	Times    int
}

const sqlDuplicates = `SELECT coalesce(e.employee_id, 0), coalesce(p.name, ''), count(*)
	FROM events e LEFT JOIN employees p ON p.id = e.employee_id
	WHERE e.kind = 'duplicate_refused' AND e.at >= $1 AND e.at < $2 GROUP BY e.employee_id, p.name ORDER BY 3 DESC, 2, 1`

// Duplicates counts the events duplicate_refused of a period by employee, the most first.
func (db *DB) Duplicates(ctx context.Context, p Period) ([]Duplicates, error) {
	rows, err := db.Pool.Query(ctx, sqlDuplicates, p.From, p.Until)
	if err != nil {
		return nil, wrap(err, "count refused duplicates")
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Duplicates])
	return list, wrap(err, "count refused duplicates")
}
