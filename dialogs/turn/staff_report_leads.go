package turn

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/reports"
	"govorun/dialogs/slot"
)

const (
	reportRows = 25 // of a table; the others are added up in one more
	noPrice    = "—"
	everyCity  = "\x00" // costs of no one city stand together; no city is called so
)

// leadSum is a line of the table of leads.
type leadSum struct {
	name    string
	leads   int
	reached [postgres.MostSteps]int
	cost    int64
	onlyAs  bool // a cost alone: no lead can belong to it
}

func (s *leadSum) add(c postgres.LeadCount) {
	s.leads += c.Leads
	for i, n := range c.Reached {
		s.reached[i] += n
	}
}

// reportLeads tells what came of the leads of a time, by source and by city, and what each of them cost.
func (g *group) reportLeads(reader crm.Employee, lang string, p postgres.Period) (crm.Outbound, error) {
	if g.Kit.Reports == nil {
		return g.reportWork(reader, lang, p)
	}
	wanted := postgres.LeadsWanted{Period: p, Pipelines: g.Kit.Reports.Leads}
	for i, step := range g.Kit.Reports.Steps {
		for _, place := range g.Kit.PlacesOf(step) {
			wanted.Steps = append(wanted.Steps, postgres.StepPlace{Place: postgres.Place(place), Step: i + 1})
		}
	}
	counts, costs, err := g.tx.Leads(g.ctx, reader.ID, wanted)
	if err != nil {
		return crm.Outbound{}, err
	}
	title := g.text(lang, "report.title", map[string]any{"period": g.periodName(lang, p)})
	if len(counts)+len(costs) == 0 {
		return crm.Outbound{Kind: crm.OutMessage, Text: title + "\n" + g.text(lang, "report.no_leads", nil)}, nil
	}
	table := leadTable{group: g, lang: lang, costed: len(costs) > 0}
	bySource := table.sums(counts, costs, func(source, _ string) (string, string) { return source, g.sourceName(lang, source) }, false)
	byCity := table.sums(counts, costs, func(_, city string) (string, string) { return city, g.cityName(lang, city) }, true)
	note := g.text(lang, "report.note", nil)
	if table.costed {
		note += " " + g.text(lang, "report.note_costs", nil)
	}
	data, err := reports.Draw(reports.Report{Title: withoutMarkup(title), Note: withoutMarkup(note), Blocks: []reports.Block{
		table.block("report.by_source", bySource), table.block("report.by_city", byCity)}})
	if err != nil {
		return crm.Outbound{}, err
	}
	return g.pictured(title+"\n"+table.said(bySource), "report", p, data), nil
}

// pictured is a message with a picture of a report.
func (g *group) pictured(text, name string, p postgres.Period, data []byte) crm.Outbound {
	return crm.Outbound{Kind: crm.OutMedia, Text: text, Media: []crm.Upload{{Kind: crm.Photo, Bytes: data, MIME: "image/png",
		Name: fmt.Sprintf("%s-%s-%s.png", name, p.From.Format(buttonDay), p.Until.AddDate(0, 0, -1).Format(buttonDay))}}}
}

func (g *group) sourceName(lang, source string) string {
	if source == "" {
		return unescaped(g.text(lang, "report.no_source", nil))
	}
	return unescaped(g.Kit.SourceIn(lang, source))
}

func (g *group) cityName(lang, city string) string {
	switch city {
	case "":
		return unescaped(g.text(lang, "report.no_city", nil))
	case everyCity:
		return unescaped(g.text(lang, "report.every_city", nil))
	}
	return g.Kit.CityIn(lang, city)
}

// leadTable makes tables of leads in a language.
type leadTable struct {
	*group
	lang   string
	costed bool
}

// sums adds counts and costs up by what group says: a key and its name. Cities tells that it is about cities: a cost without one stands alone.
func (l leadTable) sums(counts []postgres.LeadCount, costs []postgres.CostSum, group func(source, city string) (key, name string), cities bool) []leadSum {
	by := map[string]*leadSum{}
	of := func(source, city string) *leadSum {
		key, name := group(source, city)
		if by[key] == nil {
			by[key] = &leadSum{name: name}
		}
		return by[key]
	}
	for _, c := range counts {
		of(c.Source, c.City).add(c)
	}
	for _, c := range costs {
		city := c.City
		if cities && city == "" {
			city = everyCity
		}
		sum := of(c.Source, city)
		sum.cost += c.Cost
		sum.onlyAs = city == everyCity
	}
	list := make([]leadSum, 0, len(by))
	for _, s := range by {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b leadSum) int {
		return cmp.Or(b.leads-a.leads, cmp.Compare(b.cost, a.cost), strings.Compare(a.name, b.name))
	})
	return list
}

// total adds lines up.
func total(list []leadSum, name string) leadSum {
	all := leadSum{name: name}
	for _, s := range list {
		all.add(postgres.LeadCount{Leads: s.leads, Reached: s.reached})
		all.cost += s.cost
	}
	return all
}

