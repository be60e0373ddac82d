package postgres

import "context"

// What stands in a group that stands for nothing any more says forever what it said last. Whoever reads there is nobody's business, and
// nothing that happens later is theirs.
const sqlLeaveCards = `UPDATE messages m SET card = NULL FROM rooms r
	WHERE (r.conversation_id = $1 AND r.thread = $2) <> (r.kind = $3 AND (r.crew_id = nullif($4::bigint, 0) OR r.role = nullif($5, '')) IS TRUE)
	AND m.conversation_id = r.conversation_id AND m.direction = 'out' AND m.card LIKE 'deal:%' AND coalesce(m.content->>'thread', '') = r.thread`

// LeaveCards stops the cards from being drawn anew that stand where a place stood for something else, or where that stood which it stands for from now
// on. A room of no kind is a place that stands for nothing.
func (t *Turns) LeaveCards(ctx context.Context, r Room) error {
	_, err := t.conn.Exec(ctx, sqlLeaveCards, r.Conversation, r.Thread, r.Kind, r.Crew, r.Role)
	return wrap(err, "leave the cards of conversation %d", r.Conversation)
}
