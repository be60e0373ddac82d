package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// person is everything that belongs to somebody who is being forgotten, by number, read under the locks.
type person struct {
	contacts  []int64 // they, and those that were merged into them
	talks     []int64
	deals     []int64
	messages  []int64       // of their talks
	causes    []int64       // messages of others that led to something said in their talks
	addresses []crm.Address // by which they are known
	refs      []spokenRef
	phones    []string
	names     []string // user names at their providers
	words     []string // longer texts that are theirs alone: full names, questions; they chose them, so that anything may stand there
	apart     []string // tables of months that stand apart
	farewell  int64    // the last word to them, kept until it is sent
	talk      int64    // where it is said
}

// spokenRef is a message of theirs as its provider calls it.
type spokenRef struct{ Channel, Chat, Ref string }

const (
	// Who was merged into another contact after they asked is that one now.
	sqlPersonContacts = `SELECT id FROM contacts WHERE id = (SELECT coalesce(merged_into, id) FROM contacts WHERE id = $1)
		OR merged_into = (SELECT coalesce(merged_into, id) FROM contacts WHERE id = $1) ORDER BY id`

	sqlPersonTalks = `SELECT c.id, c.channel, c.chat FROM conversations c WHERE NOT c.grouped AND (c.contact_id = ANY($1::bigint[])
		OR c.channel = 'call' AND c.chat = ANY($2::text[])
		OR c.contact_id IS NULL AND EXISTS (SELECT FROM identities i WHERE i.contact_id = ANY($1::bigint[]) AND i.channel = c.channel AND i.address = c.chat)) ORDER BY c.id`
	sqlPersonAddresses = `SELECT channel, address, username FROM identities WHERE contact_id = ANY($1::bigint[])`
	sqlPersonPhones    = `SELECT phone FROM contacts WHERE id = ANY($1::bigint[]) AND phone IS NOT NULL
		UNION SELECT phone FROM own_phones WHERE contact_id = ANY($1::bigint[])`

	// What somebody else is called, or has asked, too is not theirs alone.
	sqlPersonWords = `SELECT name FROM contacts c WHERE id = ANY($1::bigint[]) AND length(name) >= 8 AND name LIKE '% %'
			AND NOT EXISTS (SELECT FROM contacts o WHERE o.name = c.name AND o.id <> ALL($1::bigint[]))
		UNION SELECT text FROM question_askers a WHERE conversation_id = ANY($2::bigint[]) AND length(text) >= 8 AND text LIKE '% %'
			AND NOT EXISTS (SELECT FROM question_askers o WHERE o.question_id = a.question_id AND o.text = a.text AND o.conversation_id <> ALL($2::bigint[]))`

	// What their deals opened in other pipelines bears copies of what they said, and may name nobody.
	sqlPersonDeals = `WITH RECURSIVE d AS (
			SELECT id FROM deals WHERE contact_id = ANY($1::bigint[]) OR contact_id IS NULL AND conversation_id = ANY($2::bigint[])
			UNION SELECT o.id FROM d JOIN links l ON l.deal_id = d.id JOIN deals o ON o.id = l.other_id WHERE o.contact_id IS NULL)
		SELECT id FROM d ORDER BY id`

	sqlPersonMessages = `SELECT id FROM messages WHERE conversation_id = ANY($1::bigint[])`
	sqlPersonCauses   = `SELECT DISTINCT cause_id FROM messages WHERE conversation_id = ANY($1::bigint[]) AND cause_id IS NOT NULL AND author = 'employee'`

	// No provider delivers a second time after a month.
	sqlPersonRefs = `SELECT c.channel, c.chat, m.ref FROM messages m JOIN conversations c ON c.id = m.conversation_id
		WHERE m.conversation_id = ANY($1::bigint[]) AND m.direction = 'in' AND m.ref IS NOT NULL AND m.created_at > now() - interval '30 days'`

	sqlForget = `INSERT INTO forgotten (key, kind) SELECT DISTINCT ON (key) key, kind FROM unnest($1::bytea[], $2::text[]) AS u(key, kind)
		ON CONFLICT ON CONSTRAINT forgotten_pkey DO UPDATE SET forgotten_at = excluded.forgotten_at`
)

