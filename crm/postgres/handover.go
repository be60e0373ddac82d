package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// HandOver says whose work goes to whom, and why: the cause that the events bear ("dismissed", "slot"). To is zero when nobody gets it.
// Both exchanges the work of two. By, if somebody, is the employee who decided, in the turn of Message; Now is the time of that turn.
type HandOver struct {
	From, To crm.EmployeeID
	Both     bool
	Cause    string
	By       crm.EmployeeID
	Message  crm.MessageID
	Now      time.Time
	Deals    []crm.DealID // HandVisits only: the visits of these deals; nil is all
}

// Handed is what has changed hands; Back is what From has got, of an exchange.
type Handed struct {
	Deals []crm.DealID
	Talks []crm.ConversationID
	Tasks []crm.TaskID
	Back  *Handed
}

const (
	sqlHandDeals = `WITH hands AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS h(f, t)),
		mine AS MATERIALIZED (SELECT id, owner_id FROM deals WHERE owner_id = ANY($1::bigint[]) AND status = 'open' ORDER BY id FOR UPDATE),
		handed AS (UPDATE deals d SET owner_id = nullif(h.t, 0), updated_at = now() FROM mine m JOIN hands h ON h.f = m.owner_id
			WHERE d.id = m.id RETURNING d.id, d.contact_id, h.f, h.t),
		told AS (INSERT INTO events (at, kind, author, employee_id, message_id, contact_id, deal_id, data)
			SELECT now(), 'deal_owned', CASE WHEN $4::bigint > 0 THEN 'employee' ELSE 'system' END, nullif($4::bigint, 0), nullif($5::bigint, 0), contact_id, id,
				jsonb_build_object('owner', t, 'before', f, 'cause', jsonb_build_array($3::text)) FROM handed)
		SELECT id, f FROM handed ORDER BY id`

	sqlHandTalks = `WITH hands AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS h(f, t)),
		mine AS MATERIALIZED (SELECT id, operator_id FROM conversations WHERE operator_id = ANY($1::bigint[]) ORDER BY id FOR UPDATE),
		handed AS (UPDATE conversations c SET operator_id = nullif(h.t, 0), updated_at = now() FROM mine m JOIN hands h ON h.f = m.operator_id
			WHERE c.id = m.id RETURNING c.id, c.contact_id, h.f, h.t),
		told AS (INSERT INTO events (at, kind, author, employee_id, conversation_id, message_id, contact_id, data)
			SELECT now(), CASE WHEN t = 0 THEN 'talk_dropped' ELSE 'talk_handed' END, CASE WHEN $4::bigint > 0 THEN 'employee' ELSE 'system' END, nullif($4::bigint, 0),
				id, nullif($5::bigint, 0), contact_id, jsonb_build_object('operator', t, 'before', f, 'cause', jsonb_build_array($3::text)) FROM handed)
		SELECT id, f FROM handed ORDER BY id`

	// A task that nobody has is one of its role.
	sqlHandTasks = `WITH hands AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS h(f, t)),
		mine AS MATERIALIZED (SELECT id, assignee_id FROM tasks WHERE assignee_id = ANY($1::bigint[]) AND done_at IS NULL ORDER BY id FOR UPDATE)
		UPDATE tasks k SET assignee_id = nullif(h.t, 0), role = CASE WHEN h.t = 0 AND k.role = '' THEN coalesce((SELECT e.role FROM employees e WHERE e.id = h.f), '') ELSE k.role END
		FROM mine m JOIN hands h ON h.f = m.assignee_id WHERE k.id = m.id RETURNING k.id, h.f`

	// Who gets a deal that nobody has taken yet is asked to take it as well, for as long. Run before the deals change hands.
	sqlHandTakes = `UPDATE timers m SET data = jsonb_set(m.data, '{owner}', to_jsonb(h.t)), due_at = $3::timestamptz + (m.data->>'within')::interval
		FROM unnest($1::bigint[], $2::bigint[]) AS h(f, t), deals d
		WHERE d.owner_id = h.f AND d.status = 'open' AND m.deal_id = d.id AND m.kind = 'take' AND m.status = 'waiting' AND m.data->'owner' = to_jsonb(h.f)`
)

