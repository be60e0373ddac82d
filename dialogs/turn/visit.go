package turn

import (
	"errors"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
)

// settleVisits brings visits in step with what is done to their deals: those of a closed deal are over, those of a deal that changes
// hands follow it, and one that is to be cancelled is found. It gives everything that is to be written.
func (g *group) settleVisits(t *postgres.Turn, done []rules.Done) ([]rules.Done, error) {
	if len(g.Kit.Visits) == 0 {
		return done, nil
	}
	settled := make([]rules.Done, 0, len(done))
	booked, owners := map[crm.DealID]bool{}, map[crm.DealID]rules.Done{}
	for _, d := range done {
		more := []rules.Done{d}
		var err error
		switch e := d.Effect.(type) {
		case crm.Booked:
			booked[e.Booking.Deal] = true
		case crm.BookingMoved:
			booked[e.Booking.Deal] = true
		case crm.BookingCancelled:
			more, err = g.cancelVisits(d, e)
		case crm.DealOwned:
			owners[e.Deal] = d
		case crm.DealMoved:
			more, err = g.closeVisits(d, e)
		}
		if err != nil {
			return nil, err
		}
		settled = append(settled, more...)
	}
	for _, d := range done { // in the order in which they were decided
		e, owned := d.Effect.(crm.DealOwned)
		last, waits := owners[e.Deal]
		if !owned || !waits || booked[e.Deal] {
			continue
		}
		delete(owners, e.Deal)
		more, err := g.visitsFollow(last, last.Effect.(crm.DealOwned))
		if err != nil {
			return nil, err
		}
		settled = append(settled, more...)
	}
	return settled, nil
}

// cancelVisits finds and cancels the visit that is meant; nothing is left of the effect when there is none.
func (g *group) cancelVisits(d rules.Done, e crm.BookingCancelled) (more []rules.Done, err error) {
	all, err := g.tx.Bookings(g.ctx, e.Booking.Deal)
	for _, b := range all {
		if b.Kind != e.Booking.Kind || err != nil {
			continue
		}
		if b, err = g.tx.EndBooking(g.ctx, b, crm.VisitCancelled, e.Reason); err == nil {
			more = append(more, rules.Done{Effect: crm.BookingCancelled{Booking: b, Reason: e.Reason}, Cause: d.Cause, Origin: d.Origin},
				rules.Done{Effect: crm.DealChanged{Deal: b.Deal, Fields: crm.Fields{g.fieldOf(b): nil}}, Cause: d.Cause, Origin: d.Origin})
		}
	}
	return more, err
}

// closeVisits ends the visits of a deal that is closed: they have taken place when it is won, and never will when it is lost.
func (g *group) closeVisits(d rules.Done, e crm.DealMoved) ([]rules.Done, error) {
	more := []rules.Done{d}
	if e.Status == "" || e.Status == crm.DealOpen {
		return more, nil
	}
	all, err := g.tx.Bookings(g.ctx, e.Deal)
	for _, b := range all {
		if err != nil {
			break
		}
		status := crm.VisitDone
		if e.Status == crm.DealLost && b.Start.After(g.now) {
			status = crm.VisitCancelled
		}
		if b, err = g.tx.EndBooking(g.ctx, b, status, "closed"); err == nil && status == crm.VisitCancelled {
			more = append(more, rules.Done{Effect: crm.BookingCancelled{Booking: b, Reason: "closed"}, Cause: d.Cause, Origin: d.Origin})
		}
	}
	return more, err
}

// endsVisits tells whether what is done closes a deal that has visits.
func (g *group) endsVisits(id crm.DealID, done []rules.Done) (bool, error) {
	closes := slices.ContainsFunc(done, func(d rules.Done) bool {
		e, moved := d.Effect.(crm.DealMoved)
		return moved && e.Deal == id && e.Status != "" && e.Status != crm.DealOpen
	})
	if !closes || len(g.Kit.Visits) == 0 {
		return false, nil
	}
	all, err := g.tx.Bookings(g.ctx, id)
	return len(all) > 0, err
}

// visitsFollow gives the visits of a deal to its new owner, if they make such visits. At a time at which the new one is taken the visit can't take
// place: both sides hear it.
func (g *group) visitsFollow(d rules.Done, e crm.DealOwned) (more []rules.Done, err error) {
	if e.Owner == 0 {
		return nil, nil
	}
	all, err := g.tx.Bookings(g.ctx, e.Deal)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	owner, err := g.tx.Employee(g.ctx, e.Owner)
	if err != nil {
		return nil, err
	}
	for _, was := range all {
		v := g.Kit.Visits[was.Kind]
		if v == nil || v.Role != owner.Role || was.Resource == crm.ResourceOf(owner) || !was.End.After(g.now) {
			continue
		}
		b := was
		b.Resource = crm.ResourceOf(owner)
		moved, err := g.tx.Book(g.ctx, b)
		switch {
		case err == nil:
			more = append(more, rules.Done{Effect: crm.BookingMoved{Booking: moved, Was: was}, Cause: d.Cause, Origin: d.Origin})
		case errors.Is(err, crm.ErrTaken):
			gone, err := g.cancelVisits(d, crm.BookingCancelled{Booking: was, Reason: "no_crew"})
			if err != nil {
				return nil, err
			}
			more = append(append(more, gone...), rules.Done{Effect: crm.Notified{Deal: e.Deal, To: crm.ToOwner, Key: "visit.clash",
				Args: crm.Fields{"id": int(e.Deal), "when": g.whenOf(was, g.speaks(owner.Lang))}}, Cause: d.Cause, Origin: d.Origin})
		default:
			return nil, err
		}
	}
	return more, nil
}

