package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Shown is a message that shows a card somewhere.
type Shown struct {
	ID           crm.MessageID
	Conversation crm.ConversationID
	Address      crm.Address
	Lang         string
	Card         string // the mark that it bears
	Text         string // what it says now
	Buttons      [][]crm.Button
	Employee     crm.Employee // who sees it there
}

// The newest ones of each chat are enough: nobody scrolls further, and an employee who asks for a deal every day gets a card each time.
const sqlShownCards = `SELECT m.id, m.conversation_id, c.channel, c.chat, c.lang, m.card, coalesce(m.content->>'text', ''), m.content->'buttons',
		coalesce(e.id, 0), coalesce(e.name, ''), coalesce(e.role, ''), coalesce(e.city, ''), coalesce(e.crew_id, 0), coalesce(e.lang, '')
	FROM (SELECT *, row_number() OVER (PARTITION BY conversation_id, card ORDER BY id DESC) AS nth FROM messages
		WHERE card = ANY($1::text[]) AND direction = 'out' AND kind = 'message' AND status IN ('queued', 'sent')) m
	JOIN conversations c ON c.id = m.conversation_id
	LEFT JOIN identities i ON i.channel = c.channel AND i.address = c.chat LEFT JOIN employees e ON e.id = i.employee_id AND e.active
	WHERE m.nth <= 3 ORDER BY m.conversation_id, m.id`

// Shown lists the newest messages of each conversation for each of the marks that cards bear, three at most, oldest first.
func (t *Turns) Shown(ctx context.Context, marks []string) ([]Shown, error) {
	rows, err := t.conn.Query(ctx, sqlShownCards, marks)
	if err != nil {
		return nil, fmt.Errorf("find where cards stand: %w", domain(err))
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Shown, err error) {
		e := &s.Employee
		err = row.Scan(&s.ID, &s.Conversation, &s.Address.Channel, &s.Address.Chat, &s.Lang, &s.Card, &s.Text, &s.Buttons, &e.ID, &e.Name, &e.Role, &e.City, &e.Crew, &e.Lang)
		return s, err
	})
}

const sqlCardOf = `SELECT coalesce(card, '') FROM messages WHERE conversation_id = $1 AND direction = 'out' AND ref = $2`

// CardOf tells which card a sent message bears, by the provider's id; empty when it bears none or isn't ours.
func (t *Turns) CardOf(ctx context.Context, id crm.ConversationID, ref string) (card string, err error) {
	err = t.conn.QueryRow(ctx, sqlCardOf, id, ref).Scan(&card)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	return card, domain(err)
}
