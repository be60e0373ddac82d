package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlInsertContacts = `INSERT INTO contacts (id, name, phone, lang, fields, created_at, updated_at)
		SELECT id, name, phone, lang, coalesce(fields, '{}'), now(), now()
		FROM jsonb_to_recordset($1::jsonb) AS x(id bigint, name text, phone text, lang text, fields jsonb)`

	sqlInsertIdentities = `INSERT INTO identities (channel, address, contact_id, username)
		SELECT channel, address, contact_id, username
		FROM jsonb_to_recordset($1::jsonb) AS x(channel text, address text, contact_id bigint, username text)
		ON CONFLICT ON CONSTRAINT identities_pkey DO UPDATE SET contact_id = excluded.contact_id WHERE identities.contact_id IS NULL`

	sqlUpdateContacts = `UPDATE contacts c SET name = coalesce(nullif(x.name, ''), c.name), phone = coalesce(nullif(x.phone, ''), c.phone),
			lang = coalesce(nullif(x.lang, ''), c.lang), fields = c.fields || x.fields::jsonb, updated_at = now()
		FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[]) AS x(id, name, phone, lang, fields) WHERE c.id = x.id`

	sqlInsertDeals = `INSERT INTO deals (id, pipeline, stage, status, title, contact_id, asset_id, owner_id, crew_id, parent_id,
			conversation_id, unique_key, lost_reason, city, source, fields, entered_at, closed_at, created_at, updated_at, human_touches, robot_touches, human_at)
		SELECT id, pipeline, stage, status, title, contact_id, asset_id, owner_id, crew_id, parent_id, conversation_id, unique_key,
			lost_reason, coalesce(city, ''), coalesce(source, ''), coalesce(fields, '{}'), coalesce(entered_at, now()), closed_at, now(), now(),
			coalesce(human, 0), coalesce(robot, 0), CASE WHEN human > 0 THEN now() END
		FROM jsonb_to_recordset($1::jsonb) AS x(id bigint, pipeline text, stage text, status text, title text, contact_id bigint,
			asset_id bigint, owner_id bigint, crew_id bigint, parent_id bigint, conversation_id bigint, unique_key text, lost_reason text,
			city text, source text, fields jsonb, entered_at timestamptz, closed_at timestamptz, human integer, robot integer)`

	sqlUpdateDeal = `UPDATE deals SET stage = coalesce(nullif($2, ''), stage), status = coalesce(nullif($3, ''), status),
			lost_reason = CASE WHEN $3 = '' OR $3 = status THEN coalesce(nullif($4, ''), lost_reason) ELSE nullif($4, '') END,
			owner_id = CASE WHEN $6 THEN NULL WHEN $5::bigint > 0 THEN $5 ELSE owner_id END,
			fields = jsonb_strip_nulls(fields || $7::jsonb),
			entered_at = CASE WHEN $2 <> '' AND $2 <> stage THEN coalesce($8, now()) ELSE entered_at END,
			closed_at = CASE WHEN coalesce(nullif($3, ''), status) = 'open' THEN NULL ELSE coalesce(closed_at, $8, now()) END,
			updated_at = now(), human_touches = human_touches + $9::integer, human_at = CASE WHEN $9::integer > 0 THEN now() ELSE human_at END,
			robot_touches = CASE WHEN $9::integer > 0 THEN 0 ELSE robot_touches END + $10::integer
		WHERE id = $1`

	sqlInsertEvents = `INSERT INTO events (at, kind, author, employee_id, conversation_id, message_id, contact_id, deal_id, data)
		SELECT now(), kind, author, nullif(employee, 0), nullif(conversation, 0), nullif(message, 0), nullif(contact, 0), nullif(deal, 0), data::jsonb
		FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[])
			AS u(kind, author, employee, conversation, message, contact, deal, data)`

	sqlInsertAttachments = `INSERT INTO attachments (conversation_id, message_id, contact_id, kind, ref, unique_ref, file_name, mime,
			size, width, height, status)
		SELECT conversation_id, message_id, contact_id, kind, ref, unique_ref, file_name, mime, size, width, height, 'pending'
		FROM jsonb_to_recordset($1::jsonb) AS x(conversation_id bigint, message_id bigint, contact_id bigint, kind text, ref text,
			unique_ref text, file_name text, mime text, size bigint, width integer, height integer)`

	// Files of a talk that was handed over stand in the conversation where it began.
	sqlBindAttachments = `UPDATE attachments a SET deal_id = x.deal, name = x.name
		FROM (SELECT v.conversation, u.ref, u.deal, u.name FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) AS u(conversation, ref, deal, name)
			CROSS JOIN LATERAL (SELECT u.conversation UNION ALL
				SELECT h.conversation_id FROM handoffs h WHERE h.other_id = u.conversation AND h.status = 'used') AS v(conversation)) x
		WHERE a.conversation_id = x.conversation AND a.ref = x.ref AND (a.deal_id IS NULL OR a.deal_id = x.deal)`

	sqlInsertSignal = `WITH fresh AS (INSERT INTO message_refs (conversation_id, direction, ref, message_id) VALUES ($1, 'in', $2, nextval('messages_id_seq'))
			ON CONFLICT ON CONSTRAINT message_refs_pkey DO NOTHING RETURNING message_id)
		INSERT INTO messages (id, conversation_id, direction, author, ref, kind, status, content, created_at)
		SELECT message_id, $1, 'in', 'system', $2, 'signal', 'waiting', $3::jsonb, now() FROM fresh`

	sqlInsertOutbound = `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content, cause_id, card, priority,
			not_before, created_at)
		SELECT id, conversation, 'out', author, kind, 'queued', content::jsonb, nullif(cause, 0), nullif(card, ''), priority, not_before,
			coalesce(created_at, now())
		FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::smallint[],
			$9::timestamptz[], $10::timestamptz[]) AS u(id, conversation, author, kind, content, cause, card, priority, not_before, created_at)`

	sqlSupersede = `UPDATE messages m SET status = 'superseded' FROM unnest($1::bigint[], $2::bigint[]) AS u(conversation, id)
		WHERE m.conversation_id = u.conversation AND m.id = u.id AND m.status = 'queued'`

	sqlSilence = `UPDATE messages SET status = 'cancelled', reason = $2
		WHERE conversation_id = $1 AND direction = 'out' AND status = 'queued' AND id < $3
		AND (NOT $4::boolean OR content->>'prompt' = 'true') RETURNING id`

	sqlPostpone = `UPDATE messages SET status = 'waiting' WHERE conversation_id = $1 AND id = $2`

	sqlEditMessage = `UPDATE messages SET content = content || $3 WHERE conversation_id = $1 AND id = $2`

	sqlUpdateConversations = `UPDATE conversations c SET session = u.session::jsonb, contact_id = nullif(u.contact, 0),
			operator_id = nullif(u.operator, 0), lang = u.lang, prompt_id = nullif(u.prompt, 0), due_at = u.due,
			misses = u.misses, misses_at = u.misses_at, blocked = u.blocked, updated_at = now()
		FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::timestamptz[], $8::smallint[],
			$9::timestamptz[], $10::boolean[]) AS u(id, session, contact, operator, lang, prompt, due, misses, misses_at, blocked)
		WHERE c.id = u.id`

	sqlMoveConversation = `UPDATE conversations SET chat = $2 WHERE id = $1
		AND NOT EXISTS (SELECT FROM conversations o WHERE o.channel = conversations.channel AND o.chat = $2)`
	sqlMoveCrewChat = `UPDATE crews SET chat = $3 WHERE channel = $1 AND chat = $2`
)

