package bench

import (
	"context"
	"fmt"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// coldFigures are those of starts.
func coldFigures(runs int) fresh {
	return func(ctx context.Context, c Config) ([]report.Figure, error) {
		starts, err := c.coldStarts(ctx, runs)
		if err != nil {
			return nil, err
		}
		var f figures
		f.key("start to first answer, all", "ms", report.Median(of(starts, func(s cold) float64 { return milliseconds(s.all) })), nil)
		f.add("of it PostgreSQL's start", "ms", report.Median(of(starts, func(s cold) float64 { return milliseconds(s.postgres) })), nil)
		f.key("of it the program", "ms", report.Median(of(starts, cold.own)), report.AtMost(100, aimOfSpine))
		return f, nil
	}
}

// openFigures are those of open dialogs.
func openFigures(dialogs int) fresh {
	return func(ctx context.Context, c Config) ([]report.Figure, error) {
		o, err := c.leaveOpen(ctx, dialogs)
		if err != nil {
			return nil, err
		}
		var f figures
		f.add("memory just started", "MB", o.Fresh, nil)
		f.key(fmt.Sprintf("more with %d dialogs open", dialogs), "MB", o.After-o.Worked, when(dialogs >= fullDialogs, report.AtMost(20, aimOfSpine)))
		return f, nil
	}
}

// drainFigures are those of the outbox without limits.
func drainFigures(rows int) fresh {
	return func(ctx context.Context, c Config) ([]report.Figure, error) {
		d, err := c.drain(ctx, rows)
		if err != nil {
			return nil, err
		}
		var f figures
		f.key(fmt.Sprintf("%d waiting messages", rows), "1/s", d.Rate, nil)
		f.add("floor, bare calls", "1/s", (d.Before+d.After)/2, nil)
		f.key("share of bare calls", "", d.ratio(), when(rows >= fullOutboxRows, report.AtLeast(0.7, aimOfSpine)))
		f.add("messages sent twice", "", float64(d.Twice), report.AtMost(0, aimOfPromises))
		return f, nil
	}
}

// strictFigures are those of sending under limits.
func strictFigures(window time.Duration) fresh {
	return func(ctx context.Context, c Config) ([]report.Figure, error) {
		s, err := c.strictly(ctx, window)
		if err != nil {
			return nil, err
		}
		var f figures
		f.key("of the permitted rate", "%", s.share(), report.AtLeast(95, aimOfTelegram))
		f.key("refused by 429", "", float64(s.refused), report.AtMost(0, aimOfTelegram))
		f.add("a reply that comes due beside broadcasts, p95", "ms", milliseconds(quantile(s.late, 0.95)), nil)
		f.add("broadcasts before the last reply that waited", "", float64(s.early()), nil)
		return f, nil
	}
}

// figures are those of the knowledge base.
func (k Knowledge) figures(ctx context.Context, c Config) ([]report.Figure, error) {
	m, cells, err := k.askAll(ctx, c)
	if err != nil {
		return nil, err
	}
	all := together(cells)
	aim := when(k.Entries >= fullEntries, report.AtMost(20, aimOfDrivers))
	var f figures
	f.add(fmt.Sprintf("an answer out of %d, p50", k.Entries), "ms", milliseconds(quantile(sortedTimes(all.One), 0.5)), nil)
	f.key("an answer, p99", "ms", milliseconds(quantile(sortedTimes(all.One), 0.99)), aim)
	f.key("sixteen ask at a time, p99", "ms", milliseconds(quantile(sortedTimes(all.Many), 0.99)), nil)
	f.add("right answers", "%", all.right(), nil)
	f.add("floor, a bare round trip, p50", "ms", milliseconds(quantile(sortedTimes(m.floor), 0.5)), nil)
	return f, nil
}
