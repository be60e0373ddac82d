package turn

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff/filter"
)

// help lists what the role of the author may do, with examples that find something of theirs. Asked about one command it explains that: a command
// of lists by what a filter is made of.
func (g *group) help(t *postgres.Turn) error {
	lang := g.lang(t)
	fill, err := g.examples(t)
	if err != nil {
		return err
	}
	asked := plainName(strings.TrimLeft(strings.TrimSpace(t.In.Args), "/"))
	switch c := commandOf(asked); {
	case c != nil && g.offers(t.Employee.Role, *c) && c.filters:
		return g.helpFilters(t)
	case c != nil && g.offers(t.Employee.Role, *c):
		return g.tellText(t, g.helpLine(lang, *c, fill))
	case slices.Contains(g.forms(lang), asked):
		return g.tellText(t, g.formLine(lang, asked))
	}
	lines := []string{g.text(lang, "staff.help", nil)}
	for _, c := range commandTable() {
		if !g.offers(t.Employee.Role, c) {
			continue
		}
		lines = append(lines, g.helpLine(lang, c, fill))
	}
	for _, name := range g.forms(lang) {
		lines = append(lines, g.formLine(lang, name))
	}
	own, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return err
	}
	for _, s := range own {
		lines = append(lines, "⭐ /"+html.EscapeString(either(s.Command, s.Name))+": "+html.EscapeString(short(savedLine(s))))
	}
	lines = append(lines, g.text(lang, "staff.help_cards", nil))
	out := crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")}
	for _, example := range []string{"my " + g.text(lang, "list.word_today", nil), "deals {by_city}", "deals {by_stage}", "find {number}"} {
		if example = fill.Replace(example); strings.Contains(example, "{") {
			continue
		}
		if b, fits := run(t.Employee.ID, example); fits {
			out.Buttons = append(out.Buttons, []crm.Button{b})
		}
	}
	if b, fits := run(t.Employee.ID, "help /find"); fits {
		b.Text = g.text(lang, "list.help_button", nil)
		out.Buttons = append(out.Buttons, []crm.Button{b})
	}
	_, err = g.send(t, out)
	return err
}

// helpLine says what a command is for, with an example that finds something.
func (g *group) helpLine(lang string, c command, fill *strings.Replacer) string {
	line := "/" + c.name
	if example := fill.Replace(c.example); example != "" && !strings.Contains(example, "{") {
		line += " <code>" + html.EscapeString(example) + "</code>"
	}
	return line + ": " + g.text(lang, "menu."+c.name, nil)
}

func (g *group) formLine(lang, name string) string {
	return "/" + name + ": " + g.text(lang, "menu."+name, nil)
}

// helpFilters lists what may stand in a filter, with examples of this kit.
func (g *group) helpFilters(t *postgres.Turn) error {
	w, err := g.world(t, postgres.BaseDeals)
	if err != nil {
		return err
	}
	lines := []string{g.text(g.lang(t), "list.help", nil)}
	for _, l := range w.Reference() {
		lines = append(lines, "<code>"+html.EscapeString(l.Example)+"</code> · "+html.EscapeString(l.Means))
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")})
	return err
}

// examples fills the placeholders of examples with what the author of the turn has: a deal that they see, its stage ({by_stage} and {by_city} are
// conditions of a filter), their city. What they don't have stays a placeholder, and its example is left out.
func (g *group) examples(t *postgres.Turn) (*strings.Replacer, error) {
	me, lang := t.Employee, g.lang(t)
	w, err := g.world(t, postgres.BaseDeals)
	if err != nil {
		return nil, err
	}
	open := crm.Filter{Conditions: []crm.Condition{{Key: crm.ByStatus, Words: []string{string(crm.DealOpen)}}}}
	seen, err := g.tx.Find(g.ctx, me.ID, open, postgres.Page{Size: 1})
	if err != nil {
		return nil, err
	}
	said := func(c crm.Condition) string { return filter.String(crm.Filter{Conditions: []crm.Condition{c}}, w) }
	city, pairs := me.City, []string{"{saved}", g.text(lang, "saved.example", nil), "{tomorrow}", g.text(lang, "date.tomorrow", nil), "{last_month}", g.text(lang, "report.example", nil)}
	if key := g.Kit.Roles[me.Role]; key != "" {
		pairs = append(pairs, "{role}", quoted(unescaped(g.text(lang, key, nil))))
	}
	if len(seen.Deals) > 0 {
		d := seen.Deals[0]
		city = either(city, d.City)
		pairs = append(pairs, "{number}", strconv.FormatInt(int64(d.ID), 10), "{stage}", quoted(unescaped(g.stageName(d.Pipeline, d.Stage, lang))))
		// By its name, which may be that of stages of other pipelines as well: so people say it.
		if f, p := filter.Parse(unescaped(g.stageName(d.Pipeline, d.Stage, lang)), w); p == nil && len(f.Conditions) == 1 && f.Conditions[0].Key == crm.ByStage {
			pairs = append(pairs, "{by_stage}", filter.String(f, w))
		}
	}
	if city != "" {
		pairs = append(pairs, "{city}", quoted(city), "{by_city}", said(crm.Condition{Key: crm.ByCity, Words: []string{city}}))
	}
	for _, c := range w.Crews {
		if crm.CrewID(c.ID) == me.Crew {
			pairs = append(pairs, "{crew}", quoted(c.Name))
		}
	}
	return strings.NewReplacer(pairs...), nil
}

// quoted puts words of several parts into quotes, as filters want them.
func quoted(s string) string {
	if strings.ContainsAny(s, " ,:") {
		return `"` + strings.ReplaceAll(s, `"`, "") + `"`
	}
	return s
}
