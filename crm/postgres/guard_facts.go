package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
	"govorun/crm/guard"
)

// guarded is what is known when a message is to be sent.
type guarded struct {
	message      guard.Message
	facts        guard.Facts
	conversation crm.ConversationID
	channel      string
	contact      crm.ContactID
	name, city   string
	heard        crm.MessageID // the last word of the person
	talks        []int64       // of the same person with the same provider
	print        int64
}

const (
	sqlGuardClock = `SELECT coalesce($2, clock_timestamp()), coalesce(a.since, n.since), n.free_at,
			CASE WHEN a.since > n.stopped_at THEN '' ELSE n.stop END, n.stop_until
		FROM guard_numbers n LEFT JOIN accounts a ON a.channel = n.channel WHERE n.channel = $1`

	// What a number sent that stood here before another one counts for that one. A message that is asked about again does not stand in its own way.
	sqlGuardSent = `SELECT s.at FROM guard_sends s LEFT JOIN accounts a ON a.channel = s.channel
		WHERE s.channel = $1 AND s.kind <> 'staff' AND s.at > coalesce($2, clock_timestamp()) - interval '1 day' AND (a.since IS NULL OR s.at >= a.since)
			AND s.message_id <> $4
		ORDER BY s.at DESC LIMIT $3`

	// A person is all talks with them at this provider, by whatever number of ours. Their words are what they wrote or pressed; whether they
	// ever wrote also what was said before the number was linked. What an employee pressed stands in a talk of theirs, or in a group of employees.
	sqlGuardTalk = `WITH me AS MATERIALIZED (SELECT c.id, c.contact_id, c.channel, c.chat, c.grouped FROM conversations c WHERE c.id = $1),
		talks AS MATERIALIZED (SELECT id FROM me UNION SELECT k.id FROM me JOIN conversations k ON k.contact_id = me.contact_id
			WHERE split_part(k.channel, ':', 1) = split_part(me.channel, ':', 1)),
		heard AS MATERIALIZED (SELECT coalesce(max(h.id), 0) AS id FROM talks t CROSS JOIN LATERAL (SELECT m.id FROM messages m
			WHERE m.conversation_id = t.id AND m.direction = 'in' AND m.author = 'person' AND m.status = 'received'
			AND m.kind NOT IN ('blocked', 'returned', 'migrated', 'edit', 'revoke', 'reaction', 'ignored') ORDER BY m.id DESC LIMIT 1) h),
		deal AS MATERIALIZED (SELECT d.city FROM me JOIN deals d ON d.contact_id = me.contact_id AND d.status = 'open' AND d.city <> '' ORDER BY d.id DESC LIMIT 1),
		desks AS (SELECT k.id FROM employees e JOIN identities i ON i.employee_id = e.id JOIN conversations k ON k.channel = i.channel AND k.chat = i.address WHERE e.active
			UNION SELECT r.conversation_id FROM rooms r)
		SELECT coalesce(me.contact_id, 0), me.grouped OR EXISTS (SELECT FROM identities i JOIN employees e ON e.id = i.employee_id AND e.active WHERE i.channel = me.channel AND i.address = me.chat),
			heard.id, ARRAY(SELECT id FROM talks),
			heard.id > 0 OR EXISTS (SELECT FROM talks t JOIN messages m ON m.conversation_id = t.id AND m.direction = 'in' AND m.author = 'person'
				AND m.kind NOT IN ('blocked', 'returned', 'migrated')),
			(SELECT count(*) FROM talks t JOIN guard_sends s ON s.conversation_id = t.id AND s.kind <> 'staff' AND s.heard_id >= heard.id AND s.message_id <> $2),
			EXISTS (SELECT FROM talks t JOIN guard_calls s ON s.conversation_id = t.id AND s.silent AND s.heard_id >= heard.id),
			coalesce(c.name, ''), coalesce(deal.city, c.fields->>'city', ''),
			coalesce(c.fields->>'opted_out', '') NOT IN ('', 'false'), coalesce(c.fields->>'no_adverts', '') NOT IN ('', 'false'),
			coalesce(o.cause_id IS NOT NULL AND EXISTS (SELECT FROM desks k JOIN messages m ON m.conversation_id = k.id AND m.id = o.cause_id AND m.direction = 'in'), false)
		FROM me CROSS JOIN heard LEFT JOIN deal ON true LEFT JOIN contacts c ON c.id = me.contact_id
		LEFT JOIN messages o ON o.conversation_id = me.id AND o.id = $2`

	sqlGuardSame = `SELECT max(at) FROM guard_sends WHERE print = $2 AND channel = $1 AND kind <> 'staff' AND print <> 0
		AND at > $3::timestamptz - interval '1 hour' AND conversation_id IS DISTINCT FROM $4 GROUP BY conversation_id ORDER BY 1 DESC`
)

// look reads what a decision about a message goes by, with the lock that makes it the only one.
func (g *Guard) look(ctx context.Context, tx pgx.Tx, out crm.Outbound) (k guarded, err error) {
	var freeAt, stopUntil *time.Time
	var staff, noAdverts bool
	f := &k.facts
	k.conversation, k.channel = out.Conversation, out.Address.Channel
	batch := &pgx.Batch{}
	batch.Queue(sqlGuardLock, k.channel)
	batch.Queue(sqlGuardNumber, k.channel, g.clock())
	batch.Queue(sqlGuardClock, k.channel, g.clock()).QueryRow(func(row pgx.Row) error {
		return row.Scan(&f.Now, &f.Since, &freeAt, &f.Stop, &stopUntil)
	})
	batch.Queue(sqlGuardSent, k.channel, g.clock(), guard.HardDay, out.ID).Query(intoValues(&f.Sent))
	batch.Queue(sqlGuardTalk, out.Conversation, out.ID).QueryRow(func(row pgx.Row) error {
		return row.Scan(&k.contact, &staff, &k.heard, &k.talks, &f.Known, &f.Streak, &f.Silenced, &k.name, &k.city, &f.OptedOut, &noAdverts, &k.message.Pressed)
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return k, err
	}
	f.FreeAt, f.StopUntil = deref(freeAt), deref(stopUntil)
	k.message.Kind = guard.Own
	if !out.CreatedAt.IsZero() { // what a turn hands over at once is new
		k.message.Age = f.Now.Sub(out.CreatedAt)
	}
	switch {
	case staff:
		k.message.Kind = guard.Staff
		return k, nil
	case out.Priority == crm.Broadcast:
		k.message.Kind, f.OptedOut = guard.Broadcast, f.OptedOut || noAdverts
	}
	if quiet, until := g.c.Quiet(f.Now, k.city); quiet {
		f.QuietUntil = until
	}
	if k.print = guard.Print(out.Text, k.name); k.print == 0 {
		return k, nil
	}
	rows, err := tx.Query(ctx, sqlGuardSame, k.channel, k.print, f.Now, out.Conversation)
	if err != nil {
		return k, err
	}
	f.Same, err = pgx.CollectRows(rows, pgx.RowTo[time.Time])
	return k, err
}

// clock is the time of a simulation, nil for the database's.
func (g *Guard) clock() *time.Time {
	if g.c.Now == nil {
		return nil
	}
	now := g.c.Now()
	return &now
}

// intoValues collects rows of one column.
func intoValues[T any](list *[]T) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*list, err = pgx.CollectRows(rows, pgx.RowTo[T])
		return err
	}
}
