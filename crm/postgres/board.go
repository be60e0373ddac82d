package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	sqlBoardDeals = `SELECT d.id, d.pipeline, d.stage, d.status, d.title, coalesce(d.contact_id, 0), coalesce(c.name, ''), coalesce(c.phone, ''),
			coalesce(a.code, ''), coalesce(a.name, ''), coalesce(a.city, ''), coalesce(a.address, ''),
			coalesce(e.name, ''), coalesce(e.role, ''), coalesce(w.name, ''), coalesce(d.conversation_id, 0), coalesce(d.lost_reason, ''), d.fields,
			(SELECT count(*) FROM attachments f WHERE f.deal_id = d.id), d.created_at, d.entered_at, d.updated_at, d.closed_at
		FROM deals d LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id
		LEFT JOIN employees e ON e.id = d.owner_id LEFT JOIN crews w ON w.id = d.crew_id
		WHERE ($1::bigint = 0 OR d.id = $1) AND ($2::bigint = 0 OR d.id < $2)
			AND ($3::bigint = 0 OR d.id IN (SELECT deal_id FROM events WHERE message_id = $3))
		ORDER BY d.id DESC LIMIT $4`

	sqlBoardContacts = `SELECT c.id, c.name, coalesce(c.phone, ''), c.lang, c.fields, (SELECT count(*) FROM deals d WHERE d.contact_id = c.id),
			c.created_at, c.updated_at
		FROM contacts c WHERE c.merged_into IS NULL AND ($1::bigint = 0 OR c.id < $1) ORDER BY c.id DESC LIMIT $2`

	sqlBoardConversation = `SELECT k.id, k.channel, k.chat, k.grouped, k.title, coalesce(k.contact_id, 0), coalesce(c.name, ''), coalesce(c.phone, ''),
			coalesce(e.name, ''), coalesce(e.role, ''), coalesce(o.name, ''), k.lang, coalesce(k.session, 'null'::jsonb), coalesce(k.prompt_id, 0),
			k.due_at, k.misses, k.blocked, k.created_at, k.updated_at
		FROM conversations k LEFT JOIN contacts c ON c.id = k.contact_id
		LEFT JOIN identities i ON i.channel = k.channel AND i.address = k.chat LEFT JOIN employees e ON e.id = i.employee_id
		LEFT JOIN employees o ON o.id = k.operator_id
		WHERE k.channel = $1 AND k.chat = $2`

	// The newest messages of a conversation; what hangs on one message: what its turn wrote, what changed it, who pressed it.
	sqlBoardMessages = `SELECT m.id, m.conversation_id, k.channel, k.chat, m.direction, m.author, coalesce(m.ref, ''), m.kind, m.status, m.content,
			coalesce(m.cause_id, 0), coalesce(m.card, ''), m.attempts, m.maybe_duplicate, coalesce(m.reason, ''), m.not_before, m.created_at, m.sent_at
		FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE m.conversation_id = $1 ORDER BY m.id DESC LIMIT $2`

	sqlBoardCaused = `SELECT m.id, m.conversation_id, k.channel, k.chat, m.direction, m.author, coalesce(m.ref, ''), m.kind, m.status, m.content,
			coalesce(m.cause_id, 0), coalesce(m.card, ''), m.attempts, m.maybe_duplicate, coalesce(m.reason, ''), m.not_before, m.created_at, m.sent_at
		FROM messages m JOIN conversations k ON k.id = m.conversation_id WHERE m.cause_id = $1 OR m.id = $1 ORDER BY m.id`

	sqlBoardInbound = `SELECT m.id, m.conversation_id, k.channel, k.chat, m.direction, m.author, coalesce(m.ref, ''), m.kind, m.status, m.content,
			coalesce(m.cause_id, 0), coalesce(m.card, ''), m.attempts, m.maybe_duplicate, coalesce(m.reason, ''), m.not_before, m.created_at, m.sent_at
		FROM messages m JOIN conversations k ON k.id = m.conversation_id
		WHERE k.channel = $1 AND k.chat = $2 AND m.direction = 'in'
			AND (m.ref = 'm:' || $3::text OR starts_with(m.ref, 'e:' || $3::text || ':') OR m.content->'press'->>'message' = $3::text)
		ORDER BY m.id LIMIT 50`

	sqlBoardOutbound = `SELECT m.id, m.conversation_id, k.channel, k.chat, m.direction, m.author, coalesce(m.ref, ''), m.kind, m.status, m.content,
			coalesce(m.cause_id, 0), coalesce(m.card, ''), m.attempts, m.maybe_duplicate, coalesce(m.reason, ''), m.not_before, m.created_at, m.sent_at
		FROM messages m JOIN conversations k ON k.id = m.conversation_id
		WHERE k.channel = $1 AND k.chat = $2 AND m.direction = 'out'
			AND (m.ref = $3::text OR (m.content->>'target')::bigint IN
				(SELECT n.message_id FROM message_refs n WHERE n.conversation_id = k.id AND n.direction = 'out' AND n.ref = $3::text))
		ORDER BY m.id LIMIT 50`

	sqlBoardEvents = `SELECT v.id, v.at, v.kind, v.author, coalesce(e.name, ''), coalesce(v.conversation_id, 0), coalesce(v.message_id, 0),
			coalesce(v.contact_id, 0), coalesce(v.deal_id, 0), v.data
		FROM events v LEFT JOIN employees e ON e.id = v.employee_id
		WHERE ($1::bigint > 0 AND v.deal_id = $1) OR ($2::bigint > 0 AND v.message_id = $2) ORDER BY v.id LIMIT 500`

	sqlBoardFiles = `SELECT f.id, f.conversation_id, f.message_id, coalesce(f.deal_id, 0), f.name, f.kind, f.file_name, f.mime, f.size, f.width, f.height,
			coalesce(f.hash, ''), f.status, coalesce(f.reason, ''), f.created_at
		FROM attachments f WHERE ($1::bigint > 0 AND f.id = $1) OR ($2::bigint > 0 AND f.deal_id = $2) OR ($3::bigint > 0 AND f.message_id = $3)
		ORDER BY f.id LIMIT 200`

	sqlBoardMachines = `SELECT code, name, city, address, fields FROM assets
		WHERE NOT disabled AND kind = $1 AND ($2::text = '' OR code_key = translate(upper($2), 'АВЕКМНОРСТУХ', 'ABEKMHOPCTYX')
			OR starts_with(code, $2) OR strpos(lower(city), lower($2)) > 0 OR strpos(lower(address), lower($2)) > 0)
		ORDER BY code <> $2, CASE WHEN code ~ '^[0-9]{1,18}$' THEN code::bigint END NULLS LAST, code LIMIT $3`

	sqlBoardNextDue = `SELECT least((SELECT min(due_at) FROM conversations),
		(SELECT min(due_at) FROM timers WHERE deal_id IS NOT NULL AND status = 'waiting'))`

	sqlBoardLastMessage = `SELECT coalesce(max(id), 0) FROM messages`
)

