package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Side is one of two contacts that may be one person, as an employee sees it before they are merged.
type Side struct {
	crm.Contact
	Into     crm.ContactID // it was merged into this one
	Channels []string      // by which they are reached
	Talks    int
	Deals    int
	Open     int
	Since    time.Time
}

const (
	sqlSides = `SELECT c.id, c.name, coalesce(c.phone, ''), coalesce(c.merged_into, 0), ARRAY(SELECT DISTINCT i.channel FROM identities i WHERE i.contact_id = c.id ORDER BY 1),
			(SELECT count(*) FROM conversations k WHERE k.contact_id = c.id), (SELECT count(*) FROM deals d WHERE d.contact_id = c.id),
			(SELECT count(*) FROM deals d WHERE d.contact_id = c.id AND d.status = 'open'), c.created_at
		FROM contacts c WHERE c.id = ANY($1::bigint[]) ORDER BY c.id`

	sqlContactsWithMail  = `SELECT contact_id FROM identities WHERE channel = 'mail' AND address = $1 AND contact_id IS NOT NULL`
	sqlContactsWithPhone = `SELECT id FROM contacts WHERE phone = $1 AND merged_into IS NULL ORDER BY id LIMIT 3`
)

// Sides reads contacts for a preview, the lower number first.
func (t *Turns) Sides(ctx context.Context, ids ...crm.ContactID) ([]Side, error) {
	rows, err := t.conn.Query(ctx, sqlSides, ids)
	if err != nil {
		return nil, wrap(domain(err), "read contacts %v", ids)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Side, err error) {
		err = row.Scan(&s.ID, &s.Name, &s.Phone, &s.Into, &s.Channels, &s.Talks, &s.Deals, &s.Open, &s.Since)
		return s, err
	})
}

// ContactsWithPhone finds at most three contacts by their number in E.164, the oldest first.
func (t *Turns) ContactsWithPhone(ctx context.Context, phone string) ([]crm.ContactID, error) {
	rows, err := t.conn.Query(ctx, sqlContactsWithPhone, phone)
	if err != nil {
		return nil, wrap(domain(err), "find contacts by a number")
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.ContactID])
}

// ContactsWithMail finds whose a mailbox is, given in small letters.
func (t *Turns) ContactsWithMail(ctx context.Context, mail string) ([]crm.ContactID, error) {
	rows, err := t.conn.Query(ctx, sqlContactsWithMail, mail)
	if err != nil {
		return nil, wrap(domain(err), "find contacts by a mailbox")
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.ContactID])
}

// Merges is DB.Merges in the transaction of a turn.
func (t *Turns) Merges(ctx context.Context, limit int) ([]Merge, error) {
	rows, err := t.conn.Query(ctx, sqlMerges, false, limit)
	if err != nil {
		return nil, wrap(domain(err), "list merges")
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Merge, error) { return scanMerge(row) })
}
