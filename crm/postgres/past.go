package postgres

import (
	"context"
	"html"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// A chat may be known under either of its addresses. Who is known by the chat or by the number is who wrote. Anybody may have typed a number as
	// theirs: it makes nobody of another chat the one who wrote in this one, unless their provider vouched for it, and of several with the same
	// number nobody knows which. A chat of somebody who is no contact stays without one, under the name that the provider knows, until they
	// write again. Who was forgotten has none.
	sqlPastTalks = `INSERT INTO conversations (channel, chat, title, contact_id)
		SELECT $1, u.chat, u.name, coalesce(i.contact_id, (SELECT min(k.id) FROM contacts k WHERE u.phone <> '' AND k.phone = u.phone AND k.merged_into IS NULL
			AND (EXISTS (SELECT FROM own_phones o WHERE o.contact_id = k.id AND o.phone = k.phone)
				OR NOT EXISTS (SELECT FROM conversations t WHERE t.contact_id = k.id) AND NOT EXISTS (SELECT FROM identities a WHERE a.contact_id = k.id))
			HAVING count(*) = 1))
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[])
			AS u(chat, alias, phone, name, chat_key, alias_key, phone_key)
		LEFT JOIN identities i ON i.channel = $1 AND i.address = u.chat
		WHERE NOT EXISTS (SELECT FROM conversations c WHERE c.channel = $1 AND c.chat IN (u.chat, u.alias))
			AND NOT EXISTS (SELECT FROM forgotten f WHERE f.key IN (u.chat_key, u.alias_key, u.phone_key))
		ORDER BY u.chat ON CONFLICT ON CONSTRAINT conversations_channel_chat_key DO NOTHING`

	// What was said before somebody was forgotten stays forgotten; phones keep it, and give it whenever they are linked.
	sqlPastMessages = `WITH came AS MATERIALIZED (SELECT nextval('messages_id_seq') AS id, x.* FROM (
			SELECT c.id AS talk, u.direction, u.author, u.ref, u.kind, u.status, u.content, u.at
		FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[])
			WITH ORDINALITY AS u(chat, alias, direction, author, ref, kind, status, content, at, n)
		JOIN LATERAL (SELECT id, forgotten_at FROM conversations WHERE channel = $1 AND chat IN (u.chat, u.alias) ORDER BY chat = u.chat DESC LIMIT 1) c ON true
		WHERE c.forgotten_at IS NULL OR u.at >= c.forgotten_at
		ORDER BY u.at, u.n) x),
		fresh AS (INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT talk, direction, ref, id FROM came
			ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING RETURNING message_id)
		INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, created_at, sent_at)
		SELECT id, talk, direction, author, ref, kind, status, content::jsonb, at, CASE WHEN direction = 'out' THEN at END
		FROM came WHERE id IN (SELECT message_id FROM fresh)`
)

// pastSaid is what a message of the past holds. Files are not fetched: the provider has most of them no longer.
type pastSaid struct {
	Kind  string      `json:"kind"`
	Text  string      `json:"text,omitempty"`
	Media []crm.Media `json:"media,omitempty"`
	Past  bool        `json:"past"`
}

// KeepPast stores what was said in a channel before it was linked: it stands in the talks, and nothing follows of it. What is known already is
// left alone, so that it may be told again. Either all is stored or nothing; one that Away reports means nothing was.
func (db *DB) KeepPast(ctx context.Context, channel string, past []crm.Past) error {
	n := len(past)
	if n == 0 {
		return nil
	}
	chats, aliases, directions, authors := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	refs, kinds, statuses, contents, at := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]time.Time, n)
	talks := pastTalks{db: db, channel: channel, seen: map[string]bool{}}
	for i, p := range past {
		talks.add(p)
		chats[i], aliases[i], at[i] = p.Chat, p.Alias, p.SentAt
		said := pastSaid{Kind: string(crm.InText), Text: p.Text, Media: p.Media, Past: true}
		if len(p.Media) > 0 {
			said.Kind = string(crm.InMedia)
		}
		directions[i], authors[i], statuses[i], refs[i] = "in", string(crm.ByPerson), "received", "m:"+p.Ref
		if p.Own {
			directions[i], authors[i], statuses[i], refs[i] = "out", string(crm.ByEmployee), "sent", p.Ref
			said.Text = html.EscapeString(p.Text) // what goes out is markup
			if said.Kind == string(crm.InText) {
				said.Kind = string(crm.OutMessage)
			}
		}
		kinds[i], contents[i] = said.Kind, string(marshal(said))
	}
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlPastTalks, channel, talks.chats, talks.aliases, talks.phones, talks.names, talks.keys, talks.aliasKeys, talks.phoneKeys); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, sqlPastMessages, channel, chats, aliases, directions, authors, refs, kinds, statuses, contents, at)
		return err
	})
	return wrap(err, "keep %d messages of the past of %s", n, channel)
}

// pastTalks are the chats that messages of the past were said in, each once.
type pastTalks struct {
	db                            *DB
	channel                       string
	seen                          map[string]bool
	chats, aliases, phones, names []string
	keys, aliasKeys, phoneKeys    [][]byte // HMACs by which those are known who were forgotten
}

func (t *pastTalks) add(p crm.Past) {
	if t.seen[p.Chat] {
		return
	}
	t.seen[p.Chat] = true
	t.chats, t.aliases, t.phones = append(t.chats, p.Chat), append(t.aliases, p.Alias), append(t.phones, p.Phone)
	t.names = append(t.names, p.Name)
	t.keys = append(t.keys, t.db.forgotten.chat(crm.Address{Channel: t.channel, Chat: p.Chat}))
	t.phoneKeys = append(t.phoneKeys, t.db.forgotten.phone(p.Phone))
	t.aliasKeys = append(t.aliasKeys, t.db.forgotten.chat(crm.Address{Channel: t.channel, Chat: p.Alias}))
}