// Board reads what a page of the CRM shows. It writes nothing and locks nothing.
type Board struct{ db *DB }

// Board gives the reading side of the store.
func (db *DB) Board() Board { return Board{db} }

// Deals lists deals below the id before (0: from the newest), the newest first, at most limit.
func (b Board) Deals(ctx context.Context, before crm.DealID, limit int) ([]BoardDeal, error) {
	return b.deals(ctx, 0, before, 0, limit)
}

// Deal gives one deal; crm.ErrNotFound when there is none.
func (b Board) Deal(ctx context.Context, id crm.DealID) (BoardDeal, error) {
	return single(b.deals(ctx, id, 0, 0, 1))
}

// DealsTouched lists the deals in whose timeline the turn of an inbound message wrote.
func (b Board) DealsTouched(ctx context.Context, by crm.MessageID) ([]BoardDeal, error) {
	return b.deals(ctx, 0, 0, by, 50)
}

func (b Board) deals(ctx context.Context, id, before crm.DealID, by crm.MessageID, limit int) ([]BoardDeal, error) {
	return readAll[BoardDeal](ctx, b, "read deals", sqlBoardDeals, id, before, by, limit)
}

// Contacts lists contacts below the id before (0: from the newest), the newest first, at most limit.
func (b Board) Contacts(ctx context.Context, before crm.ContactID, limit int) ([]BoardContact, error) {
	return readAll[BoardContact](ctx, b, "read contacts", sqlBoardContacts, before, limit)
}

