package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const sqlTalk = `SELECT c.id, c.channel, c.chat, c.grouped, coalesce(c.contact_id, 0), coalesce(c.operator_id, 0), c.lang, c.session, coalesce(c.prompt_id, 0),
		c.due_at, c.misses, c.misses_at, c.blocked, coalesce(k.name, ''), c.own_until
	FROM conversations c LEFT JOIN contacts k ON k.id = c.contact_id WHERE c.id = $1`

const sqlLockTalk = `SELECT FROM conversations WHERE id = $1 FOR UPDATE`

// Talk locks another conversation, for an employee who takes it over or gives it back, and names its contact.
func (t *Turns) Talk(ctx context.Context, id crm.ConversationID) (*Talk, crm.Contact, error) {
	var k Talk
	var due, missed, own *time.Time
	var contact crm.Contact
	if _, err := t.conn.Exec(ctx, sqlLockTalk, id); err != nil {
		return nil, contact, fmt.Errorf("lock conversation %d: %w", id, domain(err))
	}
	err := t.conn.QueryRow(ctx, sqlTalk, id).Scan(&k.ID, &k.Address.Channel, &k.Address.Chat, &k.Group, &k.Contact, &k.Operator, &k.Lang, &k.Session,
		&k.Prompt.ID, &due, &k.Misses, &missed, &k.Blocked, &contact.Name, &own)
	if err != nil {
		return nil, contact, fmt.Errorf("lock conversation %d: %w", id, domain(err))
	}
	k.DueAt, k.MissesAt, k.OwnUntil, contact.ID = deref(due), deref(missed), deref(own), k.Contact
	return &k, contact, nil
}

const sqlTalksOf = `SELECT c.id FROM conversations c WHERE c.operator_id = $1
	AND NOT EXISTS (SELECT FROM topics t WHERE t.talk_id = c.id AND t.status IN ('called', 'led')) ORDER BY c.id`

// TalksOf lists the conversations that an employee has taken over in their own chat; what is led in a topic is answered there.
func (t *Turns) TalksOf(ctx context.Context, id crm.EmployeeID) ([]crm.ConversationID, error) {
	rows, err := t.conn.Query(ctx, sqlTalksOf, id)
	if err != nil {
		return nil, fmt.Errorf("list the talks of employee %d: %w", id, domain(err))
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.ConversationID])
}

// Only what was said: no reactions, edits and menus of ours, no signals. Of a pressed message comes what it says now.
const sqlLastLines = `SELECT m.author, m.kind, coalesce(m.content->>'text', ''), coalesce(m.content->>'command', ''), coalesce(m.content->>'album', ''),
		coalesce(m.content->'media'->0->>'kind', ''), coalesce(m.content->'press'->>'data', ''), coalesce(b.content->>'text', ''), b.content->'buttons'
	FROM messages m LEFT JOIN message_refs r ON r.conversation_id = m.conversation_id AND r.direction = 'out' AND r.ref = m.content->'press'->>'message'
	LEFT JOIN messages b ON b.conversation_id = r.conversation_id AND b.id = r.message_id
	WHERE m.conversation_id = $1 AND m.status IN ('received', 'sent', 'queued')
		AND m.kind = ANY(CASE WHEN m.direction = 'out' THEN '{message,media}'::text[] ELSE '{text,media,contact,location,press,own,other}'::text[] END)
	ORDER BY m.id DESC LIMIT $2`

// Line is something said in a conversation, as an operator reads it: words (HTML when they are ours), a file, or a button that was
// pressed, with the message under which it stood.
type Line struct {
	Author  crm.Author
	Kind    string // as stored: "text", "press", "message", …
	Text    string
	Command string
	Album   string
	File    crm.MediaKind // the first file, empty when there is none
	Pressed string        // what the button carries
	On      string        // the text of the pressed message as it is now, with the mark of what was chosen
	Buttons [][]crm.Button
}

// LastLines gives the newest lines of a conversation, the oldest of them first.
func (t *Turns) LastLines(ctx context.Context, id crm.ConversationID, limit int) ([]Line, error) {
	rows, err := t.conn.Query(ctx, sqlLastLines, id, limit)
	if err != nil {
		return nil, fmt.Errorf("read conversation %d: %w", id, domain(err))
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Line])
	slices.Reverse(lines)
	return lines, domain(err)
}

const sqlCalled = `SELECT EXISTS (SELECT FROM events e JOIN conversations c ON c.id = e.conversation_id AND c.contact_id = e.contact_id
	WHERE c.id = $1 AND e.kind = 'human_wanted' AND e.data->>'role' = $2)`

// Called tells whether people of a role were ever asked to take a talk over.
func (t *Turns) Called(ctx context.Context, id crm.ConversationID, role string) (called bool, err error) {
	err = t.conn.QueryRow(ctx, sqlCalled, id, role).Scan(&called)
	return called, wrap(err, "see who was called to conversation %d", id)
}