// Commit writes all changes and commits, in one round trip. After it the connection is given back. When the connection
// breaks, it is unknown whether the commit took place; the same inputs again tell, they are redeliveries then.
func (t *Turns) Commit(ctx context.Context) error {
	batch := &pgx.Batch{}
	t.queue(batch)
	t.queueTalks(batch)
	batch.Queue("COMMIT")
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		t.Rollback(ctx)
		return fmt.Errorf("commit turns: %w", domain(err))
	}
	t.open = false
	t.conn.Release()
	t.met.add(t.made)
	return nil
}

// queue puts the statements in the order in which rows refer to each other.
func (t *Turns) queue(batch *pgx.Batch) {
	c := &t.Changes
	queueRows(batch, sqlInsertContacts, c.Contacts)
	queueRows(batch, sqlInsertIdentities, c.Identities)
	queueContacts(batch, c.KnownBetter)
	t.forget()
	c.gatherDeals()
	queueRows(batch, sqlInsertDeals, c.Deals)
	for _, m := range c.DealMoves {
		fields := m.Fields
		if fields == nil {
			fields = crm.Fields{}
		}
		batch.Queue(sqlUpdateDeal, m.ID, m.Stage, m.Status, m.Reason, m.Owner, m.Free, fields, pointer(m.EnteredAt), m.human, m.robot)
	}
	queueEvents(batch, c.Events)
	queueRows(batch, sqlInsertAttachments, c.Attachments)
	queueBindings(batch, c.Bindings)
	queueReplacements(batch, c.Replaced)
	queueRows(batch, sqlInsertDocuments, c.Documents)
	queueRows(batch, sqlInsertConsents, c.Consents)
	c.Automation.queue(batch)
	queueUndos(batch, c.Undos)
	t.queueOwnPhones(batch)
	for _, s := range c.Signals {
		batch.Queue(sqlInsertSignal, s.Conversation, s.Inbound.Key, json.RawMessage(marshal(s.Inbound)))
	}
	for _, p := range c.Postponed {
		batch.Queue(sqlPostpone, p.Conversation, p.ID)
	}
	queueSuperseded(batch, c.Superseded)
	t.queueOutbound(batch)
	for _, e := range c.Edited {
		batch.Queue(sqlEditMessage, e.Conversation, e.ID, e.Content)
	}
}

