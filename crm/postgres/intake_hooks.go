package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlQueueHooks = `INSERT INTO hook_calls (hook, deal_id, contact_id, data, message_id)
		SELECT u.hook, nullif(u.deal, 0), nullif(u.contact, 0), u.data::jsonb, nullif(u.message, 0)
		FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[]) AS u(hook, deal, contact, data, message)`

	// The lease outlives the longest try: another process takes it up when this one has died.
	sqlClaimHooks = `UPDATE hook_calls h SET attempts = attempts + 1, next_at = now() + interval '2 minutes'
		FROM (SELECT id FROM hook_calls WHERE status = 'queued' AND next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED) c
		WHERE h.id = c.id RETURNING h.id, h.hook, coalesce(h.deal_id, 0), h.data, h.attempts, h.created_at, coalesce(h.message_id, 0)`

	sqlHookSent  = `UPDATE hook_calls SET status = 'sent', sent_at = now(), reason = '' WHERE id = $1`
	sqlHookAgain = `UPDATE hook_calls SET next_at = now() + $2::interval, reason = $3 WHERE id = $1 AND status = 'queued'`
	sqlHookFail  = `WITH failed AS (UPDATE hook_calls SET status = 'failed', reason = $2 WHERE id = $1 AND status = 'queued' RETURNING hook, deal_id, contact_id)
		INSERT INTO events (at, kind, author, contact_id, deal_id, data)
		SELECT now(), 'hook_failed', 'system', contact_id, deal_id, jsonb_build_object('hook', hook, 'reason', $2::text) FROM failed`
	sqlRetryHooks = `UPDATE hook_calls SET status = 'queued', attempts = 0, next_at = now() WHERE status = 'failed' AND (hook = $1 OR $1 = '')`
	sqlCountHooks = `SELECT hook, status, count(*), coalesce(max(reason), '') FROM hook_calls WHERE status <> 'sent' GROUP BY hook, status ORDER BY hook, status`
)

// HookCall is one thing to be told to an address outside. Attempts counts the present one.
type HookCall struct {
	ID        int64
	Hook      string
	Deal      crm.DealID
	Data      json.RawMessage
	Attempts  int
	CreatedAt time.Time
	Message   crm.MessageID // the inbound message whose turn wanted it
}

// HookRow is a call to be made, with the inbound message whose turn wanted it.
type HookRow struct {
	crm.HookCalled
	Message crm.MessageID
}

// HookState is how many calls of a hook wait or have failed, with one of the reasons.
type HookState struct {
	Hook   string
	Status string
	Calls  int
	Reason string
}

// queueHooks writes what hooks are to be told.
func (a *Automation) queueHooks(batch *pgx.Batch) {
	n := len(a.Hooks)
	if n == 0 {
		return
	}
	hooks, data := make([]string, n), make([]string, n)
	deals, contacts, messages := make([]int64, n), make([]int64, n), make([]int64, n)
	for i, h := range a.Hooks {
		hooks[i], deals[i], contacts[i], messages[i], data[i] = h.Hook, int64(h.Deal), int64(h.Contact), int64(h.Message), string(marshal(h.Data))
	}
	batch.Queue(sqlQueueHooks, hooks, deals, contacts, data, messages)
}

// ClaimHooks takes calls whose time has come, at most so many. Who takes one and ends leaves it to another after two minutes.
func (db *DB) ClaimHooks(ctx context.Context, most int) ([]HookCall, error) {
	rows, err := db.Pool.Query(ctx, sqlClaimHooks, most)
	if err != nil {
		return nil, fmt.Errorf("take calls of hooks: %w", domain(err))
	}
	calls, err := pgx.CollectRows(rows, pgx.RowToStructByPos[HookCall])
	return calls, wrap(err, "take calls of hooks")
}

// HookSent notes that a call was taken.
func (db *DB) HookSent(ctx context.Context, id int64) error {
	_, err := db.Pool.Exec(ctx, sqlHookSent, id)
	return wrap(err, "note call %d of a hook", id)
}

// HookAgain lets a call be tried again later; reason is a short word.
func (db *DB) HookAgain(ctx context.Context, id int64, after time.Duration, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlHookAgain, id, after, reason)
	return wrap(err, "put off call %d of a hook", id)
}

// HookFailed ends a call in vain, and writes it into the timeline of its deal.
func (db *DB) HookFailed(ctx context.Context, id int64, reason string) error {
	_, err := db.Pool.Exec(ctx, sqlHookFail, id, reason)
	return wrap(err, "give up call %d of a hook", id)
}

// RetryHooks lets calls that failed be tried again, of one hook or of all when it is empty, and gives how many those are.
func (db *DB) RetryHooks(ctx context.Context, hook string) (int, error) {
	tag, err := db.Pool.Exec(ctx, sqlRetryHooks, hook)
	return int(tag.RowsAffected()), wrap(err, "try calls of hooks again")
}

// HookStates lists hooks with calls that wait or have failed.
func (db *DB) HookStates(ctx context.Context) ([]HookState, error) {
	rows, err := db.Pool.Query(ctx, sqlCountHooks)
	if err != nil {
		return nil, fmt.Errorf("count calls of hooks: %w", domain(err))
	}
	states, err := pgx.CollectRows(rows, pgx.RowToStructByPos[HookState])
	return states, wrap(err, "count calls of hooks")
}
