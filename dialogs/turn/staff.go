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

// workLimit is how many tasks a list shows.
const workLimit = 8

// pressPrefixes begin the buttons of employees: cards, talks and tasks, lists, visits, people, the tour, broadcasts.
const pressPrefixes = "k t f v p g b s q"

// forStaff tells whether an employee acts as one. An employee who scans a machine's code holds a dialog like anybody else.
func (g *group) forStaff(t *postgres.Turn) bool {
	switch {
	case ours(t.In.Kind) || t.In.Start != "":
		return t.Talk.Group
	case t.Talk.Group:
		return true
	case t.In.Press != nil:
		prefix, _, _ := strings.Cut(t.In.Press.Data, ":")
		return slices.Contains(strings.Fields(pressPrefixes), prefix)
	}
	s, err := g.session(t.Talk)
	idle := err == nil && s.Dialog == ""
	name, _ := typed(t.In)
	switch {
	case name == "":
		return idle || g.besidesQuestion(t, s) || g.aboutQuestion(t)
	case g.commandIn(name) != nil:
		return true
	case g.dialogKnows(name):
		return false
	case idle:
		return true
	}
	own, err := g.ownCommand(t, name)
	if err != nil {
		g.failed = err
	}
	return own != nil
}

// dialogKnows tells whether a command belongs to a dialog of the kit or to their grammar.
func (g *group) dialogKnows(name string) bool {
	if slices.Contains([]string{"back", "cancel", "restart", "human", "skip", "stop", "language", "operator"}, name) {
		return true
	}
	for _, d := range g.Kit.Dialogs {
		for _, e := range d.Entries {
			if e.Command != "" && e.Command == name {
				return true
			}
		}
	}
	return false
}

// staff does what an employee pressed or typed.
func (g *group) staff(t *postgres.Turn, trace *Trace) (Receipt, error) {
	if t.In.Press != nil {
		return g.staffPress(t, trace)
	}
	return Receipt{}, g.staffTyped(t)
}

// staffTyped does what an employee typed: a command of all, one of their own, an answer to what a list asked, or a number.
func (g *group) staffTyped(t *postgres.Turn) error {
	if t.In.Kind == crm.InEdit {
		return nil
	}
	if passed, err := g.topicTyped(t); passed || err != nil {
		return err
	}
	name, args := typed(t.In)
	if c := g.commandIn(name); c != nil {
		t.In.Args = args
		return g.command(t, *c)
	}
	if name != "" {
		own, err := g.ownCommand(t, name)
		if err != nil || own != nil {
			return errors.Join(err, g.runSaved(t, own, args))
		}
	}
	if name == "" && t.In.ReplyTo != "" {
		if done, err := g.answersCard(t); done || err != nil {
			return err
		}
		if done, err := g.answersQuestion(t); done || err != nil {
			return err
		}
	}
	if t.Talk.Group {
		return nil // a talk among colleagues is theirs
	}
	if name == "" {
		if done, err := g.exportReason(t); done || err != nil {
			return err
		}
		if done, err := g.broadcastTyped(t); done || err != nil {
			return err
		}
		if spoken, err := g.speak(t); spoken || err != nil {
			return err
		}
		if done, err := g.filesLater(t); done || err != nil {
			return err
		}
		if asked, err := g.offerAnswer(t); asked || err != nil {
			return err
		}
		return g.bare(t)
	}
	all, err := g.tx.SavedOf(g.ctx, t.Employee.ID, maxSaved)
	if err != nil {
		return err
	}
	return g.unknown(t, name, all)
}

// bare answers a text that is no command: a number is that of a deal or a phone, anything else may be looked for.
func (g *group) bare(t *postgres.Turn) error {
	text := strings.TrimSpace(t.In.Text)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
	other := strings.Trim(text, "0123456789+-() \u00a0№#")
	switch {
	case text == "":
		return g.wrong(t, "staff.not_understood", nil, "help")
	case other == "" && len(digits) >= 1 && (len(digits) <= 7 && text == digits || strings.HasPrefix(text, "№") || strings.HasPrefix(text, "#")):
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return g.wrong(t, "staff.unknown_command", nil, "help")
		}
		if shown, err := g.card(t, crm.DealID(id)); shown || err != nil {
			return err
		}
		t.In.Args = digits // no such deal for them: a machine or the end of a phone may have this number
		return g.listFound(t)
	case other == "" && len(digits) >= 7:
		t.In.Args = text
		return g.listFound(t)
	}
	if words := strings.Fields(text); len(words) > 4 || strings.ContainsRune(text, '\n') {
		return g.wrong(t, "staff.not_understood", nil, "help")
	}
	return g.wrong(t, "staff.unknown_text", nil, "find "+text, "help")
}

