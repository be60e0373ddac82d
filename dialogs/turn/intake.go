package turn

import (
	"maps"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// Web forms and telephone calls come in like messages and go through the same transaction, rules and distribution. Only nobody can be answered there:
// their conversations are records.

// listened tells inputs that nobody can answer where they came from.
func listened(k crm.InboundKind) bool { return k == crm.InForm || k == crm.InCall }

// listen does a form or a call.
func (g *group) listen(t *postgres.Turn, trace *Trace) error {
	if t.In.Kind == crm.InCall {
		return g.phoned(t, trace)
	}
	return g.filledIn(t, trace)
}

// filledIn does what the kit says of a web form. What it says of a number could be said by anybody, so it fills what is empty and changes nothing.
func (g *group) filledIn(t *postgres.Turn, trace *Trace) error {
	sent := t.In.Form
	f := g.Kit.Form(sent.Name)
	if f == nil { // the kit has changed since it was queued
		g.event(t, postgres.EventRow{Kind: "form_unknown", Data: crm.Fields{"form": sent.Name}})
		return nil
	}
	fresh, err := g.tx.NoteForm(g.ctx, sent, t.Talk.ID)
	if err != nil || !fresh {
		return err
	}
	values, wrong, _ := g.Kit.Read(f, sent.Values, g.speaks(sent.Lang), g.now)
	if len(wrong) > 0 {
		g.event(t, postgres.EventRow{Kind: "form_refused", Data: crm.Fields{"form": sent.Name}})
		return nil
	}
	phone := f.PhoneOf(values)
	if err := g.meetListed(t, phone); err != nil {
		return err
	}
	deal, err := g.submit(t, submission{form: f, values: values, phone: phone}, trace)
	if err != nil {
		return err
	}
	return g.tx.AnswerForm(g.ctx, sent, t.Contact.ID, deal)
}

// meetListed finds who sends a form: who sent one with this number before, else a contact with it whom nobody talks with, else somebody new.
func (g *group) meetListed(t *postgres.Turn, phone string) error {
	if err := g.tx.FlushDeals(g.ctx); err != nil { // what turns of this transaction have learnt counts
		return err
	}
	if t.Contact.ID == 0 && phone != "" && g.people[t.Talk.ID] == nil {
		c, err := g.tx.ListedContact(g.ctx, phone)
		if err != nil {
			return err
		}
		g.adopt(t, c)
	}
	g.meet(t)
	return g.failed
}

// adopt makes an address one of a contact's.
func (g *group) adopt(t *postgres.Turn, c crm.Contact) {
	if c.ID == 0 {
		return
	}
	t.Contact = c
	g.tx.Changes.Identities = append(g.tx.Changes.Identities, postgres.IdentityRow{Channel: t.Talk.Address.Channel, Address: t.In.From.ID, Contact: c.ID})
}

// submission is a form that was filled in.
type submission struct {
	form   *dialogs.Form
	values map[string]dialogs.Value
	phone  string
}

// submit applies what follows from a form, and gives the deal that it has opened or joined.
func (g *group) submit(t *postgres.Turn, s submission, trace *Trace) (crm.DealID, error) {
	facts := dialogs.Facts{}
	if s.phone != "" && g.Kit.AsksStanding() {
		known, err := g.tx.StandingOf(g.ctx, s.phone, t.Contact.ID)
		if err != nil {
			return 0, err
		}
		facts.Person = &dialogs.Person{Standing: known, Phone: s.phone}
	}
	env := g.env(t)
	effects, err := g.Kit.Submit(s.form, s.values, facts, env)
	if err != nil { // a mistake of the kit: the form is kept, and people hear of it
		g.event(t, postgres.EventRow{Kind: "dialog_error", Author: crm.ByBot, Data: crm.Fields{"dialog": "form." + s.form.Name, "error": err.Error()}})
		return 0, nil
	}
	if keys := g.uniqueKeys(t, effects); len(keys) > 0 && !g.acts { // else the rules see to it
		if facts.Taken, err = g.alreadyOpen(keys); err != nil {
			return 0, err
		}
		facts.Unique = keys
		if effects, err = g.Kit.Submit(s.form, s.values, facts, env); err != nil {
			return 0, err
		}
	}
	effects = onlyGaps(effects, t.Contact)
	dialogs.Learn(facts.Person, effects)
	done, err := g.follow(t, effects)
	if err == nil {
		err = g.applyAll(t, done, trace)
	}
	if err != nil {
		return 0, err
	}
	return outcomeOf(done, facts.Taken), nil
}

// onlyGaps leaves of what a form says of its sender what is not known yet.
func onlyGaps(effects []crm.Effect, c crm.Contact) []crm.Effect {
	kept := make([]crm.Effect, 0, len(effects))
	for _, e := range effects {
		changed, ok := e.(crm.ContactChanged)
		if !ok {
			kept = append(kept, e)
			continue
		}
		if c.Name != "" {
			changed.Name = ""
		}
		if c.Phone != "" {
			changed.Phone = ""
		}
		changed.Fields = maps.Clone(changed.Fields)
		maps.DeleteFunc(changed.Fields, func(name string, _ any) bool { return c.Fields[name] != nil })
		if changed.Name != "" || changed.Phone != "" || changed.Lang != "" || len(changed.Fields) > 0 {
			kept = append(kept, changed)
		}
	}
	return kept
}

// outcomeOf is the deal that was opened by hand, or the one that is the same request.
func outcomeOf(done []rules.Done, taken []*crm.Deal) crm.DealID {
	for _, d := range done {
		switch e := d.Effect.(type) {
		case crm.DealOpened:
			if len(d.Cause) == 0 {
				return e.Deal.ID
			}
		case crm.Recorded:
			if e.Kind == "deal_repeated" && len(d.Cause) == 0 {
				return e.Deal
			}
		}
	}
	if len(taken) > 0 {
		return taken[0].ID
	}
	return 0
}
