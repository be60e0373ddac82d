package postgres

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// HandoffFor is how long a code that takes a talk elsewhere is good.
const HandoffFor = 24 * time.Hour

// HandoffID numbers the talks that were, or are to be, taken elsewhere.
type HandoffID int64

// HandoffStatus is what became of one.
type HandoffStatus string

// A handoff is open until somebody shows its code; when the number of who shows it is not that of the talk, its person is asked first.
const (
	HandoffOpen    HandoffStatus = "open"
	HandoffAsked   HandoffStatus = "asked"
	HandoffUsed    HandoffStatus = "used"
	HandoffRefused HandoffStatus = "refused"
)

// Handoff is a talk that may go on in another conversation. Other is that one, zero as long as nobody has shown the code.
type Handoff struct {
	ID        HandoffID
	Talk      crm.ConversationID
	Other     crm.ConversationID
	Contact   crm.ContactID
	Channel   string
	Status    HandoffStatus
	ExpiresAt time.Time
}

const (
	sqlOpenHandoff = `INSERT INTO handoffs (code, conversation_id, contact_id, channel, status, created_at, expires_at)
		VALUES ($1, $2, $3, $4, 'open', now(), now() + make_interval(secs => $5))`

	// An older code of the same talk is worth nothing from then on: one of them may have been seen by others.
	sqlCloseHandoffs = `UPDATE handoffs SET status = 'refused' WHERE conversation_id = $1 AND status IN ('open', 'asked')`

	sqlHandoffByCode = `SELECT id, conversation_id, coalesce(other_id, 0), contact_id, channel, status, expires_at FROM handoffs WHERE code = $1 FOR UPDATE`
	sqlHandoff       = `SELECT id, conversation_id, coalesce(other_id, 0), contact_id, channel, status, expires_at FROM handoffs WHERE id = $1 FOR UPDATE`

	// A talk that is taken directly, to a chat of the same contact, needs no code.
	sqlRecordHandoff = `INSERT INTO handoffs (conversation_id, other_id, contact_id, channel, status, expires_at, used_at) VALUES ($1, $2, $3, $4, 'used', now(), now()) RETURNING id`
	sqlSetHandoff    = `UPDATE handoffs SET status = $2, other_id = $3, used_at = CASE WHEN $2 = 'used' THEN now() END WHERE id = $1`

	// The provider is the part of a channel before the colon. Only who has written there is written to.
	sqlTalksElsewhere = `SELECT k.id, k.channel, k.chat FROM conversations k WHERE k.contact_id = $1 AND k.id <> $2 AND NOT k.blocked AND NOT k.grouped
		AND ($3::text = '' OR split_part(k.channel, ':', 1) = $3)
		AND EXISTS (SELECT FROM messages m WHERE m.conversation_id = k.id AND m.direction = 'in' AND m.author = 'person' AND m.kind IN ('text', 'press', 'media', 'contact', 'location', 'other'))
		AND NOT EXISTS (SELECT FROM chat_aliases a WHERE a.channel = k.channel AND a.alias = k.chat)
		ORDER BY k.updated_at DESC`

	sqlTakeDeals = `UPDATE deals SET conversation_id = $2, contact_id = CASE WHEN $3::bigint > 0 THEN $3 ELSE contact_id END, updated_at = now() WHERE conversation_id = $1 AND status = 'open' RETURNING id`

	sqlChatOfStaff = `SELECT EXISTS (SELECT FROM identities i JOIN employees e ON e.id = i.employee_id AND e.active WHERE i.channel = $1 AND i.address = $2)`
	sqlSetOwn      = `UPDATE conversations SET own_until = $2 WHERE id = $1`
	sqlDealsIn     = `SELECT id FROM deals WHERE (conversation_id = $1 OR $2::bigint > 0 AND contact_id = $2) AND status = 'open' ORDER BY id`
)