// FlushDeals is Flush, unless only messages, signals and lines of the timeline wait: few lookups go by those.
func (t *Turns) FlushDeals(ctx context.Context) error {
	if !t.Changes.pending() {
		return nil
	}
	return t.Flush(ctx)
}

// Flush writes the changes so far without committing, so that a lookup of this transaction sees them. Talks wait for Commit.
func (t *Turns) Flush(ctx context.Context) error {
	batch := &pgx.Batch{}
	t.queueFlush(batch)
	if batch.Len() == 0 {
		return nil
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("write turns: %w", domain(err))
	}
	return nil
}

func (t *Turns) queueFlush(batch *pgx.Batch) {
	t.queue(batch)
	t.Changes = Changes{Talks: t.Changes.Talks, written: append(t.Changes.written, t.Changes.Out...)}
}

// Outbound gives all messages that the turns wrote, for the sender.
func (t *Turns) Outbound() []OutRow { return append(t.Changes.written, t.Changes.Out...) }

func queueRows[T any](batch *pgx.Batch, sql string, rows []T) {
	if len(rows) > 0 {
		batch.Queue(sql, string(marshal(rows)))
	}
}

// queueEvents goes by arrays, which cost less than a set made of JSON: most turns write a line of the timeline.
func queueEvents(batch *pgx.Batch, rows []EventRow) {
	n := len(rows)
	if n == 0 {
		return
	}
	kinds, authors, data := make([]string, n), make([]string, n), make([]string, n)
	ids := make([]int64, 5*n)
	employees, talks, messages, contacts, deals := ids[:n], ids[n:2*n], ids[2*n:3*n], ids[3*n:4*n], ids[4*n:]
	for i, e := range rows {
		kinds[i], authors[i], data[i] = e.Kind, string(e.Author), "{}"
		employees[i], talks[i], messages[i], contacts[i], deals[i] = int64(e.Employee), int64(e.Conversation), int64(e.Message), int64(e.Contact), int64(e.Deal)
		if len(e.Data) > 0 {
			data[i] = string(marshal(e.Data))
		}
	}
	batch.Queue(sqlInsertEvents, kinds, authors, employees, talks, messages, contacts, deals, data)
}

func queueSuperseded(batch *pgx.Batch, rows []Superseded) {
	if len(rows) == 0 {
		return
	}
	talks, ids := make([]int64, len(rows)), make([]int64, len(rows))
	for i, s := range rows {
		talks[i], ids[i] = int64(s.Conversation), int64(s.ID)
	}
	batch.Queue(sqlSupersede, talks, ids)
}

// queueBindings gives files to deals, all in one statement.
func queueBindings(batch *pgx.Batch, rows []Binding) {
	var talks, deals []int64
	var refs, names []string
	for _, b := range rows {
		for _, ref := range b.Refs {
			talks, deals = append(talks, int64(b.Conversation)), append(deals, int64(b.Deal))
			refs, names = append(refs, ref), append(names, b.Name)
		}
	}
	if len(refs) > 0 {
		batch.Queue(sqlBindAttachments, talks, refs, deals, names)
	}
}

