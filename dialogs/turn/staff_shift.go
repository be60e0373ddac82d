package turn

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

const (
	// handedAtOnce is how many deals one /shift end hands over: what one transaction does within a second or two.
	handedAtOnce = 300
	// digestDeals is how many deals a digest names.
	digestDeals = 15
	shiftCause  = "shift:end"
)

// shift begins or ends the working day of an employee, or tells how it stands.
func (g *group) shift(t *postgres.Turn) error {
	switch strings.ToLower(strings.TrimSpace(t.In.Args)) {
	case "start":
		was, err := g.tx.StartShift(g.ctx, t.Employee.ID)
		if err != nil {
			return err
		}
		if was.On {
			return g.say(t, "shift.is_on", g.since(was))
		}
		g.event(t, postgres.EventRow{Kind: "shift_started"})
		return g.say(t, "shift.started", nil)
	case "end":
		return g.endShift(t)
	case "":
		return g.tellShift(t)
	}
	return g.say(t, "shift.usage", nil)
}

func (g *group) since(s postgres.Shift) map[string]any {
	return map[string]any{"time": s.Since.Add(g.Shift()).In(g.Kit.Zone).Format("02.01 15:04")}
}

func (g *group) tellShift(t *postgres.Turn) error {
	s, err := g.tx.Shift(g.ctx, t.Employee.ID)
	switch {
	case err != nil:
		return err
	case s.On:
		return g.say(t, "shift.is_on", g.since(s))
	case s.Kept:
		return g.say(t, "shift.is_off", g.since(s))
	}
	return g.say(t, "shift.by_hours", nil)
}

// endShift sends an employee home: each of their talks and deals goes to the next person of their role who is at work, else to the head. It is
// one transaction, and no other one distributes work of the role meanwhile, so nothing goes to somebody who has just left.
func (g *group) endShift(t *postgres.Turn) error {
	me := *t.Employee
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	if err := g.tx.LockRole(g.ctx, me.Role); err != nil {
		return err
	}
	held, err := g.tx.Held(g.ctx, me.ID, handedAtOnce+1)
	if err != nil {
		return err
	}
	h := &handOver{group: g, turn: t, me: me, cause: shiftCause, title: "shift.digest", memory: g.memoryOf(t), receivers: map[crm.EmployeeID]*receiver{}}
	for _, id := range g.heldTalks(held, me.ID) {
		if err := h.talk(id); err != nil {
			return err
		}
	}
	for i, d := range held.Deals {
		if i == handedAtOnce {
			h.more = true
			break
		}
		if err := h.deal(d); err != nil {
			return err
		}
	}
	was, err := g.tx.EndShift(g.ctx, me.ID)
	if err != nil {
		return err
	}
	h.off = was.Kept && !was.On // who keeps no shifts goes home from their hours
	g.event(t, postgres.EventRow{Kind: "shift_ended", Data: crm.Fields{"talks": h.talks, "deals": h.deals}})
	return h.tell()
}

