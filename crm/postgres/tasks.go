package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// TaskMade is something for somebody to do. Points is what its owner gets when it is overdue, Card what is shown with it.
type TaskMade struct {
	Deal     crm.DealID
	Contact  crm.ContactID
	Assignee crm.EmployeeID
	Owner    bool // without an assignee: whoever owns the deal when this is written
	Role     string
	Title    string
	DueAt    time.Time
	Points   int
	Card     string
	Message  crm.MessageID // whose turn makes it
}

// Task is a task as it stands. DoneAt is zero while it is open; Timer is zero when it has no due time.
type Task struct {
	ID       crm.TaskID
	Deal     crm.DealID
	Contact  crm.ContactID
	Assignee crm.EmployeeID
	Role     string
	Title    string
	Card     string
	Points   int
	DueAt    time.Time
	DoneAt   time.Time
	Timer    TimerID
}

const (
	// Both ids are drawn first, because task and timer name each other.
	sqlInsertTasksMade = `WITH new AS MATERIALIZED (
			SELECT nullif(u.deal, 0) AS deal_id, nullif(u.contact, 0) AS contact_id, u.role, u.title, u.due AS due_at, u.points, u.card,
				nullif(u.message, 0) AS message_id, nextval('tasks_id_seq') AS id,
				coalesce(nullif(u.assignee, 0), CASE WHEN u.owner THEN (SELECT d.owner_id FROM deals d WHERE d.id = u.deal) END) AS assignee_id,
				CASE WHEN u.due IS NOT NULL THEN nextval('timers_id_seq') END AS timer_id
			FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::boolean[], $5::text[], $6::text[], $7::timestamptz[], $8::integer[], $9::text[], $10::bigint[])
				AS u(deal, contact, assignee, owner, role, title, due, points, card, message)),
		alarms AS (INSERT INTO timers (id, deal_id, kind, due_at, data, message_id)
			SELECT timer_id, deal_id, 'task', due_at, jsonb_build_object('task', id), message_id FROM new WHERE timer_id IS NOT NULL)
		INSERT INTO tasks (id, deal_id, contact_id, assignee_id, role, title, due_at, points, card, timer_id)
		SELECT id, deal_id, contact_id, assignee_id, role, title, due_at, points, card, timer_id FROM new`

	taskColumns = `id, coalesce(deal_id, 0), coalesce(contact_id, 0), coalesce(assignee_id, 0), role, title, card, points, due_at, done_at,
		coalesce(timer_id, 0)`

	sqlSelectTask = `SELECT ` + taskColumns + ` FROM tasks WHERE id = $1`
	// A task of a role is one of everybody who has it, within the crew of its deal.
	sqlTasksOf = `SELECT ` + taskColumns + ` FROM tasks WHERE done_at IS NULL AND (assignee_id = $1 OR assignee_id IS NULL AND EXISTS (
			SELECT FROM employees e LEFT JOIN deals d ON d.id = deal_id WHERE e.id = $1 AND e.role = tasks.role
			AND (e.crew_id IS NULL OR d.crew_id IS NULL OR d.crew_id = e.crew_id)))
		ORDER BY due_at NULLS LAST, id LIMIT $2`

	sqlFinishTask = `UPDATE tasks SET done_at = now() WHERE id = $1 AND done_at IS NULL RETURNING ` + taskColumns
	sqlStopTimer  = `UPDATE timers SET status = 'cancelled', reason = $2, fired_at = now() WHERE id = (
			SELECT id FROM timers WHERE id = $1 AND status = 'waiting' FOR UPDATE SKIP LOCKED)`
)

func (a *Automation) queueTasks(batch *pgx.Batch) {
	n := len(a.TasksMade)
	if n == 0 {
		return
	}
	ids := make([]int64, 4*n)
	deals, contacts, assignees, messages := ids[:n], ids[n:2*n], ids[2*n:3*n], ids[3*n:]
	roles, titles, cards := make([]string, n), make([]string, n), make([]string, n)
	owners, points, due := make([]bool, n), make([]int32, n), make([]*time.Time, n)
	for i, k := range a.TasksMade {
		deals[i], contacts[i], assignees[i], messages[i] = int64(k.Deal), int64(k.Contact), int64(k.Assignee), int64(k.Message)
		roles[i], titles[i], cards[i] = k.Role, k.Title, k.Card
		owners[i], points[i], due[i] = k.Owner, int32(k.Points), pointer(k.DueAt)
	}
	batch.Queue(sqlInsertTasksMade, deals, contacts, assignees, owners, roles, titles, due, points, cards, messages)
}

// Task reads a task. crm.ErrNotFound when there is none.
func (t *Turns) Task(ctx context.Context, id crm.TaskID) (Task, error) {
	k, err := scanTask(t.conn.QueryRow(ctx, sqlSelectTask, id))
	return k, wrap(err, "read task %d", id)
}

// TasksOf lists the open tasks of an employee and those of their role that nobody has, the most urgent first, at most limit.
func (t *Turns) TasksOf(ctx context.Context, id crm.EmployeeID, limit int) ([]Task, error) {
	rows, err := t.conn.Query(ctx, sqlTasksOf, id, limit)
	if err != nil {
		return nil, fmt.Errorf("list tasks of employee %d: %w", id, domain(err))
	}
	tasks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Task, error) { return scanTask(row) })
	return tasks, wrap(err, "list tasks of employee %d", id)
}

// FinishTask marks a task as done, at once, and stops its timer. Of two who finish it the second gets crm.ErrTaken with the
// task; crm.ErrNotFound when there is none.
func (t *Turns) FinishTask(ctx context.Context, id crm.TaskID) (Task, error) {
	k, err := scanTask(t.conn.QueryRow(ctx, sqlFinishTask, id))
	if err == pgx.ErrNoRows {
		if k, err = t.Task(ctx, id); err == nil {
			err = fmt.Errorf("finish task %d: %w", id, crm.ErrTaken)
		}
		return k, err
	}
	if err == nil && k.Timer != 0 {
		_, err = t.conn.Exec(ctx, sqlStopTimer, k.Timer, "done")
	}
	return k, wrap(err, "finish task %d", id)
}

func scanTask(row pgx.Row) (k Task, err error) {
	var due, done *time.Time
	err = row.Scan(&k.ID, &k.Deal, &k.Contact, &k.Assignee, &k.Role, &k.Title, &k.Card, &k.Points, &due, &done, &k.Timer)
	k.DueAt, k.DoneAt = deref(due), deref(done)
	return k, err
}
