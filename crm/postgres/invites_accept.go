package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlFormerEmployee = `SELECT employee_id FROM identities WHERE channel = $1 AND address = $2 AND employee_id IS NOT NULL`

	sqlHire = `INSERT INTO employees (name, role, city, crew_id, lang) VALUES ($1, $2, $3, nullif($4::bigint, 0), $5) RETURNING id`

	// Who comes back is the same person, with the role of the new invitation and nothing of the old place.
	sqlHireAgain = `UPDATE employees SET active = true, role = $2, city = $3, crew_id = nullif($4::bigint, 0), head = false, on_shift = NULL, skills = '{}', sources = '{}'
		WHERE id = $1`

	sqlBindEmployee = `INSERT INTO identities (channel, address, employee_id, username) VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT identities_pkey DO UPDATE SET employee_id = excluded.employee_id, username = excluded.username`

	sqlEmployeeIsActive = `SELECT active FROM employees WHERE id = $1 FOR SHARE`

	sqlCrews = `SELECT id, name, kind, city FROM crews ORDER BY city, name, id`

	sqlCitiesOfWork = `SELECT DISTINCT city FROM employees WHERE active AND city <> '' UNION SELECT DISTINCT city FROM crews WHERE city <> '' ORDER BY 1`

	sqlColleagues = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), e.lang, e.open_deals FROM employees e
		WHERE e.active ORDER BY e.city, e.name, e.id LIMIT $1`
)

// Hire makes an employee of whoever has an address, or brings back the one whose address it was. It gives the number of the employee.
func (t *Turns) Hire(ctx context.Context, e crm.Employee, who crm.Person, at crm.Address) (id crm.EmployeeID, again bool, err error) {
	err = t.conn.QueryRow(ctx, sqlFormerEmployee, at.Channel, who.ID).Scan(&id)
	switch {
	case err == nil:
		again = true
		_, err = t.conn.Exec(ctx, sqlHireAgain, id, e.Role, e.City, e.Crew)
	case err == pgx.ErrNoRows:
		err = t.conn.QueryRow(ctx, sqlHire, e.Name, e.Role, e.City, e.Crew, e.Lang).Scan(&id)
	}
	if err == nil {
		_, err = t.conn.Exec(ctx, sqlBindEmployee, at.Channel, who.ID, id, who.Username)
	}
	return id, again, wrap(err, "hire an employee for role %s", e.Role)
}

// StillWorks tells whether an employee works here, and keeps it so until this transaction ends.
func (t *Turns) StillWorks(ctx context.Context, id crm.EmployeeID) (active bool, err error) {
	err = t.conn.QueryRow(ctx, sqlEmployeeIsActive, id).Scan(&active)
	if err == pgx.ErrNoRows {
		return false, nil
	}
	return active, wrap(err, "see whether employee %d works here", id)
}

// Crews lists all crews by city and name.
func (t *Turns) Crews(ctx context.Context) ([]crm.Crew, error) {
	rows, err := t.conn.Query(ctx, sqlCrews)
	if err != nil {
		return nil, wrap(err, "list crews")
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c crm.Crew, err error) {
		err = row.Scan(&c.ID, &c.Name, &c.Kind, &c.City)
		return c, err
	})
	return list, wrap(err, "list crews")
}

// CitiesOfWork lists the cities in which anybody works, by name.
func (t *Turns) CitiesOfWork(ctx context.Context) ([]string, error) {
	rows, err := t.conn.Query(ctx, sqlCitiesOfWork)
	if err != nil {
		return nil, wrap(err, "list cities")
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, wrap(err, "list cities")
}

// Colleague is an employee with the number of open deals that are theirs.
type Colleague struct {
	crm.Employee
	Deals int
}

// Colleagues lists who works here, by city and name, at most limit.
func (t *Turns) Colleagues(ctx context.Context, limit int) ([]Colleague, error) {
	rows, err := t.conn.Query(ctx, sqlColleagues, limit)
	if err != nil {
		return nil, wrap(err, "list colleagues")
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Colleague, err error) {
		c.Active = true
		err = row.Scan(&c.ID, &c.Name, &c.Role, &c.City, &c.Crew, &c.Lang, &c.Deals)
		return c, err
	})
	return list, wrap(err, "list colleagues")
}
