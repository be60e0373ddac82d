package postgres

import (
	"context"

	"govorun/crm"
)

// Abilities say which deals an employee may get: those that want one of Skills or none, of Sources (of any when empty), as long
// as fewer than Cap are open (0: no limit of their own). Head answers for the role in their city.
type Abilities struct {
	Skills  []string
	Sources []string
	Cap     int
	Head    bool
}

const (
	sqlSetAbilities = `UPDATE employees SET skills = $2, sources = $3, cap = nullif($4::integer, 0), head = $5 WHERE id = $1 RETURNING id`
	sqlAbilities    = `SELECT skills, sources, coalesce(cap, 0), head FROM employees WHERE id = $1`
)

// SetAbilities replaces the abilities of an employee. crm.ErrNotFound when there is no such employee.
func (db *DB) SetAbilities(ctx context.Context, id crm.EmployeeID, a Abilities) error {
	err := db.Pool.QueryRow(ctx, sqlSetAbilities, id, orNone(a.Skills), orNone(a.Sources), a.Cap, a.Head).Scan(&id)
	return wrap(err, "set what employee %d can do", id)
}

// Abilities reads the abilities of an employee. crm.ErrNotFound when there is no such employee.
func (db *DB) Abilities(ctx context.Context, id crm.EmployeeID) (a Abilities, err error) {
	err = db.Pool.QueryRow(ctx, sqlAbilities, id).Scan(&a.Skills, &a.Sources, &a.Cap, &a.Head)
	return a, wrap(err, "read what employee %d can do", id)
}
