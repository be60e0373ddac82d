package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// What is replaced or was never fetched is no picture of anybody any more; a number of an unknown contact says nothing.
	sqlSeenPictures = `SELECT unique_ref, bool_or(contact_id <> $2), bool_or(deal_id = $3) FROM attachments
		WHERE unique_ref = ANY($1::text[]) AND unique_ref <> '' AND contact_id > 0 GROUP BY unique_ref`

	// Files of a deal that this chat has not seen; what was refused for its content keeps its place and is passed on to nobody. Each is noted as shown in the breath in which it is read.
	sqlUnseenFiles = `WITH files AS (
			SELECT id, name, kind, ref, coalesce(hash, '') AS hash, mime, file_name, conversation_id, status,
				row_number() OVER (PARTITION BY name ORDER BY coalesce(origin_id, id)) AS place, count(*) OVER (PARTITION BY name) AS total,
				array_position($2::text[], name) AS n
			FROM attachments WHERE deal_id = $1 AND name = ANY($2::text[]) AND NOT replaced),
		told AS (SELECT f.*, c.channel FROM files f JOIN conversations c ON c.id = f.conversation_id
			WHERE f.status IN ('stored', 'pending') AND (c.channel = $4 AND f.ref <> '' OR f.hash <> '')),
		fresh AS (INSERT INTO photo_views (conversation_id, attachment_id, deal_id) SELECT $3, id, $1 FROM told ON CONFLICT DO NOTHING RETURNING attachment_id)
		SELECT t.name, t.place, t.total, t.kind, CASE WHEN t.channel = $4 THEN t.ref ELSE '' END, t.hash, t.mime, t.file_name
		FROM told t JOIN fresh f ON f.attachment_id = t.id ORDER BY t.n, t.place`

	// The new file is bound to the deal already. It takes over the place of the one that goes; without one there it is one more.
	sqlReplaceFile = `WITH standing AS (
			SELECT id, coalesce(origin_id, id) AS origin, row_number() OVER (ORDER BY coalesce(origin_id, id)) AS place FROM attachments
			WHERE deal_id = $1 AND name = $2 AND NOT replaced AND NOT (conversation_id = $4 AND ref = $5)),
		old AS (SELECT id, origin FROM standing WHERE place = $3),
		gone AS (UPDATE attachments a SET replaced = true FROM old WHERE a.id = old.id)
		UPDATE attachments a SET origin_id = old.origin FROM old
		WHERE a.deal_id = $1 AND a.name = $2 AND a.conversation_id = $4 AND a.ref = $5 AND NOT a.replaced`

	// Files whose bytes are there and belong to a deal, once each; reused when somebody else has sent the same bytes.
	sqlComparePictures = `WITH due AS (SELECT id FROM attachments WHERE status = 'stored' AND deal_id IS NOT NULL AND NOT compared ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED),
		done AS (UPDATE attachments a SET compared = true FROM due WHERE a.id = due.id RETURNING a.id, a.deal_id, a.name, a.hash, a.contact_id, a.replaced)
		SELECT d.deal_id, d.name, NOT d.replaced AND EXISTS (SELECT FROM attachments o WHERE o.hash = d.hash AND o.contact_id > 0 AND o.contact_id <> d.contact_id)
		FROM done d ORDER BY d.deal_id, d.id`

	sqlSaidBefore = `SELECT coalesce(content->>'text', '') FROM messages WHERE conversation_id = $1
		AND id = (SELECT message_id FROM message_refs WHERE conversation_id = $1 AND direction = 'in' AND ref = $2)`

	// Of a million ids, and of a month more where a month begins: ids jump there.
	sqlEditsBefore = `SELECT content->>'text' FROM messages WHERE conversation_id = $1 AND direction = 'in' AND kind = 'edit' AND id < $2
		AND id > CASE WHEN $2 & 68719476735 < 1000000 THEN (($2 >> 36) - 1) << 36 ELSE $2 - 1000000 END AND content->>'edits' = $3 ORDER BY id DESC LIMIT 1`

	sqlOpenDealOf = `SELECT id FROM deals WHERE contact_id = $1 AND conversation_id = $2 AND status = 'open' ORDER BY id DESC LIMIT 1`
)

