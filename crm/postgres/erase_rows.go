package postgres

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

const (
	// Deals stay for reports: where they stood, when, in which city and from which source they came, whose they were.
	sqlEraseDeals = `UPDATE deals SET title = '', contact_id = NULL, conversation_id = NULL, unique_key = NULL, fields = '{}', updated_at = now(),
			lost_reason = CASE WHEN status = 'open' THEN 'forgotten' WHEN lost_reason ~ '^[a-z0-9_.-]{1,64}$' THEN lost_reason END,
			closed_at = CASE WHEN status = 'open' THEN now() ELSE closed_at END, status = CASE WHEN status = 'open' THEN 'lost' ELSE status END
		WHERE id = ANY($1::bigint[])`

	// After an undone merge a deal of somebody else may have begun in a talk of theirs.
	sqlEraseDealTalks = `UPDATE deals SET conversation_id = NULL WHERE conversation_id = ANY($1::bigint[]) AND id <> ALL($2::bigint[])`

	// Of the timeline what makes a report stays. Values of fields, comments and names go.
	sqlEraseEvents = `UPDATE events e SET contact_id = NULL,
			conversation_id = CASE WHEN conversation_id = ANY($3::bigint[]) THEN NULL ELSE conversation_id END,
			message_id = CASE WHEN conversation_id = ANY($3::bigint[]) THEN NULL ELSE message_id END,
			data = coalesce((SELECT jsonb_object_agg(d.key, d.value) FROM jsonb_each(e.data) d WHERE e.kind <> 'deal_changed'
				AND (d.key IN ('from', 'stage', 'status', 'pipeline', 'owner', 'employee', 'points', 'role', 'assignee', 'link', 'files') OR d.key = 'name' AND e.kind = 'attached')
				AND (jsonb_typeof(d.value) = 'number' OR d.value#>>'{}' ~ '^[a-z][a-z0-9_.-]{0,63}$')), '{}')
		WHERE contact_id = ANY($1::bigint[]) OR deal_id = ANY($2::bigint[]) OR message_id = ANY($4::bigint[])`
	sqlEraseDealEvents = `INSERT INTO events (at, kind, author, deal_id) SELECT now(), 'contact_erased', 'system', unnest($1::bigint[])`

	sqlEraseTasks  = `UPDATE tasks SET title = '', contact_id = NULL, done_at = coalesce(done_at, now()) WHERE contact_id = ANY($1::bigint[]) OR deal_id = ANY($2::bigint[])`
	sqlEraseTimers = `UPDATE timers SET data = '{}', reason = CASE WHEN status = 'waiting' THEN 'forgotten' ELSE reason END,
			fired_at = CASE WHEN status = 'waiting' THEN now() ELSE fired_at END, status = CASE WHEN status = 'waiting' THEN 'cancelled' ELSE status END
		WHERE deal_id = ANY($1::bigint[])`
	sqlEraseBookings = `UPDATE bookings SET reason = '', code = NULL, seq = CASE WHEN status = 'booked' THEN seq + 1 ELSE seq END, updated_at = now(),
			status = CASE WHEN status = 'booked' THEN 'cancelled' ELSE status END WHERE deal_id = ANY($1::bigint[])`
	sqlEraseUndos     = `DELETE FROM undos WHERE deal_id = ANY($1::bigint[])`
	sqlEraseSlotDeals = `DELETE FROM slot_deals WHERE deal_id = ANY($1::bigint[])`

	// The bytes go after the commit, when nobody else has the same.
	sqlQueueErasedFiles = `INSERT INTO erased_files (hash) SELECT DISTINCT hash FROM attachments
		WHERE hash IS NOT NULL AND (contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[]) OR deal_id = ANY($3::bigint[]))
		ON CONFLICT ON CONSTRAINT erased_files_pkey DO UPDATE SET at = now(), removed_at = NULL`
	sqlEraseAttachments = `DELETE FROM attachments WHERE contact_id = ANY($1::bigint[]) OR conversation_id = ANY($2::bigint[]) OR deal_id = ANY($3::bigint[])`

	sqlEraseDead = `DELETE FROM dead_letters WHERE conversation_id = ANY($1::bigint[]) OR (channel, chat) IN (SELECT * FROM unnest($2::text[], $3::text[]))
		OR split_part(payload->>'card', ':', 1) || ':' || split_part(payload->>'card', ':', 2) = ANY($4::text[]) OR payload::text LIKE ANY($5::text[]) OR message_id = ANY($6::bigint[]) AND source <> 'media'`
	sqlEraseHolds  = `DELETE FROM holds WHERE (channel, chat) IN (SELECT * FROM unnest($1::text[], $2::text[]))`
	sqlEraseTopics = `DELETE FROM topics WHERE talk_id = ANY($1::bigint[])`
	sqlEraseLists  = `DELETE FROM lists WHERE query LIKE ANY($1::text[])`

	sqlEraseOwnPhones = `DELETE FROM own_phones WHERE contact_id = ANY($1::bigint[])`
	sqlEraseMerges    = `DELETE FROM contact_merges WHERE kept = ANY($1::bigint[]) OR gone = ANY($1::bigint[])`
	// A former employee's address stays theirs as one who worked here.
	sqlEraseIdentities   = `DELETE FROM identities WHERE contact_id = ANY($1::bigint[]) AND employee_id IS NULL`
	sqlEraseIdentityOf   = `UPDATE identities SET contact_id = NULL WHERE contact_id = ANY($1::bigint[])`
	sqlEraseMessages     = `DELETE FROM messages WHERE conversation_id = ANY($1::bigint[]) AND id <> $2 RETURNING id, status = 'queued'`
	sqlEraseRefs         = `DELETE FROM message_refs WHERE conversation_id = ANY($1::bigint[]) AND message_id <> $2`
	sqlEraseFarewell     = `UPDATE messages SET cause_id = NULL WHERE conversation_id = $1 AND id = $2`
	sqlEraseConversation = `UPDATE conversations SET contact_id = NULL, operator_id = NULL, title = '', lang = '', session = NULL, prompt_id = NULL, due_at = NULL,
			misses = 0, misses_at = NULL, blocked = false, forgotten_at = now(), updated_at = now() WHERE id = $1`
	sqlEraseConversations = `DELETE FROM conversations WHERE id = ANY($1::bigint[]) AND id <> $2`

	// Points are never changed: whom they were given to stays a number without a person.
	sqlEmptyContacts = `UPDATE contacts SET name = '', phone = NULL, lang = '', fields = '{}', merged_into = NULL, updated_at = now() WHERE id = ANY($1::bigint[])`
	sqlEraseContacts = `DELETE FROM contacts c WHERE id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM points p WHERE p.contact_id = c.id)`
	sqlEraseKeys     = `DELETE FROM contact_keys WHERE contact_id = ANY($1::bigint[])`
)

