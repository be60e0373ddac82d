package turn

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// applyAll turns effects into rows. What tells others comes last: it reads what the earlier effects wrote.
func (g *group) applyAll(t *postgres.Turn, done []rules.Done, trace *Trace) error {
	done, err := g.settleVisits(t, done)
	if err != nil {
		return err
	}
	return g.applySettled(t, done, trace)
}

// applySettled is applyAll for what is in step with visits already.
func (g *group) applySettled(t *postgres.Turn, done []rules.Done, trace *Trace) error {
	changed := map[crm.DealID]bool{}
	return g.tellAll(t, g.write(t, done, changed, trace), changed)
}

// write turns effects into rows and gives those that are told to others, for when all rows are there.
func (g *group) write(t *postgres.Turn, done []rules.Done, changed map[crm.DealID]bool, trace *Trace) (later []rules.Done) {
	for _, d := range done {
		trace.Effects = append(trace.Effects, effectName(d.Effect))
		switch d.Effect.(type) {
		case crm.Notified, crm.DialogWanted, crm.HandedOver, crm.DocumentWanted:
			later = append(later, d)
		case crm.Booked, crm.BookingMoved, crm.BookingCancelled, crm.BookingKept, crm.BookingMissed:
			g.writeVisit(t, d, changed)
			later = append(later, d)
		case crm.TaskAdded:
			d.Effect = g.workable(d.Effect.(crm.TaskAdded))
			g.applyOne(t, d, changed)
			later = append(later, g.taskNotice(d))
		default:
			g.applyOne(t, d, changed)
		}
	}
	return later
}

// tellAll tells others, and shows the changed deals anew.
func (g *group) tellAll(t *postgres.Turn, later []rules.Done, changed map[crm.DealID]bool) error {
	if err := g.readAhead(later, changed); err != nil {
		return err
	}
	defer func() { g.telling = telling{} }()
	for _, d := range later {
		if err := g.tell(t, d); err != nil {
			return err
		}
	}
	if err := g.sendNotices(t); err != nil {
		return err
	}
	return g.redraw(t, changed)
}