// heldTalks are the talks of an operator, as the database and this transaction together know them.
func (g *group) heldTalks(held postgres.Held, id crm.EmployeeID) []crm.ConversationID {
	var ids []crm.ConversationID
	for _, k := range held.Talks {
		if mine := g.talks[k.ID]; mine == nil || mine.Operator == id {
			ids = append(ids, k.ID)
		}
	}
	for _, k := range g.talks {
		if k.Operator == id && !slices.Contains(ids, k.ID) {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// memoryOf is where this transaction looks up people and deals, for an employee.
func (g *group) memoryOf(t *postgres.Turn) *memory {
	g.rules(t)
	return g.memory
}

// handOver is the work of somebody who goes home on its way to others.
type handOver struct {
	*group
	turn         *postgres.Turn
	me           crm.Employee
	cause, title string // of the events, and the key of the digest's first line
	memory       *memory
	receivers    map[crm.EmployeeID]*receiver
	order        []*receiver
	unreachable  []crm.EmployeeID
	talks, deals int
	left         int  // deals that stay, because nobody is there
	more         bool // there are so many that some wait for another /shift end
	returned     int  // talks that the bot has again
	off          bool // no shift was open
}

// receiver is who gets some of it.
type receiver struct {
	id     crm.EmployeeID
	people []postgres.Reached // the conversations in which they are reached
	talks  []*postgres.Talk
	named  []string // whom the talks are with
	deals  []postgres.HeldDeal
}

// next chooses who gets the next piece: somebody of the same role at work, the least loaded; else the head; nil when nobody can be
// reached. Picks of this transaction count as load, so the work is shared out.
func (h *handOver) next(city string) (*receiver, error) {
	for {
		id, err := h.memory.Pick(crm.OwnerWanted{Role: h.me.Role, City: either(city, h.me.City), Pick: crm.PickLoad, Tried: append([]crm.EmployeeID{h.me.ID}, h.unreachable...)})
		if err != nil {
			return nil, err
		}
		if id == 0 {
			break
		}
		r, err := h.receiver(id)
		if r != nil || err != nil {
			return r, err
		}
		h.unreachable = append(h.unreachable, id)
	}
	if h.Kit.Head == "" {
		return nil, nil
	}
	id, err := h.memory.Head(h.Kit.Head, either(city, h.me.City))
	if err != nil || id == 0 || id == h.me.ID {
		return nil, err
	}
	return h.receiver(id)
}

// receiver finds where somebody is reached, nil when nowhere: who never opened the bot would not know of it.
func (h *handOver) receiver(id crm.EmployeeID) (*receiver, error) {
	if r := h.receivers[id]; r != nil {
		return r, nil
	}
	people, err := h.tx.ReachEmployee(h.ctx, id)
	if err != nil || len(people) == 0 {
		return nil, err
	}
	r := &receiver{id: id, people: people}
	h.receivers[id], h.order = r, append(h.order, r)
	return r, nil
}

// talk gives a talk to the next person; when nobody is there, the bot has it again.
func (h *handOver) talk(id crm.ConversationID) error {
	k, contact, err := h.group.talk(id)
	if err != nil || k.Operator != h.me.ID {
		return err
	}
	r, err := h.next("")
	if err != nil {
		return err
	}
	if r == nil {
		h.returned++
		_, err := h.returnTalk(h.turn, id)
		return err
	}
	return h.giveTalk(k, contact, r)
}

// giveTalk makes somebody the operator of a talk, which the person hears.
func (h *handOver) giveTalk(k *postgres.Talk, contact crm.Contact, r *receiver) error {
	k.Operator = r.id
	h.touch(k)
	h.talks++
	r.talks, r.named = append(r.talks, k), append(r.named, either(contact.Name, k.Title))
	h.tx.Changes.Events = append(h.tx.Changes.Events, postgres.EventRow{Kind: "talk_handed", Author: crm.ByEmployee, Employee: h.me.ID, Conversation: k.ID,
		Message: h.turn.Message, Contact: k.Contact, Data: crm.Fields{"operator": r.id, "cause": []string{h.cause}}})
	topic, open, err := h.openTopic(k.ID)
	switch {
	case err != nil:
		return err
	case open:
		return h.leadNext(h.turn, k, topic, r.people[0].Employee)
	}
	return h.introduce(h.turn, k, r.people[0].Name)
}

// deal gives an open deal to the next person, with the tasks about it. When nobody is there it stays: no deal is without an owner.
func (h *handOver) deal(d postgres.HeldDeal) error {
	v, err := h.memory.Deal(d.ID)
	if err != nil || v.Deal.Owner != h.me.ID {
		return err
	}
	r, err := h.next(d.City)
	if err != nil {
		return err
	}
	if r == nil {
		h.left++
		return nil
	}
	done, err := h.rules(h.turn).Run([]crm.Effect{crm.DealOwned{Deal: d.ID, Owner: r.id}})
	if err != nil {
		return err
	}
	for i := range done { // nobody has worked on the deal: it is no touch of a person
		done[i].Cause, done[i].Origin = append([]string{h.cause}, done[i].Cause...), d.ID
	}
	if err := h.applyAll(h.turn, handed(done), &Trace{}); err != nil {
		return err
	}
	r.deals = append(r.deals, d)
	h.deals++
	if _, err = h.tx.HandTasks(h.ctx, h.me.ID, r.id, []crm.DealID{d.ID}); err != nil {
		return err
	}
	return h.tx.HandTake(h.ctx, d.ID, h.me.ID, r.id, h.now)
}

// handed leaves notices out: the digest tells of all deals at once.
func handed(done []rules.Done) []rules.Done {
	return slices.DeleteFunc(done, func(d rules.Done) bool {
		_, notice := d.Effect.(crm.Notified)
		return notice
	})
}
