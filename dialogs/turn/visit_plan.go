package turn

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/visits/picture"
	"govorun/dialogs/slot"
)

const (
	planLines   = 12 // visits that a plan names in words; the picture has all
	planButtons = 8
)

// planDay shows the visits of a day: those of one's own crew, or of all crews of the city for who plans them.
func (g *group) planDay(t *postgres.Turn) error {
	day, plan, err := g.planned(t, 1)
	if err != nil || day.IsZero() {
		return err
	}
	lang := g.lang(t)
	name := slot.ShowWeekday(lang, g.now, day)
	if len(plan) == 0 {
		return g.say(t, "visit.plan_none", map[string]any{"day": html.EscapeString(name)})
	}
	title := g.text(lang, "visit.plan_title", map[string]any{"day": html.EscapeString(name), "n": len(plan)})
	drawn := picture.Plan{Title: withoutMarkup(title), Now: g.now, From: 9, To: 18}
	for _, v := range plan {
		i := slices.IndexFunc(drawn.Columns, func(c picture.Column) bool { return c.Name == v.Crew })
		if i < 0 {
			i = len(drawn.Columns)
			drawn.Columns = append(drawn.Columns, picture.Column{Name: v.Crew, Day: day})
		}
		drawn.Columns[i].Visits = append(drawn.Columns[i].Visits, picture.Visit{Start: v.Start, End: v.End, Done: v.Status == crm.VisitDone,
			Lines: []string{g.hoursOf(v), withoutMarkup(g.text(lang, "visit.open", map[string]any{"id": int(v.Deal)})) + " " + v.Title, v.Address, v.Contact, v.Phone}})
	}
	data, err := picture.Draw(drawn)
	if err != nil {
		return err
	}
	return g.sendPlan(t, strings.Join(append([]string{title}, g.planText(plan, lang)...), "\n"), data, g.planCards(t, plan))
}

// planWeek shows the visits of seven days, crew by crew.
func (g *group) planWeek(t *postgres.Turn) error {
	from, plan, err := g.planned(t, 7)
	if err != nil || from.IsZero() {
		return err
	}
	lang := g.lang(t)
	drawn := picture.Week{Today: -1}
	var lines []string
	for i := range 7 {
		day := from.AddDate(0, 0, i)
		if day.Format(time.DateOnly) == g.now.In(day.Location()).Format(time.DateOnly) {
			drawn.Today = i
		}
		name := slot.ShowWeekday(lang, g.now, day)
		drawn.Days = append(drawn.Days, name)
		n := len(slices.DeleteFunc(slices.Clone(plan), func(v postgres.VisitView) bool { return dayOf(v, day) != 0 }))
		lines = append(lines, g.text(lang, "visit.week_line", map[string]any{"day": html.EscapeString(name), "n": n}))
	}
	for _, v := range plan {
		i := slices.IndexFunc(drawn.Rows, func(r picture.Row) bool { return r.Name == v.Crew })
		if i < 0 {
			i = len(drawn.Rows)
			drawn.Rows = append(drawn.Rows, picture.Row{Name: v.Crew, Days: make([][]string, 7)})
		}
		at := min(max(dayOf(v, from), 0), 6)
		drawn.Rows[i].Days[at] = append(drawn.Rows[i].Days[at], v.Start.In(g.zoneOf(v.Booking)).Format("15:04")+" "+withoutMarkup(g.text(lang, "visit.open", map[string]any{"id": int(v.Deal)})))
	}
	last := from.AddDate(0, 0, 6)
	title := g.text(lang, "visit.week_title", map[string]any{"from": from.Format("02.01"), "to": last.Format("02.01"), "n": len(plan)})
	drawn.Title = withoutMarkup(title)
	data, err := picture.DrawWeek(drawn)
	if err != nil {
		return err
	}
	return g.sendPlan(t, title+"\n"+strings.Join(lines, "\n"), data, nil)
}

// dayOf is how many days after from a visit is.
func dayOf(v postgres.VisitView, from time.Time) int {
	zone := from.Location()
	at := v.Start.In(zone)
	midnight := time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, time.UTC)
	return int(midnight.Sub(time.Date(from.Year(), from.Month(), from.Day(), 12, 0, 0, 0, time.UTC)) / (24 * time.Hour))
}

