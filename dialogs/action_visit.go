package dialogs

import (
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/visits"
)

// book makes the time in a slot the visit of the deal, or moves the visit there. An empty slot books nothing.
func (t *step) book(name string) {
	sl, value := t.slot(name), t.values[name]
	if sl == nil || value.Time.IsZero() || !t.needDeal() {
		return
	}
	f := t.visitFacts(sl.Visit)
	if t.err != nil {
		return
	}
	v := t.kit.Visits[sl.Visit]
	if f.Booked != nil && f.Booked.Start.Equal(value.Time) {
		t.tell("visit.same", map[string]any{"when": t.when(f, value.Time)})
		return
	}
	w, free := visits.At(f.Free, value.Time)
	if !free {
		t.lost = name
		t.fail(errTaken)
		return
	}
	b := crm.Booking{Deal: t.s.Deal, Kind: v.Name, Resource: w.Crew, Status: crm.VisitOpen, Start: w.Start, End: w.End, Free: w.Free, Zone: f.Zone.String()}
	t.cutTrail()
	if was := f.Booked; was != nil {
		b.ID, b.Seq = was.ID, was.Seq
		t.effect(crm.BookingMoved{Booking: b, Was: *was})
	} else {
		t.effect(crm.Booked{Booking: b})
	}
	t.setDeal(crm.Fields{v.Field: w.Start.In(f.Zone).Format(time.RFC3339)})
	if f.Booked == nil && v.Stage != "" && !t.demanding() && t.mayStand(v) {
		t.moveDeal(&MoveDeal{Stage: v.Stage})
	}
}

// demanding tells whether this dialog moves the deal by itself when all is known.
func (t *step) demanding() bool {
	return t.def != nil && strings.HasPrefix(t.def.Name, demandPrefix) && !strings.HasPrefix(t.def.Name, demandPrefix+"card.")
}

// mayStand tells whether the deal may go to the stage of those who have a visit, from where it stands.
func (t *step) mayStand(v *Visit) bool {
	p := t.kit.Pipelines[v.Pipeline]
	if p == nil || t.deal.Pipeline != v.Pipeline || t.deal.Status != crm.DealOpen || t.deal.Stage == v.Stage {
		return false
	}
	return t.deal.Stage == "" || p.leads(t.kit.StageNow(v.Pipeline, t.deal.Stage), v.Stage)
}
