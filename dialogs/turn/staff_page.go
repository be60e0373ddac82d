package turn

import (
	"html"
	"strconv"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff/filter"
)

const (
	pageSize = 5
	// maxConditions is how many conditions of a filter have a button that takes them away.
	maxConditions = 6
)

// found is one page of a list. Own of its deals are the reader's, when the list begins with those.
type found struct {
	postgres.Found
	own   int
	parts bool // own deals and free ones are counted apart
}

// sorts are the orders through which the button goes; the first is the default.
var sorts = [...]crm.Sort{"", crm.SortDue, crm.SortEntered, crm.SortVisit, crm.SortCity}

// usual are the filters that have a button of their own, as they are typed.
var usual = [...]string{"new", "today", "overdue", "free"}

// page finds a page of a list and shows it. Page is moved back when the list has become shorter.
func (g *group) page(t *postgres.Turn, a asked, l *postgres.List) (crm.Outbound, error) {
	f, err := g.find(t, a, *l)
	if err == nil && len(f.Deals) == 0 && l.Page > 0 {
		l.Page = max(0, (f.Total-1)/pageSize)
		f, err = g.find(t, a, *l)
	}
	if err != nil {
		return crm.Outbound{}, err
	}
	out := crm.Outbound{Kind: crm.OutMessage}
	if len(f.Deals) == 0 {
		if out.Text, err = g.nothing(t, a); err != nil {
			return out, err
		}
	} else {
		out.Text = g.lines(t, f, *l)
		out.Buttons = append(g.numbers(f, *l), g.pages(f, *l)...)
	}
	if len(a.typed.Conditions) > 0 {
		out.Text += "\n🔎 " + html.EscapeString(filter.Say(a.typed, a.world))
	}
	out.Buttons = append(out.Buttons, g.conditions(t, a, *l)...)
	return out, nil
}

// find reads a page. The list of one's own shows first what one has, then what one may take.
func (g *group) find(t *postgres.Turn, a asked, l postgres.List) (found, error) {
	skip := l.Page * pageSize
	if l.Base != postgres.BaseMy || speaksOf(a.typed, crm.ByOwner) {
		all, err := g.tx.Find(g.ctx, t.Employee.ID, a.full, postgres.Page{Skip: skip, Size: pageSize})
		return found{Found: all}, err
	}
	mine, err := g.tx.Find(g.ctx, t.Employee.ID, ownedBy(a.full, int64(t.Employee.ID)), postgres.Page{Skip: skip, Size: pageSize})
	if err != nil {
		return found{}, err
	}
	free, err := g.tx.Find(g.ctx, t.Employee.ID, ownedBy(a.full, 0), postgres.Page{Skip: max(0, skip-mine.Total), Size: pageSize})
	if err != nil {
		return found{}, err
	}
	f := found{Found: mine, own: mine.Total, parts: true}
	f.Deals = append(f.Deals, free.Deals[:min(len(free.Deals), pageSize-len(f.Deals))]...)
	f.Total, f.AtLeast = mine.Total+free.Total, mine.AtLeast || free.AtLeast
	return f, nil
}

// ownedBy asks for the deals of one owner instead of those that a filter names.
func ownedBy(f crm.Filter, owner int64) crm.Filter {
	conditions := make([]crm.Condition, len(f.Conditions))
	for i, c := range f.Conditions {
		if c.Key == crm.ByOwner {
			c.IDs = []int64{owner}
		}
		conditions[i] = c
	}
	f.Conditions = conditions
	return f
}

// count is how many deals a list has, "1000+" when nobody counted further.
func (f found) count() string {
	n := strconv.Itoa(f.Total)
	if f.AtLeast {
		n += "+"
	}
	return n
}

// lines are the title and the deals of a page.
func (g *group) lines(t *postgres.Turn, f found, l postgres.List) string {
	lang := g.lang(t)
	key := "list.title_" + string(l.Base)
	args := map[string]any{"count": f.count()}
	if f.parts {
		args = map[string]any{"own": f.own, "free": found{Found: postgres.Found{Total: f.Total - f.own, AtLeast: f.AtLeast}}.count()}
	} else if l.Base == postgres.BaseMy {
		key = "list.title_deals"
	}
	lines := []string{"<b>" + g.text(lang, key, args) + "</b>"}
	for i, d := range f.Deals {
		lines = append(lines, strconv.Itoa(i+1)+". "+g.line(t, d))
	}
	return strings.Join(lines, "\n")
}

// line is one deal of a list.
func (g *group) line(t *postgres.Turn, d postgres.FoundDeal) string {
	lang, zone := g.lang(t), g.Kit.ZoneOf(t.Employee.City)
	parts := []string{g.text(lang, "staff.show_deal", map[string]any{"id": int(d.ID)})}
	for _, word := range []string{short(either(d.Title, d.ContactName)), d.Code, short(d.Address)} {
		if word != "" {
			parts = append(parts, html.EscapeString(word))
		}
	}
	parts = append(parts, "<i>"+g.stageName(d.Pipeline, d.Stage, lang)+"</i>")
	switch {
	case d.Status != crm.DealOpen:
	case d.Owner == 0:
		parts = append(parts, g.text(lang, "staff.work_free", nil))
	case d.Owner != t.Employee.ID:
		parts = append(parts, "👷 "+html.EscapeString(d.OwnerName))
	}
	switch {
	case !d.VisitAt.IsZero():
		parts = append(parts, "📅 "+g.moment(lang, d.VisitAt, zone))
	case !d.DueAt.IsZero() && d.DueAt.Before(g.now):
		parts = append(parts, "⏰ "+g.moment(lang, d.DueAt, zone))
	case !d.DueAt.IsZero():
		parts = append(parts, "🕓 "+g.moment(lang, d.DueAt, zone))
	}
	return strings.Join(parts, " · ")
}

