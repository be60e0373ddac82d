package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlInsertCall = `INSERT INTO calls (ref, status, outgoing, phone, line, seconds, contact_id, employee_id, conversation_id, at)
		VALUES ($1, $2, $3, nullif($4, ''), $5, $6, nullif($7, 0), nullif($8, 0), $9, $10) ON CONFLICT ON CONSTRAINT calls_ref_key DO NOTHING`

	// Deals of everybody who has the number: whoever typed it may be the one who calls.
	sqlCalledDeals = `SELECT d.id, coalesce((d.fields->>'missed_calls')::integer, 0) FROM deals d
		WHERE d.contact_id IN (SELECT c.id FROM contacts c WHERE c.phone = $1 AND c.merged_into IS NULL) AND d.status = 'open' ORDER BY d.id LIMIT 20`

	sqlEmployeeOfPhone = `SELECT id FROM employees WHERE active AND phone = $1 ORDER BY id LIMIT 1`
)

// CalledDeal is an open deal of somebody who calls. Missed is how many of their calls nobody has answered since the last that was.
type CalledDeal struct {
	ID     crm.DealID
	Missed int
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
