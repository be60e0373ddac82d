package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// ContactImport is one person of a list. Phone is E.164, Mail in small letters; at least one is there.
type ContactImport struct {
	Name   string
	Phone  string
	Mail   string
	Fields crm.Fields
}

const (
	sqlMakeContactRows = `CREATE TEMP TABLE contact_rows (n integer, name text, phone text, mail text, fields jsonb, contact_id bigint,
		fresh boolean NOT NULL DEFAULT false, changed boolean NOT NULL DEFAULT false) ON COMMIT DROP`

	sqlAnalyseContactRows = `ANALYZE contact_rows`

	// Who is reached in a messenger and only typed the number is somebody else, until their provider vouches for it: what a list says, debts
	// among it, must not be told to whoever types a number.
	sqlMatchContactsByPhone = `UPDATE contact_rows r SET contact_id = m.id
		FROM (SELECT DISTINCT ON (c.phone) c.phone, c.id FROM contacts c JOIN contact_rows l ON l.phone = c.phone
			WHERE c.merged_into IS NULL AND (EXISTS (SELECT FROM own_phones o WHERE o.contact_id = c.id AND o.phone = c.phone)
				OR NOT EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id AND i.channel NOT LIKE 'form:%' AND i.channel NOT IN ('call', 'mail', 'import')))
			ORDER BY c.phone, c.id) m WHERE m.phone = r.phone`

	sqlMatchContactsByMail = `UPDATE contact_rows r SET contact_id = i.contact_id FROM identities i
		WHERE r.contact_id IS NULL AND r.mail <> '' AND i.channel = 'mail' AND i.address = r.mail AND i.contact_id IS NOT NULL
		AND NOT EXISTS (SELECT FROM contact_rows o WHERE o.contact_id = i.contact_id)`

	sqlNumberContacts = `UPDATE contact_rows SET contact_id = nextval(pg_get_serial_sequence('contacts', 'id')), fresh = true WHERE contact_id IS NULL`

	sqlInsertListed = `INSERT INTO contacts (id, name, phone, fields) SELECT contact_id, name, nullif(phone, ''), fields FROM contact_rows WHERE fresh ORDER BY contact_id`

	// A name that a person gave stays. Of two balances the newer one counts: its day is written so that it sorts.
	sqlUpdateListed = `WITH better AS (
			SELECT c.id, coalesce(nullif(c.name, ''), r.name) AS name, coalesce(c.phone, nullif(r.phone, '')) AS phone,
				c.fields || CASE WHEN r.fields->>'balance_at' < c.fields->>'balance_at' THEN r.fields - 'balance' - 'balance_at' ELSE r.fields END AS fields
			FROM contact_rows r JOIN contacts c ON c.id = r.contact_id WHERE NOT r.fresh),
		changed AS (UPDATE contacts c SET name = b.name, phone = b.phone, fields = b.fields, updated_at = now() FROM better b
			WHERE c.id = b.id AND (c.name, c.phone, c.fields) IS DISTINCT FROM (b.name, b.phone, b.fields) RETURNING c.id)
		UPDATE contact_rows r SET changed = true FROM changed WHERE changed.id = r.contact_id`

	sqlMailContacts = `INSERT INTO identities (channel, address, contact_id) SELECT 'mail', mail, contact_id FROM contact_rows WHERE mail <> ''
		ON CONFLICT ON CONSTRAINT identities_pkey DO NOTHING`

	// The company vouches for the number of a list: whoever shares it as their own is this contact.
	sqlVouchListed = `INSERT INTO own_phones (phone, contact_id, looked_at) SELECT r.phone, r.contact_id, now() FROM contact_rows r
		JOIN contacts c ON c.id = r.contact_id AND c.phone = r.phone
		WHERE r.phone <> '' AND NOT EXISTS (SELECT FROM own_phones o WHERE o.phone = r.phone AND o.contact_id = r.contact_id)`

	sqlCountContacts = `SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE changed) FROM contact_rows`
)

// ImportContacts adds or updates people, all of them or none. A row is the contact who has its number or mail for certain, else a new one. Rows
// must bear each number and each mail once.
func (db *DB) ImportContacts(ctx context.Context, rows []ContactImport, o ImportOptions) (n ImportCounts, err error) {
	err = db.importing(ctx, o.Dry, func(tx pgx.Tx) error {
		if err := copyContacts(ctx, tx, rows, o.tell); err != nil {
			return err
		}
		if err := mergeContacts(ctx, tx); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sqlCountContacts).Scan(&n.New, &n.Changed)
	})
	if err != nil {
		return ImportCounts{}, fmt.Errorf("import %d contacts: %w", len(rows), err)
	}
	n.Same = len(rows) - n.New - n.Changed
	return n, nil
}

// copyContacts brings people into the transaction.
func copyContacts(ctx context.Context, tx pgx.Tx, rows []ContactImport, tell func(int)) error {
	if _, err := tx.Exec(ctx, sqlMakeContactRows); err != nil {
		return err
	}
	columns := []string{"n", "name", "phone", "mail", "fields"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"contact_rows"}, columns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		tell(i + 1)
		r := rows[i]
		if r.Fields == nil {
			r.Fields = crm.Fields{}
		}
		return []any{i, r.Name, r.Phone, r.Mail, r.Fields}, nil
	}))
	return err
}

// mergeContacts finds who they are and writes them.
func mergeContacts(ctx context.Context, tx pgx.Tx) error {
	for _, sql := range []string{sqlAnalyseContactRows, sqlMatchContactsByPhone, sqlMatchContactsByMail, sqlNumberContacts, sqlInsertListed,
		sqlUpdateListed, sqlMailContacts, sqlVouchListed} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}