// SeenPicture tells what is known of a picture by the provider's id of its content: that another contact has sent it, that a deal has it.
type SeenPicture struct{ Another, Here bool }

// SeenPictures looks for pictures that came before: from contacts other than this one, or on this deal (zero for none). What nobody sent is missing.
func (t *Turns) SeenPictures(ctx context.Context, unique []string, contact crm.ContactID, deal crm.DealID) (map[string]SeenPicture, error) {
	rows, err := t.conn.Query(ctx, sqlSeenPictures, unique, contact, deal)
	if err != nil {
		return nil, wrap(err, "look whether pictures of contact %d were sent before", contact)
	}
	seen := make(map[string]SeenPicture, len(unique))
	var ref string
	var another, here *bool
	_, err = pgx.ForEachRow(rows, []any{&ref, &another, &here}, func() error {
		seen[ref] = SeenPicture{Another: deref(another), Here: deref(here)}
		return nil
	})
	return seen, wrap(err, "look whether pictures of contact %d were sent before", contact)
}

// AlbumFile is a file of a deal as it is sent: by Ref when the provider knows it, else by Hash. Place counts those of one name, from 1, Total is
// how many these are.
type AlbumFile struct {
	Name     string
	Place    int
	Total    int
	Kind     crm.MediaKind
	Ref      string
	Hash     string
	MIME     string
	FileName string
}

// UnseenFiles gives the files of a deal under these names that a chat of a channel has not been shown, in the order of the names, and notes that
// it is now. What another provider holds and is not fetched yet waits for the next time. It sees what was flushed.
func (t *Turns) UnseenFiles(ctx context.Context, id crm.DealID, names []string, chat crm.ConversationID, channel string) ([]AlbumFile, error) {
	rows, err := t.conn.Query(ctx, sqlUnseenFiles, id, names, chat, channel)
	if err != nil {
		return nil, wrap(err, "read files of deal %d", id)
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[AlbumFile])
	return files, wrap(err, "read files of deal %d", id)
}

// Replacement puts a file that is bound to a deal in the place of another one of its name.
type Replacement struct {
	Conversation crm.ConversationID
	Deal         crm.DealID
	Name         string
	Place        int
	Ref          string
}

// ComparedFile says of a file of a deal whether another contact has sent the same bytes.
type ComparedFile struct {
	Deal   crm.DealID
	Name   string
	Reused bool
}

// ComparePictures compares the contents of files that deals have got, at most limit, with those of all other contacts. Each is compared once.
func (t *Turns) ComparePictures(ctx context.Context, limit int) ([]ComparedFile, error) {
	rows, err := t.conn.Query(ctx, sqlComparePictures, limit)
	if err != nil {
		return nil, wrap(err, "compare pictures")
	}
	files, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ComparedFile])
	return files, wrap(err, "compare pictures")
}

// SaidBefore gives what a message said before its newest edit, by the provider's id; crm.ErrNotFound when it is none of ours.
func (t *Turns) SaidBefore(ctx context.Context, id crm.ConversationID, edit crm.MessageID, ref string) (text string, err error) {
	err = t.conn.QueryRow(ctx, sqlEditsBefore, id, edit, ref).Scan(&text)
	if err == pgx.ErrNoRows {
		err = t.conn.QueryRow(ctx, sqlSaidBefore, id, "m:"+ref).Scan(&text)
	}
	if err == pgx.ErrNoRows {
		return "", crm.ErrNotFound
	}
	return text, wrap(err, "read an edited message of conversation %d", id)
}

// OpenDealOf is the newest open deal of a contact in a conversation, zero when there is none.
func (t *Turns) OpenDealOf(ctx context.Context, contact crm.ContactID, chat crm.ConversationID) (id crm.DealID, err error) {
	err = t.conn.QueryRow(ctx, sqlOpenDealOf, contact, chat).Scan(&id)
	if err == pgx.ErrNoRows {
		return 0, nil
	}
	return id, wrap(err, "look for open deals of contact %d", contact)
}

// queueReplacements puts new files in the places of others. They are bound already.
func queueReplacements(batch *pgx.Batch, rows []Replacement) {
	for _, r := range rows {
		batch.Queue(sqlReplaceFile, r.Deal, r.Name, r.Place, r.Conversation, r.Ref)
	}
}
