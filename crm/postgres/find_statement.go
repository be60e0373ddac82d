package postgres

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"govorun/crm"
)

// order gives the key by which deals are ordered, as SQL over d; empty for their numbers. Down is whether the greatest comes first, gaps whether
// the key may be missing: such deals come last.
func (p *plan) order() (key string, down, gaps bool) {
	switch p.f.Sort {
	case crm.SortNumber:
		return "", p.f.Desc, false
	case crm.SortEntered:
		return "d.entered_at", p.f.Desc, false
	case crm.SortDue:
		return nextDue, p.f.Desc, true
	case crm.SortVisit:
		return nextVisit, p.f.Desc, true
	case crm.SortCity:
		return "d.city", p.f.Desc, false
	}
	return "", !p.f.Desc, false
}

// sorting words an order over a key, the newest first among equals.
func (p *plan) sorting(key, id string) string {
	with, down, gaps := p.order()
	direction := ""
	if down {
		direction = " DESC"
	}
	switch {
	case with == "":
		return id + direction
	case gaps:
		direction += " NULLS LAST"
	}
	return key + direction + ", " + id + " DESC"
}

// statement puts the search together: the deals that fit, as far as they are counted, then what a line shows of those of the page. Its text
// is the same for all values and pages, so that a server plans it once a connection.
func (p *plan) statement() (*query, string) {
	q := &query{}
	most, loose := p.most+1, p.ids == nil && p.s.wide && p.weak()
	if loose && !p.near {
		most = (p.page.Skip+p.page.Size)/10*10 + 10
	}
	filters, late := p.filters(q)
	walks := p.walks(q)
	with, hits := "", "SELECT NULL::bigint AS id, NULL::bigint AS key WHERE false"
	switch searches := p.searches(q, walks, filters, late, most); {
	case p.near && len(walks) > 0:
		with = "near AS MATERIALIZED (" + p.nearest(walks) + "), "
		hits = "SELECT d.id, NULL::bigint AS key FROM (SELECT * FROM near OFFSET 0) d WHERE " + filters
	case len(searches) > 0:
		hits = strings.Join(searches, " UNION ALL ")
	}
	sorted := p.sorting("h.key", "h.id")
	return q, q.tidy(fmt.Sprintf(`WITH %shits AS MATERIALIZED (SELECT h.id, h.key FROM (%s) h ORDER BY %s LIMIT %d),
		page AS MATERIALIZED (SELECT h.id, h.key FROM hits h ORDER BY %[3]s OFFSET %[5]s::int LIMIT %[6]s::int)
		SELECT n.total, n.more, d.id, coalesce(d.pipeline, ''), coalesce(d.stage, ''), coalesce(d.status, ''), coalesce(d.title, ''), coalesce(d.contact_id, 0),
			coalesce(d.asset_id, 0), coalesce(d.owner_id, 0), coalesce(d.crew_id, 0), coalesce(d.parent_id, 0), coalesce(d.conversation_id, 0),
			coalesce(d.unique_key, ''), coalesce(d.lost_reason, ''), d.fields, d.entered_at, d.created_at, d.closed_at, coalesce(d.city, ''),
			coalesce(e.name, ''), coalesce(c.name, ''), coalesce(a.code, ''), coalesce(a.address, ''), %[7]s, %[8]s
		FROM (%[9]s) n LEFT JOIN page h ON true LEFT JOIN deals d ON d.id = h.id
		LEFT JOIN employees e ON e.id = d.owner_id LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id
		ORDER BY %[3]s`, with, hits, sorted, most, q.arg(p.page.Skip), q.arg(p.page.Size), nextDue, nextVisit, p.counting(walks, most, loose)))
}

// nearest are the deals that come first of all that the employee sees, as many as are looked through ahead of other ways.
func (p *plan) nearest(walks []string) string {
	by := p.sorting("", "d.id")
	each := make([]string, len(walks))
	for i, walk := range walks {
		each[i] = fmt.Sprintf("(SELECT * FROM deals d WHERE %s ORDER BY %s LIMIT %d)", walk, by, p.reach)
	}
	return fmt.Sprintf("SELECT * FROM (%s) d ORDER BY %s LIMIT %d", strings.Join(each, " UNION ALL "), by, p.reach)
}

