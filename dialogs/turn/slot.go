package turn

import (
	"errors"
	"html"
	"maps"
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// A slot is a place of work. Who holds it has its deals, tasks, visits, saved commands and crew; all of that changes hands in one transaction.

const (
	// slotCause is the cause that the events of a change of holder bear.
	slotCause = "slot"
	// slotRedrawn is how many deals of a slot are drawn anew at once wherever their cards stand; the others show their owner when next touched.
	slotRedrawn = 50
	// sameMoment is how far the clocks of a provider and the database may lie apart when it matters who was first.
	sameMoment = 2 * time.Minute
)

// swap is who gets a slot, and who decides.
type swap struct {
	slot postgres.Slot // locked
	who  crm.EmployeeID
	by   crm.EmployeeID
}

// swapped is what came of it.
type swapped struct {
	deals, clash int
	other        postgres.Slot // that the former holder has now, of an exchange
}

// seat gives a locked slot to an employee. Who holds another one exchanges: the former holder gets that. crm.ErrNotFound when the employee does
// not work here.
func (g *group) seat(t *postgres.Turn, w swap) (done swapped, err error) {
	if err := g.tx.Flush(g.ctx); err != nil {
		return done, err
	}
	s := w.slot
	if err := g.tx.LockChats(g.ctx, s.Holder, w.who); err != nil {
		return done, err
	}
	if err := g.tx.LockRole(g.ctx, s.Role); err != nil {
		return done, err
	}
	if err := g.tx.LockEmployees(g.ctx, w.who, s.Holder); err != nil {
		return done, err
	}
	other, err := g.tx.SlotOf(g.ctx, w.who)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return done, err
	}
	if other.ID != 0 && s.Holder == 0 { // there is nobody to exchange with
		if err := g.vacate(t, other, w.by, slotCause); err != nil {
			return done, err
		}
		other = postgres.Slot{}
	}
	done.other = other
	var got, gave []crm.DealID
	if s.Holder == 0 {
		if got, err = g.tx.GatherSlot(g.ctx, s, w.who, w.by, t.Message); err == nil && s.Former != 0 && s.Former != w.who {
			err = g.tx.HandFilters(g.ctx, s.Former, w.who, false)
		}
		if err == nil && s.Keeper != 0 && len(got) > 0 {
			_, done.clash, err = g.tx.HandVisits(g.ctx, postgres.HandOver{From: s.Keeper, To: w.who, Now: g.now, Deals: got})
		}
		gone := crm.Employee{ID: s.Keeper}
		if err == nil && s.Keeper != 0 {
			err = g.takeCards(t, gone, orNoDeals(got))
		}
	} else {
		got, gave, done.clash, err = g.exchange(t, w, other)
	}
	if err != nil {
		return done, err
	}
	g.forgetDeals()
	if err := g.tx.HoldSlot(g.ctx, s, other, w.who, 0, w.by); err != nil {
		return done, err
	}
	done.deals = len(got)
	g.slotHeld(t, s, w.who, s.Holder)
	if other.ID != 0 {
		g.slotHeld(t, other, s.Holder, w.who)
	}
	return done, g.tellSwap(t, w, other, got, gave)
}

// exchange moves the work of the holder to the next one and, when that one leaves another place, theirs to the former holder.
func (g *group) exchange(t *postgres.Turn, w swap, other postgres.Slot) (got, gave []crm.DealID, clash int, err error) {
	both := other.ID != 0
	o := postgres.HandOver{From: w.slot.Holder, To: w.who, Both: both, Cause: slotCause, By: w.by, Message: t.Message, Now: g.now}
	handed, err := g.tx.HandOver(g.ctx, o)
	if err != nil {
		return nil, nil, 0, err
	}
	g.talksHanded(o)
	got, gave = handed.Deals, handed.Back.Deals
	if _, clash, err = g.tx.HandVisits(g.ctx, o); err != nil {
		return nil, nil, 0, err
	}
	if err = g.tx.HandFilters(g.ctx, o.From, o.To, both); err != nil {
		return nil, nil, 0, err
	}
	for _, taken := range []struct {
		from  crm.EmployeeID
		deals []crm.DealID
	}{{o.From, got}, {o.To, gave}} {
		if err := g.takeCards(t, crm.Employee{ID: taken.from}, orNoDeals(taken.deals)); err != nil {
			return nil, nil, 0, err
		}
	}
	return got, gave, clash, nil
}

// talksHanded keeps the talks that this transaction holds itself in step with those in the database.
func (g *group) talksHanded(o postgres.HandOver) {
	for _, k := range g.talks {
		switch {
		case k.Operator == o.From && o.From != 0:
			k.Operator = o.To
		case o.Both && k.Operator == o.To:
			k.Operator = o.From
		}
	}
}

// vacate leaves a locked slot without a holder. Its work waits for the next one, and is the head's until then.
func (g *group) vacate(t *postgres.Turn, s postgres.Slot, by crm.EmployeeID, cause string) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	gone, err := g.tx.Employee(g.ctx, s.Holder)
	if err != nil {
		return err
	}
	keeper, err := g.headOf(gone)
	if err != nil {
		return err
	}
	o := postgres.HandOver{From: s.Holder, To: keeper, Cause: cause, By: by, Message: t.Message, Now: g.now}
	handed, err := g.tx.HandOver(g.ctx, o)
	if err != nil {
		return err
	}
	g.talksHanded(o)
	g.forgetDeals()
	if err := g.tx.KeepForSlot(g.ctx, s.ID, handed.Deals); err != nil {
		return err
	}
	if keeper != 0 {
		if _, _, err := g.tx.HandVisits(g.ctx, o); err != nil {
			return err
		}
	}
	if err := g.takeCards(t, gone, orNoDeals(handed.Deals)); err != nil {
		return err
	}
	if err := g.tx.HoldSlot(g.ctx, s, postgres.Slot{}, 0, keeper, by); err != nil {
		return err
	}
	g.slotHeld(t, s, 0, s.Holder)
	if err := g.listDeals(t, keeper, s.Name, "people.slot_vacant", handed.Deals); err != nil {
		return err
	}
	return g.redrawSome(t, handed.Deals)
}

