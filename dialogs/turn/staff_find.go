package turn

import (
	"errors"
	"html"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff/filter"
)

// listMy lists the employee's own open deals, then the free ones that they see.
func (g *group) listMy(t *postgres.Turn) error { return g.list(t, postgres.BaseMy, t.In.Args) }

// listAll lists all that the employee sees.
func (g *group) listAll(t *postgres.Turn) error { return g.list(t, postgres.BaseDeals, t.In.Args) }

// listFound looks for anything: a number, a phone, a code, a name, words.
func (g *group) listFound(t *postgres.Turn) error {
	if strings.TrimSpace(t.In.Args) == "" {
		return g.wrong(t, "list.find_usage", nil, "my")
	}
	return g.list(t, postgres.BaseFind, t.In.Args)
}

// list answers a filter with the first page of what it finds, or says what is wrong with the filter.
func (g *group) list(t *postgres.Turn, base postgres.ListBase, query string) error {
	l := postgres.List{Employee: t.Employee.ID, Conversation: t.Talk.ID, Base: base, Query: strings.TrimSpace(query)}
	asked, err := g.readList(t, l)
	if err != nil || asked.problem != nil {
		return errors.Join(err, g.problem(t, asked.problem))
	}
	l.Token = g.Nonce() + g.Nonce()
	out, err := g.page(t, asked, &l)
	if errors.Is(err, crm.ErrTooBroad) {
		return g.wrong(t, "list.too_broad", nil, g.narrower(t, l)...)
	}
	if err != nil {
		return err
	}
	return g.sendList(t, l, out)
}

// sendList sends a message that shows a list, and keeps the list.
func (g *group) sendList(t *postgres.Turn, l postgres.List, out crm.Outbound) (err error) {
	out.Kind, out.Card = crm.OutMessage, listCard(l.Token)
	if l.Message, err = g.send(t, out); err != nil {
		return err
	}
	return g.tx.AddList(g.ctx, l)
}

// listCard is the mark of the messages that show a list.
func listCard(token string) string { return "list:" + token }

// narrower suggests what finds less.
func (g *group) narrower(t *postgres.Turn, l postgres.List) []string {
	if l.Base == postgres.BaseMy {
		return []string{"my"}
	}
	return []string{string(l.Base) + " " + strings.TrimSpace(l.Query+" "+g.text(g.lang(t), "list.word_today", nil)), "my"}
}

// problem says what is wrong with a filter, with the right commands that may have been meant; nothing when nothing is wrong.
func (g *group) problem(t *postgres.Turn, p *filter.Problem) error {
	if p == nil {
		return nil
	}
	right := append([]string{p.Suggestion}, p.Choices...)
	if p.Suggestion == "" && len(p.Choices) == 0 {
		right = []string{"help /find"}
	}
	return g.wrong(t, p.Key, dialogs.Escape(p.Args), right...)
}

// asked is a list as its employee means it now.
type asked struct {
	world   filter.World
	typed   crm.Filter // as the query says
	full    crm.Filter // with what the base adds
	problem *filter.Problem
}

// readList reads the query of a list anew: “today” is today whenever it is asked.
func (g *group) readList(t *postgres.Turn, l postgres.List) (a asked, err error) {
	if a.world, err = g.world(t, l.Base); err != nil {
		return a, err
	}
	if a.typed, a.problem = filter.Parse(l.Query, a.world); a.problem == nil {
		a.full = based(a.typed, l.Base, t.Employee.ID)
	}
	return a, nil
}

// world is what the words of a filter may mean to the author of the turn.
func (g *group) world(t *postgres.Turn, base postgres.ListBase) (filter.World, error) {
	people, crews, err := g.tx.Staff(g.ctx)
	if err != nil {
		return filter.World{}, err
	}
	w := filter.World{Book: g.dictionary(), Me: t.Employee.ID, Now: g.now.In(g.Kit.ZoneOf(t.Employee.City)), Lang: g.lang(t), Command: string(base)}
	knows := g.colleagues(*t.Employee)
	for _, e := range people {
		if !knows(e.City, e.Crew) {
			continue
		}
		w.Employees = append(w.Employees, filter.Named{ID: int64(e.ID), Name: e.Name})
	}
	for _, c := range crews {
		if !knows(c.City, c.ID) {
			continue
		}
		w.Crews = append(w.Crews, filter.Named{ID: int64(c.ID), Name: c.Name})
	}
	return w, nil
}

