package turn

import (
	"errors"
	"html"
	"maps"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// card sends a new card to the author of the turn, unless there is no such deal for them.
func (g *group) card(t *postgres.Turn, id crm.DealID) (bool, error) {
	d, err := g.tx.Deal(g.ctx, id)
	name := ""
	if err == nil {
		name = staff.For(g.Kit, t.Employee.Role, d.Pipeline)
	}
	if errors.Is(err, crm.ErrNotFound) || err == nil && (name == "" || !staff.Sees(view(d), *t.Employee)) {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": id}})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	text, buttons, err := g.render(t, name, view(d), staff.Viewer{Me: *t.Employee, Now: g.now, Lang: g.lang(t)})
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
	done, err := staff.Act(g.Kit, p, view(d), staff.Viewer{Me: *t.Employee, Now: g.now, Lang: lang, NewDeal: g.newDeal})
	if err != nil {
		g.erred(t, p.Deal, "card:"+p.Card+"."+p.Action, err)
		return Receipt{Toast: html.UnescapeString(g.text(lang, "grammar.trouble", nil))}, nil
	}
	if len(done.Effects) == 0 && done.Toast == "staff.deal_not_found" {
		g.event(t, postgres.EventRow{Kind: "deal_refused", Data: crm.Fields{"asked": p.Deal}})
		return Receipt{Toast: g.text(lang, done.Toast, nil)}, nil
	}
	followed, err := g.follow(t, done.Effects)
	if err != nil {
		return Receipt{}, err
	}
	key, followed, err := g.demanded(t, d.Deal, followed)
	if err == nil {
		err = g.applyAll(t, followed, trace)
	}
	if key != "" {
		done.Toast, done.Args = key, nil
	}
	return Receipt{Toast: html.UnescapeString(g.text(lang, done.Toast, done.Args))}, err // toasts are plain text
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

// mark is what a message bears that shows a deal as a card: each message is redrawn as the card it is.
func mark(id crm.DealID, card string) string { return staff.Name(id) + ":" + card }

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

// redraw edits the cards of deals wherever they stand, for each who sees them.
func (g *group) redraw(t *postgres.Turn, changed map[crm.DealID]bool) error {
	if len(changed) == 0 || len(g.Kit.Cards) == 0 {
		return nil
	}
	for id := range changed { // the cards of a deal that was opened just now are being sent
		if g.memory != nil && g.memory.opened[id] {
			delete(changed, id)
		}
	}
	flush := g.tx.FlushDeals
	if slices.ContainsFunc(g.tx.Changes.Out, func(o postgres.OutRow) bool { return o.Card != "" }) { // another turn of this transaction may have sent one
		flush = g.tx.Flush
	}
	if err := flush(g.ctx); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if err := g.redrawDeal(t, id); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) redrawDeal(t *postgres.Turn, id crm.DealID) error {
	cards := map[string]string{} // by mark
	for name := range g.Kit.Cards {
		cards[mark(id, name)] = name
	}
	shown, err := g.tx.Shown(g.ctx, slices.Sorted(maps.Keys(cards)))
	if err != nil || len(shown) == 0 {
		return err
	}
	d, err := g.tx.Deal(g.ctx, id)
	if err != nil {
		return err
	}
	for _, s := range shown {
		if err := g.redrawOne(t, s, cards[s.Card], view(d)); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) redrawOne(t *postgres.Turn, s postgres.Shown, card string, v staff.View) error {
	text, buttons, err := g.render(t, card, v, staff.Viewer{Me: s.Employee, Now: g.now, Lang: g.speaks(either(s.Lang, s.Employee.Lang))})
	if err != nil {
		return err
	}
	if strings.HasSuffix(s.Text, text) && slices.EqualFunc(s.Buttons, buttons, slices.Equal) { // words may stand above a card
		return nil // sent by this very turn, or nothing that it shows has changed
	}
	out := crm.Outbound{Conversation: s.Conversation, Address: s.Address, Kind: crm.OutEdit, Text: text, Buttons: buttons, Target: s.ID}
	g.edited(s.Conversation, out)
	_, err = g.sendTo(t, out)
	return err
}

func view(d postgres.DealView) staff.View {
	a := d.Asset
	return staff.View{Deal: d.Deal, Contact: d.Contact, Owner: d.Owner.Name, Files: d.Files, Moved: d.MovedAt,
		Asset: dialogs.Asset{ID: a.ID, Kind: a.Kind, Code: a.Code, Name: a.Name, City: a.City, Address: a.Address, Crew: a.Crew, Fields: a.Fields}}
}
