package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// RoomKind says what stands in a room.
type RoomKind string

// Kinds of rooms.
const (
	RoomCrew      RoomKind = "crew"      // cards of a crew
	RoomRole      RoomKind = "role"      // cards of a role
	RoomOperators RoomKind = "operators" // people who ask for a person; Role is the one that takes them over
)

// Room is a group chat, or a topic of one, that stands for a crew, a role or the operators. It is lost when it can't be written to.
type Room struct {
	ID           int64
	Conversation crm.ConversationID
	Address      crm.Address
	Thread       string // the topic, empty for the whole group
	Kind         RoomKind
	Crew         crm.CrewID
	Role         string
	Title        string
	Lang         string // of the group
	Forum        bool   // talks that are handed over get topics of their own there
	Lost         bool
	Reason       string // of the loss
	By           crm.EmployeeID
}

const (
	sqlRoomColumns = `SELECT r.id, r.conversation_id, c.channel, c.chat, r.thread, r.kind, coalesce(r.crew_id, 0), coalesce(r.role, ''), r.title, c.lang,
			r.status = 'lost' OR c.blocked, r.reason, coalesce(r.bound_by, 0), r.forum
		FROM rooms r JOIN conversations c ON c.id = r.conversation_id `

	// A place stands for one thing, and a thing has one place.
	sqlLeaveRooms = `DELETE FROM rooms WHERE conversation_id = $1 AND thread = $2 OR kind = $3 AND (crew_id = nullif($4::bigint, 0) OR role = nullif($5, ''))
		RETURNING id`
	sqlBindRoom = `INSERT INTO rooms (conversation_id, thread, kind, crew_id, role, title, bound_by, forum)
		VALUES ($1, $2, $3, nullif($4::bigint, 0), nullif($5, ''), $6, $7, $8)`
	sqlUnbindRoom = `DELETE FROM rooms WHERE conversation_id = $1 AND thread = $2`

	sqlLoseRooms = `UPDATE rooms SET status = 'lost', lost_at = now(), told_at = NULL, reason = $2 WHERE conversation_id = $1 AND status = 'open'`
	sqlFindRooms = `UPDATE rooms SET status = 'open', lost_at = NULL, told_at = NULL, reason = '' WHERE conversation_id = $1 AND status = 'lost'`

	// The group goes on in another chat. Somebody may have written there before this was known: then that conversation is the room.
	sqlMoveRooms = `UPDATE rooms r SET conversation_id = n.id FROM conversations o, conversations n
		WHERE o.channel = $1 AND o.chat = $2 AND n.channel = $1 AND n.chat = $3 AND r.conversation_id = o.id AND n.id <> o.id
		AND NOT EXISTS (SELECT FROM rooms x WHERE x.conversation_id = n.id AND x.thread = r.thread)`

	sqlClaimLostRoom = `SELECT id FROM rooms WHERE status = 'lost' AND told_at IS NULL AND lost_at <= now() - $1::interval ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`
	sqlToldRoom      = `UPDATE rooms SET told_at = now() WHERE id = $1`

	// Deals whose card stood in the room, or should have, and that nobody has taken.
	sqlLeftInRoom = `SELECT DISTINCT d.id FROM messages m
			CROSS JOIN LATERAL (SELECT split_part(m.card, ':', 2) AS n OFFSET 0) x
			CROSS JOIN LATERAL (SELECT o.id, o.status, o.owner_id FROM deals o WHERE o.id = CASE WHEN x.n ~ '^[0-9]{1,18}$' THEN x.n::bigint END OFFSET 0) d
		WHERE m.conversation_id = $1 AND m.direction = 'out' AND m.card LIKE 'deal:%' AND m.kind = 'message' AND coalesce(m.content->>'thread', '') = $2
			AND m.created_at > now() - interval '30 days' AND d.status = 'open' AND (d.owner_id IS NULL OR m.status IN ('cancelled', 'failed', 'queued'))
		ORDER BY d.id LIMIT $3`
	sqlDropRoomQueue = `UPDATE messages SET status = 'cancelled', reason = 'room_lost' WHERE conversation_id = $1 AND direction = 'out' AND status = 'queued'
		AND coalesce(content->>'thread', '') = $2 RETURNING id`
	// Each talk is looked up by its number: there are many, and few are left.
	sqlTalksLeftInRoom = `SELECT DISTINCT c.id FROM messages m CROSS JOIN LATERAL (SELECT split_part(m.card, ':', 2) AS n OFFSET 0) x
			CROSS JOIN LATERAL (SELECT t.id, t.operator_id FROM conversations t WHERE t.id = CASE WHEN x.n ~ '^[0-9]{1,18}$' THEN x.n::bigint END OFFSET 0) c
		WHERE m.conversation_id = $1 AND m.direction = 'out' AND m.card LIKE 'talk:%' AND coalesce(m.content->>'thread', '') = $2 AND m.created_at > now() - interval '3 days'
			AND c.operator_id IS NULL AND (SELECT k.kind FROM events k WHERE k.conversation_id = c.id AND k.kind IN ('human_wanted', 'talk_taken') AND k.message_id >= m.cause_id LIMIT 1) = 'human_wanted'
		LIMIT $3`
)