// colleagues tells of whom an employee may hear by name: who sees all of everybody, others of who works in the same city or crew, or in any city.
func (g *group) colleagues(me crm.Employee) func(city string, crew crm.CrewID) bool {
	duty := g.Kit.Duties[me.Role]
	all := me.City == "" || duty != nil && duty.Sees == crm.SeesAll
	return func(city string, crew crm.CrewID) bool {
		return all || city == "" || city == me.City || crew != 0 && crew == me.Crew
	}
}

// based adds what the base of a list implies unless the filter says otherwise: only open deals, except in a search; and in the list of one's
// own, only one's own and free ones. It never widens: what an employee may see at all is decided below.
func based(f crm.Filter, base postgres.ListBase, me crm.EmployeeID) crm.Filter {
	full := f
	full.Conditions = append([]crm.Condition(nil), f.Conditions...)
	if base != postgres.BaseFind && !speaksOf(f, crm.ByStatus) && !speaksOf(f, crm.ByClosed) {
		full.Conditions = append(full.Conditions, crm.Condition{Key: crm.ByStatus, Words: []string{string(crm.DealOpen)}})
	}
	if base == postgres.BaseMy && !speaksOf(f, crm.ByOwner) {
		full.Conditions = append(full.Conditions, crm.Condition{Key: crm.ByOwner, IDs: []int64{int64(me), 0}})
	}
	return full
}

func speaksOf(f crm.Filter, key crm.FilterKey) bool {
	for _, c := range f.Conditions {
		if c.Key == key {
			return true
		}
	}
	return false
}

// funnel counts the open deals of each stage that the employee sees.
func (g *group) funnel(t *postgres.Turn) error {
	counts, err := g.tx.Funnel(g.ctx, t.Employee.ID)
	if err != nil {
		return err
	}
	lang := g.lang(t)
	held := map[crm.Stage]int{}
	sums := map[string]int{}
	for _, c := range counts {
		if !g.goesOn(c.Pipeline, c.Stage) {
			continue
		}
		held[crm.Stage{Pipeline: c.Pipeline, Stage: c.Stage}] += c.Deals
		sums[c.Pipeline] += c.Deals
	}
	var lines []string
	for _, name := range sorted(keysOf(sums)) {
		p := g.Kit.Pipelines[name]
		if p == nil || sums[name] == 0 {
			continue
		}
		lines = append(lines, g.text(lang, "list.funnel_line", map[string]any{"name": "<b>" + g.pipelineName(name, lang) + "</b>", "n": sums[name]}))
		for _, s := range p.Stages {
			if n := held[crm.Stage{Pipeline: name, Stage: s.Name}]; n > 0 {
				lines = append(lines, g.text(lang, "list.funnel_line", map[string]any{"name": "· " + g.text(lang, s.Key, nil), "n": n}))
			}
		}
	}
	if len(lines) == 0 {
		return g.say(t, "list.funnel_empty", nil)
	}
	lines = append([]string{g.text(lang, "list.funnel_title", nil)}, lines...)
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")})
	return err
}

// goesOn tells whether deals of a stage are open: the counters know all stages, and what is won and lost is for /reports.
func (g *group) goesOn(pipeline, stage string) bool {
	p := g.Kit.Pipelines[pipeline]
	return p != nil && slices.ContainsFunc(p.Stages, func(s dialogs.Stage) bool { return s.Name == stage && (s.Status == "" || s.Status == crm.DealOpen) })
}

func (g *group) pipelineName(name, lang string) string {
	if p := g.Kit.Pipelines[name]; p != nil && p.Key != "" {
		return g.text(lang, p.Key, nil)
	}
	return html.EscapeString(name)
}

func keysOf[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}
