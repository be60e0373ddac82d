package turn

import (
	"errors"
	"fmt"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/crm/visits"
	"govorun/dialogs"
)

// mostSteps is how often one input is stepped: facts that it lacks are looked up in between, or a window was taken meanwhile.
const mostSteps = 5

// step takes a step, and takes it again with the windows and visits that it turns out to need.
func (g *group) step(t *postgres.Turn, kit *dialogs.Kit, s dialogs.Session, in *dialogs.Input, env dialogs.Env) (dialogs.Result, error) {
	var taken []crm.DealID
	again := func() dialogs.Result { // the same numbers each time
		left := taken
		env.NewDeal = func() (id crm.DealID) {
			if len(left) > 0 {
				id, left = left[0], left[1:]
				return id
			}
			taken = append(taken, g.newDeal())
			return taken[len(taken)-1]
		}
		return kit.Step(s, *in, env)
	}
	result := again()
	for range mostSteps {
		if len(result.Needs) == 0 {
			return result, nil
		}
		if in.Facts.Visits == nil {
			in.Facts.Visits = map[dialogs.Need]*dialogs.VisitFacts{}
		}
		for _, need := range result.Needs {
			if need.Kind == dialogs.NeedAnswer {
				if err := g.lookIntoKnowledge(t, in); err != nil {
					return result, err
				}
				continue
			}
			facts, err := g.visitFacts(kit, need)
			if err != nil {
				return result, err
			}
			in.Facts.Visits[need] = facts
		}
		result = again()
	}
	return result, fmt.Errorf("dialog %s needs more and more facts", s.Dialog)
}

// visitFacts looks up when a visit can be made: by whom, what they have booked, and what the deal has already.
func (g *group) visitFacts(kit *dialogs.Kit, need dialogs.Need) (*dialogs.VisitFacts, error) {
	w, err := g.whereVisited(kit, need)
	if err != nil {
		return nil, err
	}
	plan := kit.Plan(need.Visit, w.city)
	facts := &dialogs.VisitFacts{Zone: plan.Zone, Booked: w.booked}
	if w.closed {
		return facts, nil
	}
	now := g.now.In(plan.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, plan.Zone)
	found, err := g.tx.VisitCrews(g.ctx, postgres.CrewsWanted{Role: kit.Visits[need.Visit].Role, City: w.city, Skill: w.skill, Today: today})
	if err != nil || len(found) == 0 {
		return facts, err
	}
	ids, crews := make([]crm.ResourceID, len(found)), make([]visits.Crew, len(found))
	for i, c := range found {
		ids[i] = c.ID
		crews[i] = visits.Crew{ID: c.ID, Name: c.Name, Hours: dialogs.CrewHours(c.Hours), Travel: c.Travel, Home: c.Home}
	}
	busy, err := g.tx.Busy(g.ctx, ids, now, today.AddDate(0, 0, plan.Days+1))
	if err != nil {
		return nil, err
	}
	for _, b := range busy {
		if w.booked != nil && b.ID == w.booked.ID {
			continue // when it is moved, its own time is free
		}
		for i := range crews {
			if crews[i].ID == b.Resource {
				crews[i].Busy = append(crews[i].Busy, visits.Span{Start: b.Start, End: b.Free})
			}
		}
	}
	facts.Free = visits.Free(plan, crews, w.prefer, now)
	return facts, nil
}

// visited is what a deal says of its visit.
type visited struct {
	city, skill string
	prefer      crm.ResourceID
	booked      *crm.Booking
	closed      bool // nobody goes there any more
}

