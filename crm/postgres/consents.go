package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlInsertDocuments = `INSERT INTO attachments (conversation_id, message_id, contact_id, deal_id, name, kind, ref, file_name, mime, size, hash, status)
		SELECT conversation_id, message_id, contact_id, deal_id, name, 'document', '', file_name, mime, size, hash, 'stored'
		FROM jsonb_to_recordset($1::jsonb) AS x(conversation_id bigint, message_id bigint, contact_id bigint, deal_id bigint, name text,
			file_name text, mime text, size bigint, hash text)`

	// What was agreed to without a digest is the document that the deal was sent last.
	sqlInsertConsents = `INSERT INTO consents (contact_id, deal_id, message_id, name, version, digest, at)
		SELECT contact_id, deal_id, message_id, name, version, coalesce(digest, (SELECT a.hash FROM attachments a
			WHERE a.deal_id = x.deal_id AND a.name = x.name AND a.hash IS NOT NULL ORDER BY a.id DESC LIMIT 1), ''), at
		FROM jsonb_to_recordset($1::jsonb) AS x(contact_id bigint, deal_id bigint, message_id bigint, name text, version integer, digest text, at timestamptz)`

	sqlConsents = `SELECT contact_id, coalesce(deal_id, 0), coalesce(message_id, 0), name, version, digest, at FROM consents WHERE contact_id = $1 ORDER BY id`
)

// DocumentRow is a file of ours that is stored already, for the contact of a deal.
type DocumentRow struct {
	Conversation crm.ConversationID `json:"conversation_id"`
	Message      crm.MessageID      `json:"message_id"` // that caused it, 0 when none did
	Contact      crm.ContactID      `json:"contact_id,omitempty"`
	Deal         crm.DealID         `json:"deal_id"`
	Name         string             `json:"name"` // of the kit
	File         string             `json:"file_name"`
	MIME         string             `json:"mime"`
	Size         int64              `json:"size"`
	Hash         string             `json:"hash"`
}

// ConsentRow is what a contact agreed to. Digest is the SHA-256 of what it was, in hex; an empty one stands for the document of this name that the deal
// was sent last.
type ConsentRow struct {
	Contact crm.ContactID `json:"contact_id"`
	Deal    crm.DealID    `json:"deal_id,omitempty"`
	Message crm.MessageID `json:"message_id,omitempty"`
	Name    string        `json:"name"`
	Version int           `json:"version"`
	Digest  string        `json:"digest,omitempty"`
	At      time.Time     `json:"at"`
}

// Consents lists what a contact agreed to, every version of it, in the order of time.
func (db *DB) Consents(ctx context.Context, id crm.ContactID) ([]ConsentRow, error) {
	rows, err := db.Pool.Query(ctx, sqlConsents, id)
	if err != nil {
		return nil, fmt.Errorf("list the consents of contact %d: %w", id, domain(err))
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c ConsentRow, err error) {
		err = row.Scan(&c.Contact, &c.Deal, &c.Message, &c.Name, &c.Version, &c.Digest, &c.At)
		return c, err
	})
	return all, wrap(err, "list the consents of contact %d", id)
}
