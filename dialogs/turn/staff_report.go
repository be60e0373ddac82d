package turn

import (
	"errors"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/dates"
	"govorun/locales"
)

// A report is what came of the leads of a time, or what employees did in it, as its reader sees the deals: a head of one city reads of that
// city. It stands in the reader's own chat, with buttons for other views and times.

// reportView is what a report is about; a button bears it.
type reportView string

const (
	viewLeads    reportView = "l"
	viewWork     reportView = "p"
	viewContacts reportView = "d"
	viewParked   reportView = "k"
)

const (
	reportPrefix = "s"
	reportDays   = 366 // a report of more would not be read within two seconds
	buttonDay    = "20060102"
)

// reportViews are the views in the order of their buttons, with the last part of their text keys.
var reportViews = []struct {
	view reportView
	key  string
}{{viewLeads, "leads"}, {viewWork, "work"}, {viewContacts, "contacts"}, {viewParked, "parked"}}

// report answers /reports: the view and the time may follow in words.
func (g *group) report(t *postgres.Turn) error {
	view, rest := g.reportViewOf(t.In.Args)
	if view == viewLeads && g.Kit.Reports == nil {
		view = viewWork
	}
	// What is reported bears the database's time.
	period, known := g.reportPeriod(rest, g.tx.Now.In(g.Kit.Zone))
	if !known {
		lang := g.lang(t)
		return g.wrong(t, "report.bad_period", map[string]any{"days": reportDays}, "reports", "reports "+g.text(lang, "report.example", nil))
	}
	return g.sendReport(t, view, period)
}

// reportViewOf takes the word of a view off the front of what was typed. Without one it is about leads.
func (g *group) reportViewOf(args string) (reportView, string) {
	word, rest, _ := strings.Cut(strings.TrimSpace(args), " ")
	folded := locales.Fold(word)
	for _, v := range reportViews {
		for _, lang := range g.Kit.Languages {
			if folded != "" && slices.Contains(g.Kit.Texts.Words(lang, "report.words_"+v.key), folded) {
				return v.view, strings.TrimSpace(rest)
			}
		}
	}
	return viewLeads, strings.TrimSpace(args)
}

// reportPeriod reads whole days: this month when nothing is said. It reports false when the words are no such time.
func (g *group) reportPeriod(text string, now time.Time) (postgres.Period, bool) {
	midnight := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
	}
	if text == "" {
		return thisMonth(now, now.Location()), true
	}
	span, mistake := dates.New(g.Kit.Texts).Span(text)
	if mistake != 0 {
		return postgres.Period{}, false
	}
	found, mistake := span.Range(now, dates.Past)
	if mistake != 0 || found.From.IsZero() {
		return postgres.Period{}, false
	}
	p := postgres.Period{From: midnight(found.From), Until: midnight(now).AddDate(0, 0, 1)}
	if !found.To.IsZero() {
		p.Until = midnight(found.To)
		if p.Until.Before(found.To) {
			p.Until = p.Until.AddDate(0, 0, 1)
		}
	}
	return p, fitsReport(p)
}

// fitsReport tells whether a report may be about a time.
func fitsReport(p postgres.Period) bool {
	return p.From.Before(p.Until) && p.From.Year() >= 2000 && !p.Until.After(p.From.AddDate(0, 0, reportDays))
}

// reportPress is a button of a report: s:VIEW:FROM:UNTIL. It says nothing that its presser might not ask for by the command.
func (g *group) reportPress(t *postgres.Turn, parts []string) (toast string, err error) {
	lang := g.lang(t)
	c := commandOf("reports")
	switch {
	case !g.may(t, *c):
		return g.text(lang, "staff.no_right", nil), nil
	case t.Talk.Group:
		return g.text(lang, "staff.private_only", map[string]any{"command": c.name}), nil
	case len(parts) != 4:
		return g.text(lang, "grammar.stale", nil), nil
	}
	from, wrong := time.ParseInLocation(buttonDay, parts[2], g.Kit.Zone)
	until, bad := time.ParseInLocation(buttonDay, parts[3], g.Kit.Zone)
	p, view := postgres.Period{From: from, Until: until}, reportView(parts[1])
	if wrong != nil || bad != nil || !fitsReport(p) || g.reportKey(view) == "" {
		return g.text(lang, "grammar.stale", nil), nil
	}
	return "", g.sendReport(t, view, p)
}