// whereVisited asks the deal, when it is stored already: who has it goes there, if they make such visits.
func (g *group) whereVisited(kit *dialogs.Kit, need dialogs.Need) (visited, error) {
	w := visited{city: need.City, skill: need.Skill}
	if need.Deal == 0 {
		return w, nil
	}
	if err := g.tx.FlushDeals(g.ctx); err != nil {
		return w, err
	}
	d, err := g.tx.Deal(g.ctx, need.Deal)
	if errors.Is(err, crm.ErrNotFound) { // it is opened by this very step
		return w, nil
	}
	if err != nil {
		return w, err
	}
	w.closed = d.Status != crm.DealOpen
	scene := rules.Scene{View: rules.View{Deal: d.Deal, Contact: d.Contact, Asset: d.Asset, Owner: d.Owner}, Now: g.now}
	city, skill := kit.VisitWanted(need.Visit, kit.Scope(scene))
	w.city, w.skill = either(w.city, city), either(w.skill, skill)
	if d.Owner.ID != 0 && d.Owner.Role == kit.Visits[need.Visit].Role {
		w.prefer = crm.ResourceOf(d.Owner)
	} else if d.Crew != 0 {
		w.prefer = crm.ResourceID(d.Crew)
	}
	all, err := g.tx.Bookings(g.ctx, need.Deal)
	for i := range all {
		if all[i].Kind == need.Visit {
			w.booked, w.prefer = &all[i], all[i].Resource
		}
	}
	return w, err
}

// reserve stores the visits that a step books. When somebody else was faster, the step is taken again and sees what is free now.
func (g *group) reserve(t *postgres.Turn, kit *dialogs.Kit, s dialogs.Session, in *dialogs.Input, env dialogs.Env, result dialogs.Result) (dialogs.Result, error) {
	for range mostSteps {
		effects, err := g.bookAll(kit, result.Effects)
		if !errors.Is(err, crm.ErrTaken) {
			result.Effects = effects
			return result, err
		}
		g.event(t, postgres.EventRow{Kind: "booking_refused", Deal: s.Deal})
		in.Facts.Visits = nil
		if result, err = g.step(t, kit, s, in, env); err != nil {
			return result, err
		}
	}
	return result, fmt.Errorf("book in dialog %s: %w", s.Dialog, crm.ErrTaken)
}

// bookAll stores visits and gives the effects as they are then: with numbers, and with whoever goes belonging to the deal.
func (g *group) bookAll(kit *dialogs.Kit, effects []crm.Effect) ([]crm.Effect, error) {
	for i, e := range effects {
		var b crm.Booking
		var err error
		switch e := e.(type) {
		case crm.Booked:
			if kit.Visits[e.Booking.Kind].Code {
				if e.Booking.Code, err = g.newCode(e.Booking.Start); err != nil {
					return effects, err
				}
			}
			b, err = g.tx.Book(g.ctx, e.Booking)
			e.Booking = b
			effects[i] = e
		case crm.BookingMoved:
			b, err = g.tx.Book(g.ctx, e.Booking)
			e.Booking = b
			effects[i] = e
		default:
			continue
		}
		if err != nil {
			return effects, err
		}
		if effects, err = g.goes(kit, effects, b); err != nil {
			return effects, err
		}
	}
	return effects, nil
}

// goes makes whoever makes the visit responsible for the deal, of a crew its first; unless somebody of it is already, or somebody who neither makes
// nor leads such visits.
func (g *group) goes(kit *dialogs.Kit, effects []crm.Effect, b crm.Booking) ([]crm.Effect, error) {
	v := kit.Visits[b.Kind]
	crews, err := g.tx.VisitCrews(g.ctx, postgres.CrewsWanted{Role: v.Role, ID: b.Resource, Today: g.now})
	if err != nil || len(crews) == 0 {
		return effects, err
	}
	first := crews[0].Foreman.ID
	for i, e := range effects {
		if opened, is := e.(crm.DealOpened); is && opened.Deal.ID == b.Deal {
			opened.Deal.Crew = b.Resource.Crew()
			effects[i] = opened
			return append(effects, crm.DealOwned{Deal: b.Deal, Owner: first}), nil
		}
	}
	d, err := g.tx.Deal(g.ctx, b.Deal)
	if err != nil {
		return effects, err
	}
	owner := d.Owner
	if owner.ID == first || owner.ID != 0 && (owner.Role != v.Role && owner.Role != v.Lead || owner.Role == v.Role && crm.ResourceOf(owner) == b.Resource) {
		return effects, nil
	}
	return append(effects, crm.DealOwned{Deal: b.Deal, Owner: first}), nil
}
