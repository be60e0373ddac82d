package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Two contacts that became one may both have asked for the same thing. Of their open deals that are the same request the oldest goes on; the others
// are closed as its duplicates, in a way that goes back with the merge.

// DuplicateReason is why a deal that turned out to be the same request as another is lost.
const DuplicateReason = "duplicate"

const (
	sqlMergesToLookAt = `SELECT id FROM contact_merges WHERE deals_seen_at IS NULL AND undone_at IS NULL ORDER BY id LIMIT $1`

	sqlLockMerge = `SELECT coalesce(c.merged_into, c.id) FROM contact_merges m JOIN contacts c ON c.id = m.kept
		WHERE m.id = $1 AND m.deals_seen_at IS NULL AND m.undone_at IS NULL FOR UPDATE OF m`
	sqlSeeMerge = `UPDATE contact_merges SET deals_seen_at = now(), moved = moved || jsonb_build_object('closed', $2::jsonb, 'keyed', $3::jsonb) WHERE id = $1`

	sqlLockOpenDealsOf = `SELECT id FROM deals WHERE contact_id = $1 AND status = 'open' ORDER BY id FOR UPDATE`

	// What the duplicate knew fills the gaps of the deal that goes on.
	sqlFillGaps      = `UPDATE deals f SET fields = d.fields || f.fields, updated_at = now() FROM deals d WHERE f.id = $1 AND d.id = $2`
	sqlCloseJoined   = `UPDATE deals SET status = 'lost', lost_reason = $2, stage = coalesce(nullif($3, ''), stage), closed_at = now(), updated_at = now() WHERE id = $1`
	sqlKeyJoined     = `UPDATE deals SET unique_key = $2 WHERE id = $1 AND unique_key IS NULL AND NOT EXISTS (SELECT FROM deals WHERE unique_key = $2 AND status = 'open')`
	sqlStopJoined    = `UPDATE timers SET status = 'cancelled', reason = 'closed', fired_at = now() WHERE deal_id = $1 AND status = 'waiting'`
	sqlTasksOfJoined = `UPDATE tasks SET deal_id = $1 WHERE deal_id = $2 AND done_at IS NULL`
	sqlJoinedEvent   = `INSERT INTO events (at, kind, author, contact_id, deal_id, data) VALUES (now(), $1, 'system', $2, $3, $4)`

	sqlUnkeyJoined  = `UPDATE deals d SET unique_key = NULL FROM contact_merges m WHERE m.id = $1 AND m.moved ? 'keyed' AND m.moved->'keyed' @> to_jsonb(d.id) AND d.id IN (SELECT v::bigint FROM jsonb_array_elements_text(m.moved->'keyed') v)`
	sqlReopenJoined = `UPDATE deals d SET status = 'open', stage = j->>'stage', lost_reason = NULL, closed_at = NULL, updated_at = now()
		FROM contact_merges m, jsonb_array_elements(CASE WHEN m.moved ? 'closed' THEN m.moved->'closed' ELSE '[]' END) j
		WHERE m.id = $1 AND d.id = (j->>'id')::bigint AND d.status = 'lost' AND d.lost_reason = 'duplicate'
			AND NOT EXISTS (SELECT FROM deals o WHERE o.unique_key = d.unique_key AND o.status = 'open')`
)

// Joined is a deal that was closed as the duplicate of First.
type Joined struct {
	Deal, First crm.DealID
}

// JoinRules say how a business tells requests apart: Key makes a deal the same request as another, empty when nothing does; Lost is the stage of what
// is closed without success, empty when the pipeline has none; Comment is what is written to both.
type JoinRules struct {
	Key     func(DealView) string
	Lost    func(pipeline string) string
	Comment func(first, other crm.DealID) string
}

// UnseenMerges lists merges whose deals nobody has looked at yet, the oldest first.
func (db *DB) UnseenMerges(ctx context.Context, limit int) ([]int64, error) {
	ids, err := readIDs(ctx, db.Pool, sqlMergesToLookAt, limit)
	return ids, wrap(err, "list merges whose deals are to be joined")
}

// JoinDeals joins the open deals of a merged contact that are one and the same request: the oldest goes on. It does so once for each merge, and
// nothing for one that was taken back.
func (db *DB) JoinDeals(ctx context.Context, merge int64, rules JoinRules) (done []Joined, err error) {
	err = db.patiently(ctx, func(tx pgx.Tx) error {
		done = nil
		holders, err := readIDs(ctx, tx, sqlLockMerge, merge)
		if err != nil || len(holders) == 0 {
			return err
		}
		ids, err := readIDs(ctx, tx, sqlLockOpenDealsOf, holders[0])
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sqlViewDeals, ids)
		if err != nil {
			return err
		}
		deals, err := pgx.CollectRows(rows, scanDeal)
		if err != nil {
			return err
		}
		closed, keyed := []map[string]any{}, []crm.DealID{}
		slices.SortFunc(deals, func(a, b DealView) int { return cmp.Compare(a.ID, b.ID) })
		firsts := map[string]DealView{}
		for _, d := range deals {
			key := rules.Key(d)
			if key == "" {
				continue
			}
			first, taken := firsts[key]
			if !taken {
				firsts[key] = d
				continue
			}
			if first.UniqueKey == "" {
				keyed = append(keyed, first.ID)
			}
			if err := closeJoined(ctx, tx, first, d, key, rules); err != nil {
				return err
			}
			closed = append(closed, map[string]any{"id": d.ID, "stage": d.Stage, "first": first.ID})
			done = append(done, Joined{Deal: d.ID, First: first.ID})
		}
		_, err = tx.Exec(ctx, sqlSeeMerge, merge, closed, keyed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("join the deals of merge %d: %w", merge, err)
	}
	return done, nil
}

// closeJoined closes a deal as the duplicate of the first.
func closeJoined(ctx context.Context, tx pgx.Tx, first, d DealView, key string, rules JoinRules) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlCloseJoined, d.ID, DuplicateReason, rules.Lost(d.Pipeline))
	batch.Queue(sqlFillGaps, first.ID, d.ID)
	batch.Queue(sqlKeyJoined, first.ID, key)
	batch.Queue(sqlStopJoined, d.ID)
	batch.Queue(sqlTasksOfJoined, first.ID, d.ID)
	stage := cmp.Or(rules.Lost(d.Pipeline), d.Stage)
	batch.Queue(sqlJoinedEvent, "deal_moved", d.Contact.ID, d.ID, crm.Fields{"from": d.Stage, "stage": stage, "status": crm.DealLost, "reason": DuplicateReason, "first": first.ID})
	for _, id := range []crm.DealID{first.ID, d.ID} {
		batch.Queue(sqlJoinedEvent, "comment", d.Contact.ID, id, crm.Fields{"text": rules.Comment(first.ID, d.ID)})
	}
	return tx.SendBatch(ctx, batch).Close()
}
