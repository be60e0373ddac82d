package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// AssetWanted names an asset by its id and the version of its printed code, or by its kind and the code people read.
type AssetWanted struct {
	ID        crm.AssetID
	QRVersion int
	Kind      string
	Code      string
	Contact   crm.ContactID // whose own open deal is looked for
}

// AssetFound is an asset with its open deals. ID is zero when there is none, when it is disabled, or when the printed code
// is of an earlier version: all unknown codes look alike.
type AssetFound struct {
	crm.Asset
	Own   crm.DealID // open, of this contact
	OwnAt time.Time
	Open  int // of others
	Since time.Time
}

const sqlFindAsset = `SELECT a.id, a.kind, a.code, a.name, a.city, a.address, coalesce(a.crew_id, 0), a.fields,
		coalesce(max(d.id) FILTER (WHERE d.contact_id = $5), 0), max(d.created_at) FILTER (WHERE d.contact_id = $5),
		count(d.id) FILTER (WHERE d.contact_id IS DISTINCT FROM $5), min(d.created_at) FILTER (WHERE d.contact_id IS DISTINCT FROM $5)
	FROM assets a LEFT JOIN deals d ON d.asset_id = a.id AND d.status = 'open'
	WHERE NOT a.disabled AND (($1::bigint > 0 AND a.id = $1 AND a.qr_version = $2) OR ($1::bigint = 0 AND a.kind = $3 AND a.code_key = translate(upper($4), 'АВЕКМНОРСТУХ', 'ABEKMHOPCTYX')))
	GROUP BY a.id`

// Assets finds assets in one round trip, in the order asked.
func (t *Turns) Assets(ctx context.Context, wanted []AssetWanted) ([]AssetFound, error) {
	batch := &pgx.Batch{}
	found := make([]AssetFound, len(wanted))
	for i, w := range wanted {
		batch.Queue(sqlFindAsset, w.ID, w.QRVersion, w.Kind, w.Code, w.Contact).QueryRow(func(row pgx.Row) error {
			f := &found[i]
			var own, since *time.Time
			err := row.Scan(&f.ID, &f.Kind, &f.Code, &f.Name, &f.City, &f.Address, &f.Crew, &f.Fields, &f.Own, &own, &f.Open, &since)
			f.OwnAt, f.Since = deref(own), deref(since)
			if err == pgx.ErrNoRows {
				return nil
			}
			return err
		})
	}
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("find assets: %w", domain(err))
	}
	return found, nil
}

// DealView is a deal with all that a card of it shows.
type DealView struct {
	crm.Deal
	Contact  crm.Contact
	Asset    crm.Asset
	Owner    crm.Employee
	Files    int
	MovedAt  time.Time
	Language string // of the contact's conversation
	Talk     crm.ConversationID
	Address  crm.Address // of the contact's conversation
}

const sqlViewDeal = `SELECT d.id, d.pipeline, d.stage, d.status, d.title, coalesce(d.contact_id, 0), coalesce(d.asset_id, 0),
		coalesce(d.owner_id, 0), coalesce(d.crew_id, 0), coalesce(d.parent_id, 0), coalesce(d.conversation_id, 0), coalesce(d.unique_key, ''),
		coalesce(d.lost_reason, ''), d.fields, d.entered_at, d.created_at, d.closed_at, d.updated_at,
		coalesce(c.name, ''), coalesce(c.phone, ''), coalesce(c.lang, ''), c.fields,
		coalesce(a.kind, ''), coalesce(a.code, ''), coalesce(a.name, ''), coalesce(a.city, ''), coalesce(a.address, ''), coalesce(a.crew_id, 0), a.fields,
		coalesce(e.name, ''), coalesce(e.role, ''),
		(SELECT count(*) FROM attachments f WHERE f.deal_id = d.id),
		coalesce(k.id, 0), coalesce(k.channel, ''), coalesce(k.chat, ''), coalesce(k.lang, '')
	FROM deals d LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id
	LEFT JOIN employees e ON e.id = d.owner_id LEFT JOIN conversations k ON k.id = d.conversation_id
	WHERE d.id = $1 FOR UPDATE OF d`

