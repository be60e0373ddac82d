package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// A claim is a lease: the attempt counts at once, so that a file that kills the program is not fetched for ever, and the
	// row comes back by itself when the program dies.
	sqlClaimAttachments = `WITH lazy AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)), due AS (
			SELECT id FROM attachments WHERE status = 'pending' AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		UPDATE attachments a SET attempts = a.attempts + 1, next_at = now() + make_interval(secs => $2)
		FROM lazy, due, conversations c WHERE a.id = due.id AND c.id = a.conversation_id
		RETURNING a.id, a.conversation_id, a.message_id, c.channel, c.chat, a.kind, a.ref, a.unique_ref, a.file_name, a.mime, a.size,
			a.width, a.height, a.attempts`

	// A lost mark is another fetch, never a lost file: this transaction does without waiting for the disk, as claims do.
	// Bytes that are about to be removed, or just were, don't count as there: they are fetched again. Those of a row that was erased meanwhile go.
	sqlStoreAttachments = `WITH lazy AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
			unwanted AS (INSERT INTO erased_files (hash) SELECT DISTINCT u.hash FROM unnest($1::bigint[], $2::text[]) AS u(id, hash)
				WHERE NOT EXISTS (SELECT FROM attachments a WHERE a.id = u.id) ON CONFLICT DO NOTHING)
		UPDATE attachments a SET status = 'stored', hash = u.hash, mime = u.mime, size = u.size,
			width = CASE WHEN u.width > 0 THEN u.width ELSE a.width END,
			height = CASE WHEN u.height > 0 THEN u.height ELSE a.height END, reason = NULL
		FROM lazy, unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::integer[]) AS u(id, hash, mime, size, width, height)
		WHERE a.id = u.id AND a.status || '' = 'pending' AND NOT EXISTS (SELECT FROM erased_files e WHERE e.hash = u.hash)`

	sqlEndAttachment = `UPDATE attachments SET status = $2, reason = $3 WHERE id = $1 AND status || '' = 'pending'`

	sqlDelayAttachment = `UPDATE attachments SET next_at = now() + make_interval(secs => $2), reason = $3,
			attempts = CASE WHEN $4::boolean THEN attempts ELSE greatest(attempts - 1, 0) END
		WHERE id = $1 AND status || '' = 'pending'`
)

// Attachment is a file that came in and is to be fetched. Attempts counts the present one.
type Attachment struct {
	ID           crm.AttachmentID
	Conversation crm.ConversationID
	Message      crm.MessageID
	Address      crm.Address
	Media        crm.Media
	Attempts     int
}

// ClaimAttachments takes up to limit files that are due, for as long as lease; no two processes get the same one.
func (db *DB) ClaimAttachments(ctx context.Context, limit int, lease time.Duration) ([]Attachment, error) {
	rows, err := db.Pool.Query(ctx, sqlClaimAttachments, limit, lease.Seconds())
	if err != nil {
		return nil, wrap(err, "claim files to fetch")
	}
	claimed, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Attachment, err error) {
		m := &a.Media
		err = row.Scan(&a.ID, &a.Conversation, &a.Message, &a.Address.Channel, &a.Address.Chat, &m.Kind, &m.Ref, &m.Unique, &m.Name,
			&m.MIME, &m.Size, &m.Width, &m.Height, &a.Attempts)
		return a, err
	})
	return claimed, wrap(err, "claim files to fetch")
}

// StoredFile says what a fetched file turned out to be. Width and Height are zero when they are not known.
type StoredFile struct {
	ID            crm.AttachmentID
	Hash          string
	MIME          string
	Size          int64
	Width, Height int
}

// AttachmentsStored records that the bytes of files are there.
func (db *DB) AttachmentsStored(ctx context.Context, files []StoredFile) error {
	n := len(files)
	ids, sizes := make([]int64, n), make([]int64, n)
	hashes, mimes := make([]string, n), make([]string, n)
	widths, heights := make([]int32, n), make([]int32, n)
	for i, f := range files {
		ids[i], hashes[i], mimes[i], sizes[i] = int64(f.ID), f.Hash, f.MIME, f.Size
		widths[i], heights[i] = int32(f.Width), int32(f.Height)
	}
	_, err := db.Pool.Exec(ctx, sqlStoreAttachments, ids, hashes, mimes, sizes, widths, heights)
	return wrap(err, "record %d fetched files", n)
}

// AttachmentRefused records that we do not want the file.
func (db *DB) AttachmentRefused(ctx context.Context, id crm.AttachmentID, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlEndAttachment, id, "refused", reason)
	return wrap(err, "refuse attachment %d", id)
}

// AttachmentGone records that the provider no longer has the file.
func (db *DB) AttachmentGone(ctx context.Context, id crm.AttachmentID, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlEndAttachment, id, "failed", reason)
	return wrap(err, "give up attachment %d", id)
}

// DelayAttachment lets a file be fetched later. Unless counted, the attempt is given back.
func (db *DB) DelayAttachment(ctx context.Context, id crm.AttachmentID, wait time.Duration, reason string, counted bool) error {
	_, err := db.Pool.Exec(ctx, sqlDelayAttachment, id, wait.Seconds(), reason, counted)
	return wrap(err, "delay attachment %d", id)
}

// BuryAttachment makes a dead letter of a file that could not be fetched.
func (db *DB) BuryAttachment(ctx context.Context, a Attachment, reason string, cause error) error {
	err := pgx.BeginFunc(ctx, db.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlEndAttachment, a.ID, "failed", reason)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		_, err = addDead(ctx, tx, DeadLetter{
			Source: DeadMedia, Channel: a.Address.Channel, Chat: a.Address.Chat, Conversation: a.Conversation, Message: int64(a.ID),
			Payload: marshal(a.Media), Error: cause.Error(), Attempts: a.Attempts,
		})
		return err
	})
	return wrap(err, "bury attachment %d", a.ID)
}
