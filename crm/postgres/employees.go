package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlEmployees = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), e.lang, e.active, coalesce(c.name, ''),
			(SELECT count(*) FROM deals d WHERE d.owner_id = e.id AND d.status = 'open'),
			EXISTS (SELECT FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
				WHERE i.employee_id = e.id AND NOT k.blocked)
		FROM employees e LEFT JOIN crews c ON c.id = e.crew_id WHERE e.active OR $1 ORDER BY e.active DESC, e.city, e.name, e.id`

	// Who changes no row was too late.
	sqlSetActive = `UPDATE employees SET active = $2 WHERE id = $1 AND active <> $2`

	// A talk is locked by the update as by a turn, so a turn under way ends first.
	sqlFreeTalks = `UPDATE conversations SET operator_id = NULL, updated_at = now() WHERE operator_id = $1 RETURNING id, coalesce(contact_id, 0)`

	sqlInsertStaffEvent = `INSERT INTO events (at, kind, author, employee_id, conversation_id, contact_id)
		VALUES (now(), $1, 'system', $2, nullif($3::bigint, 0), nullif($4::bigint, 0))`

	// What was asked of an employee is asked of no stranger: their answers would still move deals.
	sqlEndSessions = `UPDATE conversations k SET session = NULL, due_at = NULL, updated_at = now() FROM identities i
		WHERE i.employee_id = $1 AND k.channel = i.channel AND k.chat = i.address AND k.session IS NOT NULL`

	// A menu without items gives a chat the menu that everybody sees.
	sqlTakeMenus = `INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority, created_at)
		SELECT k.id, 'out', 'system', 'menu', 'queued', '{"kind": "menu", "priority": 1}', 1, now()
		FROM identities i JOIN conversations k ON k.channel = i.channel AND k.chat = i.address
		WHERE i.employee_id = $1 AND NOT k.blocked ORDER BY k.id`

	sqlCountOwned = `SELECT count(*) FROM deals WHERE owner_id = $1 AND status = 'open'`
)

// EmployeeView is an employee as a list shows them.
type EmployeeView struct {
	crm.Employee
	CrewName string
	Deals    int  // open ones that are theirs
	Reached  bool // they have pressed Start and not blocked the bot
}

// Employees lists who works here, by city and name; with all also those who were dismissed, after the others.
func (db *DB) Employees(ctx context.Context, all bool) ([]EmployeeView, error) {
	rows, err := db.Pool.Query(ctx, sqlEmployees, all)
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", domain(err))
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (v EmployeeView, err error) {
		err = row.Scan(&v.ID, &v.Name, &v.Role, &v.City, &v.Crew, &v.Lang, &v.Active, &v.CrewName, &v.Deals, &v.Reached)
		return v, err
	})
	if err != nil {
		return nil, fmt.Errorf("list employees: %w", domain(err))
	}
	return people, nil
}

// Dismissal is what a dismissed employee leaves behind.
type Dismissal struct {
	Talks int // taken over by them, now the bot's again
	Deals int // open ones that still bear their name
}

// Dismiss makes an employee a stranger to every turn that begins from now on: presses on old cards are refused, and the menu of
// employees leaves their chats. Talks that they had taken over go back to the bot; deals stay theirs until somebody takes
// them. crm.ErrTaken when they were dismissed already, crm.ErrNotFound when there is no such employee.
func (db *DB) Dismiss(ctx context.Context, id crm.EmployeeID) (left Dismissal, err error) {
	err = db.employ(ctx, id, false, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlFreeTalks, id)
		if err != nil {
			return err
		}
		talks, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Conversation, Contact int64 }])
		if err != nil {
			return err
		}
		left.Talks = len(talks)
		for _, talk := range talks {
			if _, err := tx.Exec(ctx, sqlInsertStaffEvent, "talk_dropped", id, talk.Conversation, talk.Contact); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlEndSessions, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlTakeMenus, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlInsertStaffEvent, "employee_dismissed", id, 0, 0); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sqlCountOwned, id).Scan(&left.Deals)
	})
	if err != nil {
		return Dismissal{}, fmt.Errorf("dismiss employee %d: %w", id, err)
	}
	return left, nil
}

// Rehire takes a dismissal back. Their menu comes with their next /start. crm.ErrTaken when they work here already,
// crm.ErrNotFound when there is no such employee.
func (db *DB) Rehire(ctx context.Context, id crm.EmployeeID) error {
	err := db.employ(ctx, id, true, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertStaffEvent, "employee_rehired", id, 0, 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("rehire employee %d: %w", id, err)
	}
	return nil
}

// employ changes whether somebody works here, together with what follows from it.
func (db *DB) employ(ctx context.Context, id crm.EmployeeID, active bool, then func(pgx.Tx) error) error {
	return domain(pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlSetActive, id, active)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			var known bool
			if err := tx.QueryRow(ctx, sqlEmployeeKnown, id).Scan(&known); err != nil {
				return err
			}
			if known {
				return crm.ErrTaken
			}
			return crm.ErrNotFound
		}
		return then(tx)
	}))
}

const sqlEmployeeKnown = `SELECT EXISTS (SELECT FROM employees WHERE id = $1)`
