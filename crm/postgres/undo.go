package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Undo is what an employee did last to a deal by a button. Kept says why it can't be taken back, empty when it can.
type Undo struct {
	Deal     crm.DealID
	Employee crm.EmployeeID
	At       time.Time // by the clock of the turn
	Before   DealBefore
	Kept     string

	Changed bool      // the deal has changed since; known after reading
	written time.Time // its transaction
}

// DealBefore is a deal as it was: its stage with everything that goes with it, its owner, and the fields that changed (nil: was not there).
type DealBefore struct {
	Stage     string         `json:"stage"`
	Status    crm.DealStatus `json:"status"`
	Owner     crm.EmployeeID `json:"owner,omitempty"`
	EnteredAt time.Time      `json:"entered_at"`
	Fields    crm.Fields     `json:"fields,omitempty"`
}

const (
	sqlKeepUndo = `INSERT INTO undos (deal_id, employee_id, acted_at, written_at, event_id, before, kept)
		SELECT $1, $2, $3, now(), coalesce(max(id), 0), $4, $5 FROM events WHERE deal_id = $1
		ON CONFLICT ON CONSTRAINT undos_pkey DO UPDATE SET employee_id = excluded.employee_id, acted_at = excluded.acted_at,
			written_at = excluded.written_at, event_id = excluded.event_id, before = excluded.before, kept = excluded.kept`

	undoColumns = `u.deal_id, u.employee_id, u.acted_at, u.written_at, u.before, u.kept,
		EXISTS (SELECT FROM events e WHERE e.deal_id = u.deal_id AND e.id > u.event_id AND e.kind IN ('deal_moved', 'deal_changed', 'deal_owned', 'deal_linked'))`

	sqlUndoOf     = `SELECT ` + undoColumns + ` FROM undos u WHERE u.deal_id = $1`
	sqlLastUndoOf = `SELECT ` + undoColumns + ` FROM undos u WHERE u.employee_id = $1 ORDER BY u.acted_at DESC LIMIT 1`
	sqlForgetUndo = `DELETE FROM undos WHERE deal_id = $1`

	// The time of a transaction marks what it wrote.
	sqlUndoTimersSet = `UPDATE timers SET status = 'cancelled', reason = 'undone', fired_at = now()
		WHERE id IN (SELECT id FROM timers WHERE deal_id = $1 AND status = 'waiting' AND created_at = $2 FOR UPDATE SKIP LOCKED)`
	sqlUndoTimersStopped = `UPDATE timers SET status = 'waiting', reason = '', fired_at = NULL
		WHERE deal_id = $1 AND status = 'cancelled' AND fired_at = $2 AND created_at < $2`
	sqlUndoTasksEnded = `UPDATE tasks SET done_at = NULL WHERE deal_id = $1 AND done_at = $2`
)

func queueUndos(batch *pgx.Batch, undos []Undo) {
	for _, u := range undos {
		batch.Queue(sqlKeepUndo, u.Deal, u.Employee, u.At, u.Before, u.Kept)
	}
}

// UndoOf reads what was done to a deal last by a button. crm.ErrNotFound when nothing was.
func (t *Turns) UndoOf(ctx context.Context, id crm.DealID) (Undo, error) {
	if err := t.FlushDeals(ctx); err != nil {
		return Undo{}, err
	}
	u, err := scanUndo(t.conn.QueryRow(ctx, sqlUndoOf, id))
	return u, wrap(err, "look what was done to deal %d", id)
}

// LastUndoOf reads what an employee did last by a button. crm.ErrNotFound when it was nothing.
func (t *Turns) LastUndoOf(ctx context.Context, id crm.EmployeeID) (Undo, error) {
	if err := t.FlushDeals(ctx); err != nil {
		return Undo{}, err
	}
	u, err := scanUndo(t.conn.QueryRow(ctx, sqlLastUndoOf, id))
	return u, wrap(err, "look what employee %d did", id)
}

func scanUndo(row pgx.Row) (u Undo, err error) {
	err = row.Scan(&u.Deal, &u.Employee, &u.At, &u.written, &u.Before, &u.Kept, &u.Changed)
	return u, err
}

// TakeBack gives a deal the timers and tasks back that it had before, takes those away that came with what is undone, and forgets it.
// The deal itself is among the changes of the turn.
func (t *Turns) TakeBack(ctx context.Context, u Undo) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlUndoTimersSet, u.Deal, u.written)
	batch.Queue(sqlUndoTimersStopped, u.Deal, u.written)
	batch.Queue(sqlUndoTasksEnded, u.Deal, u.written)
	batch.Queue(sqlForgetUndo, u.Deal)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("take back what was done to deal %d: %w", u.Deal, domain(err))
	}
	return nil
}
