package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/crm/visits"
)

// mostNeeds is how often a step is taken again because it lacks facts: a dialog asks for one visit after the other.
const mostNeeds = 4

// stepKnowing takes a step with all that it needs to know. One crew makes all visits of a play.
func (p *player) stepKnowing(input *Input, env Env) Result {
	last := p.last
	result := p.kit.Step(p.session, *input, env)
	for range mostNeeds {
		if len(result.Needs) == 0 {
			break
		}
		for _, need := range result.Needs {
			if need.Kind == NeedAnswer {
				input.Facts.Known = &Known{Base: p.kit.Knowledge}
				continue
			}
			if need.Kind == NeedAnswer {
				input.Facts.Known = &Known{Base: p.kit.Knowledge}
				continue
			}
			if input.Facts.Visits == nil {
				input.Facts.Visits = map[Need]*VisitFacts{}
			}
			input.Facts.Visits[need] = p.visitFacts(need)
		}
		p.last = last
		result = p.kit.Step(p.session, *input, env)
	}
	return result
}

func (p *player) visitFacts(need Need) *VisitFacts {
	plan := p.kit.Plan(need.Visit, need.City)
	facts := &VisitFacts{Zone: plan.Zone}
	crew := visits.Crew{ID: 1, Travel: -1}
	for i, b := range p.visits {
		if b.Deal == need.Deal && b.Kind == need.Visit {
			facts.Booked = &p.visits[i]
			continue
		}
		crew.Busy = append(crew.Busy, visits.Span{Start: b.Start, End: b.Free})
	}
	facts.Free = visits.Free(plan, []visits.Crew{crew}, 0, p.now)
	return facts
}

// applyVisit makes a visit true in this small world.
func (p *player) applyVisit(b crm.Booking, cancelled bool) {
	p.visits = slices.DeleteFunc(slices.Clone(p.visits), func(o crm.Booking) bool { return o.Deal == b.Deal && o.Kind == b.Kind })
	if !cancelled {
		b.ID = crm.BookingID(len(p.visits) + 1)
		p.visits = append(p.visits, b)
	}
}

func visitLine(what string, b crm.Booking) string {
	at := ""
	if !b.Start.IsZero() {
		at = b.Start.Format("2006-01-02T15:04Z07:00")
	}
	return told(what, "deal", int(b.Deal), "kind", b.Kind, "at", at)
}
