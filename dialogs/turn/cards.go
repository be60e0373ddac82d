package turn

import (
	"errors"
	"html"
	"slices"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// dealFor locks a deal and reads it if the author of the turn may see it, on a card that their role has. Whatever hides it, the answer is
// crm.ErrNotFound, and the attempt is recorded.
func (g *group) dealFor(t *postgres.Turn, id crm.DealID) (d postgres.DealView, card string, err error) {
	if d, err = g.tx.DealFor(g.ctx, t.Employee.ID, id); err == nil {
		card = staff.For(g.Kit, t.Employee.Role, d.Pipeline)
	}
	if err == nil && card == "" {
		err = crm.ErrNotFound
	}
	if errors.Is(err, crm.ErrNotFound) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": id}})
	}
	return d, card, err
}

// card sends a new card to the author of the turn, unless there is no such deal for them.
func (g *group) card(t *postgres.Turn, id crm.DealID) (bool, error) {
	d, card, err := g.dealFor(t, id)
	if errors.Is(err, crm.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	text, buttons, err := g.render(t, card, view(d), g.presser(t))
	if err != nil {
		return false, err
	}
	if !t.Talk.Group {
		if err := g.album(t, card, id, viewing{who: *t.Employee, chat: t.Talk.ID, address: t.Talk.Address, lang: g.lang(t)}); err != nil {
			return false, err
		}
	}
	return true, g.sendCard(t, crm.Outbound{Conversation: t.Talk.ID, Address: t.Talk.Address, Kind: crm.OutMessage, Text: text, Buttons: buttons, Card: staff.Mark(id, card)})
}

// presser is the author of the turn before a card.
func (g *group) presser(t *postgres.Turn) staff.Viewer {
	return staff.Viewer{Me: *t.Employee, Now: g.now, Lang: g.lang(t), NewDeal: g.newDeal}
}

// cardPress does what a button of a card is for. The deal is locked, so of two who press at once one is first and the other hears it.
func (g *group) cardPress(t *postgres.Turn, p staff.Press, trace *Trace) (Receipt, error) {
	toast, args, err := g.pressed(t, p, trace)
	if errors.Is(err, crm.ErrNotFound) {
		toast, err = "staff.deal_not_found", nil
	}
	if toast == "" || err != nil {
		return Receipt{}, err
	}
	return Receipt{Toast: html.UnescapeString(g.text(g.lang(t), toast, args))}, nil // toasts are plain text
}

// pressed gives the key of what whoever pressed is told.
func (g *group) pressed(t *postgres.Turn, p staff.Press, trace *Trace) (toast string, args map[string]any, err error) {
	if p.Action == dialogs.ActionShow {
		shown, err := g.card(t, p.Deal)
		if err == nil && !shown {
			return "staff.deal_not_found", nil, nil
		}
		return "", nil, err
	}
	if forged, err := g.forged(t, p); forged || err != nil {
		return "staff.deal_not_found", nil, err
	}
	d, _, err := g.dealFor(t, p.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		return g.tooLate(t, p)
	}
	if err != nil {
		return "", nil, err
	}
	switch {
	case p.Back():
		return "", nil, g.redrawHere(t, p.Deal)
	case p.Action == dialogs.ActionUndo:
		return g.takeBack(t, d)
	case p.Action == dialogs.ActionAssign:
		return g.reassign(t, p, d, nil)
	case p.Action == dialogs.ActionFiles:
		return g.filesPress(t, p, d)
	}
	done, err := staff.Act(g.Kit, p, view(d), g.presser(t))
	if err != nil {
		g.erred(t, p.Deal, "card:"+p.Card+"."+p.Action, err)
		return "grammar.trouble", nil, nil
	}
	switch {
	case done.NotFound():
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
	case done.Form != nil:
		return g.form(t, done.Form, p, d)
	case done.Confirm != nil:
		text, buttons := staff.RenderConfirm(g.Kit, p.Card, done.Confirm, view(d), g.presser(t))
		return "", nil, g.replaceCard(t, p, text, buttons)
	case len(done.Effects) > 0:
		return g.act(t, d, done, trace)
	default:
		if done.Toast == "staff.taken" {
			err = g.whenTaken(d.ID, done.Args)
		}
		return done.Toast, done.Args, errors.Join(err, g.redrawHere(t, p.Deal))
	}
	return done.Toast, done.Args, nil
}

// act does the effects of a press, and remembers how it was before.
func (g *group) act(t *postgres.Turn, d postgres.DealView, done staff.Outcome, trace *Trace) (toast string, args map[string]any, err error) {
	followed, err := g.follow(t, done.Effects)
	if err != nil {
		return "", nil, err
	}
	asked, followed, err := g.demanded(t, d.Deal, followed)
	if err != nil {
		return "", nil, err
	}
	ended, err := g.endsVisits(d.ID, followed)
	if err == nil {
		followed, err = g.settleVisits(t, followed)
	}
	if err != nil {
		return "", nil, err
	}
	undo, changes := remembered(d.Deal, *t.Employee, followed)
	undo.At = g.now
	if ended { // whoever made them was told, or has made them
		undo.Kept = either(undo.Kept, "told")
	}
	if done.Sealed {
		undo.Kept = "confirmed"
	}
	if asked != "" { // what is asked now belongs to it as well
		undo.Kept = "asked"
	}
	if changes && undo.Kept == "" {
		g.undoable = append(g.undoable, d.ID)
	}
	if changes { // written with what it takes back
		g.tx.Changes.Undos = append(g.tx.Changes.Undos, undo)
	}
	if err := g.applySettled(t, followed, trace); err != nil {
		return "", nil, err
	}
	g.undoable, g.justDone = nil, g.undoable
	if asked != "" {
		return asked, nil, nil
	}
	return done.Toast, done.Args, nil
}

// forged tells whether a press names another deal than the message under which it stands: no client of ours does that.
func (g *group) forged(t *postgres.Turn, p staff.Press) (bool, error) {
	if t.In.Press == nil || p.Action == dialogs.ActionFiles {
		return false, nil
	}
	mark, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.Press.Message)
	if id, _, shows := staff.ParseMark(mark); err != nil || !shows || id == p.Deal {
		return false, err
	}
	g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
	return true, nil
}

