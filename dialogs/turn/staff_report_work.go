package turn

import (
	"fmt"
	"html"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/reports"
)

// Of the rating of contacts, how many of the best and of the worst are named.
const (
	ratedBest  = 10
	ratedWorst = 5
)

// parkedWanted is what reports count as parked.
func parkedWanted(perOwner int) postgres.ParkedWanted {
	return postgres.ParkedWanted{Touches: ParkedTouches, Idle: ParkedIdle, PerOwner: perOwner}
}

// reportWork tells what each employee did in a time.
func (g *group) reportWork(reader crm.Employee, lang string, p postgres.Period) (crm.Outbound, error) {
	work, customers, err := g.tx.WorkReport(g.ctx, reader.ID, p, parkedWanted(1))
	if err != nil {
		return crm.Outbound{}, err
	}
	title := g.text(lang, "report.work_title", map[string]any{"period": g.periodName(lang, p)})
	if len(work) == 0 {
		return crm.Outbound{Kind: crm.OutMessage, Text: title + "\n" + g.text(lang, "report.no_work", nil)}, nil
	}
	b := reports.Block{Title: withoutMarkup(g.text(lang, "report.work", nil))}
	for _, column := range []string{"worked", "won", "lost", "attempts", "parked", "points"} {
		b.Columns = append(b.Columns, unescaped(g.text(lang, "report.work_"+column, nil)))
	}
	b.Bars = b.Columns[:1]
	var all postgres.Work
	for i, w := range work {
		all.Worked, all.Won, all.Lost, all.Attempts, all.Parked = all.Worked+w.Worked, all.Won+w.Won, all.Lost+w.Lost, all.Attempts+w.Attempts, all.Parked+w.Parked
		if i < reportRows {
			b.Rows = append(b.Rows, reports.Row{Name: g.inTable(lang, w.Employee), Bars: []int{w.Worked}, Cells: workCells(w, signed(w.Points))})
		}
	}
	if more := len(work) - reportRows; more > 0 {
		b.Rows = append(b.Rows, reports.Row{Name: unescaped(g.text(lang, "report.more", map[string]any{"n": more}))})
	}
	if len(work) > 1 {
		b.Total = &reports.Row{Name: unescaped(g.text(lang, "report.total", nil)), Cells: workCells(all, "")}
		b.Total.Cells[0] = "" // a deal on which two worked would count twice
	}
	note := g.text(lang, "report.work_note", nil) + " " + g.text(lang, "report.work_note_parked", map[string]any{"touches": ParkedTouches, "days": int(ParkedIdle.Hours() / 24)})
	data, err := reports.Draw(reports.Report{Title: withoutMarkup(title), Note: withoutMarkup(note), Blocks: []reports.Block{b}})
	if err != nil {
		return crm.Outbound{}, err
	}
	text := title + "\n" + g.text(lang, "report.said_work", map[string]any{"won": all.Won, "lost": all.Lost, "parked": all.Parked})
	if all.Attempts+customers > 0 {
		text += "\n" + g.text(lang, "report.said_attempts", map[string]any{"n": all.Attempts + customers, "employees": all.Attempts})
	}
	return g.pictured(text, "work", p, data), nil
}

func workCells(w postgres.Work, points string) []string {
	cells := make([]string, 0, 6)
	for _, n := range []int{w.Worked, w.Won, w.Lost, w.Attempts, w.Parked} {
		cells = append(cells, strconv.Itoa(n))
	}
	return append(cells, points)
}

// signed writes points with their sign.
func signed(points int) string {
	if points == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", points)
}

// inTable is an employee in a table, with their city, and whether they have gone.
func (g *group) inTable(lang string, e crm.Employee) string {
	name := e.Name
	if e.City != "" {
		name += " · " + g.Kit.CityIn(lang, e.City)
	}
	if !e.Active {
		name += " · " + unescaped(g.text(lang, "report.gone", nil))
	}
	return name
}

// reportContacts tells who of the contacts had the most points in a time, and who the fewest.
func (g *group) reportContacts(reader crm.Employee, lang string, p postgres.Period) (crm.Outbound, error) {
	list, err := g.tx.RatedContacts(g.ctx, reader.ID, p, ratedBest, ratedWorst)
	if err != nil {
		return crm.Outbound{}, err
	}
	lines := []string{g.text(lang, "report.contacts_title", map[string]any{"period": g.periodName(lang, p)})}
	if len(list) == 0 {
		lines = append(lines, g.text(lang, "report.no_points", nil))
	}
	for i, c := range list {
		if i > 0 && c.Place > list[i-1].Place+1 {
			lines = append(lines, "…")
		}
		lines = append(lines, g.text(lang, "report.contact_line", map[string]any{"place": c.Place, "points": signed(c.Points), "times": c.Times,
			"name": html.EscapeString(either(c.Name, g.text(lang, "report.nameless", nil)))}))
	}
	return crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n")}, nil
}

// reportParked tells which deals only robots keep alive, as the weekly digest does.
func (g *group) reportParked(reader crm.Employee, lang string) (crm.Outbound, error) {
	list, err := g.tx.ParkedFor(g.ctx, reader.ID, parkedWanted(digestOwner))
	if err != nil {
		return crm.Outbound{}, err
	}
	return crm.Outbound{Kind: crm.OutMessage, Text: g.parked(list, lang)}, nil
}
