package postgres

import (
	"context"

	"govorun/crm"
)

const sqlInsertAlert = `INSERT INTO events (at, kind, author, conversation_id, data)
	VALUES (now(), 'alert_' || $1, 'system', nullif($2::bigint, 0), jsonb_build_object('count', $3::integer, 'detail', $4::text))`

// Alert writes something that a person of the company should know into the timeline. Detail holds no personal data.
func (db *DB) Alert(ctx context.Context, kind string, talk crm.ConversationID, count int, detail string) error {
	_, err := db.Pool.Exec(ctx, sqlInsertAlert, kind, talk, count, detail)
	return wrap(err, "record alert %s", kind)
}
