package postgres

import (
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
)

// How much is looked at to find a way. A condition that fits fewer deals is looked up first and leads; else the deals of the employee
// are walked through and the condition is asked of each.
const (
	searchCap = 3000  // of words, names, phones, codes
	textCap   = 15000 // of words, where much is seen: to look through all deals for a word that is neither rare nor common takes longer
	spanCap   = 2000  // of times
	mostWays  = 8     // values of a condition that each get a way of their own
)

// leading tells how many deals a condition may fit to lead; 0 for a condition that never leads.
func leading(c crm.Condition, s scope) int {
	if c.Not {
		return 0
	}
	switch c.Key {
	case crm.ByText:
		if s.wide {
			return textCap
		}
		return searchCap
	case crm.ByAny, crm.ByPhone, crm.ByName, crm.ByCode, crm.ByAddress:
		return searchCap
	case crm.ByCreated, crm.ByEntered, crm.ByClosed, crm.ByDue, crm.ByVisit, crm.ByDay:
		if s.wide { // who sees little has it looked through sooner
			return spanCap
		}
	}
	return 0
}

// lead makes the statement that looks up the deals that a condition fits, or some more, as the program: at most one more than limit.
// Empty when there is no such way.
func (q *query) lead(c crm.Condition, limit int) string {
	var ways []string
	words := cleanAll(c.Words)
	switch c.Key {
	case crm.ByAny:
		for _, w := range words {
			for _, key := range anyKeys(w) {
				if key == crm.ByNumber {
					ways = append(ways, "SELECT unnest("+q.arg(numberOf(w))+"::bigint[]) AS id")
				} else {
					ways = append(ways, q.look(key, []string{w}, limit))
				}
			}
		}
	case crm.ByCreated, crm.ByEntered, crm.ByClosed, crm.ByDue, crm.ByVisit:
		ways = append(ways, q.lookSpan(c, limit))
	case crm.ByDay:
		for _, key := range []crm.FilterKey{crm.ByCreated, crm.ByDue, crm.ByVisit} {
			part := c
			part.Key = key
			ways = append(ways, q.lookSpan(part, limit))
		}
	default:
		ways = append(ways, q.look(c.Key, words, limit))
	}
	ways = slices.DeleteFunc(ways, func(s string) bool { return s == "" })
	if len(ways) == 0 {
		return ""
	}
	return q.tidy(fmt.Sprintf("SELECT id FROM (%s) w LIMIT %d", "("+strings.Join(ways, ") UNION ALL (")+")", limit+1))
}

// look finds deals by the keys of their contacts, assets or words.
func (q *query) look(key crm.FilterKey, words []string, limit int) string {
	fits := q.keys(key, words)
	through := func(table, id, column string) string {
		return fmt.Sprintf(`SELECT f.id FROM (SELECT s.%s AS key FROM %s s WHERE %s LIMIT %d) k
			CROSS JOIN LATERAL (SELECT d.id FROM deals d WHERE d.%s = k.key OFFSET 0) f LIMIT %[4]d`, id, table, fits, limit+1, column)
	}
	switch {
	case fits == never:
		return ""
	case key == crm.ByText:
		return fmt.Sprintf("SELECT s.deal_id AS id FROM deal_words s WHERE %s LIMIT %d", fits, limit+1)
	case key == crm.ByCode || key == crm.ByAddress:
		return through("assets", "id", "asset_id")
	}
	return through("contact_keys", "contact_id", "contact_id")
}

// lookSpan finds deals by a time of theirs, in the order of an index.
func (q *query) lookSpan(c crm.Condition, limit int) string {
	table, id, column, more := "deals", "id", "", "true"
	switch c.Key {
	case crm.ByCreated:
		column = "created_at"
	case crm.ByEntered:
		return "" // most deals of a span are not open any more, and only those have an index
	case crm.ByClosed:
		column, more = "closed_at", "closed_at IS NOT NULL"
	case crm.ByDue:
		table, id, column, more = "tasks", "deal_id", "due_at", "done_at IS NULL AND deal_id IS NOT NULL"
	case crm.ByVisit:
		table, id, column, more = "bookings", "deal_id", "starts_at", "status = 'booked'"
	}
	return fmt.Sprintf("SELECT %s AS id FROM %s WHERE %s AND %s ORDER BY %s LIMIT %d", id, table, more, q.span(column, c), column, limit+1)
}

// part is one of the sets that make up what an employee sees. No deal is in two of them.
type part struct {
	by    string // the column of an index that it goes by: owner_id, crew_id, city; empty when there is none
	is    any
	rest  []string // further conditions
	open  bool     // all of them are open
	whole bool     // everything
}

// parts takes apart what an employee sees, so that an index leads through each in the order of numbers. The policies say the same once more.
func (q *query) parts(s scope, f crm.Filter) []part {
	return slices.DeleteFunc(q.allParts(s), func(p part) bool { return p.empty(s, f) })
}

// empty tells whether a filter asks for owners of whom a part has none.
func (p part) empty(s scope, f crm.Filter) bool {
	own, free := p.by == "owner_id", p.open
	for _, c := range f.Conditions {
		if c.Key != crm.ByOwner {
			continue
		}
		mine, nobody := slices.Contains(c.IDs, s.me), slices.Contains(c.IDs, 0)
		switch {
		case own && mine == c.Not, free && nobody == c.Not:
			return true
		case !own && !(p.whole && p.rest == nil) && mine && !c.Not && len(slices.Compact(slices.Sorted(slices.Values(c.IDs)))) == 1:
			return true
		}
	}
	return false
}