// filters are the conditions that are asked of each deal, besides the one that leads. Those about the key of the order come late: the key is looked up once.
func (p *plan) filters(q *query) (all, late string) {
	now, then := []string{"true"}, []string{"true"}
	for i, c := range p.f.Conditions {
		switch {
		case c.Key == crm.ByDue && p.f.Sort == crm.SortDue, c.Key == crm.ByVisit && p.f.Sort == crm.SortVisit:
			then = append(then, perhapsNot(c, q.span("x.key", c)))
		case i != p.done || p.ids == nil || c.Key == crm.ByDay || c.Key == crm.ByDue || c.Key == crm.ByVisit:
			now = append(now, q.where(c))
		}
	}
	return strings.Join(now, " AND "), strings.Join(then, " AND ")
}

// walks are the ways through all that the employee sees, each a condition that an index serves.
func (p *plan) walks(q *query) []string {
	if p.ids != nil {
		return nil
	}
	var walks []string
	for _, part := range q.parts(p.s, p.f) {
		for _, way := range q.ways(part, p.f) {
			walks = append(walks, strings.Join(append([]string{way}, part.rest...), " AND "))
		}
	}
	return walks
}

func (p *plan) searches(q *query, walks []string, filters, late string, most int) []string {
	key, _, gaps := p.order()
	if key == "" {
		key = "NULL::bigint"
	}
	look := func(from, order string) string {
		if gaps {
			return fmt.Sprintf("(SELECT x.id, x.key FROM (SELECT d.id, %s AS key FROM %s AND %s OFFSET 0) x WHERE %s%s)", key, from, filters, late, order)
		}
		return fmt.Sprintf("(SELECT d.id, %s AS key FROM %s AND %s%s)", key, from, filters, order)
	}
	if p.ids != nil {
		return []string{look("unnest("+q.arg(p.ids)+"::bigint[]) u(id) CROSS JOIN LATERAL (SELECT * FROM deals s WHERE s.id = u.id OFFSET 0) d WHERE true", "")}
	}
	order := fmt.Sprintf(" ORDER BY %s LIMIT %d", p.sorting(key, "d.id"), most)
	if gaps {
		order = fmt.Sprintf(" ORDER BY %s LIMIT %d", p.sorting("x.key", "x.id"), most)
	}
	searches := make([]string, len(walks))
	for i, walk := range walks {
		searches[i] = look("deals d WHERE "+walk, order)
	}
	return searches
}

// counting counts what was found. When many deals are looked at for each that fits, nobody looks further than the page, and there may be more.
func (p *plan) counting(walks []string, most int, loose bool) string {
	switch {
	case p.near && len(walks) == 0:
		return "SELECT 0 AS total, false AS more"
	case p.near:
		return fmt.Sprintf("SELECT least(count(*), %d)::int AS total, (SELECT count(*) FROM near) >= %d AS more FROM hits", p.most, p.reach)
	case !loose || len(walks) == 0:
		return fmt.Sprintf("SELECT least(count(*), %d)::int AS total, count(*) > %[1]d AS more FROM hits", most-1)
	}
	return fmt.Sprintf("SELECT least(count(*), %d)::int AS total, count(*) >= %d AS more FROM hits", p.most, most)
}

// looksNear tells whether the deals that come first are looked through before other ways are tried: in the order of numbers, when no index
// finds few of them at once.
func (p *plan) looksNear() bool {
	if key, _, _ := p.order(); key != "" || p.reach == 0 || p.page.Skip+p.page.Size > pageCap || !p.weak() {
		return false
	}
	for _, c := range p.f.Conditions {
		if c.Not {
			continue
		}
		switch c.Key {
		case crm.ByNumber, crm.ByPhone, crm.ByCode:
			return false
		case crm.ByClosed, crm.ByDue, crm.ByVisit:
			if leading(c, p.s) > 0 { // their own order leads there at once
				return false
			}
		case crm.ByText:
			if slices.ContainsFunc(c.Words, func(w string) bool { return len(strings.Fields(w)) > 2 }) {
				return false // three words fit few
			}
		case crm.ByName, crm.ByAddress:
			if len(c.Words) != 1 || len(strings.Fields(c.Words[0])) > 1 {
				return false // two words of a name fit few
			}
		case crm.ByAny:
			if !slices.ContainsFunc(c.Words, func(w string) bool { return strings.IndexFunc(w, unicode.IsLetter) >= 0 }) {
				return false
			}
		}
	}
	return true
}

// weak tells whether a condition may be one that no index serves, so that many deals are looked at for each that fits.
func (p *plan) weak() bool {
	for _, c := range p.f.Conditions {
		switch c.Key {
		case crm.ByStatus, crm.ByStage, crm.ByCity, crm.ByOwner:
			if !c.Not {
				continue
			}
		}
		return true
	}
	return false
}
