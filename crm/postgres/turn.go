package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"govorun/crm"
)

// Turns is one transaction that holds one or more turns: Begin reads and locks, Lookups read more, Commit writes what the
// turns changed. Two round trips are enough for an ordinary turn, however many turns share it.
type Turns struct {
	Now     time.Time // of the database
	Changes Changes
	// Cancelled are the queued messages that silencing took back; known after Flush or Commit.
	Cancelled []crm.MessageID
	// Linked makes Deal and DealFor read the links of a deal in the same round trip, since they are asked for next.
	Linked bool
	// Own are numbers that people have shared as their own; known likewise.
	Own []string

	met     *met
	patient bool          // what has no conversation even now is of a chat that was forgotten
	made    []crm.Address // chats whose conversation this transaction made sure of
	conn    *pgxpool.Conn
	ids     []crm.MessageID // drawn ahead, in order
	open    bool
	views   map[crm.DealID]DealView // of deals read, as long as this transaction has not changed them
	locked  map[crm.DealID]bool
	links   map[crm.DealID][]crm.DealLinked // read together with deals, as long as this transaction has written no others of theirs
}

// Talk is a conversation as a turn finds it, locked. The turn changes it in place; Commit writes it when Dirty.
type Talk struct {
	crm.Conversation
	Title     string
	Session   json.RawMessage // null when nothing is going on
	Prompt    Prompt
	Deal      *crm.Deal // the deal that the session is about, as it is now
	DueAt     time.Time
	Misses    int // unknown codes since MissesAt
	MissesAt  time.Time
	Dirty     bool
	NewChatID string    // the group's new address
	OwnUntil  time.Time // the company answers from its own phone: the bot is silent until then
}

// Prompt is the message that shows the current question. Queued means that it is not sent yet and only asks, so that it may
// be superseded.
type Prompt struct {
	ID        crm.MessageID
	Ref       string // the provider's id, once sent
	Queued    bool
	CreatedAt time.Time
	Text      string // read only when the input is a press
}

// Turn is one input with what is known of its author. Fresh is false for a redelivery: nothing may follow.
type Turn struct {
	In       crm.Inbound
	Message  crm.MessageID
	Fresh    bool
	Talk     *Talk
	Contact  crm.Contact // zero ID when unknown so far
	Employee *crm.Employee
}

const (
	// A chat that was forgotten begins anew when its person does something new there, not by what was sent before.
	sqlEnsureConversations = `INSERT INTO conversations (channel, chat, grouped, title, forgotten_at)
		SELECT DISTINCT ON (u.channel, u.chat) u.channel, u.chat, u.grouped, u.title, f.forgotten_at
		FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::bytea[], $6::bytea[], $7::timestamptz[]) AS u(channel, chat, grouped, title, chat_key, key, sent_at)
		LEFT JOIN forgotten f ON f.key = u.chat_key
		WHERE f.key IS NULL OR u.sent_at >= date_trunc('second', f.forgotten_at) AND NOT EXISTS (SELECT FROM forgotten m WHERE m.key = u.key)
		ON CONFLICT DO NOTHING`

	// Locking is a statement of its own: one that waits for a lock sees the locked row anew, but rows joined to it as they were
	// before the wait.
	sqlLockConversations = `SELECT FROM unnest($1::text[], $2::text[]) AS u(channel, chat)
		JOIN conversations c ON c.channel = u.channel AND c.chat = u.chat ORDER BY c.id FOR UPDATE OF c`

	// Behind row-level security an index serves plain columns only: what is computed to join by stands apart, in x.
	sqlReadConversations = `SELECT u.n, c.id, c.grouped, c.title, coalesce(c.contact_id, 0), coalesce(c.operator_id, 0), c.lang, c.session,
			coalesce(c.prompt_id, 0), c.due_at, c.misses, c.misses_at, c.blocked, now(),
			coalesce(i.contact_id, 0), coalesce(ct.name, ''), coalesce(ct.phone, ''), coalesce(ct.lang, ''), ct.fields,
			coalesce(e.id, 0), coalesce(e.name, ''), coalesce(e.role, ''), coalesce(e.city, ''), coalesce(e.crew_id, 0), coalesce(e.lang, ''),
			coalesce(p.status = 'queued' AND p.content->>'prompt' = 'true', false), p.created_at, coalesce(p.ref, ''), CASE WHEN u.pressed THEN p.content->>'text' END,
			d.id, coalesce(d.pipeline, ''), coalesce(d.stage, ''), coalesce(d.status, ''), coalesce(d.title, ''), coalesce(d.owner_id, 0), d.fields, d.created_at, c.own_until
		FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[]) WITH ORDINALITY AS u(channel, chat, person, pressed, n)
		JOIN conversations c ON c.channel = u.channel AND c.chat = u.chat
		LEFT JOIN identities i ON i.channel = u.channel AND i.address = u.person
		CROSS JOIN LATERAL (SELECT coalesce(i.contact_id, c.contact_id) AS contact, (c.session->>'deal')::bigint AS deal OFFSET 0) x
		LEFT JOIN contacts ct ON ct.id = x.contact
		LEFT JOIN employees e ON e.id = i.employee_id AND e.active
		LEFT JOIN messages p ON p.conversation_id = c.id AND p.id = c.prompt_id
		LEFT JOIN deals d ON d.id = x.deal`
)

