package bench

import (
	"context"
	"fmt"
	"time"

	"govorun/crm/postgres"
)

// played is what the simulated chats have seen: Acknowledged updates were answered by 200, Unanswered ones got no reply in
// time, Unexpected messages came to a chat that waited for none.
type played struct {
	Acknowledged, Dialogs, Replies, Unanswered, Unexpected int
}

// stored is what the database holds of it. Talks are conversations with a deal, Whole those whose deal has all that was said.
// Written are messages to send, Queued those not marked as sent.
type stored struct {
	Inbound, Deals, Talks, Whole, Written, Queued int
}

// lost counts what was acknowledged or confirmed and is not there, and what was to be sent and never came.
func lost(p played, s stored) int {
	return max(0, p.Acknowledged-s.Inbound) + max(0, p.Dialogs-s.Whole) + max(0, s.Written-p.Replies) + p.Unanswered + s.Queued
}

// doubled counts what was applied or sent more than once. A message sent twice is unexpected and above what was written: it
// counts once.
func doubled(p played, s stored) int {
	return max(0, s.Inbound-p.Acknowledged-p.Unanswered) + max(0, s.Deals-s.Talks) + max(p.Unexpected, p.Replies-s.Written)
}

const (
	sqlStored = `SELECT
		(SELECT count(*) FROM messages WHERE direction = 'in'),
		(SELECT count(*) FROM deals),
		(SELECT count(DISTINCT conversation_id) FROM deals),
		(SELECT count(DISTINCT d.conversation_id) FROM deals d
			WHERE d.fields ?& ARRAY['name', 'phone', 'city'] AND EXISTS (SELECT FROM attachments a WHERE a.deal_id = d.id)),
		(SELECT count(*) FROM messages WHERE direction = 'out' AND kind = 'message'),
		(SELECT count(*) FROM messages WHERE direction = 'out' AND kind = 'message' AND status = 'queued')`

	sqlQueued = `SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'queued'`

	// What turns leave to be done later.
	sqlUnsettled = `SELECT (SELECT count(*) FROM attachments WHERE status = 'pending') + (SELECT count(*) FROM messages WHERE direction = 'out' AND status = 'queued')`
)

// readStored counts what the database holds.
func readStored(ctx context.Context, db *postgres.DB) (s stored, err error) {
	if err = db.Pool.QueryRow(ctx, sqlStored).Scan(&s.Inbound, &s.Deals, &s.Talks, &s.Whole, &s.Written, &s.Queued); err != nil {
		return s, fmt.Errorf("count what was stored: %w", err)
	}
	return s, nil
}

// becomesZero waits until a count of rows is zero, for at most limit.
func becomesZero(ctx context.Context, db *postgres.DB, count string, limit time.Duration) bool {
	return until(ctx, limit, 50*time.Millisecond, func() bool {
		var n int
		return db.Pool.QueryRow(ctx, count).Scan(&n) == nil && n == 0
	})
}
