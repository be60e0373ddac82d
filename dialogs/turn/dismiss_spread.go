package turn

import (
	"slices"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// leaving is the work of somebody who does not come back.
type leaving struct {
	handOver
	by    crm.EmployeeID
	clash int
}

// spread hands everything over: talks to colleagues or the bot, deals to whom their stages want, and what is left to the head.
func (h *leaving) spread() error {
	held, err := h.tx.Held(h.ctx, h.me.ID, handedAtOnce+digestDeals)
	if err != nil {
		return err
	}
	for _, id := range h.heldTalks(held, h.me.ID) {
		if err := h.talkOn(id); err != nil {
			return err
		}
	}
	for i, d := range held.Deals {
		if i == handedAtOnce {
			break
		}
		if err := h.dealOn(d); err != nil {
			return err
		}
	}
	return h.rest(held.Deals)
}

// talkOn gives a talk to the next person, else back to the bot.
func (h *leaving) talkOn(id crm.ConversationID) error {
	k, contact, err := h.group.talk(id)
	if err != nil || k.Operator != h.me.ID {
		return err
	}
	r, err := h.next("")
	if err != nil {
		return err
	}
	if r != nil {
		return h.giveTalk(k, contact, r)
	}
	h.returned++
	if err := h.leaveTopic(h.turn, k, contact, h.me.Name); err != nil {
		return err
	}
	k.Operator = 0
	h.touch(k)
	h.tx.Changes.Events = append(h.tx.Changes.Events, postgres.EventRow{Kind: "talk_dropped", Author: crm.BySystem, Employee: h.me.ID, Conversation: k.ID,
		Message: h.turn.Message, Contact: k.Contact, Data: crm.Fields{"cause": []string{h.cause}}})
	return nil
}

// dealOn gives a deal to whom its stage wants, else to the next person of the role, else to the head.
func (h *leaving) dealOn(d postgres.HeldDeal) error {
	v, err := h.memory.Deal(d.ID)
	if err != nil || v.Deal.Owner != h.me.ID {
		return err
	}
	done, err := h.rules(h.turn).Run([]crm.Effect{crm.DealOwned{Deal: d.ID}}) // a freed deal is distributed
	if err != nil {
		return err
	}
	if v.Deal.Owner == 0 {
		id, err := h.taker(d.City)
		if err != nil {
			return err
		}
		if id == 0 {
			h.left++
		} else {
			more, err := h.rules(h.turn).Run([]crm.Effect{crm.DealOwned{Deal: d.ID, Owner: id}})
			if err != nil {
				return err
			}
			done = append(done, more...)
		}
	}
	to := v.Deal.Owner
	for i := range done {
		done[i].Cause, done[i].Origin = append([]string{h.cause}, done[i].Cause...), d.ID
	}
	if err := h.applyAll(h.turn, handed(lastOwner(done)), &Trace{}); err != nil || to == 0 {
		return err
	}
	h.deals++
	if r, err := h.receiver(to); err != nil {
		return err
	} else if r != nil {
		r.deals = append(r.deals, d)
	}
	if _, err = h.tx.HandTasks(h.ctx, h.me.ID, to, []crm.DealID{d.ID}); err != nil {
		return err
	}
	_, clash, err := h.tx.HandVisits(h.ctx, postgres.HandOver{From: h.me.ID, To: to, Now: h.now, Deals: []crm.DealID{d.ID}})
	h.clash += clash
	return err
}

// taker is who gets a deal that its stage gives to nobody: the next person of the role, else the head, even one who opened no chat yet.
func (h *leaving) taker(city string) (crm.EmployeeID, error) {
	r, err := h.next(city)
	if err != nil || r != nil {
		return r.number(), err
	}
	return h.headOf(h.me)
}

func (r *receiver) number() crm.EmployeeID {
	if r == nil {
		return 0
	}
	return r.id
}

// lastOwner leaves out that a deal was free for a moment on its way from one to another.
func lastOwner(done []rules.Done) []rules.Done {
	last := -1
	for i, d := range done {
		if _, ok := d.Effect.(crm.DealOwned); ok {
			last = i
		}
	}
	n := 0
	return slices.DeleteFunc(done, func(d rules.Done) bool {
		_, owned := d.Effect.(crm.DealOwned)
		n++
		return owned && n-1 != last
	})
}

// rest hands what is left to the head at once: deals beyond those distributed one by one, tasks about nothing, visits of others' deals.
func (h *leaving) rest(known []postgres.HeldDeal) error {
	if err := h.tx.Flush(h.ctx); err != nil {
		return err
	}
	head, err := h.headOf(h.me)
	if err != nil || head == 0 {
		return err
	}
	o := postgres.HandOver{From: h.me.ID, To: head, Cause: h.cause, By: h.by, Message: h.turn.Message, Now: h.now}
	all, err := h.tx.HandOver(h.ctx, o)
	if err != nil {
		return err
	}
	h.deals += len(all.Deals)
	h.forgetDeals()
	_, clash, err := h.tx.HandVisits(h.ctx, o)
	h.clash += clash
	if err != nil || len(all.Deals)+len(all.Tasks) == 0 {
		return err
	}
	r, err := h.receiver(head)
	if r != nil {
		r.deals = append(r.deals, named(all.Deals, known)...)
	}
	return err
}
