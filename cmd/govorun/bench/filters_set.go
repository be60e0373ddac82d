package bench

import (
	"fmt"
	"time"

	"govorun/crm"
)

// What the roles of the measured company see; filters_base.sql makes its people.
func filterScopes() []crm.RoleScope {
	return []crm.RoleScope{
		{Role: "technician", Sees: crm.SeesCrew, Pipelines: []string{"pipeline 0", "pipeline 1", "pipeline 2"}},
		{Role: "seller", Sees: crm.SeesOwn, Pipelines: []string{"pipeline 3", "pipeline 4"}},
		{Role: "operator", Sees: crm.SeesCity},
		{Role: "head", Sees: crm.SeesAll},
	}
}

// The first employee of a role, and how many there are.
var filterRoles = map[string][2]int{"technician": {1, 120}, "seller": {121, 40}, "operator": {161, 30}, "head": {191, 10}}

// Kinds of filters, each with a goal of its own.
const (
	listKind   = "list"
	searchKind = "search"
)

// asked is one of the measured filters, as an employee of a role asks it.
type asked struct {
	name, role, kind string
	filter           func(me, n int) crm.Filter // differs a little each time
}

func conditions(c ...crm.Condition) crm.Filter { return crm.Filter{Conditions: c} }

func words(key crm.FilterKey, words ...string) crm.Condition {
	return crm.Condition{Key: key, Words: words}
}

func sorted(f crm.Filter, by crm.Sort) crm.Filter {
	f.Sort = by
	return f
}

// theFilters are asked in the order in which they cost more.
func theFilters(deals int, now time.Time) []asked {
	open := words(crm.ByStatus, "open")
	mine := func(me int) crm.Condition { return crm.Condition{Key: crm.ByOwner, IDs: []int64{int64(me)}} }
	day := func(key crm.FilterKey, from, to int) crm.Condition {
		return crm.Condition{Key: key, From: now.Add(time.Duration(from) * 24 * time.Hour), To: now.Add(time.Duration(to) * 24 * time.Hour)}
	}
	fixed := func(f crm.Filter) func(int, int) crm.Filter { return func(int, int) crm.Filter { return f } }
	var all []asked
	add := func(kind, name, role string, filter func(me, n int) crm.Filter) {
		all = append(all, asked{name, role, kind, filter})
	}
	add(listKind, "a deal by its number", "head", func(_, n int) crm.Filter {
		return conditions(crm.Condition{Key: crm.ByNumber, IDs: []int64{int64(1 + n*7919%deals)}})
	})
	for _, role := range []string{"seller", "technician", "operator", "head"} {
		add(listKind, "mine, open", role, func(me, _ int) crm.Filter { return conditions(mine(me), open) })
		add(listKind, "all I see, open", role, fixed(conditions(open)))
	}
	add(listKind, "all I see", "technician", fixed(crm.Filter{}))
	add(listKind, "all I see", "head", fixed(crm.Filter{}))
	add(listKind, "one stage", "operator", func(_, n int) crm.Filter {
		return conditions(open, crm.Condition{Key: crm.ByStage, Stages: []crm.Stage{{Pipeline: fmt.Sprint("pipeline ", n%6), Stage: fmt.Sprint("stage ", n%8)}}})
	})
	add(listKind, "two stages in a city", "head", func(_, n int) crm.Filter {
		return conditions(open, words(crm.ByCity, fmt.Sprint("city ", n%35)), crm.Condition{Key: crm.ByStage, Stages: []crm.Stage{{Pipeline: "pipeline 1", Stage: "stage 2"}, {Pipeline: "pipeline 2", Stage: "stage 3"}}})
	})
	add(listKind, "a colleague's, open", "head", func(_, n int) crm.Filter { return conditions(open, mine(1+n%120)) })
	add(listKind, "free ones", "head", fixed(conditions(open, mine(0))))
	add(listKind, "open, not mine, of a source", "operator", func(me, _ int) crm.Filter {
		other := mine(me)
		other.Not = true
		return conditions(open, other, words(crm.BySource, "partner"))
	})
	add(listKind, "opened today", "technician", fixed(conditions(day(crm.ByCreated, -1, 1))))
	add(listKind, "opened today", "head", fixed(conditions(day(crm.ByCreated, -1, 1))))
	add(listKind, "overdue, soonest first", "technician", fixed(sorted(conditions(open, day(crm.ByDue, -5000, 0)), crm.SortDue)))
	add(listKind, "standing for 3 days, longest first", "operator", fixed(sorted(conditions(open, day(crm.ByEntered, -5000, -3)), crm.SortEntered)))
	add(listKind, "standing for 3 days, longest first", "head", fixed(sorted(conditions(open, day(crm.ByEntered, -5000, -3)), crm.SortEntered)))
	add(listKind, "closed yesterday", "operator", fixed(conditions(day(crm.ByClosed, -2, -1))))
	add(searchKind, "a phone", "head", func(_, n int) crm.Filter {
		return conditions(words(crm.ByPhone, fmt.Sprintf("+77%09d", int64(1+n*31%(deals/2))*7919%1000000000)))
	})
	add(searchKind, "a machine's number", "technician", func(_, n int) crm.Filter { return conditions(words(crm.ByCode, fmt.Sprint("м-", 1+n%3000))) })
	add(searchKind, "a full name", "head", func(_, n int) crm.Filter {
		return conditions(words(crm.ByName, "Айгуль "+[]string{"Серик", "Петр", "Ахмет"}[n%3]+"баев"+string(rune('а'+n%20))))
	})
	add(searchKind, "a rare word", "head", fixed(conditions(words(crm.ByText, "купюроприемник ремонт"))))
	add(searchKind, "the end of a comment", "operator", func(_, n int) crm.Filter {
		return conditions(words(crm.ByText, fmt.Sprint("ключ охран ", 1+4*(n%1000))))
	})
	add(searchKind, "a common word, open", "technician", fixed(conditions(open, words(crm.ByText, "ремонт кофейн"))))
	add(searchKind, "a common word", "head", fixed(conditions(words(crm.ByText, "ремонт"))))
	return all
}
