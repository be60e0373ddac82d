package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

const (
	sqlGuardOpenCall = `SELECT coalesce(max(k.id), 0) FROM (
			SELECT t.id FROM guard_calls s JOIN tasks t ON t.id = s.task_id AND t.done_at IS NULL WHERE s.conversation_id = ANY($1::bigint[])
			UNION ALL
			SELECT t.id FROM deals d JOIN tasks t ON t.deal_id = d.id AND t.done_at IS NULL AND t.title = ANY($3::text[]) WHERE d.contact_id = $2) k`

	// The deal that somebody answers for goes before a newer one without an owner.
	sqlGuardTask = `WITH d AS MATERIALIZED (SELECT d.id, e.id AS owner_id FROM deals d LEFT JOIN employees e ON e.id = d.owner_id AND e.active
				WHERE d.contact_id = $1 AND d.status = 'open' ORDER BY e.id IS NULL, d.id DESC LIMIT 1),
			new AS MATERIALIZED (SELECT nextval('tasks_id_seq') AS id, nextval('timers_id_seq') AS timer_id),
			alarm AS (INSERT INTO timers (id, deal_id, kind, due_at, data)
				SELECT new.timer_id, d.id, 'task', $4, jsonb_build_object('task', new.id) FROM new LEFT JOIN d ON true)
		INSERT INTO tasks (id, deal_id, contact_id, assignee_id, role, title, due_at, points, timer_id)
		SELECT new.id, d.id, nullif($1::bigint, 0), d.owner_id, CASE WHEN d.owner_id IS NULL THEN $2 ELSE '' END, $3, $4, $5, new.timer_id FROM new LEFT JOIN d ON true
		RETURNING id`

	// Who is silenced stays so for the same last word of theirs, whatever else is wrong.
	sqlGuardCall = `INSERT INTO guard_calls (conversation_id, channel, heard_id, silent, reason, task_id, at, told_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7::timestamptz, CASE WHEN $8::boolean THEN NULL ELSE $7::timestamptz END)
		ON CONFLICT ON CONSTRAINT guard_calls_pkey DO UPDATE SET silent = excluded.silent OR guard_calls.silent AND guard_calls.heard_id >= excluded.heard_id,
			heard_id = excluded.heard_id, reason = excluded.reason, task_id = excluded.task_id, at = excluded.at, ended_at = NULL,
			told_at = CASE WHEN $8::boolean THEN NULL ELSE guard_calls.told_at END`
)

// call makes sure that somebody has a task to call a person, and remembers whether robots are silent to them. There is never a second task while
// one is open.
func (g *Guard) call(ctx context.Context, tx pgx.Tx, k guarded, v guard.Verdict) error {
	var task crm.TaskID
	calls := g.c.Calls
	if calls == nil {
		calls = []string{}
	}
	if err := tx.QueryRow(ctx, sqlGuardOpenCall, k.talks, k.contact, calls).Scan(&task); err != nil {
		return err
	}
	fresh := task == 0
	if fresh {
		due := k.facts.Now.Add(g.c.Due)
		if err := tx.QueryRow(ctx, sqlGuardTask, k.contact, g.c.Role, g.c.Title(v.Reason), due, g.c.Points).Scan(&task); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, sqlGuardCall, k.conversation, k.channel, k.heard, v.Silence, string(v.Reason), task, k.facts.Now, fresh)
	return err
}

// GuardCall is a task to call a person that nobody was told of yet.
type GuardCall struct {
	Conversation crm.ConversationID
	Task         Task
}

const (
	// A task whose person wrote by themselves has no point any more.
	sqlGuardAnswered = `WITH gone AS (UPDATE guard_calls s SET ended_at = now(), told_at = coalesce(s.told_at, now()) FROM conversations c
			CROSS JOIN LATERAL (SELECT m.id FROM messages m JOIN conversations k ON k.id = m.conversation_id
				WHERE k.id IN (SELECT c.id UNION SELECT o.id FROM conversations o WHERE o.contact_id = c.contact_id AND split_part(o.channel, ':', 1) = split_part(c.channel, ':', 1))
				AND m.direction = 'in' AND m.author = 'person' AND m.status = 'received'
				AND m.kind NOT IN ('blocked', 'returned', 'migrated', 'edit', 'revoke', 'reaction', 'ignored') ORDER BY m.id DESC LIMIT 1) h
			WHERE s.ended_at IS NULL AND c.id = s.conversation_id AND h.id > s.heard_id RETURNING s.task_id),
		done AS (UPDATE tasks t SET done_at = now() FROM gone WHERE t.id = gone.task_id AND t.done_at IS NULL RETURNING t.timer_id)
		UPDATE timers t SET status = 'cancelled', reason = 'answered', fired_at = now() WHERE t.id IN (SELECT timer_id FROM done) AND t.status = 'waiting'`

	sqlGuardUntold = `WITH told AS (UPDATE guard_calls SET told_at = now() WHERE conversation_id IN (
			SELECT conversation_id FROM guard_calls WHERE told_at IS NULL ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING conversation_id, task_id, at)
		SELECT told.conversation_id, coalesce(t.deal_id, 0), coalesce(t.contact_id, 0), coalesce(t.assignee_id, 0), t.role, t.title, t.points, t.due_at, t.id
		FROM told JOIN tasks t ON t.id = told.task_id AND t.done_at IS NULL ORDER BY told.at`

	sqlGuardAnyUntold = `SELECT EXISTS (SELECT FROM guard_calls WHERE told_at IS NULL)`
)

// BeginGuardCalls begins a transaction with at most so many calls that somebody is to be told of, marked as told; nil when there are none. Before
// that it ends those whose people have written meanwhile. The caller ends the transaction by Commit or Rollback.
func (db *DB) BeginGuardCalls(ctx context.Context, most int) (*Turns, []GuardCall, error) {
	if _, err := db.Pool.Exec(ctx, sqlGuardAnswered); err != nil {
		return nil, nil, wrap(err, "end calls of people who wrote")
	}
	var any bool
	if err := db.Pool.QueryRow(ctx, sqlGuardAnyUntold).Scan(&any); err != nil || !any {
		return nil, nil, wrap(err, "look for calls")
	}
	t, err := db.beginPlain(ctx)
	if err != nil {
		return nil, nil, err
	}
	rows, err := t.conn.Query(ctx, sqlGuardUntold, most)
	if err == nil {
		var calls []GuardCall
		calls, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c GuardCall, err error) {
			var due *time.Time
			k := &c.Task
			err = row.Scan(&c.Conversation, &k.Deal, &k.Contact, &k.Assignee, &k.Role, &k.Title, &k.Points, &due, &k.ID)
			k.DueAt = deref(due)
			return c, err
		})
		if err == nil {
			return t, calls, nil
		}
	}
	t.Rollback(ctx)
	return nil, nil, wrap(err, "look for calls")
}