// fieldOf is the field of a deal that bears the time of such a visit.
func (g *group) fieldOf(b crm.Booking) string {
	if v := g.Kit.Visits[b.Kind]; v != nil {
		return v.Field
	}
	return "visit"
}

// writeVisit keeps in the timeline what became of a visit, and sets its reminders.
func (g *group) writeVisit(t *postgres.Turn, d rules.Done, changed map[crm.DealID]bool) {
	c := &g.tx.Changes
	var b crm.Booking
	kind, reason := "booking_made", ""
	switch e := d.Effect.(type) {
	case crm.Booked:
		b = e.Booking
	case crm.BookingMoved:
		b, kind = e.Booking, "booking_moved"
	case crm.BookingCancelled:
		b, kind, reason = e.Booking, "booking_cancelled", e.Reason
	case crm.BookingKept:
		b, kind = e.Booking, "booking_kept"
	case crm.BookingMissed:
		b, kind = e.Booking, "booking_missed"
	}
	changed[b.Deal] = true
	c.StopTimers(postgres.TimerStop{Deal: b.Deal, Kind: crm.TimerVisit, Rule: b.Kind, Reason: "moved"})
	if kind == "booking_made" || kind == "booking_moved" {
		for _, timer := range g.visitTimers(b) {
			c.Timers = append(c.Timers, postgres.TimerRow{TimerSet: timer, Message: t.Message})
		}
	}
	g.happened(t, d, postgres.EventRow{Kind: kind, Deal: b.Deal, Data: crm.Fields{"booking": b.ID, "kind": b.Kind, "start": b.Start.UTC().Format(time.RFC3339),
		"crew": b.Resource, "reason": reason, "text": g.whenOf(b, g.Kit.Languages[0])}})
}

// visitTimers are the reminders before a visit, out of the quiet hours where it takes place. One that comes too late, or with another, is left out.
func (g *group) visitTimers(b crm.Booking) (timers []crm.TimerSet) {
	v := g.Kit.Visits[b.Kind]
	if v == nil {
		return nil
	}
	zone := g.zoneOf(b)
	seen := map[time.Time]bool{}
	for i, before := range v.Remind {
		due := b.Start.Add(-before)
		if !due.After(g.now) {
			continue
		}
		if due = g.Kit.WakefulIn(due, zone); !due.Before(b.Start) || seen[due.UTC()] {
			continue
		}
		seen[due.UTC()] = true
		timers = append(timers, crm.TimerSet{Deal: b.Deal, Kind: crm.TimerVisit, Rule: b.Kind, Step: i, DueAt: due, Data: crm.Fields{"booking": int64(b.ID), "start": b.Start.Unix()}})
	}
	if v.Code {
		timers = append(timers, g.missedTimer(b))
	}
	return timers
}

// zoneOf is the zone by whose clock a visit was agreed upon.
func (g *group) zoneOf(b crm.Booking) *time.Location {
	if zone, err := time.LoadLocation(b.Zone); err == nil {
		return zone
	}
	return g.Kit.Zone
}

// remindVisit reminds the contact of a visit, if it still takes place as it did when the reminder was set.
func (g *group) remindVisit(t *postgres.Turn, d postgres.DueTimer) (done []rules.Done, skip rules.Skip, until time.Time, err error) {
	b, err := g.tx.Booking(g.ctx, crm.BookingID(numberIn(d.Data, "booking")))
	if errors.Is(err, crm.ErrNotFound) {
		return nil, rules.SkipGone, until, nil
	}
	if err != nil {
		return nil, "", until, err
	}
	if d.Step == missedStep {
		return g.missedVisit(t, b, d)
	}
	if b.Status != crm.VisitOpen || b.Start.Unix() != numberIn(d.Data, "start") || !b.Start.After(g.now) || g.Kit.Visits[b.Kind] == nil {
		return nil, rules.SkipGone, until, nil
	}
	deal, err := g.tx.Deal(g.ctx, d.Deal)
	if err != nil {
		return nil, "", until, err
	}
	so, err := g.tx.VisitReminded(g.ctx, d.Deal, d.CreatedAt)
	if err != nil {
		return nil, "", until, err
	}
	quiet := g.Kit.WakefulIn(g.now, g.zoneOf(b))
	switch {
	case so.Blocked:
		return nil, rules.SkipBlocked, until, nil
	case rules.WantsSilence(deal.Contact):
		return nil, rules.SkipOptedOut, until, nil
	case so.Sent >= g.Kit.Reminders:
		return nil, rules.SkipBound, until, nil
	case so.Held && g.now.Add(heldAgain).Before(b.Start):
		return nil, rules.SkipTaken, g.now.Add(heldAgain), nil
	case so.Held:
		return nil, rules.SkipTaken, until, nil
	case quiet.After(g.now) && quiet.Before(b.Start):
		return nil, rules.SkipQuiet, quiet, nil
	case quiet.After(g.now):
		return nil, rules.SkipQuiet, until, nil
	}
	if err := g.tellCustomer(t, visitNews{booking: b, what: "remind", deal: deal}, nil); err != nil {
		return nil, "", until, err
	}
	return []rules.Done{{Effect: crm.Recorded{Kind: "visit_reminded", Deal: d.Deal, Data: crm.Fields{"kind": b.Kind}}, Cause: []string{"timer:" + string(crm.TimerVisit)}}}, "", until, nil
}

// numberIn reads a whole number that went through JSON.
func numberIn(data crm.Fields, name string) int64 {
	n, _ := data[name].(float64)
	return int64(n)
}
