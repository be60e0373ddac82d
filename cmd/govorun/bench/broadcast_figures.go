package bench

import (
	"context"

	"govorun/cmd/govorun/bench/report"
)

// figures are those of one round.
func (r *broadcasting) figures(ctx context.Context, nth int) ([]report.Figure, error) {
	if err := r.round(ctx, nth); err != nil {
		return nil, err
	}
	reached, err := r.look(ctx)
	if err != nil {
		return nil, err
	}
	last := r.each[len(r.each)-1]
	var f figures
	f.key("a turn without a broadcast, p95", "ms", milliseconds(last[0]), nil)
	f.key("a turn beside a broadcast, p95", "ms", milliseconds(last[1]), nil)
	f.key("what the broadcast adds", "%", percent(last), when(r.Messages >= fullMessages, report.AtMost(10, aimOfDrivers)))
	f.add("broadcasts in the busiest second", "", float64(reached.Busiest), report.AtMost(allPerSecond, aimOfTelegram))
	f.add("people who got it twice", "", float64(reached.Twice), report.AtMost(0, aimOfPromises))
	return f, reached.wrong()
}
