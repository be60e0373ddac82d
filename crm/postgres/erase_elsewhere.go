package postgres

import (
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ShownMark begins the mark of messages that show something of a deal beside its card: the number of the deal follows, and which of the two it is.
const (
	ShownMark   = "shown:"
	ShownFields = "fields" // in plain
	ShownFiles  = "files"
)

// sqlEraseElsewhere empties what other talks hold of a person: cards of their deals, what was passed on to operators, what an operator wrote to
// them, whatever an employee typed with their number in it. The rows stay, they are other people's; what waits to be sent is taken back.
// Nothing points from a cause to what it led to: all messages are looked through once, while only this person's talks are locked.
const sqlEraseElsewhere = `WITH staff AS MATERIALIZED (
			SELECT c.id FROM conversations c WHERE c.contact_id IS NULL OR EXISTS (SELECT FROM identities i
				WHERE i.channel = c.channel AND i.address = c.chat AND i.employee_id IS NOT NULL)),
		hit AS MATERIALIZED (
			SELECT m.conversation_id, m.id, m.status FROM messages m
			WHERE m.conversation_id NOT IN (SELECT unnest($1::bigint[]))
				AND (m.cause_id IN (SELECT unnest($2::bigint[])) OR m.id IN (SELECT unnest($3::bigint[])) OR split_part(m.card, ':', 1) || ':' || split_part(m.card, ':', 2) IN (SELECT unnest($4::text[]))
					OR m.conversation_id IN (SELECT id FROM staff) AND (m.content::text LIKE ANY($5::text[])
						OR (m.conversation_id, m.content->>'thread') IN (SELECT t.conversation_id, u.thread FROM topics t
							CROSS JOIN LATERAL (VALUES (t.thread), ('talk:' || t.talk_id)) AS u(thread)
							WHERE t.talk_id = ANY($1::bigint[]) AND u.thread IS NOT NULL))))
		UPDATE messages m SET content = jsonb_strip_nulls(jsonb_build_object('kind', coalesce(m.content->'kind', '"message"'), 'stub', m.content->'stub')),
			status = CASE WHEN m.status IN ('queued', 'waiting') THEN 'cancelled' ELSE m.status END,
			reason = CASE WHEN m.status IN ('queued', 'waiting') THEN 'forgotten' ELSE m.reason END
		FROM hit h WHERE m.conversation_id = h.conversation_id AND m.id = h.id RETURNING m.id, h.status = 'queued'`

// queueElsewhere empties messages in the talks of others; unset gets those that must not be sent any more.
func (p *person) queueElsewhere(batch *pgx.Batch, act *actItems, unset *[]crm.MessageID) {
	batch.Queue(sqlEraseElsewhere, p.talks, p.messages, p.causes, p.cards(), p.mentions()).Query(func(rows pgx.Rows) error {
		n, err := takenBack(rows, unset)
		act.count("messages of others", n)
		return err
	})
}

// cards are the marks of the messages that show deals or the talks of the person.
func (p *person) cards() []string {
	cards := []string{}
	for _, d := range p.deals {
		cards = append(cards, "deal:"+strconv.FormatInt(d, 10), ShownMark+strconv.FormatInt(d, 10))
	}
	for _, k := range p.talks {
		cards = append(cards, "talk:"+strconv.FormatInt(k, 10), "topic:"+strconv.FormatInt(k, 10))
	}
	return cards
}

// takenBack counts rows of messages and notes those that waited to be sent.
func takenBack(rows pgx.Rows, unset *[]crm.MessageID) (n int64, err error) {
	for rows.Next() {
		var id crm.MessageID
		var waited bool
		if err := rows.Scan(&id, &waited); err != nil {
			return n, err
		}
		n++
		if waited {
			*unset = append(*unset, id)
		}
	}
	return n, rows.Err()
}

// sqlForgetLibrary removes what the library that speaks to WhatsApp keeps of people in tables of its own.
const sqlForgetLibrary = `SELECT forget_whatsapp($1::text[], $2::text[])`

// queueLibrary removes it. While the last word is on its way the library learns some of it again: EndErasures removes that.
func (p *person) queueLibrary(batch *pgx.Batch, act *actItems) {
	chats := []string{}
	for _, a := range p.addresses {
		if onWhatsApp(a.Channel) {
			chats = append(chats, a.Chat)
		}
	}
	batch.Queue(sqlForgetLibrary, p.phones, chats).QueryRow(func(row pgx.Row) error {
		var n int64
		err := row.Scan(&n)
		act.count("keys and numbers of WhatsApp", n)
		return err
	})
}

// onWhatsApp tells whether a channel is one of the company's numbers on WhatsApp.
func onWhatsApp(channel string) bool {
	return channel == "whatsapp" || strings.HasPrefix(channel, "whatsapp:")
}
