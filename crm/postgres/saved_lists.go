package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ListBase says what a list begins from, before its filter narrows it.
type ListBase string

// Bases of lists. An export is a list that waits for its reason.
const (
	BaseMy     ListBase = "my"    // open deals of one's own, and free ones
	BaseDeals  ListBase = "deals" // all that one sees
	BaseFind   ListBase = "find"  // likewise, words are looked for everywhere
	BaseExport ListBase = "export"
)

// List is a list of deals that stands in a chat. Query is what was typed; Revision grows with each change of it, so that buttons of before
// can be told from those of now.
type List struct {
	Token        string
	Employee     crm.EmployeeID
	Conversation crm.ConversationID
	Message      crm.MessageID // that shows it
	Base         ListBase
	Query        string
	Page         int // from 0
	Revision     int
}

const (
	// Lists that nobody has touched for a month go, a few with each new one: more go than come.
	sqlForgetLists = `DELETE FROM lists WHERE token IN (
		SELECT token FROM lists WHERE used_at < now() - interval '30 days' ORDER BY used_at LIMIT 20 FOR UPDATE SKIP LOCKED)`

	sqlAddList = `INSERT INTO lists (token, employee_id, conversation_id, message_id, base, query, page, revision)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

	sqlReadList = `SELECT token, employee_id, conversation_id, message_id, base, query, page, revision FROM lists WHERE token = $1 FOR UPDATE`

	sqlChangeList = `UPDATE lists SET base = $2, query = $3, page = $4, revision = $5, used_at = clock_timestamp() WHERE token = $1`

	sqlLastList = `SELECT token, employee_id, conversation_id, message_id, base, query, page, revision FROM lists
		WHERE employee_id = $1 AND base <> 'export' ORDER BY used_at DESC LIMIT 1`
)

// AddList keeps a new list, and forgets some that nobody has touched for a month.
func (t *Turns) AddList(ctx context.Context, l List) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlForgetLists)
	batch.Queue(sqlAddList, l.Token, l.Employee, l.Conversation, l.Message, l.Base, l.Query, l.Page, l.Revision)
	return wrap(t.conn.SendBatch(ctx, batch).Close(), "keep a list of employee %d", l.Employee)
}

// List reads a list by its token and locks it. crm.ErrNotFound when there is none.
func (t *Turns) List(ctx context.Context, token string) (List, error) {
	return t.readList(ctx, sqlReadList, token)
}

// LastList is the list that an employee used last. crm.ErrNotFound when there is none.
func (t *Turns) LastList(ctx context.Context, id crm.EmployeeID) (List, error) {
	return t.readList(ctx, sqlLastList, id)
}

func (t *Turns) readList(ctx context.Context, sql string, key any) (l List, err error) {
	err = t.conn.QueryRow(ctx, sql, key).Scan(&l.Token, &l.Employee, &l.Conversation, &l.Message, &l.Base, &l.Query, &l.Page, &l.Revision)
	return l, wrap(err, "read a list")
}

// ChangeList keeps what a list shows now.
func (t *Turns) ChangeList(ctx context.Context, l List) error {
	_, err := t.conn.Exec(ctx, sqlChangeList, l.Token, l.Base, l.Query, l.Page, l.Revision)
	return wrap(err, "change a list of employee %d", l.Employee)
}

const sqlCrewNames = `SELECT id, name, city FROM crews ORDER BY id LIMIT 2000`

const sqlStaffNames = `SELECT id, name, role, city, coalesce(crew_id, 0) FROM employees WHERE active ORDER BY id LIMIT 5000`

// Staff lists the names by which filters call the people and crews of the company.
func (t *Turns) Staff(ctx context.Context) (people []crm.Employee, crews []crm.Crew, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlStaffNames).Query(func(rows pgx.Rows) (err error) {
		people, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (e crm.Employee, err error) {
			e.Active = true
			err = row.Scan(&e.ID, &e.Name, &e.Role, &e.City, &e.Crew)
			return e, err
		})
		return err
	})
	batch.Queue(sqlCrewNames).Query(func(rows pgx.Rows) (err error) {
		crews, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c crm.Crew, err error) {
			err = row.Scan(&c.ID, &c.Name, &c.City)
			return c, err
		})
		return err
	})
	err = t.conn.SendBatch(ctx, batch).Close()
	return people, crews, wrap(err, "list the names of employees and crews")
}