// applyOne writes one effect on deals, contacts and the timeline. Changed gathers the deals whose cards say something else now.
func (g *group) applyOne(t *postgres.Turn, d rules.Done, changed map[crm.DealID]bool) {
	c := &g.tx.Changes
	switch e := d.Effect.(type) {
	case crm.DealOpened:
		g.opened(t, e.Deal, d)
	case crm.DealMoved:
		if about := t.Talk.Deal; about != nil && about.ID == e.Deal {
			about.Stage, about.Status = e.Stage, e.Status
		}
		changed[e.Deal] = true
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Stage: e.Stage, Status: e.Status, Reason: e.Reason, EnteredAt: g.now})
		if e.Status != crm.DealOpen {
			c.StopTimers(postgres.TimerStop{Deal: e.Deal, Reason: "closed"})
			c.Closed = append(c.Closed, e.Deal)
		}
		g.happened(t, d, postgres.EventRow{Kind: "deal_moved", Deal: e.Deal, Data: crm.Fields{"from": e.From, "stage": e.Stage, "status": e.Status, "reason": e.Reason}})
	case crm.DealChanged:
		changed[e.Deal] = true
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Fields: e.Fields})
		g.happened(t, d, postgres.EventRow{Kind: "deal_changed", Deal: e.Deal, Data: maps.Clone(e.Fields)})
	case crm.DealOwned:
		changed[e.Deal] = true
		c.DealMoves = append(c.DealMoves, postgres.DealMove{ID: e.Deal, Owner: e.Owner, Free: e.Owner == 0})
		g.happened(t, d, postgres.EventRow{Kind: "deal_owned", Deal: e.Deal, Data: crm.Fields{"owner": e.Owner}})
	case crm.DealLinked:
		c.Links = append(c.Links, e)
		g.happened(t, d, postgres.EventRow{Kind: "deal_linked", Deal: e.Deal, Data: crm.Fields{"other": e.Other, "link": e.Name}})
	case crm.Commented:
		g.happened(t, d, postgres.EventRow{Kind: "comment", Deal: e.Deal, Data: crm.Fields{"text": e.Text}})
	case crm.Attached:
		refs := make([]string, len(e.Media))
		for i, m := range e.Media {
			refs[i] = m.Ref
		}
		changed[e.Deal] = true // cards tell how many files there are
		c.Bindings = append(c.Bindings, postgres.Binding{Conversation: t.Talk.ID, Deal: e.Deal, Name: e.Name, Refs: refs})
		if e.Place > 0 && len(refs) > 0 {
			c.Replaced = append(c.Replaced, postgres.Replacement{Conversation: t.Talk.ID, Deal: e.Deal, Name: e.Name, Place: e.Place, Ref: refs[0]})
		}
		g.happened(t, d, postgres.EventRow{Kind: "attached", Deal: e.Deal, Data: crm.Fields{"name": e.Name, "files": len(refs)}})
	case crm.ContactChanged:
		g.contactChanged(t, e)
	case crm.Agreed:
		g.agreed(t, e)
	case crm.TaskAdded:
		c.TasksMade = append(c.TasksMade, postgres.TaskMade{Deal: e.Deal, Contact: t.Contact.ID, Assignee: e.Assignee, Owner: e.Owner, Role: e.Role,
			Title: e.Title, DueAt: e.DueAt, Points: e.Points, Card: e.Card, Message: t.Message})
		g.happened(t, d, postgres.EventRow{Kind: "task_added", Deal: e.Deal, Data: crm.Fields{"title": e.Title, "role": e.Role, "assignee": e.Assignee}})
	case crm.TimerSet:
		c.Timers = append(c.Timers, postgres.TimerRow{TimerSet: e, Message: t.Message})
	case crm.Rated:
		c.Points = append(c.Points, e)
		g.happened(t, d, postgres.EventRow{Kind: "rated", Deal: e.Deal, Contact: e.Contact, Data: crm.Fields{"employee": e.Employee, "points": e.Points, "reason": e.Reason}})
	case crm.HookCalled:
		c.Hooks = append(c.Hooks, postgres.HookRow{HookCalled: e, Message: t.Message})
		g.happened(t, d, postgres.EventRow{Kind: "hook_called", Deal: e.Deal, Data: crm.Fields{"hook": e.Hook}})
	case crm.Recorded:
		g.amiss(e)
		g.happened(t, d, postgres.EventRow{Kind: e.Kind, Deal: e.Deal, Data: maps.Clone(e.Data)})
	}
}

// opened writes a new deal. What a rule or a link opens is not of this conversation, unless they said so.
func (g *group) opened(t *postgres.Turn, d crm.Deal, by rules.Done) {
	if len(by.Cause) == 0 {
		if d.Conversation == 0 && !listened(t.In.Kind) {
			d.Conversation = t.Talk.ID
		}
		if d.Contact == 0 {
			d.Contact = t.Contact.ID
		}
		t.Talk.Deal = &d
		g.firstSource(t, d)
	}
	if d.EnteredAt.IsZero() {
		d.EnteredAt = g.now
	}
	if d.Status != crm.DealOpen && d.ClosedAt.IsZero() {
		d.ClosedAt = g.now
	}
	row := postgres.DealRow{ID: d.ID, Pipeline: d.Pipeline, Stage: d.Stage, Status: d.Status, Title: d.Title,
		Contact: d.Contact, Asset: d.Asset, Owner: d.Owner, Crew: d.Crew, Parent: d.Parent, Conversation: d.Conversation,
		UniqueKey: d.UniqueKey, Reason: d.LostReason, Source: d.Fields.Text("source"), City: d.Fields.Text("city"), Fields: d.Fields,
		EnteredAt: d.EnteredAt, ClosedAt: d.ClosedAt}
	if g.memory != nil && g.memory.views[d.ID] != nil {
		v := g.memory.views[d.ID]
		row.City = dialogs.CityOf(d, v.Asset, v.Contact)
	}
	g.tx.Changes.Deals = append(g.tx.Changes.Deals, row)
	g.happened(t, by, postgres.EventRow{Kind: "deal_opened", Deal: d.ID, Data: crm.Fields{"pipeline": d.Pipeline, "stage": d.Stage}})
}

