package rules

import (
	"fmt"
	"slices"

	"govorun/crm"
)

// pair is a link as one of its deals sees it: the other deal, and whether this one is the opened side.
type pair struct {
	row    crm.DealLinked
	link   *Link // of the kit, nil when it has it no more
	other  crm.DealID
	opened bool
}

// pairs gives the links of a deal, those of this transaction too.
func (r *run) pairs(id crm.DealID) ([]pair, error) {
	rows, err := r.Memory.Links(id)
	if err != nil {
		return nil, fmt.Errorf("look at the links of deal %d: %w", id, err)
	}
	if len(rows)+len(r.linked) == 0 {
		return nil, nil
	}
	all := make([]pair, 0, len(rows)+1)
	for _, row := range rows {
		all = append(all, r.pair(row, id))
	}
	for _, row := range r.linked {
		if (row.Deal == id || row.Other == id) && !slices.Contains(rows, row) {
			all = append(all, r.pair(row, id))
		}
	}
	return all, nil
}

func (r *run) pair(row crm.DealLinked, id crm.DealID) pair {
	p := pair{row: row, link: r.Book.link(row.Name), other: row.Other}
	if row.Other == id {
		p.other, p.opened = row.Deal, true
	}
	return p
}

func (p pair) mirror() bool { return p.row.Kind == crm.LinkMirror && p.link != nil }

// carry is how a change goes over links: over which, and how it is brought from one deal to the other. Bring tells whether there was
// anything to bring.
type carry struct {
	over  func(p pair) bool
	bring func(p pair, from, to *View, cause by) (bool, error)
}

// spread carries a change on to linked deals, and from those that changed on to theirs. Each deal changes once, so that links in a
// circle end, even if they contradict each other. Deals behind other links are left alone, unlocked.
func (r *run) spread(v *View, cause by, c carry) error {
	type reached struct {
		view  *View
		cause by
	}
	wave := []reached{{v, cause}}
	met := []crm.DealID{v.Deal.ID}
	for i := 0; i < len(wave); i++ {
		from := wave[i]
		pairs, err := r.pairs(from.view.Deal.ID)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			if p.link == nil || slices.Contains(met, p.other) || !c.over(p) {
				continue
			}
			to, err := r.deal(p.other)
			if err != nil {
				return err
			}
			next := from.cause.through("link", p.link.Name, from.view.Deal.ID)
			brought, err := c.bring(p, from.view, to, next)
			if err != nil {
				return err
			}
			if brought {
				met = append(met, p.other)
				wave = append(wave, reached{to, next})
			}
		}
	}
	return nil
}

// spreadStage keeps mirrored deals in step with the one that has just moved. Both show one thing: what one side allowed holds for the
// other, so its arrows and demands are not asked.
func (r *run) spreadStage(v *View, cause by) error {
	return r.spread(v, cause, carry{over: pair.mirror, bring: r.follows})
}

// follows moves the other side of a mirror to where its counterpart stands.
func (r *run) follows(p pair, from, to *View, cause by) (bool, error) {
	target := r.counterpart(p, from, to)
	here := r.Book.here(to)
	if target == "" || target == here.Stage {
		return false, nil
	}
	stage := r.Book.stage(Place{to.Deal.Pipeline, target})
	if stage == nil || to.Deal.Status != crm.DealOpen && !r.inStep(p, here.Stage) {
		return false, nil // a side that was closed on a stage of its own goes its own way
	}
	if refusal, err := r.reopening(to, stage); err != nil || refusal != nil {
		if err == nil {
			r.refuse(to, crm.DealMoved{Stage: target}, refusal, cause)
		}
		return false, err
	}
	return true, r.shift(to, crm.DealMoved{Stage: target, Status: stage.status(), Reason: from.Deal.LostReason}, cause)
}