// refusedPress tells whether somebody who is no employee pressed a button of a card, and records it.
func (g *group) refusedPress(t *postgres.Turn) bool {
	p, ok := staff.ParsePress(t.In.Press.Data)
	if ok {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
	}
	return ok
}

// tooLate is what somebody hears who may not see a deal. We have shown them this very card, and somebody else took it: that they hear,
// since they know of it already. Everybody else hears that there is none.
func (g *group) tooLate(t *postgres.Turn, p staff.Press) (toast string, args map[string]any, err error) {
	toast = "staff.deal_not_found"
	mark, err := g.tx.CardOf(g.ctx, t.Talk.ID, t.In.Press.Message)
	if id, card, shows := staff.ParseMark(mark); err != nil || !shows || id != p.Deal || card != p.Card {
		return toast, nil, err
	}
	d, err := g.tx.Deal(g.ctx, p.Deal)
	if err != nil || !staff.WasShown(g.Kit, p, view(d), *t.Employee) {
		return toast, nil, err
	}
	late := staff.Late(view(d), g.presser(t))
	return late.Toast, late.Args, g.whenTaken(p.Deal, late.Args)
}

// whenTaken puts the time at which a deal got its owner in place of when it changed last.
func (g *group) whenTaken(id crm.DealID, args map[string]any) error {
	at, err := g.tx.OwnedAt(g.ctx, id)
	if err == nil && !at.IsZero() {
		args["time"] = at.Add(g.Shift()).In(g.now.Location()).Format("15:04")
	}
	return err
}

// demanded finds a move that was refused to the author of the turn: what is missing is asked for in their own chat, and anything else is said.
// It gives the key of the toast, empty when nothing was refused, and what is left to be done.
func (g *group) demanded(t *postgres.Turn, d crm.Deal, done []rules.Done) (key string, left []rules.Done, err error) {
	for i, one := range done {
		e, ok := one.Effect.(crm.Recorded)
		if !ok || e.Kind != "move_refused" || e.Deal != d.ID || len(one.Cause) > 0 {
			continue
		}
		code := e.Data.Text("code")
		dialog := g.Kit.Demand(d.Pipeline, e.Data.Text("stage"))
		if dialog == "" || code != rules.RefusedFields && code != rules.RefusedReason {
			return "staff.refused_" + code, done, nil
		}
		wanted := crm.DialogWanted{Deal: d.ID, Dialog: dialog, Employee: t.Employee.ID}
		if reason := e.Data.Text("reason"); reason != "" { // the button named it already
			wanted.Slots = crm.Fields{"reason": reason}
		}
		asked := rules.Done{Effect: wanted}
		return "staff.asked_in_chat", append(slices.Delete(slices.Clone(done), i, i+1), asked), nil
	}
	return "", done, nil
}

// render draws a card. A mistake of the kit in it costs a button, never the message of whoever wrote.
func (g *group) render(t *postgres.Turn, card string, v staff.View, who staff.Viewer) (string, [][]crm.Button, error) {
	text, buttons, err := staff.Render(g.Kit, card, v, who)
	if err == nil || text == "" {
		return text, buttons, err
	}
	g.erred(t, v.ID, "card:"+card, err)
	return text, buttons, nil
}

// erred records a mistake of the kit.
func (g *group) erred(t *postgres.Turn, id crm.DealID, what string, err error) {
	g.event(t, postgres.EventRow{Kind: "rule_failed", Deal: id, Author: crm.BySystem, Data: crm.Fields{"rule": what, "error": err.Error()}})
}

func view(d postgres.DealView) staff.View {
	a := d.Asset
	return staff.View{Deal: d.Deal, Contact: d.Contact, Owner: d.Owner.Name, Files: d.Files, Moved: d.MovedAt,
		Asset: dialogs.Asset{ID: a.ID, Kind: a.Kind, Code: a.Code, Name: a.Name, City: a.City, Address: a.Address, Crew: a.Crew, Fields: a.Fields}}
}