// Deal locks a deal and reads what its card shows. crm.ErrNotFound when there is none.
func (t *Turns) Deal(ctx context.Context, id crm.DealID) (DealView, error) {
	var v DealView
	var closed *time.Time
	err := t.conn.QueryRow(ctx, sqlViewDeal, id).Scan(&v.ID, &v.Pipeline, &v.Stage, &v.Status, &v.Title, &v.Contact.ID, &v.Asset.ID,
		&v.Owner.ID, &v.Crew, &v.Parent, &v.Conversation, &v.UniqueKey, &v.LostReason, &v.Fields, &v.EnteredAt, &v.CreatedAt, &closed, &v.MovedAt,
		&v.Contact.Name, &v.Contact.Phone, &v.Contact.Lang, &v.Contact.Fields,
		&v.Asset.Kind, &v.Asset.Code, &v.Asset.Name, &v.Asset.City, &v.Asset.Address, &v.Asset.Crew, &v.Asset.Fields,
		&v.Owner.Name, &v.Owner.Role, &v.Files, &v.Talk, &v.Address.Channel, &v.Address.Chat, &v.Language)
	if err != nil {
		return v, fmt.Errorf("read deal %d: %w", id, domain(err))
	}
	v.Deal.Contact, v.Deal.Asset, v.Deal.Owner, v.ClosedAt = v.Contact.ID, v.Asset.ID, v.Owner.ID, deref(closed)
	return v, nil
}

// Reached is an employee with the conversation in which they are reached.
type Reached struct {
	crm.Employee
	Conversation crm.ConversationID
	Address      crm.Address
}

// sqlReachRole finds the active employees of a role who have an address: those of the crew, else of the city, else all.
const sqlReachRole = `WITH people AS (
		SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0) AS crew, e.lang, i.channel, i.address,
			CASE WHEN $2::bigint > 0 AND e.crew_id = $2 THEN 0 WHEN $3 <> '' AND e.city = $3 THEN 1 ELSE 2 END AS far
		FROM employees e JOIN identities i ON i.employee_id = e.id WHERE e.active AND e.role = $1)
	SELECT p.id, p.name, p.role, p.city, p.crew, p.lang, p.channel, p.address, coalesce(c.id, 0)
	FROM people p LEFT JOIN conversations c ON c.channel = p.channel AND c.chat = p.address
	WHERE p.far = (SELECT min(far) FROM people) AND NOT coalesce(c.blocked, false) ORDER BY p.id, p.channel LIMIT 50`

// ReachRole finds who of a role is told about something of a crew or city: its own people first, else all of the role.
func (t *Turns) ReachRole(ctx context.Context, role string, crew crm.CrewID, city string) ([]Reached, error) {
	return t.reach(ctx, sqlReachRole, role, crew, city)
}

const sqlReachEmployee = `SELECT e.id, e.name, e.role, e.city, coalesce(e.crew_id, 0), e.lang, i.channel, i.address, coalesce(c.id, 0)
	FROM employees e JOIN identities i ON i.employee_id = e.id LEFT JOIN conversations c ON c.channel = i.channel AND c.chat = i.address
	WHERE e.id = $1 AND e.active`

// ReachEmployee finds the conversations of one employee.
func (t *Turns) ReachEmployee(ctx context.Context, id crm.EmployeeID) ([]Reached, error) {
	return t.reach(ctx, sqlReachEmployee, id)
}

func (t *Turns) reach(ctx context.Context, sql string, args ...any) ([]Reached, error) {
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r Reached, err error) {
		r.Active = true
		err = row.Scan(&r.ID, &r.Name, &r.Role, &r.City, &r.Crew, &r.Lang, &r.Address.Channel, &r.Address.Chat, &r.Conversation)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("find whom to tell: %w", domain(err))
	}
	for i := range people {
		if people[i].Conversation == 0 { // someone who never wrote yet: a conversation is made, the provider may refuse it
			if err := t.conn.QueryRow(ctx, sqlEnsureConversation, people[i].Address.Channel, people[i].Address.Chat).Scan(&people[i].Conversation); err != nil {
				return nil, fmt.Errorf("make a conversation for employee %d: %w", people[i].ID, domain(err))
			}
		}
	}
	return people, nil
}

const sqlEnsureConversation = `INSERT INTO conversations (channel, chat) VALUES ($1, $2)
	ON CONFLICT ON CONSTRAINT conversations_channel_chat_key DO UPDATE SET chat = excluded.chat RETURNING id`

// Shown is a message that shows a card somewhere.
type Shown struct {
	ID           crm.MessageID
	Conversation crm.ConversationID
	Address      crm.Address
	Lang         string
	Template     string       // the kit's card
	Employee     crm.Employee // who sees it there
}

