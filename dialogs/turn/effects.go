package turn

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
)

// apply turns effects into rows. What tells others comes last: it reads what the earlier effects wrote.
func (g *group) apply(t *postgres.Turn, effects []crm.Effect, trace *Trace) error {
	var later []crm.Effect
	for _, e := range effects {
		trace.Effects = append(trace.Effects, effectName(e))
		switch e := e.(type) {
		case crm.Notified, crm.DialogWanted, crm.HandedOver:
			later = append(later, e)
		default:
			g.applyOne(t, e)
		}
	}
	for _, e := range later {
		if err := g.tell(t, e); err != nil {
			return err
		}
	}
	return nil
}

// applyOne writes one effect on deals, contacts and the timeline.
func (g *group) applyOne(t *postgres.Turn, e crm.Effect) {
	c := &g.tx.Changes
	switch e := e.(type) {
	case crm.DealOpened:
		d := e.Deal
		if d.Conversation == 0 {
			d.Conversation = t.Talk.ID
		}
		if d.Contact == 0 {
			d.Contact = t.Contact.ID
		}
		c.Deals = append(c.Deals, postgres.DealRow{ID: d.ID, Pipeline: d.Pipeline, Stage: d.Stage, Status: crm.DealOpen, Title: d.Title,
			Contact: d.Contact, Asset: d.Asset, Owner: d.Owner, Crew: d.Crew, Parent: d.Parent, Conversation: d.Conversation,
			UniqueKey: d.UniqueKey, Fields: d.Fields})
		t.Talk.Deal = &d
		g.event(t, postgres.EventRow{Kind: "deal_opened", Deal: d.ID, Data: crm.Fields{"pipeline": d.Pipeline, "stage": d.Stage}})
	case crm.DealMoved:
		if about := t.Talk.Deal; about != nil && about.ID == e.Deal {
			about.Stage, about.Status = e.Stage, e.Status
		}
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Stage: e.Stage, Status: e.Status, Reason: e.Reason})
		g.event(t, postgres.EventRow{Kind: "deal_moved", Deal: e.Deal, Data: crm.Fields{"from": e.From, "stage": e.Stage, "status": e.Status, "reason": e.Reason}})
	case crm.DealChanged:
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Fields: e.Fields})
		g.event(t, postgres.EventRow{Kind: "deal_changed", Deal: e.Deal, Data: e.Fields})
	case crm.DealOwned:
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Owner: e.Owner, Free: e.Owner == 0})
		g.event(t, postgres.EventRow{Kind: "deal_owned", Deal: e.Deal, Data: crm.Fields{"owner": e.Owner}})
	case crm.Commented:
		g.event(t, postgres.EventRow{Kind: "comment", Deal: e.Deal, Data: crm.Fields{"text": e.Text}})
	case crm.Attached:
		refs := make([]string, len(e.Media))
		for i, m := range e.Media {
			refs[i] = m.Ref
		}
		c.Bindings = append(c.Bindings, postgres.Binding{Conversation: t.Talk.ID, Deal: e.Deal, Name: e.Name, Refs: refs})
		g.event(t, postgres.EventRow{Kind: "attached", Deal: e.Deal, Data: crm.Fields{"name": e.Name, "files": len(refs)}})
	case crm.ContactChanged:
		g.contactChanged(t, e)
	case crm.TaskAdded:
		c.Tasks = append(c.Tasks, postgres.TaskRow{Deal: e.Deal, Contact: t.Contact.ID, Assignee: e.Assignee, Role: e.Role, Title: e.Title, DueAt: e.DueAt})
		g.event(t, postgres.EventRow{Kind: "task_added", Deal: e.Deal, Data: crm.Fields{"title": e.Title, "role": e.Role}})
	case crm.Recorded:
		g.event(t, postgres.EventRow{Kind: e.Kind, Deal: e.Deal, Data: e.Data})
	}
}

func (g *group) contactChanged(t *postgres.Turn, e crm.ContactChanged) {
	id := e.Contact
	if id == 0 {
		id = t.Contact.ID
	}
	g.tx.Changes.KnownBetter = append(g.tx.Changes.KnownBetter, postgres.ContactRow{ID: id, Name: e.Name, Phone: e.Phone, Lang: e.Lang, Fields: e.Fields})
	if p := g.people[t.Talk.ID]; p != nil && p.ID == id {
		p.Name, p.Phone, p.Lang = either(e.Name, p.Name), either(e.Phone, p.Phone), either(e.Lang, p.Lang)
	}
	var changed []string // names of what changed, never the values: the timeline is read by many
	for name, value := range map[string]string{"name": e.Name, "phone": e.Phone, "lang": e.Lang} {
		if value != "" {
			changed = append(changed, name)
		}
	}
	for name := range e.Fields {
		changed = append(changed, name)
	}
	g.event(t, postgres.EventRow{Kind: "contact_changed", Contact: id, Data: crm.Fields{"changed": strings.Join(sorted(changed), ", ")}})
}

// tell carries an effect to other conversations.
func (g *group) tell(t *postgres.Turn, e crm.Effect) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	switch e := e.(type) {
	case crm.Notified:
		return g.notify(t, e)
	case crm.DialogWanted:
		return g.signal(t, e)
	case crm.HandedOver:
		return g.callHuman(t, e)
	}
	return nil
}

// signal asks the conversation of the deal's contact to start a dialog: a waiting row there, met in a turn of its own.
func (g *group) signal(t *postgres.Turn, e crm.DialogWanted) error {
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	if d.Talk == 0 {
		return nil // a deal without a conversation: its contact can't be asked
	}
	id := "s:" + e.Dialog + ":" + strconv.FormatInt(int64(e.Deal), 10) + ":" + strconv.FormatInt(int64(t.Message), 10)
	in := crm.Inbound{Address: d.Address, Key: id, Kind: crm.InSignal, SentAt: g.now,
		From: crm.Person{ID: d.Address.Chat}, Signal: &crm.Signal{ID: id, Dialog: e.Dialog, Slots: e.Slots, Deal: e.Deal}}
	g.tx.Changes.Signals = append(g.tx.Changes.Signals, postgres.SignalRow{Conversation: d.Talk, Inbound: in})
	g.hurried = append(g.hurried, in)
	return nil
}

// mustJSON writes a value of ours, which always has a JSON form.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%T has no JSON form: %v", v, err))
	}
	return b
}
