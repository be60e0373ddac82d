package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	// broadcastCap is how many deals are looked through for the people of one broadcast.
	broadcastCap = 200_000
	// gatherPatience bounds the search.
	gatherPatience = "60s"
)

const (
	// A program that is gathering holds the row: others pass it by.
	sqlToGather = `SELECT ` + broadcastColumns + `, b.filter::text FROM broadcasts b LEFT JOIN employees e ON e.id = b.employee_id
		WHERE b.status = 'gathering' ORDER BY b.id LIMIT 1 FOR UPDATE OF b SKIP LOCKED`

	// It follows the search of the deals, whose ids are in hits.
	foundPeople = `SELECT DISTINCT ON (d.contact_id) d.contact_id, d.city FROM deals d JOIN hits h ON h.id = d.id
		WHERE d.contact_id IS NOT NULL ORDER BY d.contact_id, d.id DESC`

	sqlEverybody = `SELECT c.id, coalesce(d.city, '') FROM contacts c
		LEFT JOIN LATERAL (SELECT d.city FROM deals d WHERE d.contact_id = c.id AND d.city <> '' ORDER BY d.id DESC LIMIT 1) d ON true
		WHERE c.merged_into IS NULL`

	// Each person once, in the private chat that they used last. What they want and whether they can be reached is looked at again when their turn comes.
	// What policies protect is found by its index only when the comparison leaks nothing, which CASE is known for and coalesce is not.
	sqlKeepPeople = `INSERT INTO broadcast_people (broadcast_id, contact_id, conversation_id, status, city, lang)
		SELECT DISTINCT ON (c.id) $1, c.id, k.id,
			CASE WHEN EXISTS (SELECT FROM identities i WHERE i.contact_id = c.id AND i.employee_id IS NOT NULL) THEN 'staff'
				WHEN coalesce(c.fields->>'opted_out', '') NOT IN ('', 'false') OR c.fields @> '{"no_adverts": true}' THEN 'opted_out'
				WHEN k.id IS NULL THEN 'no_chat' WHEN k.blocked THEN 'blocked' ELSE 'waiting' END,
			coalesce(nullif(u.city, ''), c.fields->>'city', ''), coalesce(nullif(k.lang, ''), c.lang)
		FROM unnest($2::bigint[], $3::text[]) AS u(contact, city)
		CROSS JOIN LATERAL (SELECT id, merged_into FROM contacts WHERE id = u.contact OFFSET 0) m
		CROSS JOIN LATERAL (SELECT id, fields, lang FROM contacts WHERE id = CASE WHEN m.merged_into IS NULL THEN m.id ELSE m.merged_into END OFFSET 0) c
		LEFT JOIN LATERAL (SELECT k.id, k.blocked, k.lang FROM conversations k WHERE k.contact_id = c.id AND NOT k.grouped
			ORDER BY k.blocked, k.updated_at DESC LIMIT 1) k ON true
		ORDER BY c.id, u.city DESC
		ON CONFLICT ON CONSTRAINT broadcast_people_pkey DO NOTHING`

	sqlSpoken = `SELECT lang, count(*)::int FROM broadcast_people WHERE broadcast_id = $1 AND status = 'waiting' GROUP BY lang`

	sqlGathered = `UPDATE broadcasts b SET status = $2, langs = $3, asked_at = now(), counted_at = now(), ended_at = CASE WHEN $2 = 'dropped' THEN now() END,
			counts = (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM (SELECT status, count(*) AS n FROM broadcast_people WHERE broadcast_id = $1 GROUP BY status) s),
			cities = (SELECT coalesce(array_agg(DISTINCT city), '{}') FROM broadcast_people WHERE broadcast_id = $1 AND status = 'waiting')
		WHERE b.id = $1 RETURNING counts`
)

// BeginGather gathers the people of the oldest broadcast that waits for it: those of the deals that its filter finds, or everybody, of what its author
// sees. Match turns a language into one of the kit. The transaction is the caller's, to tell the author, and to be ended by Commit or Rollback. It
// is nil when nothing is to be gathered. A broadcast without people is dropped.
func (db *DB) BeginGather(ctx context.Context, match func(string) string) (*Turns, crm.BroadcastRun, error) {
	t, err := db.beginPlain(ctx)
	if err != nil {
		return nil, crm.BroadcastRun{}, err
	}
	b, found, err := t.gather(ctx, match)
	if err != nil || !found {
		t.Rollback(ctx)
		return nil, b, err
	}
	return t, b, nil
}

// beginPlain begins a transaction that locks nothing yet.
func (db *DB) beginPlain(ctx context.Context) (*Turns, error) {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin a broadcast: %w", domain(err))
	}
	t := &Turns{conn: conn, open: true, met: &db.met}
	batch := &pgx.Batch{}
	batch.Queue("BEGIN")
	batch.Queue(sqlNow).QueryRow(func(row pgx.Row) error { return row.Scan(&t.Now) })
	if err := conn.SendBatch(ctx, batch).Close(); err != nil {
		t.Rollback(ctx)
		return nil, fmt.Errorf("begin a broadcast: %w", domain(err))
	}
	return t, nil
}