const (
	sqlRoomByID   = sqlRoomColumns + `WHERE r.id = $1`
	sqlRoomOfRole = sqlRoomColumns + `WHERE r.kind = $1 AND r.role = $2`
)

func scanRoom(row pgx.CollectableRow) (r Room, err error) {
	err = row.Scan(&r.ID, &r.Conversation, &r.Address.Channel, &r.Address.Chat, &r.Thread, &r.Kind, &r.Crew, &r.Role, &r.Title, &r.Lang, &r.Lost, &r.Reason, &r.By, &r.Forum)
	return r, err
}

func (t *Turns) room(ctx context.Context, sql string, args ...any) (Room, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return Room{}, wrap(err, "find a room")
	}
	r, err := pgx.CollectExactlyOneRow(rows, scanRoom)
	return r, wrap(err, "find a room")
}

// RoomOfRole finds the room of a kind for a role, lost or not. crm.ErrNotFound when there is none.
func (t *Turns) RoomOfRole(ctx context.Context, kind RoomKind, role string) (Room, error) {
	return t.room(ctx, sqlRoomOfRole, kind, role)
}

// BindRoom makes a place stand for something; what it stood for before, and where that stood, is over.
func (t *Turns) BindRoom(ctx context.Context, r Room) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlLeaveRooms, r.Conversation, r.Thread, r.Kind, r.Crew, r.Role)
	batch.Queue(sqlBindRoom, r.Conversation, r.Thread, r.Kind, r.Crew, r.Role, r.Title, r.By, r.Forum)
	return wrap(t.conn.SendBatch(ctx, batch).Close(), "bind conversation %d", r.Conversation)
}

// UnbindRoom ends what a place stands for; false when it stood for nothing.
func (t *Turns) UnbindRoom(ctx context.Context, id crm.ConversationID, thread string) (bool, error) {
	tag, err := t.conn.Exec(ctx, sqlUnbindRoom, id, thread)
	return tag.RowsAffected() > 0, wrap(err, "unbind conversation %d", id)
}

// LoseRooms notes that a group can't be written to, and why; what stood there is handed on soon after.
func (t *Turns) LoseRooms(ctx context.Context, id crm.ConversationID, reason string) error {
	_, err := t.conn.Exec(ctx, sqlLoseRooms, id, reason)
	return wrap(err, "lose the rooms of conversation %d", id)
}

// FindRooms notes that a group can be written to again.
func (t *Turns) FindRooms(ctx context.Context, id crm.ConversationID) error {
	_, err := t.conn.Exec(ctx, sqlFindRooms, id)
	return wrap(err, "find the rooms of conversation %d again", id)
}

// MoveRooms follows a group to its new address, when somebody has written from there already; else its conversation moves as a whole.
func (t *Turns) MoveRooms(ctx context.Context, from crm.Address, chat string) error {
	_, err := t.conn.Exec(ctx, sqlMoveRooms, from.Channel, from.Chat, chat)
	return wrap(err, "move the rooms of a group")
}