// counterpart is the stage of the other side that belongs to where this one stands, empty when none does.
func (r *run) counterpart(p pair, from, to *View) string {
	here := r.Book.here(from).Stage
	if !p.opened {
		return p.link.Stages[here]
	}
	there := r.Book.here(to).Stage
	if p.link.Stages[there] == here {
		return there // of several, the one where it stands already
	}
	if pipeline := r.Book.Pipelines[to.Deal.Pipeline]; pipeline != nil {
		for _, s := range pipeline.Stages {
			if p.link.Stages[s.Name] == here {
				return s.Name
			}
		}
	}
	return ""
}

// inStep tells whether the other side stands on a stage that the mirror maps.
func (r *run) inStep(p pair, there string) bool {
	if p.opened { // the other side is the one that opened
		return p.link.Stages[there] != ""
	}
	for _, to := range p.link.Stages {
		if to == there {
			return true
		}
	}
	return false
}

// spreadFields keeps fields of mirrored deals equal with those that have just changed.
func (r *run) spreadFields(v *View, changed []string, cause by) error {
	if len(changed) == 0 {
		return nil
	}
	keeps := func(p pair) bool {
		return p.mirror() && slices.ContainsFunc(p.link.Keep, func(name string) bool { return slices.Contains(changed, name) })
	}
	return r.spread(v, cause, carry{over: keeps, bring: func(p pair, from, to *View, cause by) (bool, error) {
		kept := crm.Fields{}
		for _, name := range p.link.Keep {
			if slices.Contains(changed, name) && !same(from.Deal.Fields[name], to.Deal.Fields[name]) {
				kept[name] = from.Deal.Fields[name]
			}
		}
		if len(kept) == 0 {
			return false, nil
		}
		r.set(to, kept, cause)
		r.emit(crm.DealChanged{Deal: to.Deal.ID, Fields: kept}, cause)
		return true, nil
	}})
}

// bind links two deals; a new mirror is made equal, the first deal leading.
func (r *run) bind(e crm.DealLinked, cause by) error {
	first, err := r.deal(e.Deal)
	if err != nil {
		return err
	}
	other, err := r.deal(e.Other)
	if err != nil {
		return err
	}
	if !slices.Contains(r.linked, e) {
		r.linked = append(r.linked, e)
	}
	r.emit(e, cause)
	p := r.pair(e, e.Deal)
	if !p.mirror() {
		return nil
	}
	return r.equalise(p, first, other, cause)
}

// equalise makes the sides of a new mirror equal: the opening deal leads, and learns what only the other knows.
func (r *run) equalise(p pair, first, other *View, cause by) error {
	down, up := crm.Fields{}, crm.Fields{}
	for _, name := range p.link.Keep {
		mine, yours := first.Deal.Fields[name], other.Deal.Fields[name]
		switch {
		case same(mine, yours):
		case mine != nil:
			down[name] = mine
		default:
			up[name] = yours
		}
	}
	over := cause
	if cause.link != p.link.Name {
		over = cause.through("link", p.link.Name, first.Deal.ID)
	}
	for _, side := range []struct {
		deal   crm.DealID
		fields crm.Fields
	}{{other.Deal.ID, down}, {first.Deal.ID, up}} {
		if len(side.fields) == 0 {
			continue
		}
		if err := r.change(crm.DealChanged{Deal: side.deal, Fields: side.fields}, over); err != nil {
			return err
		}
	}
	moved, err := r.follows(p, first, other, over)
	if err != nil || !moved {
		return err
	}
	return r.spreadStage(other, over)
}

// comment adds a line to the timeline of a deal and to those of linked deals, as their links say: up to the deal that opened this one, down
// to open ones that it opened.
func (r *run) comment(e crm.Commented, cause by) error {
	v, err := r.deal(e.Deal)
	if err != nil {
		return err
	}
	r.emit(e, cause)
	goes := func(p pair) bool { return p.opened && p.link.Up || !p.opened && p.link.Down }
	return r.spread(v, cause, carry{over: goes, bring: func(p pair, _, to *View, cause by) (bool, error) {
		if !p.opened && to.Deal.Status != crm.DealOpen {
			return false, nil
		}
		r.emit(crm.Commented{Deal: to.Deal.ID, Text: e.Text}, cause)
		return true, nil
	}})
}
