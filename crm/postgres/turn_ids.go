package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const sqlDrawMessageIDs = `SELECT nextval('messages_id_seq') FROM generate_series(1, $1::integer)`

// NewMessageID gives the id of a message that a turn sends, higher than that of the message which caused it: ids grow in the
// order of a conversation.
func (t *Turns) NewMessageID(ctx context.Context, cause crm.MessageID) (crm.MessageID, error) {
	for len(t.ids) > 0 && t.ids[0] <= cause {
		t.ids = t.ids[1:]
	}
	if len(t.ids) == 0 {
		batch := &pgx.Batch{}
		t.queueMessageIDs(batch, 16)
		if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
			return 0, err
		}
	}
	id := t.ids[0]
	t.ids = t.ids[1:]
	return id, nil
}

// queueMessageIDs draws ids ahead, unless as many are there already.
func (t *Turns) queueMessageIDs(batch *pgx.Batch, n int) {
	if len(t.ids) >= n {
		return
	}
	batch.Queue(sqlDrawMessageIDs, n-len(t.ids)).Query(func(rows pgx.Rows) error {
		ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
		t.ids = append(t.ids, ids...)
		return err
	})
}