// queueContacts goes by arrays: of a set made of JSON the planner thinks it is large, and would read the whole table.
func queueContacts(batch *pgx.Batch, rows []ContactRow) {
	if len(rows) == 0 {
		return
	}
	rows = merged(rows)
	slices.SortFunc(rows, func(a, b ContactRow) int { return cmp.Compare(a.ID, b.ID) }) // one order of locking for all
	n := len(rows)
	ids, names, phones, langs, fields := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, r := range rows {
		ids[i], names[i], phones[i], langs[i], fields[i] = int64(r.ID), r.Name, r.Phone, r.Lang, "{}"
		if len(r.Fields) > 0 {
			fields[i] = string(marshal(r.Fields))
		}
	}
	batch.Queue(sqlUpdateContacts, ids, names, phones, langs, fields)
}

// merged makes one change of several to the same contact, since one statement changes a row once. The later one wins.
func merged(rows []ContactRow) []ContactRow {
	place := make(map[crm.ContactID]int, len(rows))
	var out []ContactRow
	for _, r := range rows {
		i, known := place[r.ID]
		if !known {
			place[r.ID] = len(out)
			r.Fields = maps.Clone(r.Fields)
			out = append(out, r)
			continue
		}
		m := &out[i]
		m.Name, m.Phone, m.Lang = cmp.Or(r.Name, m.Name), cmp.Or(r.Phone, m.Phone), cmp.Or(r.Lang, m.Lang)
		if m.Fields == nil {
			m.Fields = crm.Fields{}
		}
		maps.Copy(m.Fields, r.Fields)
	}
	return out
}

func (t *Turns) queueOutbound(batch *pgx.Batch) {
	for _, s := range t.Changes.Silenced {
		first := crm.MessageID(1<<62 - 1)
		for _, o := range t.Changes.Out {
			if o.Conversation == s.Conversation {
				first = min(first, o.ID)
			}
		}
		batch.Queue(sqlSilence, s.Conversation, "silenced", first, s.PromptsOnly).Query(func(rows pgx.Rows) error {
			ids, err := pgx.CollectRows(rows, pgx.RowTo[crm.MessageID])
			t.Cancelled = append(t.Cancelled, ids...)
			return err
		})
	}
	n := len(t.Changes.Out)
	if n == 0 {
		return
	}
	ids, talks, cause := make([]int64, n), make([]int64, n), make([]int64, n)
	authors, kinds, contents, cards := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	priorities := make([]int16, n)
	notBefore, created := make([]*time.Time, n), make([]*time.Time, n)
	for i, o := range t.Changes.Out {
		ids[i], talks[i], cause[i] = int64(o.ID), int64(o.Conversation), int64(o.Cause)
		authors[i], kinds[i], contents[i], cards[i] = string(o.Author), string(o.Kind), string(marshal(o.Outbound)), o.Card
		priorities[i], notBefore[i], created[i] = int16(o.Priority), pointer(o.NotBefore), pointer(o.CreatedAt)
	}
	batch.Queue(sqlInsertOutbound, ids, talks, authors, kinds, contents, cause, cards, priorities, notBefore, created)
}

func (t *Turns) queueTalks(batch *pgx.Batch) {
	var ids, contacts, operators, prompts []int64
	var sessions []*string
	var langs []string
	var dues, missed []*time.Time
	var misses []int16
	var blocked []bool
	for _, k := range t.Changes.Talks {
		ids, contacts, operators = append(ids, int64(k.ID)), append(contacts, int64(k.Contact)), append(operators, int64(k.Operator))
		prompts, langs = append(prompts, int64(k.Prompt.ID)), append(langs, k.Lang)
		var session *string
		if len(k.Session) > 0 {
			s := string(k.Session)
			session = &s
		}
		sessions = append(sessions, session)
		dues, missed = append(dues, pointer(k.DueAt)), append(missed, pointer(k.MissesAt))
		misses, blocked = append(misses, int16(k.Misses)), append(blocked, k.Blocked)
		if k.NewChatID != "" {
			batch.Queue(sqlMoveConversation, k.ID, k.NewChatID)
			batch.Queue(sqlMoveCrewChat, k.Address.Channel, k.Address.Chat, k.NewChatID)
		}
	}
	if len(ids) > 0 {
		batch.Queue(sqlUpdateConversations, ids, sessions, contacts, operators, langs, prompts, dues, misses, missed, blocked)
	}
}

// pointer gives nil for the zero time, which Postgres stores as NULL.
func pointer(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
