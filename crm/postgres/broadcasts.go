package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	broadcastColumns = `b.id, b.employee_id, coalesce(e.name, ''), b.conversation_id, b.status, b.said, b.langs, b.texts, b.album, b.counts, b.answered, b.left_after,
		b.created_at, b.asked_at, b.started_at, b.ended_at, b.cities`

	// One draft of each author is enough: a new one takes the place of what was left unfinished.
	sqlDropBroadcastDrafts = `UPDATE broadcasts SET status = 'dropped', ended_at = now() WHERE employee_id = $1 AND status IN ('gathering', 'asking', 'ready')`

	sqlDraftBroadcast = `INSERT INTO broadcasts (employee_id, conversation_id, status, said, filter) VALUES ($1, $2, 'gathering', $3, $4) RETURNING id`

	sqlBroadcast = `SELECT ` + broadcastColumns + ` FROM broadcasts b LEFT JOIN employees e ON e.id = b.employee_id WHERE b.id = $1 FOR UPDATE OF b`

	sqlBroadcastAsked = `SELECT ` + broadcastColumns + ` FROM broadcasts b LEFT JOIN employees e ON e.id = b.employee_id
		WHERE b.employee_id = $1 AND b.conversation_id = $2 AND b.status IN ('asking', 'ready') ORDER BY b.id DESC LIMIT 1 FOR UPDATE OF b`

	sqlBroadcasts = `SELECT ` + broadcastColumns + ` FROM broadcasts b LEFT JOIN employees e ON e.id = b.employee_id
		WHERE ($1 = 0 OR b.employee_id = $1) AND b.started_at IS NOT NULL ORDER BY b.id DESC LIMIT $2`

	// Who answered is looked for anew when somebody asks.
	sqlLookAtBroadcasts = `UPDATE broadcasts SET looked_at = NULL WHERE id = ANY($1::bigint[]) AND status IN ('sending', 'stopped', 'done')`

	sqlChangeBroadcast = `UPDATE broadcasts SET status = $2, texts = $3, album = $4, asked_at = now(),
			started_at = CASE WHEN $2 = 'sending' THEN coalesce(started_at, now()) ELSE started_at END,
			ended_at = CASE WHEN $2 IN ('done', 'dropped') THEN coalesce(ended_at, now()) END,
			looked_at = NULL, counted_at = NULL
		WHERE id = $1`

	sqlWaitingCities = `SELECT city, count(*)::int FROM broadcast_people WHERE broadcast_id = $1 AND status = 'waiting' GROUP BY city`

	// Who wants no more of them gets none of those that are under way either; what waits in the outbox is taken back.
	sqlOptOutPeople = `WITH gone AS (UPDATE broadcast_people SET status = 'opted_out' WHERE conversation_id = $1 AND status IN ('waiting', 'queued', 'pulled')
			RETURNING conversation_id, message_id)
		UPDATE messages m SET status = 'cancelled', reason = 'opted_out' FROM gone
		WHERE m.conversation_id = gone.conversation_id AND m.id = gone.message_id AND m.status = 'queued' RETURNING m.id`

	// They left because of the one that was named, else because of the last one that they got within three days.
	sqlLeaveBroadcast = `UPDATE broadcast_people p SET left_by = $3 WHERE p.conversation_id = $1 AND p.left_by IS NULL AND p.broadcast_id =
		CASE WHEN $2 > 0 THEN $2 ELSE (SELECT o.broadcast_id FROM broadcast_people o JOIN messages m ON m.conversation_id = o.conversation_id AND m.id = o.message_id
			WHERE o.conversation_id = $1 AND m.status = 'sent' AND m.sent_at > now() - interval '3 days' ORDER BY o.broadcast_id DESC LIMIT 1) END`

	sqlReturnToBroadcasts = `UPDATE broadcast_people SET left_by = NULL WHERE conversation_id = $1 AND left_by IS NOT NULL`

	sqlHashOf = `SELECT coalesce(max(hash), '') FROM attachments WHERE conversation_id = $1 AND ref = $2 AND status = 'stored'`

	// What was said to somebody last is a broadcast: a bare stop means that.
	sqlLastIsBroadcast = `SELECT EXISTS (SELECT FROM broadcast_people p WHERE p.conversation_id = $1 AND p.message_id = (
		SELECT m.id FROM messages m WHERE m.conversation_id = $1 AND m.direction = 'out' AND m.kind IN ('message', 'media', 'album')
		AND (m.status = 'sent' OR m.status = 'queued' AND m.priority < 2) ORDER BY m.id DESC LIMIT 1))`
)

