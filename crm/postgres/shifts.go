package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlSetShift = `UPDATE employees e SET on_shift = $2, shift_at = CASE WHEN o.on_shift IS DISTINCT FROM $2 THEN now() ELSE o.shift_at END
		FROM (SELECT id, on_shift, shift_at FROM employees WHERE id = $1 AND active FOR NO KEY UPDATE) o
		WHERE e.id = o.id RETURNING o.on_shift, o.shift_at`

	sqlHeldTalks = `SELECT c.id, coalesce(k.name, ''), c.title,
			(SELECT m.created_at FROM messages m WHERE m.conversation_id = c.id ORDER BY m.id DESC LIMIT 1)
		FROM conversations c LEFT JOIN contacts k ON k.id = c.contact_id WHERE c.operator_id = $1 ORDER BY c.id`

	sqlHeldDeals = `SELECT d.id, d.pipeline, d.stage, d.title, coalesce(d.contact_id, 0), coalesce(k.name, ''), d.city, d.source, d.entered_at, d.created_at
		FROM deals d LEFT JOIN contacts k ON k.id = d.contact_id WHERE d.owner_id = $1 AND d.status = 'open' ORDER BY d.id LIMIT $2`
)

// Shift is what an employee was before a shift began or ended: On since Since. Kept is false for those who kept no shifts.
type Shift struct {
	Kept  bool
	On    bool
	Since time.Time
}

// StartShift puts an employee to work, whatever the hours, and gives what they were before.
func (t *Turns) StartShift(ctx context.Context, id crm.EmployeeID) (Shift, error) {
	return t.setShift(ctx, id, true)
}

// EndShift sends an employee home, whatever the hours, and gives what they were before.
func (t *Turns) EndShift(ctx context.Context, id crm.EmployeeID) (Shift, error) {
	return t.setShift(ctx, id, false)
}

func (t *Turns) setShift(ctx context.Context, id crm.EmployeeID, on bool) (s Shift, err error) {
	var was *bool
	var since *time.Time
	err = t.conn.QueryRow(ctx, sqlSetShift, id, on).Scan(&was, &since)
	s = Shift{Kept: was != nil, On: deref(was), Since: deref(since)}
	return s, wrap(err, "change the shift of employee %d", id)
}

// HeldTalk is a conversation that an employee has taken over.
type HeldTalk struct {
	ID      crm.ConversationID
	Contact string
	Title   string
	LastAt  time.Time
}

// HeldDeal is an open deal of an employee.
type HeldDeal struct {
	crm.Deal
	Contact string
	City    string
	Source  string
}

// Held is what somebody has in hand.
type Held struct {
	Talks []HeldTalk
	Deals []HeldDeal
	Tasks []Task
}

// Held lists the talks, the open deals and the open tasks of an employee, at most limit deals and tasks, for a digest before they
// are handed over.
func (t *Turns) Held(ctx context.Context, id crm.EmployeeID, limit int) (h Held, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlHeldTalks, id).Query(func(rows pgx.Rows) (err error) {
		h.Talks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (k HeldTalk, err error) {
			var last *time.Time
			err = row.Scan(&k.ID, &k.Contact, &k.Title, &last)
			k.LastAt = deref(last)
			return k, err
		})
		return err
	})
	batch.Queue(sqlHeldDeals, id, limit).Query(func(rows pgx.Rows) (err error) {
		h.Deals, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d HeldDeal, err error) {
			d.Owner, d.Status = id, crm.DealOpen
			err = row.Scan(&d.ID, &d.Pipeline, &d.Stage, &d.Title, &d.Deal.Contact, &d.Contact, &d.City, &d.Source, &d.EnteredAt, &d.CreatedAt)
			return d, err
		})
		return err
	})
	batch.Queue(sqlTasksOf, id, limit).Query(func(rows pgx.Rows) (err error) {
		h.Tasks, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Task, error) { return scanTask(row) })
		return err
	})
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return Held{}, fmt.Errorf("list what employee %d has in hand: %w", id, domain(err))
	}
	return h, nil
}