// happened adds a line to the timeline with its cause, and counts who touched the deal: a person or a robot.
func (g *group) happened(t *postgres.Turn, d rules.Done, e postgres.EventRow) {
	if len(d.Cause) > 0 {
		if e.Data == nil {
			e.Data = crm.Fields{}
		}
		e.Data["cause"] = d.Cause
		e.Author = crm.ByBot
	}
	if e.Deal != 0 && g.acts {
		touch := postgres.Touch{Deal: e.Deal, Robot: 1}
		if len(d.Cause) == 0 && !ours(t.In.Kind) {
			touch = postgres.Touch{Deal: e.Deal, Human: 1}
		}
		g.tx.Changes.Touches = append(g.tx.Changes.Touches, touch)
	}
	g.event(t, e)
}

func (g *group) contactChanged(t *postgres.Turn, e crm.ContactChanged) {
	id := e.Contact
	if id == 0 {
		id = t.Contact.ID
	}
	g.vouched(t, e)
	g.tx.Changes.KnownBetter = append(g.tx.Changes.KnownBetter, postgres.ContactRow{ID: id, Name: e.Name, Phone: e.Phone, Lang: e.Lang, Fields: e.Fields})
	if p := g.people[t.Talk.ID]; p != nil && p.ID == id {
		p.Name, p.Phone, p.Lang = either(e.Name, p.Name), either(e.Phone, p.Phone), either(e.Lang, p.Lang)
		knownFields(p, e.Fields)
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
func (g *group) tell(t *postgres.Turn, d rules.Done) error {
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return err
	}
	switch e := d.Effect.(type) {
	case crm.Notified:
		return g.notify(t, e, d)
	case crm.DialogWanted:
		return g.signal(t, e)
	case crm.HandedOver:
		return g.callHuman(t, e)
	case crm.DocumentWanted:
		return g.sendDocument(t, e)
	case crm.Booked, crm.BookingMoved, crm.BookingCancelled:
		return g.tellVisit(t, d)
	}
	return nil
}

// signal asks the conversation of the deal's contact, or that of an employee, to start a dialog: a waiting row there, met in a turn of its own.
func (g *group) signal(t *postgres.Turn, e crm.DialogWanted) error {
	d, err := g.tx.Deal(g.ctx, e.Deal)
	if err != nil {
		return err
	}
	talk, address := d.Talk, d.Address
	if e.Employee != 0 {
		people, err := g.tx.ReachEmployee(g.ctx, e.Employee)
		if err != nil || len(people) == 0 {
			return err
		}
		talk, address = people[0].Conversation, people[0].Address
	}
	if talk == 0 {
		return nil // a deal without a conversation: its contact can't be asked
	}
	id := "s:" + e.Dialog + ":" + strconv.FormatInt(int64(e.Deal), 10) + ":" + strconv.FormatInt(int64(t.Message), 10)
	if t.Message == 0 { // of a timer
		id += ":" + strconv.FormatInt(g.now.UnixMicro(), 36)
	}
	in := crm.Inbound{Address: address, Key: id, Kind: crm.InSignal, SentAt: g.now,
		From: crm.Person{ID: address.Chat}, Signal: &crm.Signal{ID: id, Dialog: e.Dialog, Slots: e.Slots, Deal: e.Deal, Answer: g.answers(t, talk)}}
	g.tx.Changes.Signals = append(g.tx.Changes.Signals, postgres.SignalRow{Conversation: talk, Inbound: in})
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
