package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Reached is an employee with the conversation in which they are reached, or (Room is set) a group, or a topic of it, that stands for several.
type Reached struct {
	crm.Employee
	Conversation crm.ConversationID
	Address      crm.Address
	Room         RoomKind
	Thread       string // of the room
	Forum        bool   // of a room whose talks get topics of their own
}

const (
	sqlReachEmployee = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), coalesce(nullif(c.lang, ''), e.lang), i.channel, i.address, coalesce(c.id, 0)
		FROM employees e JOIN identities i ON i.employee_id = e.id LEFT JOIN conversations c ON c.channel = i.channel AND c.chat = i.address
		WHERE e.id = $1 AND e.active`

	// Each owner is looked up by themselves: otherwise the planner would walk through the addresses of all employees.
	sqlReachOwners = `SELECT r.id, r.name, r.role, r.city, r.crew, r.lang, r.channel, r.address, r.conversation
		FROM (SELECT DISTINCT owner_id FROM deals WHERE id = ANY($1::bigint[])) o
		CROSS JOIN LATERAL (SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0) AS crew, coalesce(nullif(c.lang, ''), e.lang) AS lang, i.channel, i.address, coalesce(c.id, 0) AS conversation
			FROM employees e JOIN identities i ON i.employee_id = e.id LEFT JOIN conversations c ON c.channel = i.channel AND c.chat = i.address
			WHERE e.id = o.owner_id AND e.active OFFSET 0) r`
)

// ReachEmployee finds the conversations of one employee.
func (t *Turns) ReachEmployee(ctx context.Context, id crm.EmployeeID) ([]Reached, error) {
	return t.reach(ctx, sqlReachEmployee, id)
}

func (t *Turns) reach(ctx context.Context, sql string, args ...any) ([]Reached, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	people, err := pgx.CollectRows(rows, scanReached)
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	return people, t.meet(ctx, people)
}

func scanReached(row pgx.CollectableRow) (r Reached, err error) {
	r.Active = true
	err = row.Scan(&r.ID, &r.Name, &r.Role, &r.City, &r.Crew, &r.Lang, &r.Address.Channel, &r.Address.Chat, &r.Conversation)
	return r, err
}

// meet makes a conversation for each who never wrote yet; the provider may refuse it.
func (t *Turns) meet(ctx context.Context, people []Reached) error {
	for i := range people {
		if people[i].Conversation == 0 {
			if err := t.conn.QueryRow(ctx, sqlEnsureConversation, people[i].Address.Channel, people[i].Address.Chat).Scan(&people[i].Conversation); err != nil {
				return fmt.Errorf("make a conversation for employee %d: %w", people[i].ID, domain(err))
			}
		}
	}
	return nil
}

const sqlEnsureConversation = `INSERT INTO conversations (channel, chat) VALUES ($1, $2)
	ON CONFLICT ON CONSTRAINT conversations_channel_chat_key DO UPDATE SET chat = excluded.chat RETURNING id`
