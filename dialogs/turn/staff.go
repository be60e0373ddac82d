package turn

import (
	"errors"
	"html"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs/staff"
)

// workLimit is how many deals a list shows.
const workLimit = 8

// staffCommands are the commands of employees: name to what it does.
var staffCommands = map[string]func(*group, *postgres.Turn) error{
	"start":  (*group).greet,
	"help":   func(g *group, t *postgres.Turn) error { return g.say(t, "staff.help", nil) },
	"my":     (*group).work,
	"deal":   (*group).showDeal,
	"why":    (*group).why,
	"shift":  (*group).shift,
	"tasks":  (*group).tasks,
	"rating": (*group).rating,
	"lang":   (*group).nextLanguage,
}

// forStaff tells whether an employee acts as one. An employee who scans a machine's code holds a dialog like anybody else.
func (g *group) forStaff(t *postgres.Turn) bool {
	switch {
	case ours(t.In.Kind) || t.In.Start != "":
		return t.Talk.Group
	case t.Talk.Group:
		return true
	case t.In.Press != nil:
		return strings.HasPrefix(t.In.Press.Data, "k:") || strings.HasPrefix(t.In.Press.Data, "t:")
	case t.In.Command != "":
		return staffCommands[t.In.Command] != nil
	}
	s, err := g.session(t.Talk)
	return err == nil && s.Dialog == ""
}

// staff does what an employee pressed or typed.
func (g *group) staff(t *postgres.Turn, trace *Trace) (Receipt, error) {
	if t.In.Press != nil {
		return g.staffPress(t, trace)
	}
	if do := staffCommands[t.In.Command]; do != nil {
		return Receipt{}, do(g, t)
	}
	if t.Talk.Group || t.In.Kind == crm.InEdit {
		return Receipt{}, nil // a talk among colleagues is theirs
	}
	if t.In.Command == "" {
		if spoken, err := g.speak(t); spoken || err != nil {
			return Receipt{}, err
		}
	}
	return Receipt{}, g.say(t, "staff.unknown_command", nil)
}

func (g *group) staffPress(t *postgres.Turn, trace *Trace) (Receipt, error) {
	if p, ok := staff.ParsePress(t.In.Press.Data); ok {
		return g.cardPress(t, p, trace)
	}
	parts := strings.Split(t.In.Press.Data, ":")
	if len(parts) == 3 && parts[0] == "t" {
		id, _ := strconv.ParseInt(parts[1], 10, 64)
		var toast string
		var err error
		switch parts[2] {
		case "take":
			toast, err = g.takeTalk(t, crm.ConversationID(id))
		case "back":
			toast, err = g.returnTalk(t, crm.ConversationID(id))
		case "finish":
			toast, err = g.finishTask(t, crm.TaskID(id))
		}
		if errors.Is(err, crm.ErrNotFound) {
			return Receipt{Toast: g.text(g.lang(t), "grammar.stale", nil)}, nil
		}
		return Receipt{Toast: toast}, err
	}
	return Receipt{Toast: g.text(g.lang(t), "grammar.stale", nil)}, nil
}

func (g *group) greet(t *postgres.Turn) error {
	if err := g.showMenu(t, g.lang(t), staffMenu); err != nil {
		return err
	}
	return g.say(t, "staff.greeting", map[string]any{"name": html.EscapeString(t.Employee.Name)})
}

// nextLanguage goes to the kit's next language.
func (g *group) nextLanguage(t *postgres.Turn) error {
	all := g.Kit.Languages
	t.Talk.Lang = all[(slices.Index(all, g.lang(t))+1)%len(all)]
	g.touch(t.Talk)
	if err := g.showMenu(t, t.Talk.Lang, staffMenu); err != nil {
		return err
	}
	return g.say(t, "grammar.language_set", nil)
}

// work lists the employee's open deals and the free ones of the crew, each with a button that shows its card.
func (g *group) work(t *postgres.Turn) error {
	lang := g.lang(t)
	list, err := g.tx.Work(g.ctx, *t.Employee, workLimit)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return g.say(t, "staff.no_deals", nil)
	}
	lines := []string{g.text(lang, "staff.work_title", map[string]any{"n": len(list)})}
	var buttons [][]crm.Button
	for i, w := range list {
		card := staff.For(g.Kit, t.Employee.Role, w.Pipeline)
		line := g.text(lang, "staff.work_line", map[string]any{"id": int(w.ID), "title": html.EscapeString(w.Title),
			"code": html.EscapeString(w.Code), "address": html.EscapeString(w.Address)})
		if w.Owner == 0 {
			line += " · " + g.text(lang, "staff.work_free", nil)
		}
		lines = append(lines, line)
		if card == "" {
			continue
		}
		b := crm.Button{Text: g.text(lang, "staff.show_deal", map[string]any{"id": int(w.ID)}), Data: "k:" + strconv.FormatInt(int64(w.ID), 10) + ":" + card + ":show"}
		if i%2 == 0 {
			buttons = append(buttons, nil)
		}
		buttons[len(buttons)-1] = append(buttons[len(buttons)-1], b)
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: strings.Join(lines, "\n"), Buttons: buttons})
	return err
}

// showDeal sends the card of a deal by its number.
func (g *group) showDeal(t *postgres.Turn) error {
	id, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), 10, 64)
	if err != nil || id <= 0 {
		return g.say(t, "staff.deal_usage", nil)
	}
	shown, err := g.card(t, crm.DealID(id))
	if err == nil && !shown {
		return g.say(t, "staff.deal_not_found", nil)
	}
	return err
}
