package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlNoteForm = `INSERT INTO form_leads (form, key, digest, conversation_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT form_leads_pkey DO NOTHING`

	sqlAnswerForm = `UPDATE form_leads SET contact_id = nullif($3::bigint, 0), deal_id = nullif($4::bigint, 0) WHERE form = $1 AND key = $2`

	sqlFormLead = `SELECT digest, coalesce(deal_id, 0) FROM form_leads WHERE form = $1 AND key = $2`

	// Somebody who only stands in lists, or came by forms: what a form says can reach nobody's chat.
	sqlListedContact = `SELECT id, name, phone, lang, fields FROM contacts c WHERE phone = $1 AND merged_into IS NULL
		AND NOT EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id AND i.channel NOT LIKE 'form:%' AND i.channel NOT IN ('call', 'mail', 'import'))
		ORDER BY id LIMIT 1`

	// Of several contacts with a number, that whose provider vouches for it.
	sqlContactOfPhone = `SELECT id, name, phone, lang, fields FROM contacts c WHERE phone = $1 AND merged_into IS NULL
		ORDER BY EXISTS (SELECT FROM own_phones o WHERE o.contact_id = c.id AND o.phone = $1) DESC, id LIMIT 1`
)

// FormLead is a form that was taken: the digest of its answers, and the deal that it opened or joined.
type FormLead struct {
	Digest string
	Deal   crm.DealID
}

// FormLead reads what became of a form. crm.ErrNotFound when none came under this key.
func (db *DB) FormLead(ctx context.Context, form, key string) (l FormLead, err error) {
	err = db.Pool.QueryRow(ctx, sqlFormLead, form, key).Scan(&l.Digest, &l.Deal)
	return l, wrap(err, "look up a lead of form %s", form)
}

// NoteForm notes that a form came; false when one came under its key before: nothing may follow then.
func (t *Turns) NoteForm(ctx context.Context, f *crm.FormSent, talk crm.ConversationID) (fresh bool, err error) {
	tag, err := t.conn.Exec(ctx, sqlNoteForm, f.Name, f.Key, f.Digest, talk)
	return tag.RowsAffected() > 0, wrap(err, "note a lead of form %s", f.Name)
}

// AnswerForm notes what a form has opened or joined.
func (t *Turns) AnswerForm(ctx context.Context, f *crm.FormSent, contact crm.ContactID, deal crm.DealID) error {
	_, err := t.conn.Exec(ctx, sqlAnswerForm, f.Name, f.Key, contact, deal)
	return wrap(err, "answer a lead of form %s", f.Name)
}

// ListedContact finds a contact with this number whom nobody has talked with in a messenger; the zero one when there is none.
func (t *Turns) ListedContact(ctx context.Context, phone string) (crm.Contact, error) {
	return t.contactBy(ctx, sqlListedContact, phone)
}

// ContactOfPhone finds the contact who calls from a number; the zero one when nobody is known by it.
func (t *Turns) ContactOfPhone(ctx context.Context, phone string) (crm.Contact, error) {
	return t.contactBy(ctx, sqlContactOfPhone, phone)
}

func (t *Turns) contactBy(ctx context.Context, sql, phone string) (c crm.Contact, err error) {
	err = t.conn.QueryRow(ctx, sql, phone).Scan(&c.ID, &c.Name, &c.Phone, &c.Lang, &c.Fields)
	if errors.Is(err, pgx.ErrNoRows) {
		return crm.Contact{}, nil
	}
	if err != nil {
		return c, fmt.Errorf("find a contact by number: %w", domain(err))
	}
	return c, nil
}
