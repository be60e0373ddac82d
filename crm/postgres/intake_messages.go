package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// MessageImport is one message of a correspondence from before. Who is their phone (E.164) or mail; Ref is unlike that of every other message with them.
type MessageImport struct {
	Phone, Mail string
	At          time.Time
	Out         bool // from the company
	Text        string
	Ref         string
	File        *FileImport
}

// FileImport is a file of such a message. Without a Hash it was not taken, and Reason is why.
type FileImport struct {
	Name          string
	Hash          string
	MIME          string
	Size          int64
	Width, Height int
	Reason        string
}

const (
	sqlMakeMessageRows = `CREATE TEMP TABLE message_rows (n integer, phone text, mail text, at timestamptz, outgoing boolean, body text, ref text,
		file_name text, hash text, mime text, size bigint, width integer, height integer, reason text, contact_id bigint, conversation_id bigint) ON COMMIT DROP`

	sqlWhoWrote = `UPDATE message_rows m SET contact_id = r.contact_id FROM contact_rows r WHERE r.phone = m.phone AND r.mail = m.mail`

	sqlMakeRecords = `INSERT INTO conversations (channel, chat, contact_id) SELECT 'import', coalesce(nullif(phone, ''), mail), min(contact_id) FROM message_rows
		GROUP BY 2 ORDER BY 2 ON CONFLICT ON CONSTRAINT conversations_channel_chat_key DO NOTHING`

	sqlFindRecords = `UPDATE message_rows m SET conversation_id = c.id FROM conversations c
		WHERE c.channel = 'import' AND c.chat = coalesce(nullif(m.phone, ''), m.mail)`

	sqlAnalyseMessageRows = `ANALYZE message_rows`

	// A message that was imported before stays as it is.
	sqlInsertImported = `WITH came AS MATERIALIZED (SELECT nextval('messages_id_seq') AS id, r.* FROM (
				SELECT *, CASE WHEN outgoing THEN 'out' ELSE 'in' END AS direction FROM message_rows ORDER BY at, n) r),
		fresh AS (INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM came
			ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING RETURNING message_id),
		added AS (
			INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, created_at, sent_at)
			SELECT id, conversation_id, direction, CASE WHEN outgoing THEN 'employee' ELSE 'person' END, ref, 'text',
				CASE WHEN outgoing THEN 'sent' ELSE 'received' END, jsonb_build_object('kind', 'text', 'text', body, 'imported', true), at, CASE WHEN outgoing THEN at END
			FROM came WHERE id IN (SELECT message_id FROM fresh) RETURNING id, conversation_id, ref),
		files AS (
			INSERT INTO attachments (conversation_id, message_id, contact_id, kind, ref, unique_ref, file_name, mime, size, width, height, hash, status, reason, created_at)
			SELECT m.conversation_id, a.id, m.contact_id, CASE WHEN m.mime LIKE 'image/%' THEN 'photo' ELSE 'document' END, m.ref, coalesce(m.hash, m.ref),
				m.file_name, m.mime, m.size, m.width, m.height, m.hash, CASE WHEN m.hash IS NULL THEN 'refused' ELSE 'stored' END, nullif(m.reason, ''), m.at
			FROM added a JOIN message_rows m ON m.conversation_id = a.conversation_id AND m.ref = a.ref WHERE m.file_name <> '')
		SELECT count(*) FROM added`
)

// ImportMessages adds correspondence to the history of those who had it, all of it or none. Who is not known yet becomes a contact. Messages
// that are there already are not added again.
func (db *DB) ImportMessages(ctx context.Context, rows []MessageImport, o ImportOptions) (n ImportCounts, err error) {
	err = db.importing(ctx, o.Dry, func(tx pgx.Tx) error {
		if err := copyContacts(ctx, tx, peopleOf(rows), func(int) {}); err != nil {
			return err
		}
		if err := mergeContacts(ctx, tx); err != nil {
			return err
		}
		if err := copyMessages(ctx, tx, rows, o.tell); err != nil {
			return err
		}
		for _, sql := range []string{sqlAnalyseMessageRows, sqlWhoWrote, sqlMakeRecords, sqlFindRecords} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return tx.QueryRow(ctx, sqlInsertImported).Scan(&n.New)
	})
	if err != nil {
		return ImportCounts{}, fmt.Errorf("import %d messages: %w", len(rows), err)
	}
	n.Same = len(rows) - n.New
	return n, nil
}

// peopleOf lists who wrote, each once.
func peopleOf(rows []MessageImport) []ContactImport {
	seen := map[[2]string]bool{}
	var people []ContactImport
	for _, r := range rows {
		if key := [2]string{r.Phone, r.Mail}; !seen[key] {
			seen[key] = true
			people = append(people, ContactImport{Phone: r.Phone, Mail: r.Mail, Fields: crm.Fields{}})
		}
	}
	return people
}

func copyMessages(ctx context.Context, tx pgx.Tx, rows []MessageImport, tell func(int)) error {
	if _, err := tx.Exec(ctx, sqlMakeMessageRows); err != nil {
		return err
	}
	columns := []string{"n", "phone", "mail", "at", "outgoing", "body", "ref", "file_name", "hash", "mime", "size", "width", "height", "reason"}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"message_rows"}, columns, pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
		tell(i + 1)
		r := rows[i]
		var file FileImport
		if r.File != nil {
			file = *r.File
		}
		var hash *string
		if file.Hash != "" {
			hash = &file.Hash
		}
		return []any{i, r.Phone, r.Mail, r.At, r.Out, r.Text, r.Ref, file.Name, hash, file.MIME, file.Size, file.Width, file.Height, file.Reason}, nil
	}))
	return err
}
