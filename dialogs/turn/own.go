package turn

import (
	"html"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// What the company types on the phone of its account is an operator's word, although nobody knows whose. The bot is silent in that chat, as when
// somebody of the company has taken it over, until it is given back or nobody has typed there for a while.

// ownSilence is for how long after the last word typed there.
const ownSilence = 12 * time.Hour

// ownLed tells whether the company answers in a talk from its own phone.
func (g *group) ownLed(k *postgres.Talk) bool { return k.OwnUntil.After(g.now) }

// own keeps what was typed on the company's phone: the row is in the conversation already, as an employee's.
func (g *group) own(t *postgres.Turn) error {
	k := t.Talk
	if k.Group {
		return nil
	}
	if name, _ := typed(t.In); name == "bot" || name == "бот" {
		return g.ownBack(t)
	}
	if staff, err := g.tx.IsStaff(g.ctx, k.Address); staff || err != nil { // colleagues talk, the bot goes on serving them
		return err
	}
	first := !g.ownLed(k)
	k.OwnUntil = g.now.Add(ownSilence)
	if err := g.tx.SetOwn(g.ctx, k.ID, k.OwnUntil); err != nil {
		return err
	}
	deals, err := g.tx.DealsIn(g.ctx, k.ID, k.Contact)
	if err != nil {
		return err
	}
	for _, id := range deals {
		g.tx.Changes.Touches = append(g.tx.Changes.Touches, postgres.Touch{Deal: id, Human: 1})
		g.event(t, postgres.EventRow{Kind: "own_words", Author: crm.ByEmployee, Deal: id})
	}
	if len(deals) == 0 {
		g.event(t, postgres.EventRow{Kind: "own_words", Author: crm.ByEmployee})
	}
	if !first || k.Operator != 0 {
		return nil
	}
	g.tx.Changes.Silenced = append(g.tx.Changes.Silenced, postgres.Silenced{Conversation: k.ID, PromptsOnly: true})
	g.event(t, postgres.EventRow{Kind: "talk_taken", Author: crm.ByEmployee, Data: crm.Fields{"by": "own_phone"}})
	return g.showOwn(t)
}

// showOwn tells those who take talks over that the company answers from its phone, with the button that gives the talk back to the bot.
func (g *group) showOwn(t *postgres.Turn) error {
	people, err := g.tx.ReachOperators(g.ctx, g.Kit.Human)
	if err != nil {
		return err
	}
	for _, p := range people {
		lang := g.speaks(p.Lang)
		out := crm.Outbound{Conversation: p.Conversation, Address: p.Address, Thread: p.Thread, Kind: crm.OutMessage, Priority: crm.Notice, Card: talkCard(t.Talk.ID),
			Text:    g.text(lang, "people.own_phone", map[string]any{"name": g.called(t.Contact), "time": t.Talk.OwnUntil.Format("15:04")}),
			Buttons: [][]crm.Button{{{Text: g.text(lang, "staff.talk_back", nil), Data: talkPress(t.Talk.ID, "back")}}}}
		if _, err := g.sendTo(t, out); err != nil {
			return err
		}
	}
	return nil
}

// ownBack gives a talk back to the bot by a word typed on the company's phone.
func (g *group) ownBack(t *postgres.Turn) error {
	if !g.ownLed(t.Talk) {
		return nil
	}
	g.event(t, postgres.EventRow{Kind: "talk_returned", Author: crm.ByEmployee, Data: crm.Fields{"by": "own_phone"}})
	return g.botAgain(t, t.Talk, t.Contact)
}

// botAgain lets the bot go on in a talk with the question that is open.
func (g *group) botAgain(t *postgres.Turn, k *postgres.Talk, contact crm.Contact) error {
	if !k.OwnUntil.IsZero() {
		k.OwnUntil = time.Time{}
		if err := g.tx.SetOwn(g.ctx, k.ID, time.Time{}); err != nil {
			return err
		}
	}
	g.touch(k)
	s, err := g.session(k)
	if err != nil {
		return err
	}
	other := &postgres.Turn{In: crm.Inbound{Address: k.Address, Kind: crm.InSignal}, Message: t.Message, Talk: k, Contact: contact}
	env := g.env(other)
	kit := g.versions.of(g, s)
	before := *s
	result := kit.Reprompt(before, env)
	if err := g.answer(other, kit, before, result, env); err != nil {
		return err
	}
	*s, k.DueAt = result.Session, result.DueAt
	return nil
}

// hushed is what comes of an input while the company answers from its own phone: a person's is kept and read there, one of ours waits.
func (g *group) hushed(t *postgres.Turn) Receipt {
	if ours(t.In.Kind) {
		g.postpone(t)
		return Receipt{}
	}
	return Receipt{Toast: html.UnescapeString(g.personAnswers(t))}
}