// gatherPerson locks the talks and the contacts of a person, in the order of merges and turns, and reads what is theirs.
func gatherPerson(ctx context.Context, tx pgx.Tx, e Erasure) (*person, error) {
	p := &person{talk: int64(e.Conversation), farewell: int64(e.Message)}
	var err error
	if p.contacts, err = readIDs(ctx, tx, sqlPersonContacts, e.Contact); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sqlLockTalksOfContacts, p.contacts); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sqlLockContacts, p.contacts); err != nil {
		return nil, err
	}
	if now, err := readIDs(ctx, tx, sqlPersonContacts, e.Contact); err != nil || !slices.Equal(now, p.contacts) { // merged before the locks were had
		return nil, errors.Join(err, errMoved)
	}
	if err := p.readTalks(ctx, tx); err != nil {
		return nil, err
	}
	for _, read := range []struct {
		to   *[]int64
		sql  string
		args []any
	}{
		{&p.deals, sqlPersonDeals, []any{p.contacts, p.talks}},
		{&p.messages, sqlPersonMessages, []any{p.talks}},
		{&p.causes, sqlPersonCauses, []any{p.talks}},
	} {
		if *read.to, err = readIDs(ctx, tx, read.sql, read.args...); err != nil {
			return nil, err
		}
	}
	if err := p.readApart(ctx, tx); err != nil {
		return nil, err
	}
	// Whoever is at work with one of their deals ends first: what they write there is looked through with the rest.
	if _, err := tx.Exec(ctx, sqlLockDeals, p.deals); err != nil {
		return nil, err
	}
	return p, p.readNames(ctx, tx)
}

func (p *person) readTalks(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, sqlPersonPhones, p.contacts)
	if err != nil {
		return err
	}
	if p.phones, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	if p.phones == nil {
		p.phones = []string{}
	}
	if rows, err = tx.Query(ctx, sqlPersonTalks, p.contacts, p.phones); err != nil {
		return err
	}
	p.talks = []int64{}
	for rows.Next() {
		var id int64
		var a crm.Address
		if err := rows.Scan(&id, &a.Channel, &a.Chat); err != nil {
			return err
		}
		p.talks, p.addresses = append(p.talks, id), append(p.addresses, a)
	}
	return rows.Err()
}

// readNames reads by what else the person is known.
func (p *person) readNames(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, sqlPersonAddresses, p.contacts)
	if err != nil {
		return err
	}
	for rows.Next() {
		var a crm.Address
		var name string
		if err := rows.Scan(&a.Channel, &a.Chat, &name); err != nil {
			return err
		}
		p.addresses = append(p.addresses, a)
		if name != "" {
			p.names = append(p.names, name)
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	if rows, err = tx.Query(ctx, sqlPersonWords, p.contacts, p.talks); err != nil {
		return err
	}
	if p.words, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	if rows, err = tx.Query(ctx, sqlPersonRefs, p.talks); err != nil {
		return err
	}
	p.refs, err = pgx.CollectRows(rows, pgx.RowToStructByPos[spokenRef])
	return err
}

// marks gives the HMACs by which the person is known when something of before arrives late.
func (p *person) marks(k *forgottenKey) (keys [][]byte, kinds []string) {
	add := func(kind string, key []byte) {
		if key != nil {
			keys, kinds = append(keys, key), append(kinds, kind)
		}
	}
	for _, a := range p.addresses {
		add("chat", k.chat(a))
	}
	for _, r := range p.refs {
		add("message", k.message(crm.Address{Channel: r.Channel, Chat: r.Chat}, r.Ref))
	}
	for _, phone := range p.phones {
		add("phone", k.phone(phone))
	}
	return keys, kinds
}

// mentions are patterns of texts that name the person beyond doubt: their numbers and their names at a provider, which nobody else has. What people
// choose freely is none of them: see redact.
func (p *person) mentions() []string {
	patterns := []string{}
	for _, phone := range p.phones {
		patterns = append(patterns, "%"+strings.TrimPrefix(phone, "+")+"%")
	}
	for _, name := range p.names {
		if len(name) >= 5 {
			patterns = append(patterns, "%@"+likeThis.Replace(name)+"%")
		}
	}
	for _, a := range p.addresses {
		if len(a.Chat) >= 8 && !strings.ContainsAny(a.Chat, "\" ") {
			patterns = append(patterns, "%"+likeThis.Replace(a.Chat)+"%")
		}
	}
	return patterns
}

// likeThis makes a pattern of a text.
var likeThis = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// readIDs reads a column of numbers.
func readIDs(ctx context.Context, q querier, sql string, args ...any) ([]int64, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if ids == nil {
		ids = []int64{}
	}
	return ids, err
}
