package turn

import (
	"time"

	"govorun/crm"
	"govorun/dialogs"
)

// morning is how long after people have come a task may be due that fell into the night: nobody is late before they had a look.
const morning = time.Hour

// workable moves the due time of a task that lies where nobody works, by the hours and holidays of the kit on the clock of the deal's
// city: to when people come next, and as much later as the task gives, an hour at most.
func (g *group) workable(e crm.TaskAdded) crm.TaskAdded {
	city := ""
	if g.memory != nil && g.memory.views[e.Deal] != nil {
		v := g.memory.views[e.Deal]
		city = dialogs.CityOf(v.Deal, v.Asset, v.Contact)
	}
	if e.DueAt.IsZero() || g.Kit.Open(e.DueAt, city) {
		return e
	}
	if opens := g.Kit.Opens(e.DueAt, city); opens.After(e.DueAt) {
		e.DueAt = opens.Add(max(0, min(e.DueAt.Sub(g.now), morning)))
	}
	return e
}