// Conversation gives the conversation at an address; crm.ErrNotFound when nobody has written from it.
func (b Board) Conversation(ctx context.Context, at crm.Address) (BoardConversation, error) {
	return single(readAll[BoardConversation](ctx, b, "read conversation", sqlBoardConversation, at.Channel, at.Chat))
}

// Messages lists the newest messages of a conversation in both directions, the newest first, at most limit.
func (b Board) Messages(ctx context.Context, id crm.ConversationID, limit int) ([]BoardMessage, error) {
	return readAll[BoardMessage](ctx, b, "read messages", sqlBoardMessages, id, limit)
}

// Caused lists an inbound message and all that its turn wrote, oldest first.
func (b Board) Caused(ctx context.Context, by crm.MessageID) ([]BoardMessage, error) {
	return readAll[BoardMessage](ctx, b, "read what a message caused", sqlBoardCaused, by)
}

// Inbound lists the rows of a person's message by the provider's id: itself, its edits, and presses of buttons under it.
func (b Board) Inbound(ctx context.Context, at crm.Address, ref string) ([]BoardMessage, error) {
	return readAll[BoardMessage](ctx, b, "find inbound message", sqlBoardInbound, at.Channel, at.Chat, ref)
}

// Outbound lists the rows of our message by the provider's id: itself, its edits and reactions.
func (b Board) Outbound(ctx context.Context, at crm.Address, ref string) ([]BoardMessage, error) {
	return readAll[BoardMessage](ctx, b, "find outbound message", sqlBoardOutbound, at.Channel, at.Chat, ref)
}

// DealEvents is the timeline of a deal, oldest first.
func (b Board) DealEvents(ctx context.Context, id crm.DealID) ([]BoardEvent, error) {
	return readAll[BoardEvent](ctx, b, "read timeline", sqlBoardEvents, id, 0)
}

// MessageEvents lists what the turn of an inbound message wrote into timelines, oldest first.
func (b Board) MessageEvents(ctx context.Context, id crm.MessageID) ([]BoardEvent, error) {
	return readAll[BoardEvent](ctx, b, "read events", sqlBoardEvents, 0, id)
}

// DealFiles lists the files of a deal, oldest first.
func (b Board) DealFiles(ctx context.Context, id crm.DealID) ([]BoardFile, error) {
	return readAll[BoardFile](ctx, b, "read files of deal", sqlBoardFiles, 0, id, 0)
}

// MessageFiles lists the files of an inbound message.
func (b Board) MessageFiles(ctx context.Context, id crm.MessageID) ([]BoardFile, error) {
	return readAll[BoardFile](ctx, b, "read files of message", sqlBoardFiles, 0, 0, id)
}

// File gives one file's row; crm.ErrNotFound when there is none.
func (b Board) File(ctx context.Context, id crm.AttachmentID) (BoardFile, error) {
	return single(readAll[BoardFile](ctx, b, "read file", sqlBoardFiles, id, 0, 0))
}

// Machines finds assets of a kind by the beginning of the code, or a part of city or address; an exact code comes first.
func (b Board) Machines(ctx context.Context, kind, part string, limit int) ([]BoardMachine, error) {
	return readAll[BoardMachine](ctx, b, "find machines", sqlBoardMachines, kind, part, limit)
}

// NextDue tells when the next timer of a talk or a deal fires; nil when none is set.
func (b Board) NextDue(ctx context.Context) (*time.Time, error) {
	var due *time.Time
	err := b.db.Pool.QueryRow(ctx, sqlBoardNextDue).Scan(&due)
	return due, wrap(err, "look for the next timer")
}

// LastMessage gives the highest message id, 0 when there is none. A provider whose own count starts anew can begin above it.
func (b Board) LastMessage(ctx context.Context) (crm.MessageID, error) {
	var id crm.MessageID
	err := b.db.Pool.QueryRow(ctx, sqlBoardLastMessage).Scan(&id)
	return id, wrap(err, "look for the last message")
}

func readAll[T any](ctx context.Context, b Board, what, sql string, args ...any) ([]T, error) {
	rows, err := b.db.Pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap(err, "%s", what)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[T])
	return list, wrap(err, "%s", what)
}

// single takes the one row of a list that has at most one.
func single[T any](list []T, err error) (one T, _ error) {
	if err == nil && len(list) == 0 {
		err = crm.ErrNotFound
	}
	if err != nil {
		return one, err
	}
	return list[0], nil
}