// planned reads the day that was asked for, today when none was, and the visits of so many days. The day is zero when the answer has
// been given.
func (g *group) planned(t *postgres.Turn, days int) (time.Time, []postgres.VisitView, error) {
	if len(g.Kit.Visits) == 0 {
		return time.Time{}, nil, g.say(t, "visit.no_visits", nil)
	}
	me := *t.Employee
	now := g.now.In(g.Kit.ZoneOf(me.City))
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if asked := strings.TrimSpace(t.In.Args); asked != "" {
		v, wrong := slot.Parse(slot.Spec{Type: "date", Lang: g.lang(t), Now: now}, slot.Given{Text: asked})
		if wrong != nil {
			command := "plan"
			if days == 7 {
				command = "week"
			}
			return time.Time{}, nil, g.wrong(t, "visit.plan_usage", map[string]any{"command": command}, command)
		}
		day = v.Time
	}
	if days == 7 { // a week begins on Monday
		day = day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	}
	crew, city := crm.ResourceOf(me), ""
	if g.Kit.May(me.Role, crm.MayPlan) {
		crew, city = 0, me.City
	}
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return time.Time{}, nil, err
	}
	plan, err := g.tx.Plan(g.ctx, day, day.AddDate(0, 0, days), crew, city)
	return day, plan, err
}

// planText is a plan in words, for phones that show no pictures.
func (g *group) planText(plan []postgres.VisitView, lang string) []string {
	var lines []string
	crew := ""
	several := slices.ContainsFunc(plan, func(v postgres.VisitView) bool { return v.Crew != plan[0].Crew })
	if several {
		plan = slices.Clone(plan)
		slices.SortStableFunc(plan, func(a, b postgres.VisitView) int { return strings.Compare(a.Crew, b.Crew) })
	}
	for i, v := range plan {
		if i == planLines {
			return append(lines, g.text(lang, "visit.plan_more", map[string]any{"n": len(plan) - i}))
		}
		if several && v.Crew != crew {
			crew = v.Crew
			lines = append(lines, "👷 "+html.EscapeString(crew))
		}
		key := "visit.plan_line"
		if v.Status == crm.VisitDone {
			key = "visit.plan_done"
		}
		lines = append(lines, g.text(lang, key, map[string]any{"time": g.hoursOf(v), "id": int(v.Deal), "title": html.EscapeString(v.Title)}))
		if v.Address != "" {
			lines = append(lines, g.text(lang, "visit.plan_place", map[string]any{"url": html.EscapeString(g.Kit.MapOf(placeOf(v))), "address": html.EscapeString(v.Address)}))
		}
		if v.Contact+v.Phone != "" {
			lines = append(lines, g.text(lang, "visit.plan_contact", map[string]any{"name": html.EscapeString(v.Contact), "phone": html.EscapeString(v.Phone)}))
		}
	}
	return lines
}

// planCards are buttons that show the deals of a plan.
func (g *group) planCards(t *postgres.Turn, plan []postgres.VisitView) (rows [][]crm.Button) {
	var shown []crm.DealID
	for _, v := range plan {
		pipeline := g.Kit.Visits[v.Kind]
		if pipeline == nil || len(shown) == planButtons || slices.Contains(shown, v.Deal) {
			continue
		}
		card := g.cardFor(t.Employee.Role, pipeline.Pipeline)
		if card == "" {
			continue
		}
		b := crm.Button{Text: g.text(g.lang(t), "visit.open", map[string]any{"id": int(v.Deal)}), Data: "k:" + strconv.FormatInt(int64(v.Deal), 10) + ":" + card + ":show"}
		if len(shown)%2 == 0 {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], b)
		shown = append(shown, v.Deal)
	}
	return rows
}

func (g *group) sendPlan(t *postgres.Turn, text string, data []byte, buttons [][]crm.Button) error {
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMedia, Text: text, Buttons: buttons,
		Media: []crm.Upload{{Kind: crm.Photo, Bytes: data, Name: fmt.Sprintf("plan-%s.png", g.now.Format(time.DateOnly)), MIME: "image/png"}}})
	return err
}

// hoursOf is when a visit begins and ends.
func (g *group) hoursOf(v postgres.VisitView) string {
	zone := g.zoneOf(v.Booking)
	return v.Start.In(zone).Format("15:04") + "–" + v.End.In(zone).Format("15:04")
}

// withoutMarkup takes the markup and the leading picture out of a text of ours.
func withoutMarkup(text string) string {
	text = html.UnescapeString(strings.NewReplacer("<b>", "", "</b>", "").Replace(text))
	return strings.TrimSpace(strings.TrimPrefix(text, "🗓"))
}

// placeOf is where a visit is as a map finds it: streets are called alike in many cities.
func placeOf(v postgres.VisitView) string {
	if v.City == "" || strings.Contains(v.Address, v.City) {
		return v.Address
	}
	return v.City + ", " + v.Address
}