// sendReport sends a report to the author of a turn.
func (g *group) sendReport(t *postgres.Turn, view reportView, p postgres.Period) error {
	out, err := g.reportFor(*t.Employee, g.lang(t), view, p)
	if errors.Is(err, crm.ErrTooBroad) {
		return g.wrong(t, "report.too_long", nil, "reports "+g.text(g.lang(t), "report.example_short", nil))
	}
	if err == nil {
		out.Buttons = g.reportButtons(g.lang(t), view, p)
		_, err = g.send(t, out)
	}
	return err
}

// reportFor makes a report as an employee may read it, without an address and buttons.
func (g *group) reportFor(reader crm.Employee, lang string, view reportView, p postgres.Period) (crm.Outbound, error) {
	switch view {
	case viewLeads:
		return g.reportLeads(reader, lang, p)
	case viewWork:
		return g.reportWork(reader, lang, p)
	case viewContacts:
		return g.reportContacts(reader, lang, p)
	}
	return g.reportParked(reader, lang)
}

// reportKey is the last part of the text keys of a view, empty when there is no such view in this kit.
func (g *group) reportKey(view reportView) string {
	for _, v := range reportViews {
		if v.view == view && (view != viewLeads || g.Kit.Reports != nil) {
			return v.key
		}
	}
	return ""
}

// reportButtons lead to the other views of the time and, for this view, to the times before and after.
func (g *group) reportButtons(lang string, view reportView, p postgres.Period) [][]crm.Button {
	button := func(text string, view reportView, p postgres.Period) crm.Button {
		return crm.Button{Text: text, Data: strings.Join([]string{reportPrefix, string(view), p.From.Format(buttonDay), p.Until.Format(buttonDay)}, ":")}
	}
	var rows [][]crm.Button
	for _, v := range reportViews {
		if v.view == view || g.reportKey(v.view) == "" {
			continue
		}
		if len(rows) == 0 || len(rows[len(rows)-1]) == 2 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], button(unescaped(g.text(lang, "report.button_"+v.key, nil)), v.view, p))
	}
	if view == viewParked { // that is now
		return rows
	}
	before, after := beside(p)
	times := []crm.Button{button("⬅️ "+g.periodName(lang, before), view, before)}
	if after.From.Before(g.tx.Now) {
		times = append(times, button(g.periodName(lang, after)+" ➡️", view, after))
	}
	return append(rows, times)
}

// beside are the times of the same length before and after one; those of a month are months.
func beside(p postgres.Period) (before, after postgres.Period) {
	if isMonth(p) {
		return postgres.Period{From: p.From.AddDate(0, -1, 0), Until: p.From}, postgres.Period{From: p.Until, Until: p.Until.AddDate(0, 1, 0)}
	}
	days := daysOf(p)
	return postgres.Period{From: p.From.AddDate(0, 0, -days), Until: p.From}, postgres.Period{From: p.Until, Until: p.Until.AddDate(0, 0, days)}
}

func isMonth(p postgres.Period) bool {
	return p.From.Day() == 1 && p.Until.Equal(p.From.AddDate(0, 1, 0))
}

// daysOf counts the days of a time; clocks may be put forward or back in it.
func daysOf(p postgres.Period) int { return int(p.Until.Sub(p.From).Hours()/24 + 0.5) }

// periodName says a time in words: “November 2026”, “1–15 November 2026”.
func (g *group) periodName(lang string, p postgres.Period) string {
	calendar := dates.New(g.Kit.Texts)
	last := p.Until.AddDate(0, 0, -1)
	args := map[string]any{"from": p.From.Day(), "to": last.Day(), "month": calendar.Month(lang, p.From.Month()), "month_to": calendar.Month(lang, last.Month()),
		"year": p.From.Year(), "year_to": last.Year()}
	key := "report.period_years"
	switch {
	case isMonth(p):
		args["month"] = strings.Split(g.text(lang, "report.months", nil), "|")[p.From.Month()-1]
		key = "report.period_month"
	case p.From.Equal(last):
		key = "report.period_day"
	case p.From.Year() == last.Year() && p.From.Month() == last.Month():
		key = "report.period_days"
	case p.From.Year() == last.Year():
		key = "report.period_months"
	}
	return g.text(lang, key, args)
}