// short cuts what would make a line of a list long.
func short(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most-1])) + "…"
	}
	return s
}

// moment is a time as people say it: with the day's name when it is near.
func (g *group) moment(lang string, at time.Time, zone *time.Location) string {
	at = at.In(zone)
	now := g.now.In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, zone)
	key := ""
	switch {
	case day.Equal(today):
		key = "list.today"
	case day.Equal(today.AddDate(0, 0, -1)):
		key = "list.yesterday"
	case day.Equal(today.AddDate(0, 0, 1)):
		key = "list.tomorrow"
	case at.Year() != now.Year():
		return at.Format("02.01.2006")
	default:
		return at.Format("02.01 15:04")
	}
	return g.text(lang, key, map[string]any{"time": at.Format("15:04")})
}

// nothing says that a list is empty, and when the newest deal came that the reader sees at all.
func (g *group) nothing(t *postgres.Turn, a asked) (string, error) {
	lang := g.lang(t)
	newest, err := g.tx.Find(g.ctx, t.Employee.ID, crm.Filter{}, postgres.Page{Size: 1})
	if err != nil {
		return "", err
	}
	key := "list.none"
	switch fresh, _ := filter.Parse(usual[0], a.world); {
	case len(a.typed.Conditions) == 0 && a.world.Command == string(postgres.BaseMy):
		key = "list.none_my"
	case len(a.typed.Conditions) == 0 && a.world.Command == string(postgres.BaseDeals):
		key = "list.none_open"
	case len(a.typed.Conditions) == 1 && filter.String(a.typed, a.world) == filter.String(fresh, a.world):
		key = "list.none_new"
	}
	text := g.text(lang, key, nil)
	if len(newest.Deals) == 1 {
		text += " " + g.text(lang, "list.newest", map[string]any{"when": g.moment(lang, newest.Deals[0].CreatedAt.Add(g.Shift()), g.Kit.ZoneOf(t.Employee.City))})
	}
	return text, nil
}

// listPressed is the data of a button of a list.
func listPressed(l postgres.List, action string) string {
	return "f:" + l.Token + ":" + strconv.Itoa(l.Revision) + ":" + action
}

// numbers are the buttons that show the cards of a page.
func (g *group) numbers(f found, l postgres.List) [][]crm.Button {
	row := make([]crm.Button, len(f.Deals))
	for i, d := range f.Deals {
		row[i] = crm.Button{Text: strconv.Itoa(i + 1), Data: listPressed(l, "d"+strconv.FormatInt(int64(d.ID), 10))}
	}
	return [][]crm.Button{row}
}

// pages are the buttons that turn pages, none when there is one page only.
func (g *group) pages(f found, l postgres.List) [][]crm.Button {
	if f.Total <= pageSize && l.Page == 0 {
		return nil
	}
	last := max(0, (f.Total-1)/pageSize)
	here := strconv.Itoa(l.Page+1) + "/" + strconv.Itoa(last+1)
	if f.AtLeast {
		here += "+"
	}
	turn := func(page int) string { return listPressed(l, "p"+strconv.Itoa(page)) }
	var row []crm.Button
	if l.Page > 0 {
		row = append(row, crm.Button{Text: "⬅️", Data: turn(l.Page - 1)})
	}
	row = append(row, crm.Button{Text: here, Data: turn(l.Page)})
	if l.Page < last || f.AtLeast && len(f.Deals) == pageSize {
		row = append(row, crm.Button{Text: "➡️", Data: turn(l.Page + 1)})
	}
	return [][]crm.Button{row}
}

// conditions are the buttons that change a filter: take a part away, add a usual one, sort otherwise.
func (g *group) conditions(t *postgres.Turn, a asked, l postgres.List) (rows [][]crm.Button) {
	lang := g.lang(t)
	add := func(perRow int, b crm.Button) {
		if len(rows) == 0 || len(rows[len(rows)-1]) >= perRow {
			rows = append(rows, nil)
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], b)
	}
	for i, c := range a.typed.Conditions {
		if i < maxConditions {
			add(2, crm.Button{Text: short(c.Written) + " ✖️", Data: listPressed(l, "x"+strconv.Itoa(i))})
		}
	}
	if len(a.typed.Conditions) == 0 && l.Base != postgres.BaseFind {
		rows = append(rows, nil)
		for i, word := range usual {
			add(len(usual)/2, crm.Button{Text: g.text(lang, "list.usual_"+word, nil), Data: listPressed(l, "u"+strconv.Itoa(i))})
		}
	}
	sort := "newest"
	if a.typed.Sort != "" {
		sort = string(a.typed.Sort)
	}
	rows = append(rows, []crm.Button{{Text: "↕️ " + g.text(lang, "list.sort_"+sort, nil), Data: listPressed(l, "s")}})
	return rows
}
