package postgres

import (
	"fmt"
	"strings"

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

// statement puts the search together: the deals that fit, as far as they are counted, then what a line shows of those of the page.
func (p *plan) statement() (*query, string) {
	q := &query{}
	most, loose := p.most+1, p.ids == nil && p.s.wide && p.weak()
	if loose {
		most = p.page.Skip + p.page.Size + 1
	}
	filters := p.filters(q)
	walks := p.walks(q)
	hits := "SELECT NULL::bigint AS id, NULL::bigint AS key WHERE false"
	if searches := p.searches(q, walks, filters, most); len(searches) > 0 {
		hits = strings.Join(searches, " UNION ALL ")
	}
	sorted := p.sorting("h.key", "h.id")
	return q, q.tidy(fmt.Sprintf(`WITH hits AS MATERIALIZED (SELECT h.id, h.key FROM (%s) h ORDER BY %s LIMIT %d),
		page AS MATERIALIZED (SELECT h.id, h.key FROM hits h ORDER BY %[2]s OFFSET %[4]d LIMIT %[5]d)
		SELECT n.total, n.more, d.id, coalesce(d.pipeline, ''), coalesce(d.stage, ''), coalesce(d.status, ''), coalesce(d.title, ''), coalesce(d.contact_id, 0),
			coalesce(d.asset_id, 0), coalesce(d.owner_id, 0), coalesce(d.crew_id, 0), coalesce(d.parent_id, 0), coalesce(d.conversation_id, 0),
			coalesce(d.unique_key, ''), coalesce(d.lost_reason, ''), d.fields, d.entered_at, d.created_at, d.closed_at, coalesce(d.city, ''),
			coalesce(e.name, ''), coalesce(c.name, ''), coalesce(a.code, ''), coalesce(a.address, ''), %[6]s, %[7]s
		FROM (%[8]s) n LEFT JOIN page h ON true LEFT JOIN deals d ON d.id = h.id
		LEFT JOIN employees e ON e.id = d.owner_id LEFT JOIN contacts c ON c.id = d.contact_id LEFT JOIN assets a ON a.id = d.asset_id
		ORDER BY %[2]s`, hits, sorted, most, p.page.Skip, p.page.Size, nextDue, nextVisit, p.counting(walks, filters, most, loose)))
}

// filters are the conditions that are asked of each deal, besides the one that leads.
func (p *plan) filters(q *query) string {
	all := []string{"true"}
	for i, c := range p.f.Conditions {
		if i != p.done || p.ids == nil || c.Key == crm.ByDay || c.Key == crm.ByDue || c.Key == crm.ByVisit {
			all = append(all, q.where(c))
		}
	}
	return strings.Join(all, " AND ")
}

// walks are the ways through all that the employee sees, each a condition that an index serves.
func (p *plan) walks(q *query) []string {
	if p.ids != nil {
		return nil
	}
	var walks []string
	for _, part := range q.parts(p.s) {
		for _, way := range q.ways(part, p.f) {
			walks = append(walks, strings.Join(append([]string{way}, part.rest...), " AND "))
		}
	}
	return walks
}

func (p *plan) searches(q *query, walks []string, filters string, most int) []string {
	key, _, _ := p.order()
	if key == "" {
		key = "NULL::bigint"
	}
	if p.ids != nil {
		return []string{fmt.Sprintf("(SELECT d.id, %s AS key FROM unnest(%s::bigint[]) u(id) JOIN deals d ON d.id = u.id WHERE %s)", key, q.arg(p.ids), filters)}
	}
	searches := make([]string, len(walks))
	for i, walk := range walks {
		searches[i] = fmt.Sprintf("(SELECT d.id, %s AS key FROM deals d WHERE %s AND %s ORDER BY %s LIMIT %d)", key, walk, filters, p.sorting(key, "d.id"), most)
	}
	return searches
}

// counting counts what was found. When many deals are looked at for each that fits, only those fitting among the first ones are counted.
func (p *plan) counting(walks []string, filters string, most int, loose bool) string {
	if !loose || len(walks) == 0 {
		return fmt.Sprintf("SELECT least(count(*), %d)::int AS total, count(*) > %[1]d AS more FROM hits", most-1)
	}
	reach := walkCap / len(walks)
	for _, c := range p.f.Conditions {
		if leading(c, p.s) >= searchCap { // which takes another look elsewhere for each deal
			reach = searchWalkCap / len(walks)
		}
	}
	near := make([]string, len(walks))
	for i, walk := range walks {
		near[i] = fmt.Sprintf("(SELECT count(*) FROM (SELECT * FROM deals d WHERE %s ORDER BY d.id DESC LIMIT %d) d WHERE %s)", walk, reach, filters)
	}
	return fmt.Sprintf("SELECT least(%d, CASE WHEN h.n < %d THEN h.n ELSE greatest(h.n, %s) END)::int AS total, h.n >= %[2]d AS more FROM (SELECT count(*) AS n FROM hits) h",
		p.most, most, strings.Join(near, " + "))
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
