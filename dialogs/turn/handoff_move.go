package turn

import (
	"html"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// moveTo lets the talk of this turn go on in another chat of the same contact.
func (g *group) moveTo(t *postgres.Turn, to *postgres.Talk, contact crm.Contact) error {
	id, err := g.tx.RecordHandoff(g.ctx, t.Talk.ID, to.ID, t.Contact.ID, providerOf(to.Address.Channel))
	if err != nil {
		return err
	}
	if err := g.handOver(t, t.Talk, to, contact); err != nil {
		return err
	}
	return g.sayGone(t, t.Talk, to, id)
}

// moved lets the talk of this turn go on where its code was shown, after its person said yes.
func (g *group) moved(t *postgres.Turn, h postgres.Handoff, to *postgres.Talk, contact crm.Contact) error {
	if err := g.tx.SetHandoff(g.ctx, h.ID, postgres.HandoffUsed, to.ID); err != nil {
		return err
	}
	if err := g.handOver(t, t.Talk, to, contact); err != nil {
		return err
	}
	return g.replace(t, crm.Outbound{Text: g.text(g.lang(t), "handoff.gone", map[string]any{"where": g.providerName(t, providerOf(to.Address.Channel))})})
}

// bring lets another talk go on in the chat of this turn.
func (g *group) bring(t *postgres.Turn, h postgres.Handoff, from *postgres.Talk, contact crm.Contact) error {
	if err := g.tx.SetHandoff(g.ctx, h.ID, postgres.HandoffUsed, t.Talk.ID); err != nil {
		return err
	}
	if err := g.handOver(t, from, t.Talk, t.Contact); err != nil {
		return err
	}
	back := h.ID
	if contact.ID != t.Contact.ID { // somebody else, for all we know: what they say from now on is not to be had back
		back = 0
	}
	return g.sayGone(t, from, t.Talk, back)
}

// bringBack brings a talk back to the chat of this turn, where it began.
func (g *group) bringBack(t *postgres.Turn, h postgres.Handoff) error {
	from, contact, err := g.talk(h.Other)
	if err != nil {
		return err
	}
	switch {
	case contact.ID != t.Contact.ID:
		return g.say(t, "handoff.dead", nil)
	case from.Operator != 0 || g.ownLed(from):
		return g.say(t, "grammar.person_answers", nil)
	}
	id, err := g.tx.RecordHandoff(g.ctx, from.ID, t.Talk.ID, contact.ID, providerOf(t.Talk.Address.Channel))
	if err != nil {
		return err
	}
	if err := g.handOver(t, from, t.Talk, t.Contact); err != nil {
		return err
	}
	return g.sayGone(t, from, t.Talk, id)
}

// handOver moves a talk: dialog, answers and open deals go over, questions that wait are taken back, and the question that is open is asked there. A
// contact who is somebody else becomes that of the deals.
func (g *group) handOver(t *postgres.Turn, from, to *postgres.Talk, contact crm.Contact) error {
	s, err := g.session(from)
	if err != nil {
		return err
	}
	there, err := g.session(to)
	if err != nil {
		return err
	}
	owner := crm.ContactID(0)
	if contact.ID != from.Contact {
		owner = contact.ID
	}
	deals, err := g.tx.HandDeals(g.ctx, from.ID, to.ID, owner)
	if err != nil {
		return err
	}
	was, lang := *s, from.Lang
	if was.Dialog != "" {
		was.Tour = there.Tour
		*there, to.Deal = was, from.Deal
		*s, from.DueAt, from.Prompt = dialogs.Session{Tour: s.Tour}, time.Time{}, postgres.Prompt{}
		to.Misses = 0
	}
	if to.Lang == "" {
		to.Lang = lang
	}
	g.touch(from)
	g.touch(to)
	g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: from.ID, PromptsOnly: true})
	data := crm.Fields{"from": from.ID, "to": to.ID, "dialog": was.Dialog, "deals": deals}
	g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "handed_over", Author: crm.ByPerson, Conversation: to.ID, Message: t.Message, Contact: contact.ID, Data: data})
	for _, id := range deals {
		g.tx.Changes.Events = append(g.tx.Changes.Events, postgres.EventRow{Kind: "handed_over", Author: crm.ByPerson, Conversation: to.ID, Message: t.Message,
			Contact: contact.ID, Deal: id, Data: crm.Fields{"from": from.ID, "to": to.ID}})
	}
	return g.goOn(t, to, contact, was.Dialog != "")
}

