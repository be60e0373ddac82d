package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// A broadcast goes into the outbox in small pieces, each a transaction that holds its row: of several programs one feeds it. A person goes from
// waiting to queued together with their message, so whoever is killed where, each has one.

const (
	// Also those that are stopped are fed, until what became of their last piece is known. Who answered is looked for every minute while a broadcast
	// is fresh, then four times an hour, as long as somebody may answer; at once when somebody asks.
	sqlBroadcastWork = `SELECT EXISTS (SELECT FROM broadcasts WHERE status = 'gathering'),
		ARRAY(SELECT id FROM broadcasts WHERE status = 'sending' UNION SELECT broadcast_id FROM broadcast_people WHERE status IN ('queued', 'pulled') ORDER BY 1),
		EXISTS (SELECT FROM broadcasts WHERE started_at IS NOT NULL AND coalesce(ended_at, now()) > now() - interval '73 hours'
			AND (looked_at IS NULL OR looked_at < now() - CASE WHEN coalesce(ended_at, now()) > now() - interval '1 hour' THEN interval '1 minute' ELSE interval '15 minutes' END))`

	sqlFeedBroadcast = `SELECT ` + broadcastColumns + ` FROM broadcasts b LEFT JOIN employees e ON e.id = b.employee_id WHERE b.id = $1 FOR UPDATE OF b SKIP LOCKED`

	// A call that was under way when its message was taken back ends within two minutes: only then it is certain that nobody got it.
	sqlSettleReceivers = `UPDATE broadcast_people p SET sent_at = x.sent_at, message_id = CASE WHEN x.status <> 'waiting' THEN p.message_id END, status = x.status
		FROM (SELECT o.contact_id, m.sent_at, CASE WHEN m.status = 'sent' THEN 'sent'
				WHEN m.status = 'cancelled' AND m.reason IN ('pulled', 'too_old') THEN 'waiting' WHEN k.blocked THEN 'blocked' ELSE 'failed' END AS status
			FROM broadcast_people o LEFT JOIN messages m ON m.conversation_id = o.conversation_id AND m.id = o.message_id
			LEFT JOIN conversations k ON k.id = o.conversation_id
			WHERE o.broadcast_id = $1 AND o.status IN ('queued', 'pulled') AND m.status IS DISTINCT FROM 'queued'
			AND NOT coalesce(m.status = 'cancelled' AND m.reason = 'pulled' AND o.pulled_at > now() - interval '3 minutes', false)) x
		WHERE p.broadcast_id = $1 AND p.contact_id = x.contact_id`

	sqlPullReceivers = `WITH back AS (UPDATE broadcast_people SET status = 'pulled', pulled_at = now()
			WHERE broadcast_id = $1 AND status = 'queued' AND ($2 OR city = ANY($3::text[])) RETURNING conversation_id, message_id)
		UPDATE messages m SET status = 'cancelled', reason = 'pulled' FROM back
		WHERE m.conversation_id = back.conversation_id AND m.id = back.message_id AND m.status = 'queued' RETURNING m.id`

	// What a guard holds back waits for days: it takes nobody's room. Of a number that holds back many no more are fed.
	sqlQueuedReceivers = `WITH held AS MATERIALIZED (SELECT c.channel, count(*) AS n FROM messages m JOIN conversations c ON c.id = m.conversation_id
			WHERE m.status = 'queued' AND m.direction = 'out' AND m.priority = 2 AND m.reason LIKE 'guard%' GROUP BY 1)
		SELECT (SELECT count(*) FROM broadcast_people WHERE status = 'queued')::int - coalesce((SELECT sum(n) FROM held), 0)::int,
			ARRAY(SELECT channel FROM held WHERE n >= $1)`

	// Who is being answered right now is passed by, and whoever writes from now on waits until this piece is written: what they say is seen.
	sqlClaimReceivers = `SELECT p.contact_id, k.id, k.channel, k.chat, p.lang FROM broadcast_people p JOIN conversations k ON k.id = p.conversation_id
		WHERE p.broadcast_id = $1 AND p.status = 'waiting' AND p.city <> ALL($2::text[]) AND k.channel <> ALL($4::text[]) ORDER BY p.contact_id LIMIT $3 FOR SHARE OF k SKIP LOCKED`

	// A statement of its own, so that it sees what was written before those locks. Two people of the list who have become one get it once.
	sqlLookAtReceivers = `SELECT p.contact_id, CASE
			WHEN EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id AND i.employee_id IS NOT NULL) THEN 'staff'
			WHEN coalesce(c.fields->>'opted_out', '') NOT IN ('', 'false') OR c.fields @> '{"no_adverts": true}' THEN 'opted_out'
			WHEN k.blocked THEN 'blocked'
			WHEN c.id <> p.contact_id AND EXISTS (SELECT FROM broadcast_people o CROSS JOIN LATERAL (SELECT id, merged_into FROM contacts WHERE id = o.contact_id OFFSET 0) oc
				WHERE o.broadcast_id = $1 AND o.contact_id < p.contact_id AND (oc.id = c.id OR oc.merged_into = c.id)
				AND o.status IN ('waiting', 'queued', 'pulled', 'sent', 'failed')) THEN 'duplicate'
			ELSE 'queued' END
		FROM unnest($2::bigint[]) AS u(contact) JOIN broadcast_people p ON p.broadcast_id = $1 AND p.contact_id = u.contact
		JOIN conversations k ON k.id = p.conversation_id
		CROSS JOIN LATERAL (SELECT id, fields FROM contacts WHERE id = CASE WHEN k.contact_id IS NULL THEN p.contact_id ELSE k.contact_id END OFFSET 0) c`

	sqlMarkReceivers = `UPDATE broadcast_people p SET status = u.status, message_id = nullif(u.message, 0)
		FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS u(contact, status, message) WHERE p.broadcast_id = $1 AND p.contact_id = u.contact`

	sqlChatsGone = `UPDATE broadcast_people p SET status = 'no_chat' WHERE p.broadcast_id = $1 AND p.status = 'waiting'
		AND NOT EXISTS (SELECT FROM conversations k WHERE k.id = p.conversation_id)`

	// Counting reads all of its people: every other second is often enough.
	sqlCountReceivers = `UPDATE broadcasts b SET counted_at = now(),
			counts = (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM (SELECT status, count(*) AS n FROM broadcast_people WHERE broadcast_id = $1 GROUP BY status) s)
		WHERE b.id = $1 AND ($2 OR b.counted_at IS NULL OR b.counted_at < now() - interval '2 seconds') RETURNING b.counts`
)

