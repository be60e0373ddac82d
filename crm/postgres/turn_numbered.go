package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Numbered is a message of ours whose buttons people mean by numbers, or by their votes when it is a poll. Times are by the database's clock.
type Numbered struct {
	ID      crm.MessageID
	Ref     string // the provider's id, empty while it is not sent
	Card    string // the mark that it bears
	Buttons [][]crm.Button
	Poll    bool
	Answer  bool      // to what the person had just written
	Shown   time.Time // when it was sent
	Changed time.Time // when its buttons became others, zero for never
}

// Of a long talk only the newest messages count: nobody looks further back for what a number means.
const (
	numberedFields = `SELECT id, coalesce(ref, ''), coalesce(card, ''), content->'buttons', coalesce((content->>'poll')::boolean, false),
			coalesce((content->>'answer')::boolean, false), coalesce(sent_at, created_at), coalesce((content->>'changed')::timestamptz, 'epoch')`

	sqlNumberedLately = numberedFields + `
		FROM (SELECT * FROM messages WHERE conversation_id = $1 AND direction = 'out' ORDER BY id DESC LIMIT 60) m
		WHERE content->>'numbered' = 'true' AND kind <> 'edit' AND status IN ('queued', 'sent') AND NOT content ? 'stub' ORDER BY id DESC LIMIT 5`

	sqlNumberedAt = numberedFields + `
		FROM messages WHERE conversation_id = $1 AND content->>'numbered' = 'true'
			AND id = (SELECT message_id FROM message_refs WHERE conversation_id = $1 AND direction = 'out' AND ref = $2)`
)

// NumberedLately lists the living numbered messages of a conversation, the newest first.
func (t *Turns) NumberedLately(ctx context.Context, id crm.ConversationID) ([]Numbered, error) {
	return t.numbered(ctx, sqlNumberedLately, id)
}

// NumberedAt finds a numbered message by the provider's id; crm.ErrNotFound when there is none.
func (t *Turns) NumberedAt(ctx context.Context, id crm.ConversationID, ref string) (Numbered, error) {
	found, err := t.numbered(ctx, sqlNumberedAt, id, ref)
	if err != nil || len(found) == 0 {
		return Numbered{}, either(err, crm.ErrNotFound)
	}
	return found[0], nil
}

func (t *Turns) numbered(ctx context.Context, sql string, args ...any) ([]Numbered, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find what numbers mean: %w", domain(err))
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n Numbered, err error) {
		err = row.Scan(&n.ID, &n.Ref, &n.Card, &n.Buttons, &n.Poll, &n.Answer, &n.Shown, &n.Changed)
		return n, err
	})
	return found, wrap(err, "find what numbers mean")
}

func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
