package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// InHand is a deal that an employee has in their hands, or had until a moment ago.
type InHand struct {
	ID       crm.DealID
	Pipeline string
	Title    string
	Open     bool
}

const (
	// What was closed lately counts: a photo made where there is no network comes when the deal is done.
	sqlInHand = `SELECT id, pipeline, title, status = 'open' FROM deals WHERE owner_id = $1 AND (status = 'open' OR closed_at > $2)
		ORDER BY status <> 'open', updated_at DESC, id LIMIT $3`

	// The parts of an album come as messages of their own.
	sqlAlbumDeal = `SELECT m.id, coalesce(a.deal_id, 0) FROM (SELECT id, content->>'album' AS album FROM messages
			WHERE conversation_id = $1 AND direction = 'in' AND id < $2 ORDER BY id DESC LIMIT 40) m
		LEFT JOIN attachments a ON a.conversation_id = $1 AND a.message_id = m.id
		WHERE m.album = $3 ORDER BY m.id, a.deal_id DESC NULLS LAST LIMIT 1`

	sqlFilesOf = `SELECT a.ref, a.kind, coalesce(a.deal_id, 0) FROM messages f
		CROSS JOIN LATERAL (SELECT f.id UNION ALL SELECT m.id FROM (SELECT id, content FROM messages
			WHERE conversation_id = $1 AND direction = 'in' AND id > $2 ORDER BY id LIMIT 40) m WHERE m.content->>'album' = nullif(f.content->>'album', '')) p
		JOIN attachments a ON a.conversation_id = f.conversation_id AND a.message_id = p.id
		WHERE f.conversation_id = $1 AND f.id = $2 AND f.direction = 'in' ORDER BY a.id`
)

// InHands lists the deals of an employee, open ones first, then those that were closed since a moment; at most limit.
func (t *Turns) InHands(ctx context.Context, me crm.EmployeeID, since time.Time, limit int) ([]InHand, error) {
	rows, err := t.conn.Query(ctx, sqlInHand, me, since, limit)
	if err != nil {
		return nil, wrap(err, "list what employee %d has in hand", me)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[InHand])
	return list, wrap(err, "list what employee %d has in hand", me)
}

// AlbumDeal looks for an earlier part of an album in the conversation: its message, zero when this is the first, and the deal
// to which it was attached, zero when it isn't yet. It sees what was flushed.
func (t *Turns) AlbumDeal(ctx context.Context, id crm.ConversationID, message crm.MessageID, album string) (first crm.MessageID, deal crm.DealID, err error) {
	err = t.conn.QueryRow(ctx, sqlAlbumDeal, id, message, album).Scan(&first, &deal)
	if err == pgx.ErrNoRows {
		return 0, 0, nil
	}
	return first, deal, wrap(err, "look for the album in conversation %d", id)
}

// FilesOf gives the files that came with a message and with the other parts of its album, and the deal that has them already; zero
// when none has. It sees what was flushed.
func (t *Turns) FilesOf(ctx context.Context, id crm.ConversationID, message crm.MessageID) (files []crm.Media, deal crm.DealID, err error) {
	rows, err := t.conn.Query(ctx, sqlFilesOf, id, message)
	if err != nil {
		return nil, 0, wrap(err, "read files of conversation %d", id)
	}
	files, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (m crm.Media, err error) {
		var has crm.DealID
		err = row.Scan(&m.Ref, &m.Kind, &has)
		deal = max(deal, has)
		return m, err
	})
	return files, deal, wrap(err, "read files of conversation %d", id)
}