// slotHeld keeps who holds a slot since when: the history of it.
func (g *group) slotHeld(t *postgres.Turn, s postgres.Slot, holder, before crm.EmployeeID) {
	g.event(t, postgres.EventRow{Kind: "slot_held", Data: crm.Fields{"slot": int64(s.ID), "name": s.Name, "holder": int64(holder), "before": int64(before)}})
}

// tellSwap tells both what they have now, by one list each, and gives them their menus.
func (g *group) tellSwap(t *postgres.Turn, w swap, other postgres.Slot, got, gave []crm.DealID) error {
	if err := g.listDeals(t, w.who, w.slot.Name, "people.slot_digest", got); err != nil {
		return err
	}
	if w.slot.Holder != 0 {
		name, key := w.slot.Name, "people.slot_gone"
		if other.ID != 0 {
			name, key = other.Name, "people.slot_digest"
		}
		if err := g.listDeals(t, w.slot.Holder, name, key, gave); err != nil {
			return err
		}
	}
	for _, id := range []crm.EmployeeID{w.who, w.slot.Holder} {
		if err := g.renewed(t, id); err != nil {
			return err
		}
	}
	return g.redrawSome(t, append(slices.Clone(got), gave...))
}

// renewed lets the rest of this transaction know an employee whose place has changed, and shows their menu anew.
func (g *group) renewed(t *postgres.Turn, id crm.EmployeeID) error {
	if id == 0 {
		return nil
	}
	e, err := g.tx.Employee(g.ctx, id)
	if err != nil {
		return err
	}
	g.changedStaff(id, &e)
	own, err := g.tx.SavedOf(g.ctx, id, maxSaved)
	if err != nil {
		return err
	}
	people, err := g.tx.ReachEmployee(g.ctx, id)
	for _, p := range people {
		if _, err := g.sendTo(t, crm.Outbound{Conversation: p.Conversation, Address: p.Address, Kind: crm.OutMenu, Priority: crm.Notice,
			Menu: g.staffMenu(e.Role, g.speaks(p.Lang), own)}); err != nil {
			return err
		}
	}
	return err
}

// listDeals tells somebody in one message what they got, with a button for each of the first deals.
func (g *group) listDeals(t *postgres.Turn, who crm.EmployeeID, slot, key string, deals []crm.DealID) error {
	if who == 0 {
		return nil
	}
	people, err := g.tx.ReachEmployee(g.ctx, who)
	if err != nil || len(people) == 0 {
		return err
	}
	held, err := g.tx.Held(g.ctx, who, handedAtOnce)
	if err != nil {
		return err
	}
	h := &handOver{group: g, turn: t, me: crm.Employee{Name: slot}, title: key}
	r := &receiver{id: who, people: people, deals: named(deals, held.Deals)}
	for _, p := range people {
		if err := h.digest(r, p); err != nil {
			return err
		}
	}
	return nil
}

// named gives deals with what is known of them; those that a list names come first.
func named(ids []crm.DealID, known []postgres.HeldDeal) []postgres.HeldDeal {
	list := make([]postgres.HeldDeal, 0, len(ids))
	left := map[crm.DealID]bool{}
	for _, id := range ids {
		left[id] = true
	}
	for _, d := range known {
		if left[d.ID] {
			list = append(list, d)
			delete(left, d.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(left)) {
		list = append(list, postgres.HeldDeal{Deal: crm.Deal{ID: id}})
	}
	return list
}

// redrawSome draws deals anew wherever their cards stand: in the groups, and for whoever looked at them.
func (g *group) redrawSome(t *postgres.Turn, deals []crm.DealID) error {
	if err := g.tx.Flush(g.ctx); err != nil {
		return err
	}
	changed := map[crm.DealID]bool{}
	for _, id := range deals[:min(len(deals), slotRedrawn)] {
		changed[id] = true
	}
	return g.tellAll(t, nil, changed)
}

// orNoDeals makes no list an empty one, where a nil list would be everything.
func orNoDeals(list []crm.DealID) []crm.DealID {
	if list == nil {
		return []crm.DealID{}
	}
	return list
}

// slotLine is how a slot stands in a list.
func (g *group) slotLine(s postgres.Slot, lang string) string {
	args := map[string]any{"slot": html.EscapeString(s.Name), "role": strings.TrimSpace(g.roleName(s.Role, lang) + " " + html.EscapeString(s.City)), "name": html.EscapeString(s.HolderName), "n": s.Deals}
	if s.Holder == 0 {
		return g.text(lang, "people.slot_line_vacant", args)
	}
	return g.text(lang, "people.slot_line", args)
}

// roleName is what a role is called.
func (g *group) roleName(role, lang string) string {
	if key, known := g.Kit.Roles[role]; known {
		return g.text(lang, key, nil)
	}
	return html.EscapeString(role)
}