func (t *Turns) gather(ctx context.Context, match func(string) string) (b crm.BroadcastRun, found bool, err error) {
	var form *string
	rows, err := t.conn.Query(ctx, sqlToGather)
	if err != nil {
		return b, false, fmt.Errorf("look for a broadcast to gather: %w", domain(err))
	}
	b, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (crm.BroadcastRun, error) { return readBroadcast(row, &form) })
	if errors.Is(err, pgx.ErrNoRows) {
		return b, false, nil
	}
	if err != nil {
		return b, false, fmt.Errorf("look for a broadcast to gather: %w", domain(err))
	}
	people, cities, err := t.audience(ctx, b, form)
	if err != nil {
		return b, false, fmt.Errorf("gather people of broadcast %d: %w", b.ID, err)
	}
	if _, err := t.conn.Exec(ctx, sqlKeepPeople, b.ID, people, cities); err != nil {
		return b, false, fmt.Errorf("keep people of broadcast %d: %w", b.ID, domain(err))
	}
	if b.Langs, err = t.spoken(ctx, b.ID, match); err != nil {
		return b, false, err
	}
	b.Status = crm.BroadcastAsking
	if len(b.Langs) == 0 {
		b.Status = crm.BroadcastDropped
	}
	if err := t.conn.QueryRow(ctx, sqlGathered, b.ID, b.Status, b.Langs).Scan(&b.Counts); err != nil {
		return b, false, fmt.Errorf("count people of broadcast %d: %w", b.ID, domain(err))
	}
	return b, true, nil
}

// audience finds contacts with the city of their newest deal. Who was asked for is what the author sees now.
func (t *Turns) audience(ctx context.Context, b crm.BroadcastRun, form *string) (people []int64, cities []string, err error) {
	var f crm.Filter
	if form != nil {
		if err := json.Unmarshal([]byte(*form), &f); err != nil {
			return nil, nil, fmt.Errorf("read its filter: %w", err)
		}
	}
	var s scope
	batch := &pgx.Batch{}
	batch.Queue(sqlBeginFind)
	batch.Queue(sqlSeeAs, named(b.Employee))
	batch.Queue(sqlLimitFind, gatherPatience)
	batch.Queue(sqlScope).QueryRow(s.scan)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, nil, domain(err)
	}
	sql, args := sqlEverybody, []any(nil)
	switch everybody := form == nil && s.wide && s.everywhere && s.anyPipeline; {
	case s.me == 0:
		return nil, nil, t.endFind(ctx) // they don't work here any more
	case everybody: // read as the program, below
		if err := t.endFind(ctx); err != nil {
			return nil, nil, domain(err)
		}
	default:
		p, err := t.plan(ctx, plan{me: named(b.Employee), s: s, f: f, most: broadcastCap, done: -1})
		if err != nil {
			return nil, nil, domain(err)
		}
		sql, args = p.people()
		defer func() {
			if e := t.endFind(ctx); err == nil {
				err = domain(e)
			}
		}()
	}
	rows, err := t.conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, nil, domain(err)
	}
	var contact int64
	var city string
	_, err = pgx.ForEachRow(rows, []any{&contact, &city}, func() error {
		people, cities = append(people, contact), append(cities, city)
		return nil
	})
	return people, cities, domain(err)
}

// people is the statement that finds the contacts of the deals that fit.
func (p *plan) people() (string, []any) {
	p.f.Sort, p.early, p.near = "", false, false
	q := &query{}
	filters, late := p.filters(q)
	walks := p.walks(q)
	hits := "SELECT NULL::bigint AS id WHERE false"
	if searches := p.searches(q, walks, filters, late, p.most); len(searches) > 0 {
		hits = strings.Join(searches, " UNION ALL ")
	}
	sql := q.tidy("WITH hits AS MATERIALIZED (SELECT h.id FROM (" + hits + ") h) " + foundPeople)
	return sql, q.args
}

// spoken are the languages of the kit that people of a broadcast speak, the most frequent first.
func (t *Turns) spoken(ctx context.Context, id crm.BroadcastID, match func(string) string) ([]string, error) {
	rows, err := t.conn.Query(ctx, sqlSpoken, id)
	if err != nil {
		return nil, fmt.Errorf("ask what people of broadcast %d speak: %w", id, domain(err))
	}
	count, lang, n := map[string]int{}, "", 0
	_, err = pgx.ForEachRow(rows, []any{&lang, &n}, func() error { count[match(lang)] += n; return nil })
	if err != nil {
		return nil, fmt.Errorf("ask what people of broadcast %d speak: %w", id, domain(err))
	}
	langs := slices.AppendSeq([]string{}, maps.Keys(count))
	slices.SortFunc(langs, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	return langs, nil
}
