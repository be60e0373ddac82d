package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// Of an id that a provider gave there is one message in a talk: who comes first has the reference, whatever month the message lies in. With
	// each row come the ids of two messages more, which an ordinary turn sends: the answer, and an edit of the old prompt.
	sqlStoreInbound = `WITH came AS MATERIALIZED (SELECT nextval('messages_id_seq') AS id, x.* FROM (
			SELECT c.id AS talk, u.author, u.ref, u.kind, u.status, u.content
			FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::timestamptz[])
				WITH ORDINALITY AS u(channel, chat, author, ref, kind, status, content, key, sent_at, n)
			JOIN conversations c ON c.channel = u.channel AND c.chat = u.chat
			WHERE c.forgotten_at IS NULL OR u.sent_at IS NULL
				OR u.sent_at >= date_trunc('second', c.forgotten_at) AND NOT EXISTS (SELECT FROM forgotten m WHERE m.key = u.key) ORDER BY u.n) x),
		fresh AS (INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT talk, 'in', ref, id FROM came
			ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING RETURNING message_id)
		INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, created_at)
		SELECT id, talk, 'in', author, ref, kind, status, content::jsonb, now() FROM came WHERE id IN (SELECT message_id FROM fresh)
		RETURNING id, conversation_id, ref, nextval('messages_id_seq'), nextval('messages_id_seq'), nextval('messages_id_seq')`

	// A waiting row is a signal of our own, or what is tried again: meeting it makes it received, so that it is met once.
	sqlMeetWaiting = `UPDATE messages m SET status = 'received' FROM unnest($1::text[], $2::text[], $3::text[]) AS u(channel, chat, ref)
		JOIN conversations c ON c.channel = u.channel AND c.chat = u.chat
		JOIN message_refs r ON r.conversation_id = c.id AND r.direction = 'in' AND r.ref = u.ref
		WHERE m.conversation_id = r.conversation_id AND m.id = r.message_id AND m.status = 'waiting'
		RETURNING m.id, m.conversation_id, m.ref, nextval('messages_id_seq'), nextval('messages_id_seq'), nextval('messages_id_seq')`
)

// arrival is how a stored input is known, arrivals the rows of those that are new.
type arrival struct {
	conversation crm.ConversationID
	ref          string
}
type arrivals map[arrival]crm.MessageID

// storing is how many statements give rows of what was stored.
func (g *gathered) storing() int {
	if g.signals {
		return 2
	}
	return 1
}

// queueInbound stores what came in. What waits is looked for at once when it is expected, and otherwise only when something was there before.
func (g *gathered) queueInbound(batch *pgx.Batch) {
	if g.signals {
		batch.Queue(sqlMeetWaiting, g.inChannels, g.inChats, g.refs)
	}
	batch.Queue(sqlStoreInbound, g.inChannels, g.inChats, g.authors, g.refs, g.kinds, g.statuses, g.contents, g.keys, g.sent)
}

// meetWaiting looks for what waits among inputs that were there before.
func (t *Turns) meetWaiting(ctx context.Context, g *gathered, stored arrivals) error {
	rows, err := t.conn.Query(ctx, sqlMeetWaiting, g.inChannels, g.inChats, g.refs)
	if err != nil {
		return err
	}
	return t.readStored(rows, stored)
}

func (t *Turns) readStored(rows pgx.Rows, stored arrivals) error {
	defer rows.Close()
	for rows.Next() {
		var id crm.MessageID
		var a arrival
		var ahead [3]crm.MessageID
		if err := rows.Scan(&id, &a.conversation, &a.ref, &ahead[0], &ahead[1], &ahead[2]); err != nil {
			return err
		}
		stored[a] = id
		t.ids = append(t.ids, ahead[:]...)
	}
	return rows.Err()
}

// lack tells whether an input was there before: a redelivery, or something that waits.
func (a arrivals) lack(turns []*Turn) bool {
	for _, turn := range turns {
		if _, ok := a[arrival{turn.Talk.ID, turn.In.Key}]; !ok && turn.In.Kind != crm.InTimeout {
			return true
		}
	}
	return false
}

// mark gives turns the rows of their inputs. The same input twice in one group: the second is a redelivery.
func (a arrivals) mark(turns []*Turn) {
	for _, turn := range turns {
		k := arrival{turn.Talk.ID, turn.In.Key}
		if id, ok := a[k]; ok {
			turn.Message, turn.Fresh = id, true
			delete(a, k)
		}
		if turn.In.Kind == crm.InTimeout { // has no row: the session's due time says whether it still counts
			turn.Fresh = true
		}
	}
}
