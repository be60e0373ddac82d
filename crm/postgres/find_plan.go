package postgres

import (
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// plan is how a filter is gone about.
type plan struct {
	me    int64
	s     scope
	f     crm.Filter
	page  Page
	most  int     // how far is counted
	ids   []int64 // the deals that a condition fits, which lead; nil when none does
	reach int     // how many deals are looked through first of all
	near  bool    // only these are
	done  int     // which condition was looked up, -1 when none
	early bool    // ids are only those that come first in the order wanted
	told  *told   // the plans of the server, nil when nobody asks for them
}

// plan looks up the conditions that fit few deals; the shortest list leads.
func (t *Turns) plan(ctx context.Context, p plan) (plan, error) {
	s, f := p.s, p.f
	for i, c := range f.Conditions {
		limit := leading(c, s)
		if c.Key == crm.ByNumber && !c.Not && len(c.IDs) <= searchCap {
			p.ids, p.done = slices.Compact(slices.Sorted(slices.Values(c.IDs))), i
			return p, nil
		}
		if limit == 0 {
			continue
		}
		q := &query{}
		sql := q.lead(c, limit)
		if sql == "" {
			continue
		}
		ids, err := t.look(ctx, p, sql, q.args)
		if err != nil {
			return p, err
		}
		if len(ids) == 0 && c.Key == crm.ByName {
			if ids, err = t.lookAlike(ctx, p, c); err != nil {
				return p, err
			}
		}
		if len(ids) <= limit && (p.ids == nil || len(ids) < len(p.ids)) {
			slices.Sort(ids)
			p.ids, p.done = slices.Compact(ids), i
		}
	}
	if p.ids == nil && s.wide && !f.Desc && (f.Sort == crm.SortDue || f.Sort == crm.SortVisit) {
		c := crm.Condition{Key: crm.ByDue}
		if f.Sort == crm.SortVisit {
			c.Key = crm.ByVisit
		}
		q := &query{}
		sql := q.lead(c, spanCap)
		ids, err := t.look(ctx, p, sql, q.args)
		if err != nil {
			return p, err
		}
		slices.Sort(ids)
		p.ids, p.early = slices.Compact(ids), true
	}
	return p, nil
}

// look runs a statement that gives numbers, as the program.
func (t *Turns) look(ctx context.Context, p plan, sql string, args []any) (ids []int64, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlFindAs, "")
	p.told.explain(batch, sql, args)
	batch.Queue(sql, args...).Query(func(rows pgx.Rows) (err error) {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	batch.Queue(sqlFindAs, strconv.FormatInt(p.me, 10))
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	if ids == nil {
		ids = []int64{}
	}
	return ids, nil
}

const sqlAlike = `SELECT f.id FROM (SELECT s.contact_id AS key FROM contact_keys s WHERE s.name %> plain($1) ORDER BY word_similarity(plain($1), s.name) DESC LIMIT 50) k
	CROSS JOIN LATERAL (SELECT d.id FROM deals d WHERE d.contact_id = k.key OFFSET 0) f LIMIT 500`

// lookAlike finds the deals of contacts with a name much like it: nobody is called exactly so.
// Like look it never gives nil, which would mean that nobody has looked.
func (t *Turns) lookAlike(ctx context.Context, p plan, c crm.Condition) ([]int64, error) {
	ids := []int64{}
	for _, w := range cleanAll(c.Words) {
		if len([]rune(w)) < 4 {
			continue
		}
		more, err := t.look(ctx, p, sqlAlike, []any{w})
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return ids, nil
}