// guardedPiece is how many messages of broadcasts a number that is guarded holds back before it gets no more.
const guardedPiece = 10

// Receiver is a person whose turn has come to get a broadcast: Status is queued, or why they don't get it.
type Receiver struct {
	Contact crm.ContactID
	Talk    crm.ConversationID
	Address crm.Address
	Lang    string
	Status  crm.ReceiverStatus
	Message crm.MessageID // that was written for them
}

// BroadcastWork tells whether people of a broadcast are to be gathered, which broadcasts are to be fed or settled, the oldest first, and whether answers
// are to be counted.
func (db *DB) BroadcastWork(ctx context.Context) (gather bool, feed []crm.BroadcastID, look bool, err error) {
	if err := db.Pool.QueryRow(ctx, sqlBroadcastWork).Scan(&gather, &feed, &look); err != nil {
		return false, nil, false, fmt.Errorf("look for broadcasts: %w", domain(err))
	}
	return gather, feed, look, nil
}

// BeginFeed begins a transaction that holds a broadcast, whose people it has brought up to date with what became of their messages. It is nil
// when another program holds it. The caller ends it by Commit or Rollback.
func (db *DB) BeginFeed(ctx context.Context, id crm.BroadcastID) (*Turns, crm.BroadcastRun, error) {
	t, err := db.beginPlain(ctx)
	if err != nil {
		return nil, crm.BroadcastRun{}, err
	}
	b, err := t.oneBroadcast(ctx, sqlFeedBroadcast, id)
	if err == nil {
		_, err = t.conn.Exec(ctx, sqlSettleReceivers, id)
	}
	if err != nil {
		t.Rollback(ctx)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, b, nil
		}
		return nil, b, fmt.Errorf("begin to feed broadcast %d: %w", id, domain(err))
	}
	return t, b, nil
}

