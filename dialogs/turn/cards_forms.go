package turn

import (
	"html"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
	"govorun/dialogs/staff"
)

// form does what buttons of cards are for that change nothing by themselves: they ask in the presser's own chat, or show something there.
func (g *group) form(t *postgres.Turn, a *dialogs.CardAction, p staff.Press, d postgres.DealView) (toast string, args map[string]any, err error) {
	switch {
	case len(a.Ask) > 0:
		return g.ask(t, d.ID, g.Kit.AskOf(p.Card, a.ID))
	case a.Comment:
		return g.ask(t, d.ID, g.Kit.CommentDialog())
	case a.Call:
		return g.call(t, d)
	case len(a.Reveal) > 0:
		return g.reveal(t, a, d)
	case a.Retake != nil:
		return g.retakePress(t, a, p, d)
	case a.Question != nil:
		return g.askBackPress(t, a, p, d)
	case a.Talk:
		return g.openTalk(t, d)
	case len(a.Reassign) > 0:
		return g.reassign(t, p, d, a.Reassign)
	}
	return "", nil, nil // a route is a link, which nobody hears of
}

// ask starts a dialog about a deal with whoever pressed, in their own chat.
func (g *group) ask(t *postgres.Turn, id crm.DealID, dialog string) (toast string, args map[string]any, err error) {
	err = g.tell(t, rules.Done{Effect: crm.DialogWanted{Deal: id, Dialog: dialog, Employee: t.Employee.ID}})
	if t.Talk.Group {
		return "staff.asked_in_chat", nil, err
	}
	return "", nil, err
}

// call shows the phone of a deal's contact, in the own chat of whoever pressed: a phone makes a link of the number, a button copies it.
func (g *group) call(t *postgres.Turn, d postgres.DealView) (toast string, args map[string]any, err error) {
	people, err := g.tx.ReachEmployee(g.ctx, t.Employee.ID)
	if err != nil || len(people) == 0 {
		return "", nil, err
	}
	g.happened(t, rules.Done{}, postgres.EventRow{Kind: "called", Deal: d.ID})
	lang := g.lang(t)
	_, err = g.sendTo(t, crm.Outbound{Conversation: people[0].Conversation, Address: people[0].Address, Kind: crm.OutMessage,
		Text:    g.text(lang, "card.phone", map[string]any{"id": int(d.ID), "name": html.EscapeString(d.Contact.Name), "phone": html.EscapeString(d.Contact.Phone)}),
		Buttons: [][]crm.Button{{{Text: g.text(lang, "card.copy", nil), Copy: d.Contact.Phone}}}})
	return "", nil, err
}