// DraftBroadcast begins a broadcast of an employee; what they left unfinished is dropped. A nil filter is for everybody whom they see. Its people
// are gathered by GatherBroadcast. The filter must have a JSON form.
func (t *Turns) DraftBroadcast(ctx context.Context, b crm.BroadcastRun, filter *crm.Filter) (id crm.BroadcastID, err error) {
	var form []byte
	if filter != nil {
		if form, err = json.Marshal(filter); err != nil {
			return 0, fmt.Errorf("keep the filter of a broadcast: %w", err)
		}
	}
	if _, err := t.conn.Exec(ctx, sqlDropBroadcastDrafts, b.Employee); err != nil {
		return 0, fmt.Errorf("drop broadcasts of employee %d: %w", b.Employee, domain(err))
	}
	if err := t.conn.QueryRow(ctx, sqlDraftBroadcast, b.Employee, b.Conversation, b.Said, form).Scan(&id); err != nil {
		return 0, fmt.Errorf("begin a broadcast of employee %d: %w", b.Employee, domain(err))
	}
	return id, nil
}

// Broadcast reads and locks a broadcast; crm.ErrNotFound when there is none.
func (t *Turns) Broadcast(ctx context.Context, id crm.BroadcastID) (crm.BroadcastRun, error) {
	b, err := t.oneBroadcast(ctx, sqlBroadcast, id)
	if err != nil {
		return b, fmt.Errorf("read broadcast %d: %w", id, domain(err))
	}
	return b, nil
}

// BroadcastAsked gives the broadcast for which an employee is asked for something in a conversation, locked; crm.ErrNotFound when there is none.
func (t *Turns) BroadcastAsked(ctx context.Context, me crm.EmployeeID, talk crm.ConversationID) (crm.BroadcastRun, error) {
	b, err := t.oneBroadcast(ctx, sqlBroadcastAsked, me, talk)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return b, fmt.Errorf("look for a broadcast of employee %d: %w", me, domain(err))
	}
	if err != nil {
		return b, crm.ErrNotFound
	}
	return b, nil
}

func (t *Turns) oneBroadcast(ctx context.Context, sql string, args ...any) (crm.BroadcastRun, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return crm.BroadcastRun{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanBroadcast)
}

// Broadcasts lists those that were begun to be sent, the newest first: of an employee, or of all when me is zero. Who answered is counted anew soon.
func (t *Turns) Broadcasts(ctx context.Context, me crm.EmployeeID, most int) ([]crm.BroadcastRun, error) {
	rows, err := t.conn.Query(ctx, sqlBroadcasts, me, most)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", domain(err))
	}
	all, err := pgx.CollectRows(rows, scanBroadcast)
	if err != nil {
		return nil, fmt.Errorf("list broadcasts: %w", domain(err))
	}
	ids := make([]crm.BroadcastID, len(all))
	for i, b := range all {
		ids[i] = b.ID
	}
	if _, err := t.conn.Exec(ctx, sqlLookAtBroadcasts, ids); err != nil {
		return nil, fmt.Errorf("look at broadcasts: %w", domain(err))
	}
	return all, nil
}

