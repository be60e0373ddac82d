package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Taker is somebody to whom a deal can be given. Load counts their open deals; Away tells that they are not at work now.
type Taker struct {
	crm.Employee
	Load int
	Away bool
}

const sqlTakers = `SELECT id, name, role, city, coalesce(crew_id, 0), lang, open_deals, on_shift IS NOT NULL AND NOT on_shift FROM employees
	WHERE active AND role = ANY($1::text[]) ORDER BY CASE WHEN $2 = '' OR city = $2 THEN 0 WHEN city = '' THEN 1 ELSE 2 END,
		on_shift IS NOT NULL AND NOT on_shift, open_deals, name, id LIMIT $3`

// Takers lists the people of some roles, those of a city first, then who is at work and has the fewest open deals; at most limit.
func (t *Turns) Takers(ctx context.Context, roles []string, city string, limit int) ([]Taker, error) {
	rows, err := t.conn.Query(ctx, sqlTakers, orNone(roles), city, limit)
	if err != nil {
		return nil, wrap(err, "list people of %v", roles)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c Taker, err error) {
		err = row.Scan(&c.ID, &c.Name, &c.Role, &c.City, &c.Crew, &c.Lang, &c.Load, &c.Away)
		c.Active = true
		return c, err
	})
	return list, wrap(err, "list people of %v", roles)
}
