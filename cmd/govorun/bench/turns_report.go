package bench

import (
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"govorun/cmd/govorun/bench/report"
)

func ownPID() int { return os.Getpid() }

// print writes the report: medians over the rounds, with the least and the most beside what matters.
func (t Turns) print(w io.Writer, r Result) {
	fmt.Fprintf(w, "\nA turn: webhook, Postgres, answer at a stub of the Bot API; all over loopback, driver on the same processors. Medians of %d rounds [least–most].\n\n", t.Rounds)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "chats\tturns/s\t[least–most]\tp50 ms\tp95 ms\tp99 ms\tCPU µs/turn\tprogram\tPostgres\tdriver\tforeign\tRSS MB\t")
	for i, chats := range t.Chats {
		cells := r.Cells[i]
		turns := of(cells, func(c cell) float64 { return c.Pace.Turns })
		fmt.Fprintf(table, "%d\t%.0f\t%s\t%.2f\t%.2f\t%.2f\t", chats, report.Median(turns), spread(turns, "%.0f"), at(cells, 0.50), at(cells, 0.95), at(cells, 0.99))
		if !cells[0].knowsProcesses {
			fmt.Fprintln(table, "?\t?\t?\t?\t?\t?\t")
			continue
		}
		program, server := of(cells, func(c cell) float64 { return c.Program }), of(cells, func(c cell) float64 { return c.Postgres })
		both := of(cells, func(c cell) float64 { return c.Program + c.Postgres })
		fmt.Fprintf(table, "%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.0f\t\n", report.Median(both), report.Median(program), report.Median(server),
			report.Median(of(cells, func(c cell) float64 { return c.Driver })), report.Median(of(cells, func(c cell) float64 { return c.Foreign })),
			report.Median(of(cells, func(c cell) float64 { return float64(c.RSS) / 1e6 })))
	}
	table.Flush()
	if t.Floors {
		t.printFloors(w, r)
	}
	for i, bot := range t.Against {
		t.printPeer(w, r, i, bot)
	}
	fmt.Fprintf(w, "\n%s\n", r.Account)
}

func (t Turns) printFloors(w io.Writer, r Result) {
	fmt.Fprintln(w, "\nFloors of the same rounds, a second. null: webhook and send without a database; fn: the bare rows of a turn in one call;\ngc2: the same rows in grouped transactions; F2 = 1/(1/null + 1/gc2).")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "chats\tnull\tfn\tgc2\tF2\tturns/F2\t[least–most]\tforeign\t")
	for i, chats := range t.Chats {
		cells := r.Cells[i]
		shares := ratios(of(cells, func(c cell) float64 { return c.Pace.Turns }), of(cells, cell.bottom))
		fmt.Fprintf(table, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%s\t%.2f\t\n", chats, report.Median(of(cells, func(c cell) float64 { return c.Null })),
			report.Median(of(cells, func(c cell) float64 { return c.Fn })), report.Median(of(cells, func(c cell) float64 { return c.Gc2 })),
			report.Median(of(cells, cell.bottom)), report.Median(shares), spread(shares, "%.2f"), report.Median(of(cells, func(c cell) float64 { return c.ForeignFloors })))
	}
	table.Flush()
}

func (t Turns) printPeer(w io.Writer, r Result, nth int, bot Bot) {
	fmt.Fprintf(w, "\n%s in the same rounds: %s\n", bot.Name, bot.Command)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "chats\tturns/s\t[least–most]\tp50 ms\tp99 ms\tits CPU µs/turn\tPostgres\tours/its turns\t[least–most]\tours/its p99\t")
	for i, chats := range t.Chats {
		cells := r.Cells[i]
		its := func(figure func(peerCell) float64) []float64 {
			return of(cells, func(c cell) float64 { return figure(c.Peers[nth]) })
		}
		turns := its(func(p peerCell) float64 { return p.Pace.Turns })
		times := ratios(of(cells, func(c cell) float64 { return c.Pace.Turns }), turns)
		late := its(func(p peerCell) float64 { return p.Pace.at(0.99) })
		fmt.Fprintf(table, "%d\t%.0f\t%s\t%.2f\t%.2f\t%.0f\t%.0f\t%.1f\t%s\t%.2f\t\n", chats, report.Median(turns), spread(turns, "%.0f"),
			report.Median(its(func(p peerCell) float64 { return p.Pace.at(0.5) })), report.Median(late), report.Median(its(func(p peerCell) float64 { return p.Bot })),
			report.Median(its(func(p peerCell) float64 { return p.Postgres })), report.Median(times), spread(times, "%.1f"), report.Median(ratios(of(cells, func(c cell) float64 { return c.Pace.at(0.99) }), late)))
	}
	table.Flush()
}

// at gives the median over rounds of a quantile of the program's times, in milliseconds.
func at(cells []cell, p float64) float64 {
	return report.Median(of(cells, func(c cell) float64 { return c.Pace.at(p) }))
}

func spread(numbers []float64, format string) string {
	if len(numbers) == 0 {
		return "–"
	}
	return fmt.Sprintf("["+format+"–"+format+"]", slices.Min(numbers), slices.Max(numbers))
}

// about is a length of time that people plan with.
func about(d time.Duration) string {
	if d < 2*time.Minute {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

// rounded is a time for people.
func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}
