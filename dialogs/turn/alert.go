package turn

import (
	"fmt"
	"time"

	"govorun/crm"
)

// alertAgain is how long the same fault of a kit is not told again: the timeline has every one.
const alertAgain = time.Hour

// amiss keeps what of the kit went wrong, until it is committed.
func (g *group) amiss(e crm.Recorded) {
	switch e.Kind {
	case "rule_failed", "cascade_stopped":
		g.mistakes = append(g.mistakes, e)
	}
}

// alert tells what went wrong, each fault once in a while.
func (g *group) alert() {
	for _, e := range g.mistakes {
		about := e.Data["rule"]
		if about == nil {
			about = e.Data["chain"]
		}
		detail := fmt.Sprint(about)
		key, now := e.Kind+" "+detail, time.Now()
		if told, ok := g.alerted.Load(key); ok && now.Sub(told.(time.Time)) < alertAgain {
			continue
		}
		g.alerted.Store(key, now)
		g.Alert(e.Kind, detail)
	}
}