const sqlShownCards = `SELECT DISTINCT ON (m.conversation_id, m.content->>'template') m.id, m.conversation_id, c.channel, c.chat, c.lang, coalesce(m.content->>'template', ''),
		coalesce(e.id, 0), coalesce(e.name, ''), coalesce(e.role, ''), coalesce(e.city, ''), coalesce(e.crew_id, 0), coalesce(e.lang, '')
	FROM messages m JOIN conversations c ON c.id = m.conversation_id
	LEFT JOIN identities i ON i.channel = c.channel AND i.address = c.chat LEFT JOIN employees e ON e.id = i.employee_id AND e.active
	WHERE m.card = $1 AND m.direction = 'out' AND m.kind = 'message' AND m.status IN ('queued', 'sent')
	ORDER BY m.conversation_id, m.content->>'template', m.id DESC`

// Shown lists the newest message of each conversation and template that shows a card.
func (t *Turns) Shown(ctx context.Context, card string) ([]Shown, error) {
	rows, err := t.conn.Query(ctx, sqlShownCards, card)
	if err != nil {
		return nil, fmt.Errorf("find where %s stands: %w", card, domain(err))
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Shown, err error) {
		e := &s.Employee
		err = row.Scan(&s.ID, &s.Conversation, &s.Address.Channel, &s.Address.Chat, &s.Lang, &s.Template, &e.ID, &e.Name, &e.Role, &e.City, &e.Crew, &e.Lang)
		return s, err
	})
}

const sqlSameDeal = `SELECT id, pipeline, stage, coalesce(contact_id, 0), created_at FROM deals WHERE unique_key = $1 AND status = 'open'`

// SameDeal finds the open deal that bears a unique key; nil when there is none.
func (t *Turns) SameDeal(ctx context.Context, key string) (*crm.Deal, error) {
	d := crm.Deal{UniqueKey: key, Status: crm.DealOpen}
	err := t.conn.QueryRow(ctx, sqlSameDeal, key).Scan(&d.ID, &d.Pipeline, &d.Stage, &d.Contact, &d.CreatedAt)
	if err == pgx.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the deal with the same key: %w", domain(err))
	}
	return &d, nil
}

const sqlWork = `SELECT d.id, d.pipeline, d.stage, d.title, coalesce(d.owner_id, 0), coalesce(a.code, ''), coalesce(a.address, ''), d.created_at
	FROM deals d LEFT JOIN assets a ON a.id = d.asset_id
	WHERE d.status = 'open' AND (d.owner_id = $1 OR (d.owner_id IS NULL AND $2::bigint > 0 AND d.crew_id = $2))
	ORDER BY d.owner_id NULLS LAST, d.id LIMIT $3`

// Work is one line of an employee's list.
type Work struct {
	crm.Deal
	Code    string
	Address string
}

// Work lists the open deals of an employee and the free ones of their crew, at most limit.
func (t *Turns) Work(ctx context.Context, me crm.Employee, limit int) ([]Work, error) {
	rows, err := t.conn.Query(ctx, sqlWork, me.ID, me.Crew, limit)
	if err != nil {
		return nil, fmt.Errorf("list the work of employee %d: %w", me.ID, domain(err))
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (w Work, err error) {
		err = row.Scan(&w.ID, &w.Pipeline, &w.Stage, &w.Title, &w.Owner, &w.Code, &w.Address, &w.CreatedAt)
		return w, err
	})
}

const sqlTalk = `SELECT c.id, c.channel, c.chat, c.grouped, coalesce(c.contact_id, 0), coalesce(c.operator_id, 0), c.lang, c.session, coalesce(c.prompt_id, 0),
		c.due_at, c.misses, c.misses_at, c.blocked, coalesce(k.name, '')
	FROM conversations c LEFT JOIN contacts k ON k.id = c.contact_id WHERE c.id = $1 FOR UPDATE OF c`

// Talk locks another conversation, for an employee who takes it over or gives it back, and names its contact.
func (t *Turns) Talk(ctx context.Context, id crm.ConversationID) (*Talk, crm.Contact, error) {
	var k Talk
	var due, missed *time.Time
	var contact crm.Contact
	err := t.conn.QueryRow(ctx, sqlTalk, id).Scan(&k.ID, &k.Address.Channel, &k.Address.Chat, &k.Group, &k.Contact, &k.Operator, &k.Lang, &k.Session,
		&k.Prompt.ID, &due, &k.Misses, &missed, &k.Blocked, &contact.Name)
	if err != nil {
		return nil, contact, fmt.Errorf("lock conversation %d: %w", id, domain(err))
	}
	k.DueAt, k.MissesAt, contact.ID = deref(due), deref(missed), k.Contact
	return &k, contact, nil
}

