package bench

import (
	"context"
	"fmt"

	"govorun/cmd/govorun/bench/report"
)

// figures are those of one round.
func (r *rules) figures(ctx context.Context, _ int) ([]report.Figure, error) {
	if err := r.round(ctx); err != nil {
		return nil, err
	}
	return r.report.last(r.Rules), r.report.wrongly()
}

// last gives the figures of the last round.
func (r *rulesReport) last(p Rules) []report.Figure {
	full := p.Deals >= fullDeals
	var f figures
	for i, cells := range r.presses {
		c := cells[len(cells)-1]
		at := func(what string) string { return fmt.Sprintf("a press, %d at a time: %s", atOnce[i], what) }
		f.add(at("p50"), "ms", milliseconds(quantile(c.Times, 0.5)), nil)
		f.key(at("p99"), "ms", milliseconds(quantile(c.Times, 0.99)), when(full && atOnce[i] == 1, report.AtMost(10, aimOfRules)))
		f.add(at("floor, the rows in one call, p50"), "ms", milliseconds(quantile(c.Floor, 0.5)), nil)
		f.key(at("floor, p99"), "ms", milliseconds(quantile(c.Floor, 0.99)), nil)
		f.add(at("CPU, program + PostgreSQL"), "ms", milliseconds(c.Cost.Program+c.Cost.Postgres)/max(1, float64(len(c.Times))), nil)
	}
	f.key("a press on a card to the call that edits it, p99", "ms", milliseconds(quantile(r.cards[len(r.cards)-1], 0.99)), report.AtMost(50, aimOfLists))
	t := r.timers[len(r.timers)-1]
	big := full && p.Timers >= fullTimers
	f.key(fmt.Sprintf("%d timers due in one second: all fired after", p.Timers), "s", t.Took.Seconds(), when(big, report.AtMost(30, aimOfRules)))
	f.key("floor, their bare rows", "s", t.Floor.Seconds(), nil)
	f.key("turns meanwhile, p95", "ms", milliseconds(quantile(t.While, 0.95)), when(big, report.AtMost(100, aimOfRules)))
	f.add("turns before, p95", "ms", milliseconds(quantile(t.Before, 0.95)), nil)
	s := r.shares[len(r.shares)-1]
	f.key(fmt.Sprintf("%d deals shared out to %d people by %d replicas", p.Shared, workers, replicas), "s", s.Took.Seconds(), nil)
	f.add("floor, their bare rows (deals)", "s", s.Floor.Seconds(), nil)
	f.key("difference of loads", "", float64(s.Unequal), report.AtMost(1, aimOfRules))
	f.add("presses, timers and deals that left something else than they should", "", float64(r.wrong+r.misfired+r.unshared), report.AtMost(0, aimOfPromises))
	return f
}