// codeOfHandoff is how a code is kept: who reads the database can't use it.
func codeOfHandoff(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// OpenHandoff keeps a code by which a talk can be taken to a channel; codes of before are worth nothing any more.
func (t *Turns) OpenHandoff(ctx context.Context, talk crm.ConversationID, contact crm.ContactID, channel, code string) error {
	if _, err := t.conn.Exec(ctx, sqlCloseHandoffs, talk); err != nil {
		return wrap(domain(err), "close the handoffs of conversation %d", talk)
	}
	_, err := t.conn.Exec(ctx, sqlOpenHandoff, codeOfHandoff(code), talk, contact, channel, HandoffFor.Seconds())
	return wrap(domain(err), "offer conversation %d elsewhere", talk)
}

// HandoffByCode locks what a code stands for; crm.ErrNotFound when nobody was given it.
func (t *Turns) HandoffByCode(ctx context.Context, code string) (Handoff, error) {
	return t.handoff(ctx, sqlHandoffByCode, codeOfHandoff(code))
}

// Handoff locks one by its number; crm.ErrNotFound when there is none.
func (t *Turns) Handoff(ctx context.Context, id HandoffID) (Handoff, error) {
	return t.handoff(ctx, sqlHandoff, id)
}

func (t *Turns) handoff(ctx context.Context, sql string, arg any) (h Handoff, err error) {
	err = t.conn.QueryRow(ctx, sql, arg).Scan(&h.ID, &h.Talk, &h.Other, &h.Contact, &h.Channel, &h.Status, &h.ExpiresAt)
	return h, wrap(domain(err), "read a handoff")
}

// SetHandoff says what became of a handoff, and in which conversation.
func (t *Turns) SetHandoff(ctx context.Context, id HandoffID, status HandoffStatus, other crm.ConversationID) error {
	_, err := t.conn.Exec(ctx, sqlSetHandoff, id, string(status), other)
	return wrap(domain(err), "settle handoff %d", id)
}

// RecordHandoff notes a talk that went on in another chat of the same contact.
func (t *Turns) RecordHandoff(ctx context.Context, from, to crm.ConversationID, contact crm.ContactID, channel string) (id HandoffID, err error) {
	err = t.conn.QueryRow(ctx, sqlRecordHandoff, from, to, contact, channel).Scan(&id)
	return id, wrap(domain(err), "record that conversation %d goes on in %d", from, to)
}

// TalksElsewhere lists other chats of a contact in which they can be written to and have written themselves, the latest first: those with a provider
// ("whatsapp"), or with any when it is empty.
func (t *Turns) TalksElsewhere(ctx context.Context, contact crm.ContactID, but crm.ConversationID, provider string) ([]crm.Conversation, error) {
	if contact == 0 {
		return nil, nil
	}
	rows, err := t.conn.Query(ctx, sqlTalksElsewhere, contact, but, provider)
	if err != nil {
		return nil, wrap(domain(err), "find other chats of contact %d", contact)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (k crm.Conversation, err error) {
		k.Contact = contact
		err = row.Scan(&k.ID, &k.Address.Channel, &k.Address.Chat)
		return k, err
	})
}

// HandDeals lets the open deals of one conversation be spoken about in another, as those of a contact unless it is zero, and gives them.
func (t *Turns) HandDeals(ctx context.Context, from, to crm.ConversationID, contact crm.ContactID) ([]crm.DealID, error) {
	if err := t.Flush(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.Query(ctx, sqlTakeDeals, from, to, contact)
	if err != nil {
		return nil, wrap(domain(err), "hand the deals of conversation %d over", from)
	}
	clear(t.views)
	return pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
}

// SetOwn keeps the bot silent in a conversation until a time; the zero time ends it.
func (t *Turns) SetOwn(ctx context.Context, id crm.ConversationID, until time.Time) error {
	_, err := t.conn.Exec(ctx, sqlSetOwn, id, pointer(until))
	return wrap(domain(err), "silence the bot in conversation %d", id)
}

// IsStaff tells whether a chat is an employee's.
func (t *Turns) IsStaff(ctx context.Context, at crm.Address) (is bool, err error) {
	err = t.conn.QueryRow(ctx, sqlChatOfStaff, at.Channel, at.Chat).Scan(&is)
	return is, wrap(domain(err), "see whose a chat of %s is", at.Channel)
}

// DealsIn lists the open deals of a conversation and of its contact.
func (t *Turns) DealsIn(ctx context.Context, talk crm.ConversationID, contact crm.ContactID) ([]crm.DealID, error) {
	if err := t.FlushDeals(ctx); err != nil {
		return nil, err
	}
	rows, err := t.conn.Query(ctx, sqlDealsIn, talk, contact)
	if err != nil {
		return nil, wrap(domain(err), "list the open deals of conversation %d", talk)
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.DealID])
}
