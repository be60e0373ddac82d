package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"govorun/crm"
	"govorun/crm/postgres"
)

const (
	// maxSaved is how many commands an employee may save: what a menu and a phone can show.
	maxSaved = 50
	// suggested is how many letters a suggested name has at most, so that it fits into a button.
	suggested = 20
	// savedMark begins the data of the buttons that remove a saved command.
	savedMark = "f:-:"
)

// ownCommand finds a saved command of the author of the turn by its name or by what the menu calls it; nil when there is none.
func (g *group) ownCommand(t *postgres.Turn, name string) (*postgres.Saved, error) {
	all, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return nil, err
	}
	name = plainName(name)
	for _, s := range all {
		if plainName(s.Name) == name || s.Command == name {
			return &s, nil
		}
	}
	return nil, nil
}

// runSaved lists what a saved command is for; words behind it narrow it further.
func (g *group) runSaved(t *postgres.Turn, s *postgres.Saved, args string) error {
	if s == nil {
		return nil
	}
	return g.list(t, s.Base, s.Query+" "+args)
}

// save makes a command of the employee's last list.
func (g *group) save(t *postgres.Turn) error {
	name := plainName(strings.TrimLeft(strings.TrimSpace(t.In.Args), "/"))
	if name == "" {
		return g.wrong(t, "saved.usage", nil, "save "+g.text(g.lang(t), "saved.example", nil))
	}
	if !isName(name) {
		return g.wrong(t, "saved.bad_name", nil, "save "+either(nameOf(name), g.text(g.lang(t), "saved.example", nil)))
	}
	if commandOf(name) != nil || g.dialogKnows(name) {
		return g.wrong(t, "saved.name_taken", map[string]any{"name": html.EscapeString(name)}, "save "+nameOf(name+"_2"))
	}
	l, err := g.tx.LastList(g.ctx, t.Employee.ID)
	if errors.Is(err, crm.ErrNotFound) {
		return g.wrong(t, "saved.no_list", nil, "my")
	}
	if err != nil {
		return err
	}
	all, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return err
	}
	known := slices.ContainsFunc(all, func(s postgres.Saved) bool { return s.Name == name })
	if len(all) >= maxSaved && !known {
		return g.wrong(t, "saved.too_many", map[string]any{"n": maxSaved}, "saved")
	}
	s := postgres.Saved{Employee: t.Employee.ID, Name: name, Command: g.menuName(name, all), Base: l.Base, Query: l.Query}
	if _, err := g.tx.Save(g.ctx, s); err != nil {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "filter_saved", Data: crm.Fields{"name": name, "base": string(l.Base)}})
	if err := g.showStaffMenu(t); err != nil {
		return err
	}
	key := "saved.done"
	if s.Command != name && s.Command != "" {
		key = "saved.done_latin"
	}
	return g.wrong(t, key, map[string]any{"name": html.EscapeString(name), "command": s.Command, "filter": html.EscapeString(either(s.Query, "/"+string(s.Base)))}, name, "schedule "+name+" 8:30")
}

// isName tells whether a word may name a command: a letter, then letters, digits and _, at most 32.
func isName(name string) bool {
	r := []rune(name)
	return len(r) > 0 && len(r) <= maxCommand && unicode.IsLetter(r[0]) &&
		!slices.ContainsFunc(r, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
}

// nameOf makes the nearest right name of a wrong one, empty when it has no letter.
func nameOf(wrong string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			return r
		case unicode.IsSpace(r) || r == '-':
			return '_'
		}
		return -1
	}, wrong)
	name = strings.TrimLeftFunc(strings.Trim(name, "_"), func(r rune) bool { return !unicode.IsLetter(r) })
	if r := []rune(name); len(r) > suggested {
		name = string(r[:suggested])
	}
	return name
}