func (g *group) staffPress(t *postgres.Turn, trace *Trace) (Receipt, error) {
	if p, ok := staff.ParsePress(t.In.Press.Data); ok {
		if t.Talk.Group {
			return g.groupPress(t, p.Deal, func() (Receipt, error) { return g.cardPress(t, p, trace) })
		}
		return g.cardPress(t, p, trace)
	}
	var toast string
	var err error
	parts := strings.Split(t.In.Press.Data, ":")
	switch parts[0] {
	case "t":
		if toast, err = g.talkPress(t, parts); errors.Is(err, crm.ErrNotFound) {
			toast, err = g.text(g.lang(t), "grammar.stale", nil), nil
		}
	case "f":
		toast, err = g.listPress(t, parts)
	case "p":
		toast, err = g.peoplePress(t, parts)
	case "b":
		toast, err = g.broadcastPress(t, parts)
	case "v":
		toast, err = g.visitPress(t, parts)
	case "g":
		toast, err = g.tourPress(t, parts)
	case "q":
		toast, err = g.questionPress(t, parts)
	case reportPrefix:
		toast, err = g.reportPress(t, parts)
	default:
		toast = g.text(g.lang(t), "grammar.stale", nil)
	}
	if errors.Is(err, crm.ErrNotFound) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": "press"}})
		toast, err = g.text(g.lang(t), "staff.deal_not_found", nil), nil
	}
	return Receipt{Toast: html.UnescapeString(toast)}, err // toasts are plain text
}

// talkPress takes a talk over, gives it back, or ends a task.
func (g *group) talkPress(t *postgres.Turn, parts []string) (toast string, err error) {
	if len(parts) != 3 {
		return "", crm.ErrNotFound
	}
	id, _ := strconv.ParseInt(parts[1], 10, 64)
	switch parts[2] {
	case "take":
		return g.takeTalk(t, crm.ConversationID(id))
	case "back":
		return g.returnTalk(t, crm.ConversationID(id))
	case "history":
		return g.tellHistory(t, crm.ConversationID(id))
	case "finish":
		return g.finishTask(t, crm.TaskID(id))
	}
	return "", crm.ErrNotFound
}

func (g *group) greet(t *postgres.Turn) error {
	if err := g.showStaffMenu(t); err != nil {
		return err
	}
	if offered, err := g.offerTour(t); offered || err != nil {
		return err
	}
	return g.say(t, "staff.greeting", map[string]any{"name": html.EscapeString(t.Employee.Name)})
}

// nextLanguage goes to the kit's next language.
func (g *group) nextLanguage(t *postgres.Turn) error {
	all := g.Kit.Languages
	t.Talk.Lang = all[(slices.Index(all, g.lang(t))+1)%len(all)]
	g.touch(t.Talk)
	if err := g.showStaffMenu(t); err != nil {
		return err
	}
	return g.say(t, "grammar.language_set", nil)
}

// showDeal sends the card of a deal by its number.
func (g *group) showDeal(t *postgres.Turn) error {
	id, err := strconv.ParseInt(strings.TrimLeft(strings.TrimSpace(t.In.Args), "№# "), 10, 64)
	if err != nil || id <= 0 {
		if words := strings.TrimSpace(t.In.Args); words != "" {
			return g.wrong(t, "staff.deal_usage", nil, "find "+words)
		}
		return g.wrong(t, "staff.deal_usage", nil, "my")
	}
	if told, err := g.showFiled(t, crm.DealID(id)); told || err != nil {
		return err
	}
	shown, err := g.card(t, crm.DealID(id))
	if err == nil && !shown {
		return g.wrong(t, "staff.deal_not_found", nil, "my")
	}
	return err
}

// showFiled tells the author of the turn how a deal stands that they filed themselves and that others work on, out of their sight.
func (g *group) showFiled(t *postgres.Turn, id crm.DealID) (bool, error) {
	d, err := g.tx.Deal(g.ctx, id)
	if errors.Is(err, crm.ErrNotFound) || err == nil && (d.Contact.ID == 0 || d.Contact.ID != t.Contact.ID) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err = g.tx.DealFor(g.ctx, t.Employee.ID, id); !errors.Is(err, crm.ErrNotFound) {
		return false, err
	}
	return true, g.say(t, "staff.deal_filed", map[string]any{"id": int(id), "title": escaped(d.Title), "stage": g.stageName(d.Pipeline, d.Stage, g.lang(t))})
}