const sqlTalksOf = `SELECT id FROM conversations WHERE operator_id = $1 ORDER BY id`

// TalksOf lists the conversations that an employee has taken over.
func (t *Turns) TalksOf(ctx context.Context, id crm.EmployeeID) ([]crm.ConversationID, error) {
	rows, err := t.conn.Query(ctx, sqlTalksOf, id)
	if err != nil {
		return nil, fmt.Errorf("list the talks of employee %d: %w", id, domain(err))
	}
	return pgx.CollectRows(rows, pgx.RowTo[crm.ConversationID])
}

const sqlCardOf = `SELECT coalesce(card, '') FROM messages WHERE conversation_id = $1 AND direction = 'out' AND ref = $2`

// CardOf tells which card a sent message bears, by the provider's id; empty when it bears none or isn't ours.
func (t *Turns) CardOf(ctx context.Context, id crm.ConversationID, ref string) (card string, err error) {
	err = t.conn.QueryRow(ctx, sqlCardOf, id, ref).Scan(&card)
	if err == pgx.ErrNoRows {
		return "", nil
	}
	return card, domain(err)
}

const sqlLastLines = `SELECT author, content->>'text' FROM messages WHERE conversation_id = $1 AND status IN ('received', 'sent', 'queued')
		AND coalesce(content->>'text', '') <> '' ORDER BY id DESC LIMIT $2`

// Line is one line of a conversation, as an operator reads it.
type Line struct {
	Author crm.Author
	Text   string
}

// LastLines gives the newest lines of a conversation, the oldest of them first.
func (t *Turns) LastLines(ctx context.Context, id crm.ConversationID, limit int) ([]Line, error) {
	rows, err := t.conn.Query(ctx, sqlLastLines, id, limit)
	if err != nil {
		return nil, fmt.Errorf("read conversation %d: %w", id, domain(err))
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Line])
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines, err
}

const sqlKeepDefinition = `INSERT INTO definitions (kit, dialog, version, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`

// KeepDefinition stores a dialog as it is now, for conversations that begin on it.
func (db *DB) KeepDefinition(ctx context.Context, kit, dialog, version string, source json.RawMessage) error {
	if _, err := db.Pool.Exec(ctx, sqlKeepDefinition, kit, dialog, version, source); err != nil {
		return fmt.Errorf("keep dialog %s version %s: %w", dialog, version, domain(err))
	}
	return nil
}

const sqlDefinition = `SELECT source FROM definitions WHERE kit = $1 AND dialog = $2 AND version = $3`

// Definition gives a dialog as it was. crm.ErrNotFound when it was never kept.
func (t *Turns) Definition(ctx context.Context, kit, dialog, version string) (source json.RawMessage, err error) {
	if err = t.conn.QueryRow(ctx, sqlDefinition, kit, dialog, version).Scan(&source); err != nil {
		return nil, fmt.Errorf("read dialog %s version %s: %w", dialog, version, domain(err))
	}
	return source, nil
}

const sqlDueTalks = `SELECT channel, chat, due_at FROM conversations WHERE due_at <= now() + make_interval(secs => $1) ORDER BY due_at LIMIT $2`

// Due lists conversations whose session timer fires now or within ahead (a simulation's clock), as inputs for a turn.
func (db *DB) Due(ctx context.Context, ahead time.Duration, limit int) ([]crm.Inbound, error) {
	rows, err := db.Pool.Query(ctx, sqlDueTalks, ahead.Seconds(), limit)
	if err != nil {
		return nil, fmt.Errorf("list due conversations: %w", domain(err))
	}
	ins, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (in crm.Inbound, err error) {
		in.Kind = crm.InTimeout
		err = row.Scan(&in.Address.Channel, &in.Address.Chat, &in.SentAt)
		in.From.ID = in.Address.Chat
		return in, err
	})
	return ins, domain(err)
}

const sqlWaitingSignals = `SELECT content FROM messages WHERE direction = 'in' AND status = 'waiting' ORDER BY id LIMIT $1`

// Signals lists signals that no conversation has met yet, as inputs for a turn.
func (db *DB) Signals(ctx context.Context, limit int) ([]crm.Inbound, error) {
	rows, err := db.Pool.Query(ctx, sqlWaitingSignals, limit)
	if err != nil {
		return nil, fmt.Errorf("list waiting signals: %w", domain(err))
	}
	ins, err := pgx.CollectRows(rows, pgx.RowTo[crm.Inbound])
	return ins, domain(err)
}