func (q *query) allParts(s scope) []part {
	looked := func() (rest []string) { // into
		if !s.anyPipeline {
			rest = []string{q.words("d.pipeline", s.pipelines)}
		}
		return rest
	}
	others := func() []string { return append(looked(), "d.owner_id IS DISTINCT FROM "+q.arg(s.me)+"::bigint") }
	own := part{by: "owner_id", is: s.me}
	cities := slices.Compact(slices.Sorted(slices.Values(s.cities)))
	switch {
	case s.wide && s.everywhere && s.anyPipeline:
		return []part{{whole: true}}
	case s.wide && s.everywhere:
		return []part{own, {whole: true, rest: others()}}
	case s.wide:
		all := []part{own}
		for _, city := range cities {
			all = append(all, part{by: "city", is: city, rest: others()})
		}
		return all
	}
	all := []part{own}
	free := append(looked(), "d.owner_id IS NULL")
	if s.crewSeen > 0 {
		all = append(all, part{by: "crew_id", is: s.crewSeen, rest: others()})
		free = append(free, "d.crew_id IS NULL")
	} else {
		free = append(free, fmt.Sprintf("coalesce(d.crew_id, %s::bigint) = %[1]s", q.arg(s.crew)))
	}
	if s.everywhere {
		return append(all, part{rest: free, open: true})
	}
	for _, city := range cities {
		all = append(all, part{by: "city", is: city, rest: free, open: true})
	}
	return all
}

// at is the condition of the index that a part goes by.
func (q *query) at(p part) string {
	if p.by == "city" {
		return "d.city = " + q.arg(p.is) + "::text"
	}
	return "d." + p.by + " = " + q.arg(p.is) + "::bigint"
}

// ways are the conditions of an index under which deals stand in the order of their numbers, for one part and the filter's own equalities.
func (q *query) ways(p part, f crm.Filter) []string {
	var ways []string
	if p.by == "city" && !slices.Contains(valuesIn(f, crm.ByCity, []string{p.is.(string)}), p.is.(string)) {
		return nil // another city is asked for
	}
	statuses := valuesIn(f, crm.ByStatus, []string{string(crm.DealOpen), string(crm.DealWon), string(crm.DealLost)})
	if p.open {
		if !slices.Contains(statuses, string(crm.DealOpen)) {
			return nil
		}
		way := "d.status = 'open'"
		if p.by != "" {
			way += " AND " + q.at(p)
		}
		return []string{way}
	}
	stages, owners := stagesIn(f), ownersIn(f)
	switch {
	case p.by != "owner_id" && p.by != "crew_id" && onlyFree(f) && slices.Equal(statuses, []string{string(crm.DealOpen)}):
		way := "d.owner_id IS NULL AND d.status = 'open'"
		if p.by != "" {
			way += " AND " + q.at(p)
		}
		return []string{way}
	case owners != nil && (p.whole || p.by == "city"):
		for _, owner := range owners {
			way := "d.owner_id = " + q.arg(owner) + "::bigint"
			if p.by != "" {
				way += " AND " + q.at(p)
			}
			ways = append(ways, way)
		}
	case stages != nil && p.by != "owner_id" && p.by != "crew_id":
		for _, s := range stages {
			way := "d.pipeline = " + q.arg(clean(s.Pipeline)) + "::text AND d.stage = " + q.arg(clean(s.Stage)) + "::text"
			if p.by != "" {
				way += " AND " + q.at(p)
			}
			ways = append(ways, way)
		}
		return ways
	case p.by != "":
		ways = []string{q.at(p)}
	case len(valuesIn(f, crm.ByCity, nil)) > 0 && len(valuesIn(f, crm.ByCity, nil)) <= mostWays:
		for _, city := range valuesIn(f, crm.ByCity, nil) {
			ways = append(ways, "d.city = "+q.arg(city)+"::text")
		}
	case len(statuses) == 1 && statuses[0] == string(crm.DealOpen):
		return []string{"d.status = 'open'"}
	default:
		return []string{"true"}
	}
	var each []string
	for _, way := range ways {
		for _, status := range statuses {
			each = append(each, way+" AND d.status = "+q.arg(status)+"::text")
		}
	}
	return each
}

// valuesIn gives the values that the first condition of a kind allows, sorted and once each; otherwise when there is none.
func valuesIn(f crm.Filter, key crm.FilterKey, otherwise []string) []string {
	for _, c := range f.Conditions {
		if c.Key == key && !c.Not {
			return slices.Compact(slices.Sorted(slices.Values(cleanAll(c.Words))))
		}
	}
	return otherwise
}

// stagesIn gives the stages that a condition allows, nil when there is none or when they are many.
func stagesIn(f crm.Filter) []crm.Stage {
	for _, c := range f.Conditions {
		if c.Key == crm.ByStage && !c.Not && len(c.Stages) > 0 && len(c.Stages) <= mostWays {
			var once []crm.Stage
			for _, s := range c.Stages {
				if !slices.Contains(once, s) {
					once = append(once, s)
				}
			}
			return once
		}
	}
	return nil
}

// onlyFree tells whether a filter asks for deals that nobody owns.
func onlyFree(f crm.Filter) bool {
	return slices.ContainsFunc(f.Conditions, func(c crm.Condition) bool {
		return c.Key == crm.ByOwner && !c.Not && len(c.IDs) == 1 && c.IDs[0] == 0
	})
}

// ownersIn gives the owners that a condition allows, nil when there is none, when they are many or when nobody is among them.
func ownersIn(f crm.Filter) []int64 {
	for _, c := range f.Conditions {
		if c.Key == crm.ByOwner && !c.Not && len(c.IDs) > 0 && len(c.IDs) <= mostWays && !slices.Contains(c.IDs, 0) {
			return slices.Compact(slices.Sorted(slices.Values(c.IDs)))
		}
	}
	return nil
}
