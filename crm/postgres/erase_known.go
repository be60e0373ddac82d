package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Kept counts what is kept of a person.
type Kept struct {
	Deals, Open, Messages, Files int
}

// KnownDeal is a deal as its person may read it.
type KnownDeal struct {
	ID        crm.DealID
	Pipeline  string
	Stage     string
	Title     string
	Fields    crm.Fields
	CreatedAt time.Time
}

// KnownMessage is a message as it was said. Sent tells that the person wrote it.
type KnownMessage struct {
	At   time.Time
	Sent bool
	Text string
}

// KnownFile is a file that came in.
type KnownFile struct {
	At   time.Time
	Name string
	Kind string
	Size int64
}

// KnownRow is anything else: a visit, a consent, a call, a question. What is one of these words.
type KnownRow struct {
	At   time.Time
	What string
	Text string
}

// OwnData is all that is kept of a person, for their own eyes.
type OwnData struct {
	Contact   crm.Contact
	Addresses []crm.Address
	Deals     []KnownDeal
	Messages  []KnownMessage // the newest knownMessages
	Files     []KnownFile
	Rest      []KnownRow
}

// knownMessages bounds what the file of one person holds.
const knownMessages = 5000

const (
	sqlHeld = `SELECT (SELECT count(*) FROM deals WHERE contact_id = $1), (SELECT count(*) FROM deals WHERE contact_id = $1 AND status = 'open'),
		(SELECT count(*) FROM conversations c JOIN messages m ON m.conversation_id = c.id WHERE c.contact_id = $1 AND m.kind NOT IN ('edit', 'menu', 'delete', 'reaction')),
		(SELECT count(*) FROM attachments WHERE contact_id = $1)`

	sqlKnownContact   = `SELECT id, name, coalesce(phone, ''), lang, fields FROM contacts WHERE id = $1`
	sqlKnownAddresses = `SELECT channel, address FROM identities WHERE contact_id = $1 ORDER BY 1, 2`
	sqlKnownDeals     = `SELECT id, pipeline, stage, title, fields, created_at FROM deals WHERE contact_id = $1 ORDER BY id`
	sqlKnownMessages  = `SELECT m.created_at, m.direction = 'in', coalesce(m.content->>'text', '') FROM conversations c JOIN messages m ON m.conversation_id = c.id
		WHERE c.contact_id = $1 AND m.kind NOT IN ('edit', 'menu', 'delete', 'reaction', 'signal') AND coalesce(m.content->>'text', '') <> '' ORDER BY m.id DESC LIMIT $2`
	sqlKnownFiles = `SELECT created_at, name, kind, size FROM attachments WHERE contact_id = $1 ORDER BY id`

	sqlKnownRest = `SELECT at, what, text FROM (
			SELECT b.starts_at, 'visit', b.kind || ', ' || b.status FROM bookings b JOIN deals d ON d.id = b.deal_id WHERE d.contact_id = $1
			UNION ALL SELECT at, 'consent', name || ', ' || version FROM consents WHERE contact_id = $1
			UNION ALL SELECT at, 'call', coalesce(phone, '') || ', ' || status FROM calls WHERE contact_id = $1
			UNION ALL SELECT a.asked_at, 'question', a.text FROM question_askers a JOIN conversations c ON c.id = a.conversation_id WHERE c.contact_id = $1
		) AS r(at, what, text) ORDER BY at LIMIT 1000`

	sqlWasTold = `SELECT EXISTS (SELECT FROM messages WHERE card = $2 AND conversation_id = $1 AND created_at > now() - make_interval(secs => $3))`

	sqlToldLast = `SELECT coalesce((SELECT m.card = $2 AND m.created_at > now() - make_interval(secs => $3) FROM messages m
		WHERE m.conversation_id = $1 AND m.direction = 'out' AND m.kind IN ('message', 'media', 'album')
			AND (m.status = 'sent' OR m.status = 'queued' AND m.priority < 2) ORDER BY m.id DESC LIMIT 1), false)`

	sqlOwnedDeals = `SELECT id, coalesce(owner_id, 0) FROM deals WHERE contact_id = $1 AND status = 'open' ORDER BY id LIMIT 50`
)

// Kept counts what is kept of a contact.
func (t *Turns) Kept(ctx context.Context, id crm.ContactID) (k Kept, err error) {
	err = t.conn.QueryRow(ctx, sqlHeld, id).Scan(&k.Deals, &k.Open, &k.Messages, &k.Files)
	return k, wrap(err, "count what is kept of contact %d", id)
}

// OwnData reads all that is kept of a contact.
func (t *Turns) OwnData(ctx context.Context, id crm.ContactID) (k OwnData, err error) {
	c := &k.Contact
	if err := t.conn.QueryRow(ctx, sqlKnownContact, id).Scan(&c.ID, &c.Name, &c.Phone, &c.Lang, &c.Fields); err != nil {
		return k, wrap(err, "read contact %d", id)
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlKnownAddresses, id).Query(into(&k.Addresses))
	batch.Queue(sqlKnownDeals, id).Query(into(&k.Deals))
	batch.Queue(sqlKnownMessages, id, knownMessages).Query(into(&k.Messages))
	batch.Queue(sqlKnownFiles, id).Query(into(&k.Files))
	batch.Queue(sqlKnownRest, id).Query(into(&k.Rest))
	return k, wrap(t.conn.SendBatch(ctx, batch).Close(), "read what is kept of contact %d", id)
}

// into collects rows whose columns are the fields of T, in order.
func into[T any](list *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, pgx.RowToStructByPos[T])
		return err
	}
}

// OwnedDeal is an open deal and who is responsible for it, zero when nobody is.
type OwnedDeal struct {
	ID    crm.DealID
	Owner crm.EmployeeID
}

// OwnedDeals lists the open deals of a contact.
func (t *Turns) OwnedDeals(ctx context.Context, id crm.ContactID) (deals []OwnedDeal, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlOwnedDeals, id).Query(into(&deals))
	return deals, wrap(t.conn.SendBatch(ctx, batch).Close(), "read open deals of contact %d", id)
}

// WasTold reports whether a message with this card was written to a conversation within that time.
func (t *Turns) WasTold(ctx context.Context, id crm.ConversationID, card string, within time.Duration) (told bool, err error) {
	err = t.conn.QueryRow(ctx, sqlWasTold, id, card, within.Seconds()).Scan(&told)
	return told, wrap(err, "look what conversation %d was told", id)
}

// ToldLast reports whether the last message of a conversation has this card and was written within that time.
func (t *Turns) ToldLast(ctx context.Context, id crm.ConversationID, card string, within time.Duration) (told bool, err error) {
	err = t.conn.QueryRow(ctx, sqlToldLast, id, card, within.Seconds()).Scan(&told)
	return told, wrap(err, "look what conversation %d was told last", id)
}
