package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Reached is an employee with the conversation in which they are reached.
type Reached struct {
	crm.Employee
	Conversation crm.ConversationID
	Address      crm.Address
}

// sqlReachRole finds the active employees of a role who have an address: those of the crew, else of the city, else all.
const sqlReachRole = `WITH people AS (
		SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0) AS crew, e.lang, i.channel, i.address,
			CASE WHEN $2::bigint > 0 AND e.crew_id = $2 THEN 0 WHEN $3 <> '' AND e.city = $3 THEN 1 ELSE 2 END AS far
		FROM employees e JOIN identities i ON i.employee_id = e.id WHERE e.active AND e.role = $1)
	SELECT p.id, p.name, p.role, p.city, p.crew, p.lang, p.channel, p.address, coalesce(c.id, 0)
	FROM people p LEFT JOIN conversations c ON c.channel = p.channel AND c.chat = p.address
	WHERE p.far = (SELECT min(far) FROM people) AND NOT coalesce(c.blocked, false) ORDER BY p.id, p.channel LIMIT 50`

// ReachRole finds who of a role is told about something of a crew or city: its own people first, else all of the role.
func (t *Turns) ReachRole(ctx context.Context, role string, crew crm.CrewID, city string) ([]Reached, error) {
	return t.reach(ctx, sqlReachRole, role, crew, city)
}

const sqlReachEmployee = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), e.lang, i.channel, i.address, coalesce(c.id, 0)
	FROM employees e JOIN identities i ON i.employee_id = e.id LEFT JOIN conversations c ON c.channel = i.channel AND c.chat = i.address
	WHERE e.id = $1 AND e.active`

// ReachEmployee finds the conversations of one employee.
func (t *Turns) ReachEmployee(ctx context.Context, id crm.EmployeeID) ([]Reached, error) {
	return t.reach(ctx, sqlReachEmployee, id)
}

func (t *Turns) reach(ctx context.Context, sql string, args ...any) ([]Reached, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Reached, err error) {
		r.Active = true
		err = row.Scan(&r.ID, &r.Name, &r.Role, &r.City, &r.Crew, &r.Lang, &r.Address.Channel, &r.Address.Chat, &r.Conversation)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	for i := range people {
		if people[i].Conversation == 0 { // someone who never wrote yet: a conversation is made, the provider may refuse it
			if err := t.conn.QueryRow(ctx, sqlEnsureConversation, people[i].Address.Channel, people[i].Address.Chat).Scan(&people[i].Conversation); err != nil {
				return nil, fmt.Errorf("make a conversation for employee %d: %w", people[i].ID, domain(err))
			}
		}
	}
	return people, nil
}

const sqlEnsureConversation = `INSERT INTO conversations (channel, chat) VALUES ($1, $2)
	ON CONFLICT ON CONSTRAINT conversations_channel_chat_key DO UPDATE SET chat = excluded.chat RETURNING id`