// goOn says in the chat to which a talk went that it goes on there, with the question that is open.
func (g *group) goOn(t *postgres.Turn, to *postgres.Talk, contact crm.Contact, open bool) error {
	at := t
	if g.answers(t, t.Talk.ID) { // they are waiting for it there
		g.wished = to.ID
		defer func() { g.wished = 0 }()
	}
	if to.ID != t.Talk.ID {
		at = &postgres.Turn{In: crm.Inbound{Address: to.Address, Kind: crm.InSignal}, Message: t.Message, Talk: to, Contact: contact}
	}
	if !open {
		return g.say(at, "handoff.continued_plain", nil)
	}
	s, err := g.session(to)
	if err != nil {
		return err
	}
	env := g.env(at)
	kit := g.versions.of(g, s)
	before := *s
	result := kit.Reprompt(before, env)
	if len(result.Say) > 0 {
		result.Say[0] = dialogs.Say{Key: "handoff.continued"}
	}
	to.Prompt = postgres.Prompt{}
	if len(result.Say) < 2 { // nothing is asked now
		err = g.say(at, "handoff.continued", nil)
	} else {
		err = g.answer(at, kit, before, result, env)
	}
	*s, to.DueAt = result.Session, result.DueAt
	return err
}

// sayGone tells in the chat that is left where the talk goes on, with a button that brings it back unless id is zero.
func (g *group) sayGone(t *postgres.Turn, from, to *postgres.Talk, id postgres.HandoffID) error {
	lang := g.speaks(from.Lang)
	where := map[string]any{"where": g.text(lang, "handoff."+providerOf(to.Address.Channel), nil)}
	out := crm.Outbound{Conversation: from.ID, Address: from.Address, Kind: crm.OutMessage, Text: g.text(lang, "handoff.gone", where), Answer: true}
	if id != 0 {
		out.Buttons = [][]crm.Button{{{Text: html.UnescapeString(g.text(lang, "handoff.back", nil)), Data: handoffPress + ":back:" + digits(id)}}}
	}
	_, err := g.sendTo(t, out)
	return err
}

// continueElsewhere does what a dialog says of where its talk goes on when it has ended with a deal: in the chat that the person has with that
// provider, where they hear of it next, else by a link.
func (g *group) continueElsewhere(t *postgres.Turn, kit *dialogs.Kit, before, now dialogs.Session) error {
	provider := continuesIn(kit, before)
	if provider == "" || t.Employee != nil || t.Talk.Deal == nil || continuesIn(kit, now) != "" || g.Elsewhere == nil || providerOf(t.Talk.Address.Channel) == provider {
		return nil
	}
	known, err := g.tx.TalksElsewhere(g.ctx, t.Contact.ID, t.Talk.ID, provider)
	if err != nil {
		return err
	}
	if len(known) == 0 {
		if _, ok := g.Elsewhere(provider, "code"); !ok {
			return nil
		}
		return g.offerLink(t, provider, "handoff.continue_link")
	}
	deals, err := g.tx.HandDeals(g.ctx, t.Talk.ID, known[0].ID, 0)
	if err != nil || len(deals) == 0 {
		return err
	}
	g.event(t, postgres.EventRow{Kind: "handed_over", Author: crm.ByBot, Data: crm.Fields{"from": t.Talk.ID, "to": known[0].ID, "deals": deals}})
	return g.say(t, "handoff.next_there", map[string]any{"where": g.providerName(t, provider)})
}

// continuesIn is what a dialog, or one that called it, says of where its talk goes on.
func continuesIn(kit *dialogs.Kit, s dialogs.Session) string {
	names := []string{s.Dialog}
	for _, f := range s.Stack {
		names = append(names, f.Dialog)
	}
	for _, name := range names {
		if def := kit.Dialogs[name]; def != nil && def.ContinueIn != "" {
			return def.ContinueIn
		}
	}
	return ""
}
