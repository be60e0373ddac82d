package turn

import (
	"errors"
	"html"
	"maps"
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// workLimit is how many deals a list shows.
const workLimit = 8

// staffCommands are the commands of employees: name to what it does.
var staffCommands = map[string]func(*group, *postgres.Turn) error{
	"start": (*group).greet,
	"help":  func(g *group, t *postgres.Turn) error { return g.say(t, "staff.help", nil) },
	"my":    (*group).work,
	"deal":  (*group).showDeal,
	"lang":  (*group).nextLanguage,
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
	card := staff.For(g.Kit, t.Employee.Role)
	for i, w := range list {
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

// card sends a new card to the author of the turn, unless there is no such deal for them.
func (g *group) card(t *postgres.Turn, id crm.DealID) (bool, error) {
	d, err := g.tx.Deal(g.ctx, id)
	name := staff.For(g.Kit, t.Employee.Role)
	if errors.Is(err, crm.ErrNotFound) || err == nil && (name == "" || !staff.Sees(view(d), *t.Employee)) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": id}})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	text, buttons, err := staff.Render(g.Kit, name, view(d), staff.Viewer{Me: *t.Employee, Now: g.now, Lang: g.lang(t)})
	if err != nil {
		return false, err
	}
	_, err = g.send(t, crm.Outbound{Kind: crm.OutMessage, Text: text, Buttons: buttons, Card: mark(id, name)})
	return true, err
}

// cardPress does an action of a card. The deal is locked, so of two who press at once one is first and the other hears it.
func (g *group) cardPress(t *postgres.Turn, p staff.Press, trace *Trace) (Receipt, error) {
	lang := g.lang(t)
	if p.Action == "show" {
		shown, err := g.card(t, p.Deal)
		if err == nil && !shown {
			return Receipt{Toast: g.text(lang, "staff.deal_not_found", nil)}, nil
		}
		return Receipt{}, err
	}
	d, err := g.tx.Deal(g.ctx, p.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
		return Receipt{Toast: g.text(lang, "staff.deal_not_found", nil)}, nil
	}
	if err != nil {
		return Receipt{}, err
	}
	done, err := staff.Act(g.Kit, p, view(d), staff.Viewer{Me: *t.Employee, Now: g.now, Lang: lang})
	if err != nil {
		return Receipt{}, err
	}
	if len(done.Effects) == 0 && done.Toast == "staff.deal_not_found" {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
		return Receipt{Toast: g.text(lang, done.Toast, nil)}, nil
	}
	if err := g.apply(t, done.Effects, trace); err != nil {
		return Receipt{}, err
	}
	toast := html.UnescapeString(g.text(lang, done.Toast, done.Args)) // toasts are plain text
	return Receipt{Toast: toast}, g.redraw(t, p.Deal)
}

// mark is what a message bears that shows a deal as a card: each message is redrawn as the card it is.
func mark(id crm.DealID, card string) string { return staff.Name(id) + ":" + card }

// redraw edits the cards of a deal wherever they stand, for each who sees them.
func (g *group) redraw(t *postgres.Turn, id crm.DealID) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	d, err := g.tx.Deal(g.ctx, id)
	if err != nil {
		return err
	}
	for _, card := range slices.Sorted(maps.Keys(g.Kit.Cards)) {
		shown, err := g.tx.Shown(g.ctx, mark(id, card))
		if err != nil {
			return err
		}
		for _, s := range shown {
			if err := g.redrawOne(t, s, card, view(d)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *group) redrawOne(t *postgres.Turn, s postgres.Shown, card string, v staff.View) error {
	text, buttons, err := staff.Render(g.Kit, card, v, staff.Viewer{Me: s.Employee, Now: g.now, Lang: g.speaks(either(s.Lang, s.Employee.Lang))})
	if err != nil {
		return err
	}
	out := crm.Outbound{Conversation: s.Conversation, Address: s.Address, Kind: crm.OutEdit, Text: text, Buttons: buttons, Target: s.ID}
	g.edited(s.Conversation, out)
	_, err = g.sendTo(t, out)
	return err
}

// notify shows a deal's card to a role, or tells its contact or owner a text.
func (g *group) notify(t *postgres.Turn, e crm.Notified) error {
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	switch e.To {
	case crm.ToContact:
		if d.Talk == 0 {
			return nil
		}
		_, err := g.sendTo(t, crm.Outbound{Conversation: d.Talk, Address: d.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: g.text(g.speaks(d.Language), e.Key, dialogs.Escape(e.Args))})
		return err
	case crm.ToOwner:
		people, err := g.tx.ReachEmployee(g.ctx, d.Deal.Owner)
		if err != nil {
			return err
		}
		for _, p := range people {
			if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
				Text: g.text(g.speaks(p.Lang), e.Key, dialogs.Escape(e.Args))}); err != nil {
				return err
			}
		}
		return nil
	}
	people, err := g.tx.ReachRole(g.ctx, e.Role, d.Crew, d.Asset.City)
	if err != nil {
		return err
	}
	for _, p := range people {
		text, buttons, err := staff.Render(g.Kit, e.Card, view(d), staff.Viewer{Me: p.Employee, Now: g.now, Lang: g.speaks(p.Lang)})
		if err != nil {
			return err
		}
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMessage, Priority: crm.Notice,
			Text: text, Buttons: buttons, Card: mark(e.Deal, e.Card)}); err != nil {
			return err
		}
	}
	if len(people) == 0 {
		g.event(t, postgres.EventRow{Kind: "nobody_told", Deal: e.Deal, Data: crm.Fields{"role": e.Role}})
	}
	return nil
}

func view(d postgres.DealView) staff.View {
	a := d.Asset
	return staff.View{Deal: d.Deal, Contact: d.Contact, Owner: d.Owner.Name, Files: d.Files, Moved: d.MovedAt,
		Asset: dialogs.Asset{ID: a.ID, Kind: a.Kind, Code: a.Code, Name: a.Name, City: a.City, Address: a.Address, Crew: a.Crew, Fields: a.Fields}}
}
