package turn

import (
	"maps"
	"slices"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs/staff"
)

// telling is what was read for the others who are told of something: it holds until all of them are.
type telling struct {
	owners map[crm.EmployeeID][]postgres.Reached
	roles  map[circle][]postgres.Reached
	asked  map[crm.DealID][][]crm.Button   // of the questions that wait
	stands map[crm.DealID][]postgres.Shown // where deals stand, as far as they stood there before
}

// circle is whom of a role something concerns.
type circle struct {
	role string
	crew crm.CrewID
	city string
}

// readAhead writes what was done and reads, in the same round trip, what telling of it needs: however many are told, the
// database is asked once.
func (g *group) readAhead(later []rules.Done, changed map[crm.DealID]bool) error {
	stands := map[crm.DealID][]postgres.Shown{}
	var w postgres.Wish
	draws := func(id crm.DealID) {
		w.Deals, w.Messages = append(w.Deals, id), w.Messages+1
		if _, known := stands[id]; known || g.opensNow(id) {
			return
		}
		stands[id] = nil
		w.Marks = append(w.Marks, g.marks(id)...)
	}
	for _, d := range later {
		switch e := d.Effect.(type) {
		case crm.Notified:
			if e.Deal == 0 {
				continue
			}
			if e.To == crm.ToOwner {
				w.Owners = append(w.Owners, e.Deal)
			}
			if e.To == crm.ToContact {
				if reminds(d) {
					w.Asked = append(w.Asked, e.Deal)
				}
				w.Deals, w.Messages = append(w.Deals, e.Deal), w.Messages+1
			} else {
				draws(e.Deal)
			}
		case crm.DialogWanted:
			w.Deals = append(w.Deals, e.Deal)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		if _, known := stands[id]; known || !g.opensNow(id) {
			draws(id)
		}
	}
	if len(later) == 0 && len(w.Deals) == 0 {
		return nil
	}
	w.Sent = slices.ContainsFunc(g.tx.Changes.Out, func(o postgres.OutRow) bool { return o.Card != "" }) // sent by this very transaction
	ahead, err := g.tx.ReadAhead(g.ctx, w)
	if err != nil {
		return err
	}
	for _, s := range ahead.Shown {
		id, _, _ := staff.ParseMark(s.Card)
		stands[id] = append(stands[id], s)
	}
	g.telling = telling{owners: ahead.Owners, asked: ahead.Asked, roles: map[circle][]postgres.Reached{}, stands: stands}
	return nil
}

// opensNow tells whether a deal was opened just now: it stands nowhere yet, so there is nothing of it to draw anew.
func (g *group) opensNow(id crm.DealID) bool {
	return g.memory != nil && g.memory.opened[id] || g.tx.Opens(id)
}

// reminds tells whether a reminder says something.
func reminds(by rules.Done) bool {
	return slices.Contains(by.Cause, "timer:"+string(crm.TimerRemind))
}

// reachOwner is Turns.ReachEmployee, asked at most once.
func (g *group) reachOwner(id crm.EmployeeID) ([]postgres.Reached, error) {
	if people, known := g.telling.owners[id]; known {
		return people, nil
	}
	return g.tx.ReachEmployee(g.ctx, id)
}

// reachRole is Turns.ReachRole, asked once for all of whom the same people are told.
func (g *group) reachRole(role string, crew crm.CrewID, city string) ([]postgres.Reached, error) {
	whom := circle{role, crew, city}
	if people, known := g.telling.roles[whom]; known {
		return people, nil
	}
	people, err := g.tx.ReachRole(g.ctx, role, crew, city)
	if err == nil && g.telling.roles != nil {
		g.telling.roles[whom] = people
	}
	return people, err
}

// left notes that a deal no longer stands in a message: it was sent anew below.
func (r telling) left(id crm.DealID, message crm.MessageID) {
	if shown, known := r.stands[id]; known {
		r.stands[id] = slices.DeleteFunc(slices.Clone(shown), func(s postgres.Shown) bool { return s.ID == message })
	}
}