// queueRows removes all rows of a person, what refers to others first.
func (p *person) queueRows(batch *pgx.Batch, act *actItems, unset *[]crm.MessageID) {
	channels, chats := make([]string, len(p.addresses)), make([]string, len(p.addresses))
	for i, a := range p.addresses {
		channels[i], chats[i] = a.Channel, a.Chat
	}
	gone := func(what, sql string, args ...any) {
		batch.Queue(sql, args...).Exec(func(tag pgconn.CommandTag) error {
			act.count(what, tag.RowsAffected())
			return nil
		})
	}
	p.queueRooms(batch, act, gone)
	gone("deals without a person", sqlEraseDeals, p.deals)
	batch.Queue(sqlEraseDealTalks, p.talks, p.deals)
	gone("events", sqlEraseEvents, p.contacts, p.deals, p.talks, p.messages)
	batch.Queue(sqlEraseDealEvents, p.deals)
	gone("tasks", sqlEraseTasks, p.contacts, p.deals)
	batch.Queue(sqlEraseTimers, p.deals)
	gone("visits", sqlEraseBookings, p.deals)
	batch.Queue(sqlEraseUndos, p.deals)
	batch.Queue(sqlEraseSlotDeals, p.deals)

	batch.Queue(sqlQueueErasedFiles, p.contacts, p.talks, p.deals)
	gone("files", sqlEraseAttachments, p.contacts, p.talks, p.deals)
	gone("dead letters", sqlEraseDead, p.talks, channels, chats, p.cards(), p.mentions(), p.messages)
	batch.Queue(sqlEraseHolds, channels, chats)
	gone("topics", sqlEraseTopics, p.talks)
	batch.Queue(sqlEraseLists, p.mentions())

	batch.Queue(sqlEraseOwnPhones, p.contacts)
	batch.Queue(sqlEraseMerges, p.contacts)
	gone("addresses", sqlEraseIdentities, p.contacts)
	batch.Queue(sqlEraseIdentityOf, p.contacts)
	batch.Queue(sqlEraseFarewell, p.talk, p.farewell)
	batch.Queue(sqlEraseMessages, p.talks, p.farewell).Query(func(rows pgx.Rows) error {
		n, err := takenBack(rows, unset)
		act.count("messages", n)
		return err
	})
	batch.Queue(sqlEraseRefs, p.talks, p.farewell)
	batch.Queue(sqlEraseConversation, p.talk)
	gone("talks", sqlEraseConversations, p.talks, p.talk)
	batch.Queue(sqlEmptyContacts, p.contacts)
	gone("contacts", sqlEraseContacts, p.contacts)
	batch.Queue(sqlEraseKeys, p.contacts)
}
