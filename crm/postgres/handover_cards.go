package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlCardsOf = `SELECT m.id, m.conversation_id, c.channel, c.chat, c.lang, m.card, coalesce(m.content->>'text', ''), m.content->'buttons', m.status = 'queued'
		FROM identities i JOIN conversations c ON c.channel = i.channel AND c.chat = i.address AND NOT c.grouped
		JOIN LATERAL (SELECT * FROM (SELECT * FROM messages m WHERE m.conversation_id = c.id ORDER BY m.id DESC LIMIT 5000) m
			WHERE m.direction = 'out' AND m.kind = 'message' AND m.card IS NOT NULL AND m.status IN ('queued', 'sent')) m ON true
		WHERE i.employee_id = $1 AND ($2::bigint[] IS NULL OR split_part(m.card, ':', 1) = 'deal' AND split_part(m.card, ':', 2) IN (SELECT d::text FROM unnest($2::bigint[]) AS u(d)))
		ORDER BY m.conversation_id, m.id DESC LIMIT $3`

	sqlTakeMarks = `UPDATE messages m SET card = NULL FROM unnest($1::bigint[], $2::bigint[]) AS u(conversation, id) WHERE m.conversation_id = u.conversation AND m.id = u.id`
)

// StandingCard is a card that stands in somebody's chat; Queued when it is not sent yet.
type StandingCard struct {
	Shown
	Queued bool
}

// TakeCards finds the newest cards in the private chats of an employee, of some deals or (with a nil list) of everything, at most limit, and takes
// their marks: they are not drawn anew any more.
func (t *Turns) TakeCards(ctx context.Context, id crm.EmployeeID, deals []crm.DealID, limit int) ([]StandingCard, error) {
	var only []int64
	if deals != nil {
		only = numbers(deals)
	}
	rows, err := t.conn.Query(ctx, sqlCardsOf, id, only, limit)
	if err != nil {
		return nil, wrap(err, "find the cards of employee %d", id)
	}
	cards, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s StandingCard, err error) {
		err = row.Scan(&s.ID, &s.Conversation, &s.Address.Channel, &s.Address.Chat, &s.Lang, &s.Card, &s.Text, &s.Buttons, &s.Queued)
		return s, err
	})
	if err != nil || len(cards) == 0 {
		return nil, wrap(err, "find the cards of employee %d", id)
	}
	talks, ids := make([]int64, len(cards)), make([]int64, len(cards))
	for i, c := range cards {
		talks[i], ids[i] = int64(c.Conversation), int64(c.ID)
	}
	_, err = t.conn.Exec(ctx, sqlTakeMarks, talks, ids)
	return cards, wrap(err, "take the marks of %d cards", len(cards))
}