// BeginTurns stores what came in, locks its conversations and reads who is behind them, in one round trip. The turns come
// back in the order of ins. On an error nothing is open; an error that Away reports means nothing was stored.
func (db *DB) BeginTurns(ctx context.Context, ins []crm.Inbound) (*Turns, []*Turn, error) {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("begin turns: %w", domain(err))
	}
	t := &Turns{conn: conn, open: true, met: &db.met}
	turns, err := t.begin(ctx, ins, gather(ins, db.met.strange, &db.forgotten))
	for try := 1; errors.Is(err, errMissing); try++ { // a chat that was there is not any more, or may not come back
		if _, err = t.conn.Exec(ctx, "ROLLBACK"); err == nil {
			t.ids, t.made, t.patient = nil, nil, try > 1
			turns, err = t.begin(ctx, ins, gather(ins, func(crm.Address) bool { return true }, &db.forgotten))
		}
	}
	if err != nil {
		t.Rollback(ctx)
		return nil, nil, fmt.Errorf("begin turns: %w", domain(err))
	}
	return t, turns, nil
}

// errMissing is a conversation that is not there although this process has met it, or has just made sure of it.
var errMissing = errors.New("conversation is missing")

func (t *Turns) begin(ctx context.Context, ins []crm.Inbound, g *gathered) ([]*Turn, error) {
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	if len(g.newChats) > 0 {
		for i, chat := range g.newChats {
			t.made = append(t.made, crm.Address{Channel: g.newChannels[i], Chat: chat})
		}
		batch.Queue(sqlEnsureConversations, g.newChannels, g.newChats, g.newGroups, g.newTitles, g.newChatKeys, g.newKeys, g.newSent)
	}
	batch.Queue(sqlLockConversations, g.talkChannels, g.talkChats)
	batch.Queue(sqlReadConversations, g.channels, g.chats, g.people, g.pressed)
	g.queueInbound(batch)
	results := t.conn.SendBatch(ctx, batch)
	stored := make(arrivals, len(ins))
	turns, err := t.read(results, ins, g, stored)
	if e := results.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if !g.signals && stored.lack(turns) {
		if err := t.meetWaiting(ctx, g, stored); err != nil {
			return nil, err
		}
	}
	stored.mark(turns)
	return turns, nil
}

func (t *Turns) read(results pgx.BatchResults, ins []crm.Inbound, g *gathered, stored arrivals) ([]*Turn, error) {
	for range g.before() {
		if _, err := results.Exec(); err != nil {
			return nil, err
		}
	}
	turns, err := t.readTalks(results, ins, g)
	if err != nil {
		return nil, err
	}
	for range g.storing() {
		rows, err := results.Query()
		if err != nil {
			return nil, err
		}
		if err := t.readStored(rows, stored); err != nil {
			return nil, err
		}
	}
	return turns, nil
}

func (t *Turns) readTalks(results pgx.BatchResults, ins []crm.Inbound, g *gathered) ([]*Turn, error) {
	rows, err := results.Query()
	if err != nil {
		return nil, err
	}
	talks := make(map[crm.ConversationID]*Talk, len(ins))
	found := make([]Turn, len(g.channels))
	for rows.Next() {
		var n int
		var due, misses, prompted, opened, own *time.Time
		var deal *crm.DealID
		var about crm.Deal
		var promptText *string
		var talk Talk
		var contact crm.Contact
		var e crm.Employee
		var known crm.ContactID
		if err := rows.Scan(&n, &talk.ID, &talk.Group, &talk.Title, &talk.Contact, &talk.Operator, &talk.Lang, &talk.Session,
			&talk.Prompt.ID, &due, &talk.Misses, &misses, &talk.Blocked, &t.Now,
			&known, &contact.Name, &contact.Phone, &contact.Lang, &contact.Fields,
			&e.ID, &e.Name, &e.Role, &e.City, &e.Crew, &e.Lang,
			&talk.Prompt.Queued, &prompted, &talk.Prompt.Ref, &promptText,
			&deal, &about.Pipeline, &about.Stage, &about.Status, &about.Title, &about.Owner, &about.Fields, &opened, &own); err != nil {
			return nil, err
		}
		talk.Address = crm.Address{Channel: g.channels[n-1], Chat: g.chats[n-1]}
		talk.DueAt, talk.MissesAt, talk.Prompt.CreatedAt = deref(due), deref(misses), deref(prompted)
		talk.Prompt.Text, talk.OwnUntil = deref(promptText), deref(own)
		if deal != nil {
			about.ID, about.Contact, about.CreatedAt = *deal, talk.Contact, deref(opened)
			talk.Deal = &about
		}
		if known == 0 {
			known = talk.Contact
		}
		contact.ID = known
		if talks[talk.ID] == nil {
			talks[talk.ID] = &talk
		}
		turn := Turn{Talk: talks[talk.ID], Contact: contact}
		if e.ID != 0 {
			e.Active = true
			turn.Employee = &e
		}
		found[n-1] = turn
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	turns := make([]*Turn, len(ins))
	for i, in := range ins {
		turn := found[g.row[i]]
		if turn.Talk == nil && t.patient { // of before its chat was forgotten: nothing may follow
			turn.Talk = &Talk{Conversation: crm.Conversation{Address: in.Address}}
		}
		if turn.Talk == nil {
			return nil, fmt.Errorf("read conversation of channel %s: %w", in.Address.Channel, errMissing)
		}
		turn.In = in
		turns[i] = &turn
	}
	return turns, nil
}

// Rollback undoes everything and gives the connection back. After Commit it does nothing.
func (t *Turns) Rollback(ctx context.Context) {
	if !t.open {
		return
	}
	t.open = false
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := t.conn.Exec(ctx, "ROLLBACK"); err != nil {
		t.conn.Conn().Close(ctx)
	}
	t.conn.Release()
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// marshal turns a value of ours into JSON; our types always can be.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T has no JSON form: %v", v, err))
	}
	return b
}