// HandOver gives all talks, open deals and open tasks of one employee to another, with an event for each deal and talk, as part
// of this transaction: all of it or nothing. Timers follow. A talk that this transaction has locked itself must be changed there.
func (t *Turns) HandOver(ctx context.Context, o HandOver) (h Handed, err error) {
	clear(t.views)
	from, to := []int64{int64(o.From)}, []int64{int64(o.To)}
	h.Back = &Handed{}
	if o.Both {
		from, to = append(from, int64(o.To)), append(to, int64(o.From))
	}
	if o.Now.IsZero() {
		o.Now = t.Now
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlHandTakes, from, to, o.Now)
	batch.Queue(sqlHandTalks, from, to, o.Cause, o.By, o.Message).Query(func(rows pgx.Rows) (err error) {
		h.Talks, h.Back.Talks, err = handed[crm.ConversationID](rows, o.From)
		return err
	})
	batch.Queue(sqlHandDeals, from, to, o.Cause, o.By, o.Message).Query(func(rows pgx.Rows) (err error) {
		h.Deals, h.Back.Deals, err = handed[crm.DealID](rows, o.From)
		return err
	})
	batch.Queue(sqlHandTasks, from, to).Query(func(rows pgx.Rows) (err error) {
		h.Tasks, h.Back.Tasks, err = handed[crm.TaskID](rows, o.From)
		return err
	})
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return Handed{}, fmt.Errorf("hand the work of employee %d to %d: %w", o.From, o.To, domain(err))
	}
	return h, nil
}

// handed reads what changed hands: what From gave, and what it got.
func handed[ID ~int64](rows pgx.Rows, from crm.EmployeeID) (gave, got []ID, err error) {
	pairs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ ID, From int64 }])
	for _, p := range pairs {
		if p.From == int64(from) {
			gave = append(gave, ID(p.ID))
		} else {
			got = append(got, ID(p.ID))
		}
	}
	return gave, got, err
}

const (
	// Names are unique for each employee: all are made different first, so that two can exchange theirs.
	sqlMarkFilters = `UPDATE filters SET name = id::text || ' ' || name, command = CASE WHEN command = '' THEN '' ELSE 'h' || id::text || '_' || command END
		WHERE employee_id = ANY($1::bigint[])`
	sqlHandFilters = `WITH hands AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS h(f, t)),
		old AS (SELECT g.id, h.t, substr(g.name, length(g.id::text) + 2) AS name, CASE WHEN g.command = '' THEN '' ELSE substr(g.command, length(g.id::text) + 3) END AS command
			FROM filters g JOIN hands h ON h.f = g.employee_id)
		UPDATE filters g SET employee_id = o.t,
			name = o.name || CASE WHEN EXISTS (SELECT FROM filters x WHERE x.employee_id = o.t AND x.name = o.name) THEN '_' || g.id::text ELSE '' END,
			command = CASE WHEN o.command <> '' AND EXISTS (SELECT FROM filters x WHERE x.employee_id = o.t AND x.command = o.command)
				THEN left(o.command, 20) || '_' || g.id::text ELSE o.command END
		FROM old o WHERE g.id = o.id`
)

// HandFilters gives the saved commands of one employee to another; of an exchange (both), those of each to the other. What the receiver calls by
// the same name gets a number behind it.
func (t *Turns) HandFilters(ctx context.Context, from, to crm.EmployeeID, both bool) error {
	f, g := []int64{int64(from)}, []int64{int64(to)}
	if both {
		f, g = append(f, int64(to)), append(g, int64(from))
	}
	batch := &pgx.Batch{}
	batch.Queue(sqlMarkFilters, f)
	batch.Queue(sqlHandFilters, f, g)
	return wrap(t.conn.SendBatch(ctx, batch).Close(), "hand the saved commands of employee %d to %d", from, to)
}
