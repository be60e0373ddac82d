package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// rulesReport is what was found, by round.
type rulesReport struct {
	filled         time.Duration
	presses        [len(atOnce)][]pressCell
	cards          [][]time.Duration // by round, sorted
	timers         []timerCell
	shares         []shareCell
	pressed, wrong int
	misfired       int
	unshared       int
}

// faults counts what must not be: it is zero, or the program is wrong.
func (p *rulesReport) faults() int {
	n := p.wrong + p.misfired + p.unshared
	for _, s := range p.shares {
		if s.Unequal > 1 {
			n++
		}
	}
	return n
}

// wrongly is an error when something was.
func (p *rulesReport) wrongly() error {
	if p.faults() > 0 {
		return errRules
	}
	return nil
}

// print writes the report: medians over the rounds, with the least and the most beside what matters.
func (p *rulesReport) print(w io.Writer, r Rules) {
	fmt.Fprintf(w, "\n%d deals in the base (filled in %s), %d rounds: medians [least–most].\n", r.Deals, rounded(p.filled), r.Rounds)
	fmt.Fprintln(w, "\nA button is pressed: a deal moves, five rules fire, a linked deal opens and finds its worker among 200. From Accept to commit, ms.\nFloor: the same rows in one call of one function.")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "at a time\tp50\tp95\tp99\t[least–most]\tpresses/s\tCPU ms: program\tPostgres\tforeign\tfloor p50\tp99\tCPU ms\tforeign\t")
	for i, cells := range p.presses {
		p99 := of(cells, func(c pressCell) float64 { return milliseconds(quantile(c.Times, 0.99)) })
		each := func(of func(cost) time.Duration) func(pressCell) float64 {
			return func(c pressCell) float64 { return milliseconds(of(c.Cost)) / float64(len(c.Times)) }
		}
		fmt.Fprintf(table, "%d\t%.2f\t%.2f\t%.2f\t%s\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", atOnce[i], p.press(i, 0.5), p.press(i, 0.95), report.Median(p99), spread(p99, "%.2f"),
			report.Median(of(cells, func(c pressCell) float64 { return c.Rate })), report.Median(of(cells, each(func(c cost) time.Duration { return c.Program }))),
			report.Median(of(cells, each(func(c cost) time.Duration { return c.Postgres }))), report.Median(of(cells, func(c pressCell) float64 { return c.Cost.Foreign })),
			report.Median(of(cells, func(c pressCell) float64 { return milliseconds(quantile(c.Floor, 0.5)) })),
			report.Median(of(cells, func(c pressCell) float64 { return milliseconds(quantile(c.Floor, 0.99)) })),
			report.Median(of(cells, func(c pressCell) float64 {
				return milliseconds(c.FloorCost.Program+c.FloorCost.Postgres) / max(1, float64(len(c.Floor)))
			})),
			report.Median(of(cells, func(c pressCell) float64 { return c.FloorCost.Foreign })))
	}
	table.Flush()
	late := func(q float64) float64 {
		return report.Median(of(p.cards, func(c []time.Duration) float64 { return milliseconds(quantile(c, q)) }))
	}
	fmt.Fprintf(w, "\nFrom the press on a card to the call that edits it, one at a time, by a provider that takes no time: p50 %.2f ms, p95 %.2f ms, p99 %.2f ms.\n", late(0.5), late(0.95), late(0.99))
	took := of(p.timers, func(c timerCell) float64 { return c.Took.Seconds() })
	fmt.Fprintf(w, "\n%d timers due in the same second, beside %d interactive turns a second: all fired after %.1f s %s, floor %.1f s; CPU %.1f s program, %.1f s Postgres; foreign %.2f.\n",
		r.Timers, r.Rate, report.Median(took), spread(took, "%.1f"), report.Median(of(p.timers, func(c timerCell) float64 { return c.Floor.Seconds() })),
		report.Median(of(p.timers, func(c timerCell) float64 { return c.Cost.Program.Seconds() })), report.Median(of(p.timers, func(c timerCell) float64 { return c.Cost.Postgres.Seconds() })),
		report.Median(of(p.timers, func(c timerCell) float64 { return c.Cost.Foreign })))
	p95 := of(p.timers, func(c timerCell) float64 { return milliseconds(quantile(c.While, 0.95)) })
	fmt.Fprintf(w, "Interactive turns meanwhile: p50 %.1f ms, p95 %.1f ms %s, p99 %.1f ms; just before: p50 %.1f ms, p95 %.1f ms.\n",
		p.talk(0.5, true), report.Median(p95), spread(p95, "%.1f"), p.talk(0.99, true), p.talk(0.5, false), p.talk(0.95, false))
	shared := of(p.shares, func(c shareCell) float64 { return c.Took.Seconds() })
	fmt.Fprintf(w, "\n%d new deals shared out to %d people by %d replicas: %.2f s %s, floor %.2f s; p50 %.1f ms, p99 %.1f ms with %d people at a time; CPU %.2f s program, %.2f s Postgres; foreign %.2f.\nLoads differ by %.0f at most.\n",
		r.Shared, workers, replicas, report.Median(shared), spread(shared, "%.2f"), report.Median(of(p.shares, func(c shareCell) float64 { return c.Floor.Seconds() })),
		report.Median(of(p.shares, func(c shareCell) float64 { return milliseconds(quantile(c.Times, 0.5)) })),
		report.Median(of(p.shares, func(c shareCell) float64 { return milliseconds(quantile(c.Times, 0.99)) })), replicas*shareAtOnce,
		report.Median(of(p.shares, func(c shareCell) float64 { return c.Cost.Program.Seconds() })), report.Median(of(p.shares, func(c shareCell) float64 { return c.Cost.Postgres.Seconds() })),
		report.Median(of(p.shares, func(c shareCell) float64 { return c.Cost.Foreign })), most(p.shares))
	fmt.Fprintf(w, "\nOf %d presses %d left something other than they should, once each; timers: %d, shared deals: %d.\n", p.pressed, p.wrong, p.misfired, p.unshared)
}

// press is the median over rounds of a quantile of presses, in milliseconds.
func (p *rulesReport) press(i int, q float64) float64 {
	return report.Median(of(p.presses[i], func(c pressCell) float64 { return milliseconds(quantile(c.Times, q)) }))
}

// talk is the same of interactive turns while timers fired, or before.
func (p *rulesReport) talk(q float64, while bool) float64 {
	return report.Median(of(p.timers, func(c timerCell) float64 {
		if while {
			return milliseconds(quantile(c.While, q))
		}
		return milliseconds(quantile(c.Before, q))
	}))
}

func most(shares []shareCell) (n float64) {
	for _, s := range shares {
		n = max(n, float64(s.Unequal))
	}
	return n
}
