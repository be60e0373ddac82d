package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlContact = `SELECT name, coalesce(phone, ''), lang, fields FROM contacts WHERE id = $1`

	sqlAsset = `SELECT kind, code, name, city, address, coalesce(crew_id, 0), fields FROM assets WHERE id = $1`

	sqlEmployee = `SELECT name, role, city, coalesce(crew_id, 0), lang, active FROM employees WHERE id = $1`
)

// Contact reads a contact. crm.ErrNotFound when there is none.
func (t *Turns) Contact(ctx context.Context, id crm.ContactID) (crm.Contact, error) {
	c := crm.Contact{ID: id}
	err := t.conn.QueryRow(ctx, sqlContact, id).Scan(&c.Name, &c.Phone, &c.Lang, &c.Fields)
	return c, wrap(err, "read contact %d", id)
}

// Asset reads an asset. crm.ErrNotFound when there is none.
func (t *Turns) Asset(ctx context.Context, id crm.AssetID) (crm.Asset, error) {
	a := crm.Asset{ID: id}
	err := t.conn.QueryRow(ctx, sqlAsset, id).Scan(&a.Kind, &a.Code, &a.Name, &a.City, &a.Address, &a.Crew, &a.Fields)
	return a, wrap(err, "read asset %d", id)
}

// Employee reads an employee. crm.ErrNotFound when there is none.
func (t *Turns) Employee(ctx context.Context, id crm.EmployeeID) (crm.Employee, error) {
	e := crm.Employee{ID: id}
	err := t.conn.QueryRow(ctx, sqlEmployee, id).Scan(&e.Name, &e.Role, &e.City, &e.Crew, &e.Lang, &e.Active)
	return e, wrap(err, "read employee %d", id)
}

const sqlOpenDealsOf = `SELECT id FROM deals WHERE contact_id = $1 AND status = 'open' AND pipeline = ANY($2::text[]) ORDER BY id LIMIT 20`

// OpenDealsOf lists the open deals of a contact in some pipelines.
func (t *Turns) OpenDealsOf(ctx context.Context, id crm.ContactID, pipelines []string) ([]crm.DealID, error) {
	rows, err := t.conn.Query(ctx, sqlOpenDealsOf, id, pipelines)
	if err != nil {
		return nil, wrap(err, "list open deals of contact %d", id)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
	return ids, wrap(err, "list open deals of contact %d", id)
}

const sqlTouchedByStaff = `SELECT EXISTS (SELECT FROM events WHERE deal_id = $1 AND author = 'employee' AND at > $2)`

// TouchedByStaff tells whether an employee did anything about a deal since a moment.
func (t *Turns) TouchedByStaff(ctx context.Context, id crm.DealID, since time.Time) (touched bool, err error) {
	err = t.conn.QueryRow(ctx, sqlTouchedByStaff, id, since).Scan(&touched)
	return touched, wrap(err, "look who touched deal %d", id)
}
