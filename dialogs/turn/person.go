package turn

import (
	"fmt"
	"html"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// Limits of unknown codes: more than maxMisses within missWindow slow a person down.
const (
	maxMisses  = 10
	missWindow = time.Hour
)

// person runs the dialog of somebody from outside the company, or of an employee who is asked for something.
func (g *group) person(t *postgres.Turn, trace *Trace) (Receipt, error) {
	g.meet(t)
	g.phoneShown(t)
	if err := g.heard(t, trace); err != nil {
		return Receipt{}, err
	}
	if done, toast, err := g.aboutAdverts(t); done || err != nil {
		return Receipt{Toast: toast}, err
	}
	if done, receipt, err := g.ownData(t); done || err != nil {
		return receipt, err
	}
	if g.ownLed(t.Talk) {
		return g.hushed(t), nil
	}
	if t.Talk.Operator != 0 {
		if ours(t.In.Kind) {
			g.postpone(t)
			return Receipt{}, nil
		}
		if relayed, err := g.relay(t); relayed || err != nil {
			return Receipt{Toast: g.personAnswers(t)}, err
		}
	}
	s, err := g.session(t.Talk)
	if err != nil {
		return Receipt{}, err
	}
	if t.In.Kind == crm.InTimeout && (t.Talk.DueAt.IsZero() || t.Talk.DueAt.After(g.now)) {
		return Receipt{}, nil // answered, moved or already fired
	}
	if gone, err := g.askedInVain(t, s); gone || err != nil {
		return Receipt{}, err
	}
	if parts := visitPressed(t.In); parts != nil {
		toast, err := g.visitPress(t, parts)
		return Receipt{Toast: html.UnescapeString(toast)}, err
	}
	if about := t.In.Signal; about != nil && dialogs.Insists(about.Dialog) {
		*s = g.Kit.Brought(*s)
	}
	kit := g.versions.of(g, s)
	env := g.env(t)
	in := dialogs.Input{Inbound: t.In, Facts: dialogs.Facts{Same: t.Talk.Deal}}
	if about := t.In.Signal; about != nil && about.Deal != 0 {
		if t.Employee == nil && strings.HasPrefix(about.Dialog, "demand.") {
			return Receipt{}, nil // they don't work here any more
		}
		d, err := g.tx.Deal(g.ctx, about.Deal)
		if err != nil {
			return Receipt{}, err
		}
		if t.Employee == nil && strings.HasPrefix(about.Dialog, "visit.") && d.Contact.ID != t.Contact.ID {
			return Receipt{}, nil // likewise
		}
		in.Facts.Same = &d.Deal
	}
	if err := g.lookUp(t, kit, *s, &in); err != nil {
		return Receipt{}, err
	}
	if err := g.wanted(t, *s, &in); err != nil {
		return Receipt{}, err
	}
	if done, err := g.answersOld(t, *s); done || err != nil {
		return Receipt{}, err
	}
	if done, err := g.editedAfter(t, *s, &in); done || err != nil {
		return Receipt{}, err
	}
	if g.Seal != nil && kit.AsksSecret(*s) {
		g.asking.Store(t.Talk.Address, struct{}{}) // what fails from here on is put aside without its words, also by a process that has just started
	}
	if raw, ok := g.raw[t]; ok && kit.AsksSecret(*s) {
		in.Inbound = raw
	}
	before := *s
	result, err := g.step(t, kit, before, &in, env)
	if err != nil {
		return Receipt{}, err
	}
	if keys := g.uniqueKeys(t, result.Effects); len(keys) > 0 {
		taken, err := g.alreadyOpen(keys)
		if err != nil {
			return Receipt{}, err
		}
		if len(taken) > 0 && t.Employee != nil {
			return Receipt{}, g.duplicate(t, taken[0])
		}
		in.Facts.Unique, in.Facts.Taken = keys, taken
		if len(taken) > 0 { // the step is pure: it is taken again, knowing this
			if result, err = g.step(t, kit, before, &in, env); err != nil {
				return Receipt{}, err
			}
		}
	}
	if result, err = g.reserve(t, kit, before, &in, env, result); err != nil {
		return Receipt{}, err
	}
	trace.Dialog, trace.From, trace.To = either(result.Session.Dialog, before.Dialog), before.State, result.Session.State
	if result.Lang != "" {
		t.Talk.Lang, env.Lang = result.Lang, result.Lang
		if err := g.showMenu(t, result.Lang, personMenu); err != nil {
			return Receipt{}, err
		}
	}
	dialogs.Learn(in.Facts.Person, result.Effects)
	g.secretTaken(t, kit, before, &result.Session)
	done, err := g.follow(t, result.Effects)
	if err == nil {
		g.answering = t
		err = g.applyAll(t, done, trace)
		g.answering = nil
	}
	if err == nil {
		err = g.sayVisit(t, done, &result)
	}
	if err != nil {
		return Receipt{}, err
	}
	if key := refused(t, done); key != "" {
		result.Say = []dialogs.Say{{Key: key}}
	}
	if err := g.collect(t, result.Asked); err != nil {
		return Receipt{}, err
	}
	if err := g.answer(t, kit, before, result, env); err != nil {
		return Receipt{}, err
	}
	*s = result.Session
	t.Talk.DueAt = result.DueAt
	g.touch(t.Talk)
	if err := g.continueElsewhere(t, kit, before, *s); err != nil {
		return Receipt{}, err
	}
	toast := ""
	if result.Toast != "" {
		toast, _ = kit.Texts.Text(env.Lang, result.Toast, nil)
	}
	return Receipt{Toast: toast}, nil
}

// refused gives the text that tells an employee why what they have just answered moved no deal; empty when it did.
func refused(t *postgres.Turn, done []rules.Done) string {
	for _, one := range done {
		if e, ok := one.Effect.(crm.Recorded); ok && e.Kind == "move_refused" && len(one.Cause) == 0 && t.Employee != nil {
			return "staff.refused_" + e.Data.Text("code")
		}
	}
	return ""
}

// untilHandedBack is how long a timer is put off while a person has the talk.
const untilHandedBack = 10 * time.Minute

// postpone keeps the bot silent while a person has the talk: signals wait for the hand-back, timers are looked at again later.
func (g *group) postpone(t *postgres.Turn) {
	if t.In.Kind == crm.InSignal {
		g.tx.Changes.Postponed = append(g.tx.Changes.Postponed, postgres.Superseded{Conversation: t.Talk.ID, ID: t.Message})
		return
	}
	t.Talk.DueAt = g.now.Add(untilHandedBack)
	g.touch(t.Talk)
}

// ours tells inputs of our own from those of a person.
func ours(k crm.InboundKind) bool { return k == crm.InTimeout || k == crm.InSignal }

// meet makes a contact of somebody who writes for the first time, and shares what this group already learnt of them.
func (g *group) meet(t *postgres.Turn) {
	k := t.Talk
	if p := g.people[k.ID]; p != nil {
		t.Contact = *p
		return
	}
	if t.Contact.ID == 0 && !ours(t.In.Kind) && !g.isDemand(t) {
		id, err := g.contacts.Next(g.ctx, g.tx)
		if err != nil {
			g.failed = err
			return
		}
		t.Contact = crm.Contact{ID: crm.ContactID(id), Name: t.In.From.Name}
		g.tx.Changes.Contacts = append(g.tx.Changes.Contacts, postgres.ContactRow{ID: t.Contact.ID, Name: t.Contact.Name})
		g.tx.Changes.Identities = append(g.tx.Changes.Identities, postgres.IdentityRow{Channel: k.Address.Channel, Address: t.In.From.ID,
			Contact: t.Contact.ID, Username: t.In.From.Username})
		if t.In.Alias != "" {
			g.tx.Changes.Identities = append(g.tx.Changes.Identities, postgres.IdentityRow{Channel: k.Address.Channel, Address: t.In.Alias, Contact: t.Contact.ID})
		}
		g.event(t, postgres.EventRow{Kind: "contact_met"})
	}
	if t.Talk.Contact == 0 {
		t.Talk.Contact = t.Contact.ID
		g.touch(k)
	}
	person := t.Contact
	g.people[k.ID] = &person
}

// isDemand tells whether an employee is being asked for what a stage demands: that makes no contact of them.
func (g *group) isDemand(t *postgres.Turn) bool {
	s, err := g.session(t.Talk)
	return err == nil && t.Employee != nil && (strings.HasPrefix(s.Dialog, "demand.") || strings.HasPrefix(s.Dialog, "visit."))
}

func (g *group) env(t *postgres.Turn) dialogs.Env {
	unseen := t.Talk.Prompt.Queued && g.tx.Writes(t.Talk.Prompt.ID) // one of an earlier commit may be on its way by the time of ours
	return dialogs.Env{Now: g.now, Lang: g.lang(t), Contact: t.Contact, Employee: t.Employee, Unseen: unseen,
		Channel: g.Capabilities(t.Talk.Address.Channel), Knows: g.Kit.Knowledge != nil, NewNonce: g.Nonce, NewDeal: g.newDeal, Seal: g.sealer()}
}

// lang is the language chosen in this talk, else the person's, else that of their app, else the kit's first.
func (g *group) lang(t *postgres.Turn) string {
	if t.Talk.Lang == "" {
		chosen := t.In.From.Lang
		if t.Contact.Lang != "" {
			chosen = t.Contact.Lang
		}
		if t.Employee != nil && t.Employee.Lang != "" {
			chosen = t.Employee.Lang
		}
		t.Talk.Lang = g.Kit.Texts.Match(chosen)
	}
	return t.Talk.Lang
}

// lookUp finds the facts that the step asks for.
func (g *group) lookUp(t *postgres.Turn, kit *dialogs.Kit, s dialogs.Session, in *dialogs.Input) error {
	if err := g.seen(t, kit, s, in); err != nil {
		return err
	}
	for _, need := range kit.Needs(s, t.In, g.lang(t)) {
		if need.Kind == dialogs.NeedPerson {
			if err := g.recognise(t, need, in); err != nil {
				return err
			}
			continue
		}
		if need.Kind == dialogs.NeedSource {
			if err := g.sourceOf(need, in); err != nil {
				return err
			}
			continue
		}
		want := postgres.AssetWanted{Contact: t.Contact.ID}
		switch need.Kind {
		case dialogs.NeedAssetByLink:
			// What nobody signed is looked up as well, so that the answer takes the same time.
			want.ID, want.QRVersion, _ = g.Verify(need.Text)
		case dialogs.NeedAssetByCode:
			want.Kind, want.Code = need.Asset, need.Text
		}
		found, err := g.tx.Assets(g.ctx, []postgres.AssetWanted{want})
		if err != nil {
			return err
		}
		g.known(t, found[0], in)
	}
	return nil
}

// known puts what was found into the facts and counts unknown codes.
func (g *group) known(t *postgres.Turn, a postgres.AssetFound, in *dialogs.Input) {
	k := t.Talk
	if g.now.Sub(k.MissesAt) > missWindow {
		k.Misses = 0
	}
	if a.ID == 0 {
		if k.Misses == 0 {
			k.MissesAt = g.now
		}
		k.Misses = min(k.Misses+1, 1000)
		g.touch(k)
		g.event(t, postgres.EventRow{Kind: "unknown_code"})
	}
	in.Facts.Slowed = k.Misses > maxMisses
	if a.ID == 0 || in.Facts.Slowed {
		return
	}
	if a.Own != 0 {
		if own, err := g.tx.Deal(g.ctx, a.Own); err == nil {
			in.Facts.Same = &own.Deal
		}
	}
	in.Facts.Asset = &dialogs.Asset{ID: a.ID, Kind: a.Kind, Code: a.Code, Name: a.Name, City: a.City, Address: a.Address, Crew: a.Crew,
		Own: a.Own, OwnAt: a.OwnAt, Open: a.Open, Since: a.Since, Fields: a.Fields}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// effectName is the bare name of an effect's type, for the trace.
func effectName(e crm.Effect) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", e), "crm.")
}
