package postgres

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// SavedID is the number of a saved command.
type SavedID int64

// Saved is a filter that an employee has made a command of. Name is what they call it; Command what the command menu does, in Latin letters,
// empty when it can't. Minute is when it comes by itself, in minutes since midnight of their city, -1 for never.
type Saved struct {
	ID       SavedID
	Employee crm.EmployeeID
	Name     string
	Command  string
	Base     ListBase
	Query    string
	Minute   int
}

const (
	sqlSaved = `SELECT id, employee_id, name, command, base, query, coalesce(at_minute, -1) FROM filters WHERE employee_id = $1 ORDER BY id LIMIT $2`

	sqlSavedByID = `SELECT f.id, f.employee_id, f.name, f.command, f.base, f.query, coalesce(f.at_minute, -1)
		FROM filters f JOIN employees e ON e.id = f.employee_id AND e.active WHERE f.id = $1 FOR UPDATE OF f`

	sqlSave = `INSERT INTO filters (employee_id, name, command, base, query) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT filters_employee_name_key DO UPDATE SET base = excluded.base, query = excluded.query RETURNING id`

	sqlForgetSaved = `DELETE FROM filters WHERE employee_id = $1 AND id = $2`

	sqlSchedule = `UPDATE filters SET at_minute = nullif($3, -1) WHERE employee_id = $1 AND id = $2`

	// A timer that fires this very moment is past stopping: it finds out by itself that it has no point any more.
	sqlStopLoose = `UPDATE timers SET status = 'cancelled', reason = 'changed', fired_at = now() WHERE id IN (
		SELECT id FROM timers WHERE deal_id IS NULL AND rule = $1 AND status = 'waiting' FOR UPDATE SKIP LOCKED)`

	sqlSetLoose = `INSERT INTO timers (kind, rule, due_at) VALUES ('recall', $1, $2)`
)

// savedRule begins the names of the timers that send a saved command.
const savedRule = "saved:"

// SavedRule is the name of the timer that sends a saved command by itself.
func SavedRule(id SavedID) string { return savedRule + strconv.FormatInt(int64(id), 10) }

// SavedOfRule is the saved command that a timer sends, false when the timer is for something else.
func SavedOfRule(rule string) (SavedID, bool) {
	if len(rule) <= len(savedRule) || rule[:len(savedRule)] != savedRule {
		return 0, false
	}
	id, err := strconv.ParseInt(rule[len(savedRule):], 10, 64)
	return SavedID(id), err == nil && id > 0
}

func scanSaved(row pgx.CollectableRow) (s Saved, err error) {
	err = row.Scan(&s.ID, &s.Employee, &s.Name, &s.Command, &s.Base, &s.Query, &s.Minute)
	return s, err
}

// SavedOf lists the saved commands of an employee, at most limit, the oldest first.
func (t *Turns) SavedOf(ctx context.Context, id crm.EmployeeID, limit int) ([]Saved, error) {
	rows, err := t.conn.Query(ctx, sqlSaved, id, limit)
	if err != nil {
		return nil, wrap(err, "list the saved commands of employee %d", id)
	}
	all, err := pgx.CollectRows(rows, scanSaved)
	return all, wrap(err, "list the saved commands of employee %d", id)
}

// Saved reads a saved command of somebody who works here and locks it. crm.ErrNotFound when there is none.
func (t *Turns) Saved(ctx context.Context, id SavedID) (Saved, error) {
	rows, err := t.conn.Query(ctx, sqlSavedByID, id)
	if err != nil {
		return Saved{}, wrap(err, "read saved command %d", id)
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanSaved)
	return s, wrap(err, "read saved command %d", id)
}

// Save keeps a command of an employee and gives its id. One of the same name gets the new filter and keeps its schedule.
func (t *Turns) Save(ctx context.Context, s Saved) (id SavedID, err error) {
	err = t.conn.QueryRow(ctx, sqlSave, s.Employee, s.Name, s.Command, s.Base, s.Query).Scan(&id)
	return id, wrap(err, "save a command of employee %d", s.Employee)
}

// ForgetSaved removes a saved command of an employee and its schedule. crm.ErrNotFound when it is not theirs.
func (t *Turns) ForgetSaved(ctx context.Context, of crm.EmployeeID, id SavedID) error {
	tag, err := t.conn.Exec(ctx, sqlForgetSaved, of, id)
	if err == nil && tag.RowsAffected() == 0 {
		err = crm.ErrNotFound
	}
	if err == nil {
		_, err = t.conn.Exec(ctx, sqlStopLoose, SavedRule(id))
	}
	return wrap(err, "forget saved command %d", id)
}

// Schedule lets a saved command come by itself each day, first at a time and then at that minute of the day; a minute of -1 ends that.
// crm.ErrNotFound when it is not theirs.
func (t *Turns) Schedule(ctx context.Context, s Saved, first time.Time) error {
	tag, err := t.conn.Exec(ctx, sqlSchedule, s.Employee, s.ID, s.Minute)
	if err == nil && tag.RowsAffected() == 0 {
		err = crm.ErrNotFound
	}
	if err == nil {
		_, err = t.conn.Exec(ctx, sqlStopLoose, SavedRule(s.ID))
	}
	if err == nil && s.Minute >= 0 {
		_, err = t.conn.Exec(ctx, sqlSetLoose, SavedRule(s.ID), first)
	}
	return wrap(err, "schedule saved command %d", s.ID)
}

const sqlOtherLoose = `SELECT EXISTS (SELECT FROM timers WHERE deal_id IS NULL AND rule = $1 AND id <> $2 AND status = 'waiting')`

// OtherLoose tells whether another timer of the same name waits: one was set while the first fired.
func (t *Turns) OtherLoose(ctx context.Context, rule string, id TimerID) (other bool, err error) {
	err = t.conn.QueryRow(ctx, sqlOtherLoose, rule, id).Scan(&other)
	return other, wrap(err, "look for another timer %q", rule)
}
