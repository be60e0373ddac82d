package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlShiftOf = `SELECT on_shift, shift_at FROM employees WHERE id = $1`

	// Who gets a deal that nobody has taken yet is asked to take it as well, for as long.
	sqlHandTake = `UPDATE timers SET data = jsonb_set(data, '{owner}', to_jsonb($3::bigint)), due_at = $4::timestamptz + (data->>'within')::interval
		WHERE deal_id = $1 AND kind = 'take' AND status = 'waiting' AND data->'owner' = to_jsonb($2::bigint)`

	sqlHandTasksOf = `UPDATE tasks SET assignee_id = $2 WHERE assignee_id = $1 AND deal_id = ANY($3::bigint[]) AND done_at IS NULL RETURNING id`
)

// Shift tells whether an employee is at work. crm.ErrNotFound when there is no such employee.
func (t *Turns) Shift(ctx context.Context, id crm.EmployeeID) (Shift, error) {
	var on *bool
	var since *time.Time
	err := t.conn.QueryRow(ctx, sqlShiftOf, id).Scan(&on, &since)
	return Shift{Kept: on != nil, On: deref(on), Since: deref(since)}, wrap(err, "look at the shift of employee %d", id)
}

// LockRole waits until no other transaction distributes work of a role, and keeps others from it until this one ends. What somebody
// has in hand is read after it: of two who go home at once, the second also hands on what the first has left them.
func (t *Turns) LockRole(ctx context.Context, role string) error {
	_, err := t.conn.Exec(ctx, sqlLockRole, role)
	return wrap(err, "wait for the distribution of role %s", role)
}

// HandTasks gives the open tasks of an employee about some deals to another one, with the deals that they get.
func (t *Turns) HandTasks(ctx context.Context, from, to crm.EmployeeID, deals []crm.DealID) ([]crm.TaskID, error) {
	ids := make([]int64, len(deals))
	for i, id := range deals {
		ids[i] = int64(id)
	}
	rows, err := t.conn.Query(ctx, sqlHandTasksOf, from, to, ids)
	if err != nil {
		return nil, wrap(err, "hand the tasks of employee %d to %d", from, to)
	}
	tasks, err := pgx.CollectRows(rows, pgx.RowTo[crm.TaskID])
	return tasks, wrap(err, "hand the tasks of employee %d to %d", from, to)
}

// HandTake lets the timer of a deal that waits to be taken by one employee wait for another, from now on.
func (t *Turns) HandTake(ctx context.Context, deal crm.DealID, from, to crm.EmployeeID, now time.Time) error {
	_, err := t.conn.Exec(ctx, sqlHandTake, deal, from, to, now)
	return wrap(err, "hand the timer of deal %d on", deal)
}
