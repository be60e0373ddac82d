package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlInsertCall = `INSERT INTO calls (ref, status, outgoing, phone, line, seconds, contact_id, employee_id, conversation_id, at)
		VALUES ($1, $2, $3, nullif($4, ''), $5, $6, nullif($7::bigint, 0), nullif($8::bigint, 0), $9, $10) ON CONFLICT ON CONSTRAINT calls_ref_key DO NOTHING`

	// Deals of everybody who has the number: whoever typed it may be the one who calls.
	sqlCalledDeals = `SELECT d.id, coalesce((d.fields->>'missed_calls')::integer, 0) FROM deals d
		WHERE d.contact_id IN (SELECT c.id FROM contacts c WHERE c.phone = $1 AND c.merged_into IS NULL) AND d.status = 'open' ORDER BY d.id LIMIT 20`

	// Whoever answers for a deal of the caller comes first. Who let a call of this number ring in the last minutes was asked already.
	sqlNextCallee = `SELECT e.name, e.phone FROM employees e WHERE e.active AND e.role = ANY($1::text[]) AND e.phone <> '' AND coalesce(e.on_shift, $3)
			AND NOT EXISTS (SELECT FROM calls c WHERE c.employee_id = e.id AND c.phone IS NOT DISTINCT FROM nullif($2, '') AND c.status = 'missed'
				AND c.at > now() - make_interval(secs => $4))
		ORDER BY EXISTS (SELECT FROM contacts p JOIN deals d ON d.contact_id = p.id WHERE p.phone = nullif($2, '') AND d.status = 'open' AND d.owner_id = e.id) DESC,
			e.open_deals, e.id LIMIT 1`

	sqlEmployeeOfPhone = `SELECT id FROM employees WHERE active AND phone = $1 ORDER BY id LIMIT 1`
)

// CalledDeal is an open deal of somebody who calls. Missed is how many of their calls nobody has answered since the last that was.
type CalledDeal struct {
	ID     crm.DealID
	Missed int
}

// askedFor is how long somebody who let a call ring is not rung again for the same caller.
const askedFor = 10 * time.Minute

// Callee is an employee whose telephone can be rung. Phone is E.164.
type Callee struct {
	Name  string
	Phone string
}

// NextCallee chooses who of some roles is rung when nobody took a call from a number (empty when hidden): at work, with a telephone, not asked for
// this caller just now; who answers for a deal of the caller, else who has the fewest open deals. Open says that it is working time for those who
// keep no shifts. crm.ErrNotFound when nobody is left.
func (db *DB) NextCallee(ctx context.Context, roles []string, caller string, open bool) (c Callee, err error) {
	err = db.Pool.QueryRow(ctx, sqlNextCallee, orNone(roles), caller, open, askedFor.Seconds()).Scan(&c.Name, &c.Phone)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, crm.ErrNotFound
	}
	return c, wrap(err, "choose whose telephone rings next")
}

// NoteCall records a call; false when it was recorded before: nothing may follow then.
func (t *Turns) NoteCall(ctx context.Context, c *crm.Call, turn *Turn, by crm.EmployeeID) (fresh bool, err error) {
	tag, err := t.conn.Exec(ctx, sqlInsertCall, c.ID, c.Status, c.Out, c.Phone, c.Line, c.Seconds, turn.Contact.ID, by, turn.Talk.ID, c.At)
	return tag.RowsAffected() > 0, wrap(err, "record a call of contact %d", turn.Contact.ID)
}

// CalledDeals lists the open deals of whoever has a number, at most twenty.
func (t *Turns) CalledDeals(ctx context.Context, phone string) ([]CalledDeal, error) {
	rows, err := t.conn.Query(ctx, sqlCalledDeals, phone)
	if err != nil {
		return nil, wrap(err, "list deals of a caller")
	}
	deals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[CalledDeal])
	return deals, wrap(err, "list deals of a caller")
}

// EmployeeOfPhone finds who answers calls at a number, 0 when nobody of ours does.
func (t *Turns) EmployeeOfPhone(ctx context.Context, phone string) (id crm.EmployeeID, err error) {
	err = t.conn.QueryRow(ctx, sqlEmployeeOfPhone, phone).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	return id, wrap(err, "find who answers calls")
}