// ChangeBroadcast writes status, texts and album of a broadcast that this transaction holds.
func (t *Turns) ChangeBroadcast(ctx context.Context, b crm.BroadcastRun) error {
	texts := b.Texts
	if texts == nil {
		texts = map[string]crm.BroadcastText{}
	}
	if _, err := t.conn.Exec(ctx, sqlChangeBroadcast, b.ID, b.Status, texts, b.Album); err != nil {
		return fmt.Errorf("change broadcast %d: %w", b.ID, domain(err))
	}
	return nil
}

// WaitingCities counts the people of a broadcast who have still to get it, by city.
func (t *Turns) WaitingCities(ctx context.Context, id crm.BroadcastID) (map[string]int, error) {
	rows, err := t.conn.Query(ctx, sqlWaitingCities, id)
	if err != nil {
		return nil, fmt.Errorf("count people of broadcast %d: %w", id, domain(err))
	}
	cities, city, n := map[string]int{}, "", 0
	_, err = pgx.ForEachRow(rows, []any{&city, &n}, func() error { cities[city] = n; return nil })
	if err != nil {
		return nil, fmt.Errorf("count people of broadcast %d: %w", id, domain(err))
	}
	return cities, nil
}

// OptOut takes the people of a conversation out of all broadcasts that are under way and gives the messages that are not sent any more. About, when
// set, is the broadcast because of which they left, said in the message by.
func (t *Turns) OptOut(ctx context.Context, talk crm.ConversationID, about crm.BroadcastID, by crm.MessageID) ([]crm.MessageID, error) {
	if _, err := t.conn.Exec(ctx, sqlLeaveBroadcast, talk, about, by); err != nil {
		return nil, fmt.Errorf("note who left broadcasts in conversation %d: %w", talk, domain(err))
	}
	rows, err := t.conn.Query(ctx, sqlOptOutPeople, talk)
	if err != nil {
		return nil, fmt.Errorf("take conversation %d out of broadcasts: %w", talk, domain(err))
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
	if err != nil {
		return nil, fmt.Errorf("take conversation %d out of broadcasts: %w", talk, domain(err))
	}
	return taken, nil
}

// OptIn forgets that the people of a conversation left because of a broadcast.
func (t *Turns) OptIn(ctx context.Context, talk crm.ConversationID) error {
	if _, err := t.conn.Exec(ctx, sqlReturnToBroadcasts, talk); err != nil {
		return fmt.Errorf("return conversation %d to broadcasts: %w", talk, domain(err))
	}
	return nil
}

// LastIsBroadcast tells whether what was sent last into a conversation is a broadcast.
func (t *Turns) LastIsBroadcast(ctx context.Context, talk crm.ConversationID) (is bool, err error) {
	if err := t.conn.QueryRow(ctx, sqlLastIsBroadcast, talk).Scan(&is); err != nil {
		return false, fmt.Errorf("read the last message of conversation %d: %w", talk, domain(err))
	}
	return is, nil
}

// HashOf gives the content of a file that came in with a conversation, empty while it is not stored.
func (t *Turns) HashOf(ctx context.Context, talk crm.ConversationID, ref string) (hash string, err error) {
	if err := t.conn.QueryRow(ctx, sqlHashOf, talk, ref).Scan(&hash); err != nil {
		return "", fmt.Errorf("look for a file of conversation %d: %w", talk, domain(err))
	}
	return hash, nil
}

func scanBroadcast(row pgx.CollectableRow) (crm.BroadcastRun, error) { return readBroadcast(row) }

// readBroadcast reads its columns, and what a statement adds to them.
func readBroadcast(row pgx.CollectableRow, more ...any) (b crm.BroadcastRun, err error) {
	var started, ended *time.Time
	err = row.Scan(append([]any{&b.ID, &b.Employee, &b.EmployeeName, &b.Conversation, &b.Status, &b.Said, &b.Langs, &b.Texts, &b.Album, &b.Counts, &b.Answered, &b.Left,
		&b.CreatedAt, &b.AskedAt, &started, &ended, &b.Cities}, more...)...)
	b.StartedAt, b.EndedAt = deref(started), deref(ended)
	return b, err
}