// block is a table with one line for each, and their sum.
func (l leadTable) block(key string, list []leadSum) reports.Block {
	b := reports.Block{Title: withoutMarkup(l.text(l.lang, key, nil)), Columns: l.heads()}
	b.Bars = b.Columns[:1+len(l.Kit.Reports.Steps)]
	sum := l.row(total(list, unescaped(l.text(l.lang, "report.total", nil))))
	if len(list) > reportRows {
		rest := total(list[reportRows:], unescaped(l.text(l.lang, "report.more", map[string]any{"n": len(list) - reportRows})))
		list = append(slices.Clone(list[:reportRows]), rest)
	}
	for _, s := range list {
		b.Rows = append(b.Rows, l.row(s))
	}
	if len(list) > 1 {
		b.Total = &sum
	}
	return b
}

// heads are the heads of the columns: what is counted, then what it cost.
func (l leadTable) heads() []string {
	heads := []string{unescaped(l.text(l.lang, "report.leads", nil))}
	for _, step := range l.Kit.Reports.Steps {
		heads = append(heads, unescaped(l.text(l.lang, step.Key, nil)))
	}
	if !l.costed {
		return heads
	}
	heads = append(heads, unescaped(l.text(l.lang, "report.cost", map[string]any{"sign": l.sign()})), unescaped(l.text(l.lang, "report.price_lead", nil)))
	for _, step := range l.Kit.Reports.Steps {
		heads = append(heads, unescaped(l.text(l.lang, "report.price", map[string]any{"step": l.text(l.lang, step.Key, nil)})))
	}
	return heads
}

func (l leadTable) row(s leadSum) reports.Row {
	row := reports.Row{Name: s.name, Bars: []int{s.leads}, Cells: []string{l.number(s.leads)}}
	steps := len(l.Kit.Reports.Steps)
	for i := range steps {
		row.Bars, row.Cells = append(row.Bars, s.reached[i]), append(row.Cells, l.number(s.reached[i]))
	}
	if l.costed {
		row.Cells = append(row.Cells, l.price(s.cost, 1), l.price(s.cost, s.leads))
		for i := range steps {
			row.Cells = append(row.Cells, l.price(s.cost, s.reached[i]))
		}
	}
	if s.onlyAs && s.leads == 0 {
		for i := range 1 + steps {
			row.Cells[i] = noPrice
		}
	}
	return row
}

// said is the sum in words, for phones that show no pictures.
func (l leadTable) said(list []leadSum) string {
	all := total(list, "")
	args := map[string]any{"n": l.number(all.leads)}
	parts, prices := []string{l.text(l.lang, "report.said_leads", args)}, []string{l.text(l.lang, "report.said_price", map[string]any{"price": l.price(all.cost, all.leads)})}
	for i, step := range l.Kit.Reports.Steps {
		name, share := l.text(l.lang, step.Key, nil), 0
		if all.leads > 0 {
			share = (all.reached[i]*200 + all.leads) / (2 * all.leads) // rounded
		}
		parts = append(parts, fmt.Sprintf("%s %s (%d\u00a0%%)", name, l.number(all.reached[i]), share))
		prices = append(prices, name+" "+l.price(all.cost, all.reached[i]))
	}
	text := strings.Join(parts, " · ")
	if !l.costed {
		return text
	}
	return text + "\n" + l.text(l.lang, "report.said_cost", map[string]any{"cost": l.money(all.cost), "prices": strings.Join(prices, " · ")})
}

// shown is a number of hundredths as people of a language write it.
func (l leadTable) shown(currency string, minor float64) string {
	return fmt.Sprint(slot.Show(slot.Spec{Type: "money", Lang: l.lang, Currency: currency}, slot.Value{Number: minor}))
}

// number is a count as people of a language write it.
func (l leadTable) number(n int) string {
	return l.shown("", float64(n)*100)
}

// money is an amount with its currency, in whole units.
func (l leadTable) money(minor int64) string {
	return html.EscapeString(l.shown(l.Kit.Reports.Currency, float64(whole(minor))))
}

// amount is money without the currency, which stands above it.
func (l leadTable) amount(minor int64) string {
	return l.shown("", float64(whole(minor)))
}

// price is what one cost.
func (l leadTable) price(minor int64, n int) string {
	if n == 0 || minor == 0 {
		return noPrice
	}
	return l.amount((minor + int64(n)/2) / int64(n))
}

// whole leaves the hundredths of small amounts only: nobody reads those of large ones.
func whole(minor int64) int64 {
	if minor < 100_00 {
		return minor
	}
	return (minor + 50) / 100 * 100
}

// sign is how the currency is written.
func (l leadTable) sign() string {
	return html.EscapeString(strings.TrimLeft(l.shown(l.Kit.Reports.Currency, 0), "0\u00a0 "))
}
