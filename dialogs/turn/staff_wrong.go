package turn

import (
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/locales"
)

// What is wrong is said together with the nearest right command, as a button that runs it.

// runMark begins the data of a button that runs a command; maxData is what a button may carry, in bytes, as with Telegram.
const (
	runMark = "f:!"
	maxData = 64
)

// run is a button that runs a command of its employee, false when it is too long for one.
func run(me crm.EmployeeID, command string) (crm.Button, bool) {
	command = "/" + strings.TrimPrefix(command, "/")
	data := runMark + strconv.FormatInt(int64(me), 10) + ":" + command
	return crm.Button{Text: command, Data: data}, len(data) <= maxData
}

// wrong says what is wrong with what an employee typed, and gives right commands to press; one that is too long for a button stands in the text.
func (g *group) wrong(t *postgres.Turn, key string, args map[string]any, commands ...string) error {
	text := g.text(g.lang(t), key, args)
	var rows [][]crm.Button
	for _, c := range commands {
		if c == "" {
			continue
		}
		if b, short := run(t.Employee.ID, c); short {
			rows = append(rows, []crm.Button{b})
		} else {
			text += "\n<code>/" + html.EscapeString(strings.TrimPrefix(c, "/")) + "</code>"
		}
	}
	_, err := g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text, Buttons: rows})
	return err
}

// runPress does what a button of wrong says, as if its employee had typed it.
func (g *group) runPress(t *postgres.Turn) (toast string, err error) {
	who, text, _ := strings.Cut(strings.TrimPrefix(t.In.Press.Data, runMark), ":")
	if id, _ := strconv.ParseInt(who, 10, 64); crm.EmployeeID(id) != t.Employee.ID {
		return g.notYours(t), nil
	}
	in := t.In
	defer func() { t.In = in }()
	t.In.Command, t.In.Args = typed(crm.Inbound{Kind: crm.InText, Text: text})
	t.In.Text, t.In.Press, t.In.Kind = text, nil, crm.InText
	return "", g.staffTyped(t)
}

// notYours is what somebody hears who pressed a button of another: in a group that it isn't theirs, elsewhere the same as if there were nothing.
func (g *group) notYours(t *postgres.Turn) string {
	if t.Talk.Group {
		return g.text(g.lang(t), "grammar.not_yours", nil)
	}
	g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": "list"}})
	return g.text(g.lang(t), "staff.deal_not_found", nil)
}

// unknown answers a command that nobody knows with those that are spelt nearly so.
func (g *group) unknown(t *postgres.Turn, name string, own []postgres.Saved) error {
	var names, may []string
	for _, c := range commandTable() {
		if g.offers(t.Employee.Role, c) {
			names = append(append(names, c.name), c.also...)
			may = append(may, c.name)
			for range c.also {
				may = append(may, c.name)
			}
		}
	}
	for _, s := range own {
		names, may = append(names, s.Name, s.Command), append(may, s.Name, s.Name)
	}
	forms := g.forms(g.lang(t))
	names, may = append(names, forms...), append(may, forms...)
	best, found := 3, ""
	for i, n := range names {
		if d := locales.Slips(plainName(name), plainName(n), best); d < best && d <= (len([]rune(name))+1)/2 {
			best, found = d, may[i]
		}
	}
	if found == "" || found == "help" {
		return g.wrong(t, "staff.unknown_command", nil, "help")
	}
	if slices.Contains(forms, found) { // dialogs begin with what is typed, and a command in a text is one to press
		out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(g.lang(t), "staff.unknown_command", nil) + "\n→ /" + found}
		_, err := g.send(t, out)
		return err
	}
	if _, args := typed(t.In); args != "" && len(args) < maxData {
		found += " " + args
	}
	return g.wrong(t, "staff.unknown_command", nil, found, "help")
}
