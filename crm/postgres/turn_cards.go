package postgres

import (
	"context"
	"fmt"
	"time"

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
	Thread       string       // of a group with topics
	Group        bool         // many see it there
	Crew         crm.CrewID   // for which the group or topic stands, zero when for none
	Held         bool         // not sent yet, and not before its time comes
	Employee     crm.Employee // who sees it there; nobody in a group, or when whoever did works here no more
}

// One message of each chat lives: the newest. When a deal is shown there again, the older message becomes a stub that only points down. Beside
// it there may be one that waits for its time, such as the morning: by a minute at least, so that no sender has it in memory.
const sqlShownCards = `SELECT m.id, m.conversation_id, c.channel, c.chat, c.lang, m.card, coalesce(m.content->>'text', ''), m.content->'buttons',
		coalesce(e.id, 0), coalesce(e.name, ''), coalesce(e.role, ''), coalesce(e.city, ''), coalesce(e.crew_id, 0), coalesce(e.lang, ''), c.grouped, coalesce(m.content->>'thread', ''),
		coalesce(r.crew_id, 0), m.held
	FROM (SELECT *, row_number() OVER (PARTITION BY conversation_id, split_part(card, ':', 2), content->>'thread', held ORDER BY id DESC) AS nth
		FROM (SELECT *, status = 'queued' AND coalesce(not_before > now() + interval '1 minute', false) AS held FROM messages
			WHERE card = ANY($1::text[]) AND direction = 'out' AND kind = 'message' AND status IN ('queued', 'sent') AND NOT content ? 'stub') shown) m
	JOIN conversations c ON c.id = m.conversation_id
	LEFT JOIN identities i ON i.channel = c.channel AND i.address = c.chat LEFT JOIN employees e ON e.id = i.employee_id AND e.active
	LEFT JOIN rooms r ON r.conversation_id = c.id AND r.thread = coalesce(m.content->>'thread', '')
	WHERE m.nth = 1 ORDER BY m.conversation_id, m.id`

// Shown lists the living messages of each chat, or topic of it, that bear one of the marks: one for each deal.
func (t *Turns) Shown(ctx context.Context, marks []string) ([]Shown, error) {
	rows, err := t.conn.Query(ctx, sqlShownCards, marks)
	if err != nil {
		return nil, fmt.Errorf("find where cards stand: %w", domain(err))
	}
	shown, err := pgx.CollectRows(rows, scanShown)
	return shown, wrap(err, "find where cards stand")
}

func scanShown(row pgx.CollectableRow) (s Shown, err error) {
	e := &s.Employee
	err = row.Scan(&s.ID, &s.Conversation, &s.Address.Channel, &s.Address.Chat, &s.Lang, &s.Card, &s.Text, &s.Buttons, &e.ID, &e.Name, &e.Role, &e.City, &e.Crew, &e.Lang, &s.Group, &s.Thread, &s.Crew, &s.Held)
	return s, err
}

const sqlCardOf = `SELECT coalesce(card, '') FROM messages WHERE conversation_id = $1
	AND id = (SELECT message_id FROM message_refs WHERE conversation_id = $1 AND direction = 'out' AND ref = $2)`

// CardOf tells which card a sent message bears, by the provider's id; empty when it bears none or isn't ours.
func (t *Turns) CardOf(ctx context.Context, id crm.ConversationID, ref string) (card string, err error) {
	err = t.conn.QueryRow(ctx, sqlCardOf, id, ref).Scan(&card)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	return card, domain(err)
}

const sqlOwnedAt = `SELECT at FROM events WHERE deal_id = $1 AND kind = 'deal_owned' ORDER BY id DESC LIMIT 1`

// OwnedAt tells by the database's clock when a deal got the owner that it has; zero when nobody knows.
func (t *Turns) OwnedAt(ctx context.Context, id crm.DealID) (at time.Time, err error) {
	err = t.conn.QueryRow(ctx, sqlOwnedAt, id).Scan(&at)
	if err == pgx.ErrNoRows {
		return at, nil
	}
	return at, wrap(err, "look since when deal %d has its owner", id)
}

// A question that was answered is no prompt of the session any more.
const sqlOpenButtons = `SELECT d.id, m.content->'buttons' FROM deals d JOIN conversations c ON c.id = d.conversation_id
	JOIN messages m ON m.conversation_id = c.id AND m.id = c.prompt_id
	WHERE d.id = ANY($1::bigint[]) AND c.operator_id IS NULL AND coalesce(c.session->>'dialog', '') <> '' AND m.content ? 'buttons'`

// queueOpenButtons reads the buttons of the question with which the conversation of each deal waits; none when it waits with none.
func queueOpenButtons(batch *pgx.Batch, deals []crm.DealID, found map[crm.DealID][][]crm.Button) {
	if len(deals) == 0 {
		return
	}
	batch.Queue(sqlOpenButtons, deals).Query(func(rows pgx.Rows) error {
		var id crm.DealID
		var buttons [][]crm.Button
		_, err := pgx.ForEachRow(rows, []any{&id, &buttons}, func() error {
			found[id], buttons = buttons, nil
			return nil
		})
		return err
	})
}