// menuName is what the command menu calls a saved command: its name in Latin letters, other than those of all other commands. Empty when
// no letter of it has a Latin form.
func (g *group) menuName(name string, own []postgres.Saved) string {
	base := latin(name)
	for n := 1; base != "" && n < 100; n++ {
		candidate := base
		if n > 1 {
			candidate = strings.TrimRight(base[:min(len(base), maxCommand-3)], "_") + "_" + strconv.Itoa(n)
		}
		taken := commandOf(candidate) != nil || g.dialogKnows(candidate) ||
			slices.ContainsFunc(own, func(s postgres.Saved) bool {
				return s.Command == candidate && s.Name != name || s.Name == candidate && s.Name != name
			})
		if !taken {
			return candidate
		}
	}
	return ""
}

// latin writes a Russian or Kazakh word in Latin letters, as far as a command may have them.
func latin(name string) string {
	const from = "а б в г д е ж з и й к л м н о п р с т у ф х ц ч ш щ ъ ы ь э ю я ә ғ қ ң ө ұ ү һ і"
	const to = "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh sch - y - e yu ya a g k n o u u h i"
	letters, forms := strings.Fields(from), strings.Fields(to)
	var b strings.Builder
	for _, r := range plainName(name) {
		if r < unicode.MaxASCII {
			b.WriteRune(r)
		} else if at := slices.Index(letters, string(r)); at >= 0 && forms[at] != "-" {
			b.WriteString(forms[at])
		}
	}
	s := strings.TrimLeft(b.String(), "_0123456789")
	return strings.TrimRight(s[:min(len(s), maxCommand)], "_")
}

// saved lists the employee's own commands, with buttons that run and remove them.
func (g *group) saved(t *postgres.Turn) error {
	out, err := g.savedList(t)
	if err == nil {
		_, err = g.send(t, out)
	}
	return err
}

func (g *group) savedList(t *postgres.Turn) (crm.Outbound, error) {
	lang, me := g.lang(t), strconv.FormatInt(int64(t.Employee.ID), 10)
	out := crm.Outbound{Kind: crm.OutMessage, Text: g.text(lang, "saved.none", nil)}
	all, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil || len(all) == 0 {
		return out, err
	}
	lines := []string{g.text(lang, "saved.title", nil)}
	for _, s := range all {
		line := "⭐ /" + html.EscapeString(either(s.Command, s.Name)) + " · " + html.EscapeString(s.Name)
		if s.Query != "" {
			line += " · " + html.EscapeString(short(s.Query))
		}
		if s.Minute >= 0 {
			line += " · 🕗 " + clockOf(s.Minute)
		}
		lines = append(lines, line)
		row := []crm.Button{{Text: "✖️ " + s.Name, Data: savedMark + me + ":" + strconv.FormatInt(int64(s.ID), 10)}}
		if b, fits := run(t.Employee.ID, s.Name); fits {
			row = append([]crm.Button{b}, row...)
		}
		out.Buttons = append(out.Buttons, row)
	}
	out.Text = strings.Join(lines, "\n")
	return out, nil
}

// savedPress removes a saved command of its owner: f:-:<employee>:<command>.
func (g *group) savedPress(t *postgres.Turn, parts []string) (toast string, err error) {
	if len(parts) != 4 {
		return "", crm.ErrNotFound
	}
	if owner, _ := strconv.ParseInt(parts[2], 10, 64); crm.EmployeeID(owner) != t.Employee.ID {
		return g.notYours(t), nil
	}
	id, _ := strconv.ParseInt(parts[3], 10, 64)
	toast = g.text(g.lang(t), "saved.removed", nil)
	switch err := g.tx.ForgetSaved(g.ctx, t.Employee.ID, postgres.SavedID(id)); {
	case errors.Is(err, crm.ErrNotFound):
		toast = g.text(g.lang(t), "grammar.already_done", nil)
	case err != nil:
		return "", err
	default:
		g.event(t, postgres.EventRow{Kind: "filter_removed", Data: crm.Fields{"saved": id}})
		if err := g.showStaffMenu(t); err != nil {
			return "", err
		}
	}
	out, err := g.savedList(t)
	if err != nil {
		return "", err
	}
	return toast, g.replace(t, out)
}
