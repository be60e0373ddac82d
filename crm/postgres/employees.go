package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

const (
	sqlEmployees = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), e.lang, e.active, coalesce(c.name, ''), coalesce(e.phone, ''),
			(SELECT count(*) FROM deals d WHERE d.owner_id = e.id AND d.status = 'open'),
			EXISTS (SELECT FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
				WHERE i.employee_id = e.id AND NOT k.blocked)
		FROM employees e LEFT JOIN crews c ON c.id = e.crew_id WHERE e.active OR $1 ORDER BY e.active DESC, e.city, e.name, e.id`

	// Who changes no row was too late.
	sqlSetActive = `UPDATE employees SET active = $2 WHERE id = $1 AND active <> $2`

	sqlEmployeeKnown = `SELECT EXISTS (SELECT FROM employees WHERE id = $1)`

	sqlInsertStaffEvent = `INSERT INTO events (at, kind, author, employee_id, data)
		VALUES (now(), $1, CASE WHEN $3::bigint > 0 THEN 'employee' ELSE 'system' END, $2, CASE WHEN $3::bigint > 0 THEN jsonb_build_object('by', $3::bigint) ELSE '{}' END)`

	// A turn of theirs that is under way ends first; the next one finds them dismissed.
	sqlLockChatsOf = `SELECT FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
		WHERE i.employee_id = $1 ORDER BY k.id FOR UPDATE OF k`

	// What was asked of an employee is asked of no stranger: their answers would still move deals.
	sqlEndSessions = `UPDATE conversations k SET session = NULL, due_at = NULL, updated_at = now() FROM identities i
		WHERE i.employee_id = $1 AND k.channel = i.channel AND k.chat = i.address AND k.session IS NOT NULL`

	// What waits for the morning, such as a visit with the phone of its customer, is not for somebody who left in the night.
	sqlDropQueueOf = `UPDATE messages m SET status = 'cancelled', reason = 'dismissed' FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
		WHERE i.employee_id = $1 AND m.conversation_id = k.id AND m.direction = 'out' AND m.status = 'queued' RETURNING m.id`

	// A menu without items gives a chat the menu that everybody sees.
	sqlTakeMenus = `INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority, created_at)
		SELECT k.id, 'out', 'system', 'menu', 'queued', '{"kind": "menu", "priority": 1}', 1, now()
		FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
		WHERE i.employee_id = $1 AND NOT k.blocked ORDER BY k.id`
)

// EmployeeView is an employee as a list shows them.
type EmployeeView struct {
	crm.Employee
	CrewName string
	Phone    string // E.164, empty when unknown
	Deals    int    // open ones that are theirs
	Reached  bool   // they have pressed Start and not blocked the bot
}

// Employees lists who works here, by city and name; with all also those who were dismissed, after the others.
func (db *DB) Employees(ctx context.Context, all bool) ([]EmployeeView, error) {
	rows, err := db.Pool.Query(ctx, sqlEmployees, all)
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", domain(err))
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v EmployeeView, err error) {
		err = row.Scan(&v.ID, &v.Name, &v.Role, &v.City, &v.Crew, &v.Lang, &v.Active, &v.CrewName, &v.Phone, &v.Deals, &v.Reached)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", domain(err))
	}
	return people, nil
}

// BeginActs begins a transaction for what somebody decided outside of a chat. The caller ends it by Commit or Rollback.
func (db *DB) BeginActs(ctx context.Context) (*Turns, error) {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", domain(err))
	}
	t := &Turns{conn: conn, open: true, met: &db.met}
	if _, err = conn.Exec(ctx, "BEGIN"); err == nil {
		err = conn.QueryRow(ctx, sqlNow).Scan(&t.Now)
	}
	if err != nil {
		t.Rollback(ctx)
		return nil, fmt.Errorf("begin: %w", domain(err))
	}
	return t, nil
}

// Dismiss makes an employee a stranger to every turn that begins from now on: presses on old cards are refused, the menu of employees leaves
// their chats, what was asked of them is asked no more, what waits to be sent there is not sent, and invitations of theirs are worthless. What they have in hand stays with
// them: the caller gives it to others in this transaction, before or after. crm.ErrTaken when they were dismissed already, crm.ErrNotFound
// when there is no such employee.
func (t *Turns) Dismiss(ctx context.Context, id, by crm.EmployeeID) error {
	if _, err := t.conn.Exec(ctx, sqlLockChatsOf, id); err != nil {
		return wrap(err, "dismiss employee %d", id)
	}
	if err := employ(ctx, t.conn, id, false); err != nil {
		return wrap(err, "dismiss employee %d", id)
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlEndSessions, id)
	batch.Queue(sqlDropQueueOf, id).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
		t.Cancelled = append(t.Cancelled, ids...)
		return err
	})
	batch.Queue(sqlTakeMenus, id)
	batch.Queue(sqlRevokeInvitesOf, id)
	batch.Queue(sqlDropDrafts, id)
	batch.Queue(sqlInsertStaffEvent, "employee_dismissed", id, by)
	return wrap(t.conn.SendBatch(ctx, batch).Close(), "dismiss employee %d", id)
}

// Rehire takes a dismissal back. Their menu comes with their next /start. crm.ErrTaken when they work here already,
// crm.ErrNotFound when there is no such employee.
func (db *DB) Rehire(ctx context.Context, id crm.EmployeeID) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if err := employ(ctx, tx, id, true); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlInsertStaffEvent, "employee_rehired", id, 0)
		return err
	})
	return wrap(err, "rehire employee %d", id)
}

// employ changes whether somebody works here.
func employ(ctx context.Context, tx actor, id crm.EmployeeID, active bool) error {
	tag, err := tx.Exec(ctx, sqlSetActive, id, active)
	if err != nil || tag.RowsAffected() > 0 {
		return err
	}
	var known bool
	if err := tx.QueryRow(ctx, sqlEmployeeKnown, id).Scan(&known); err != nil {
		return err
	}
	if known {
		return crm.ErrTaken
	}
	return crm.ErrNotFound
}

// actor is a transaction, begun by the driver or by hand.
type actor interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}