// PullReceivers takes back what waits in the outbox, all of it or that for people of some cities, and gives the messages that are not sent any more.
func (t *Turns) PullReceivers(ctx context.Context, id crm.BroadcastID, all bool, cities []string) ([]crm.MessageID, error) {
	if cities == nil {
		cities = []string{}
	}
	rows, err := t.conn.Query(ctx, sqlPullReceivers, id, all, cities)
	if err != nil {
		return nil, fmt.Errorf("take back broadcast %d: %w", id, domain(err))
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
	if err != nil {
		return nil, fmt.Errorf("take back broadcast %d: %w", id, domain(err))
	}
	return taken, nil
}

// ClaimReceivers gives the next people of a broadcast, none of the quiet cities, as many as bring all broadcasts to most messages in the outbox.
// Their conversations can't change until the end of the transaction. MarkReceivers must follow.
func (t *Turns) ClaimReceivers(ctx context.Context, id crm.BroadcastID, quiet []string, most int) ([]Receiver, error) {
	var queued int
	var full []string
	if err := t.conn.QueryRow(ctx, sqlQueuedReceivers, guardedPiece).Scan(&queued, &full); err != nil {
		return nil, fmt.Errorf("count broadcast messages: %w", domain(err))
	}
	if quiet == nil {
		quiet = []string{}
	}
	if queued >= most {
		return nil, nil
	}
	rows, err := t.conn.Query(ctx, sqlClaimReceivers, id, quiet, most-queued, full)
	if err != nil {
		return nil, fmt.Errorf("claim people of broadcast %d: %w", id, domain(err))
	}
	claimed, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Receiver, err error) {
		err = row.Scan(&r.Contact, &r.Talk, &r.Address.Channel, &r.Address.Chat, &r.Lang)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("claim people of broadcast %d: %w", id, domain(err))
	}
	if len(claimed) == 0 && len(quiet) == 0 && len(full) == 0 {
		if _, err := t.conn.Exec(ctx, sqlChatsGone, id); err != nil {
			return nil, fmt.Errorf("claim people of broadcast %d: %w", id, domain(err))
		}
	}
	return claimed, t.lookAtReceivers(ctx, id, claimed)
}

// lookAtReceivers says of each whether they still want a broadcast and can be reached.
func (t *Turns) lookAtReceivers(ctx context.Context, id crm.BroadcastID, claimed []Receiver) error {
	if len(claimed) == 0 {
		return nil
	}
	place, contacts := make(map[crm.ContactID]int, len(claimed)), make([]int64, len(claimed))
	for i := range claimed {
		r := &claimed[i]
		r.Status, place[r.Contact], contacts[i] = crm.ReceiverNoChat, i, int64(r.Contact)
	}
	rows, err := t.conn.Query(ctx, sqlLookAtReceivers, id, contacts)
	if err != nil {
		return fmt.Errorf("look at people of broadcast %d: %w", id, domain(err))
	}
	var contact crm.ContactID
	var status crm.ReceiverStatus
	_, err = pgx.ForEachRow(rows, []any{&contact, &status}, func() error {
		claimed[place[contact]].Status = status
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at people of broadcast %d: %w", id, domain(err))
	}
	return nil
}

// MarkReceivers writes what became of claimed people.
func (t *Turns) MarkReceivers(ctx context.Context, id crm.BroadcastID, claimed []Receiver) error {
	if len(claimed) == 0 {
		return nil
	}
	contacts, statuses, messages := make([]int64, len(claimed)), make([]string, len(claimed)), make([]int64, len(claimed))
	for i, r := range claimed {
		contacts[i], statuses[i], messages[i] = int64(r.Contact), string(r.Status), int64(r.Message)
	}
	if _, err := t.conn.Exec(ctx, sqlMarkReceivers, id, contacts, statuses, messages); err != nil {
		return fmt.Errorf("mark people of broadcast %d: %w", id, domain(err))
	}
	return nil
}

// CountReceivers counts the people of a broadcast by status, now or when two seconds have passed; nil when they were counted a moment ago.
func (t *Turns) CountReceivers(ctx context.Context, id crm.BroadcastID, now bool) (counts map[crm.ReceiverStatus]int, err error) {
	err = t.conn.QueryRow(ctx, sqlCountReceivers, id, now).Scan(&counts)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("count people of broadcast %d: %w", id, domain(err))
	}
	return counts, nil
}
