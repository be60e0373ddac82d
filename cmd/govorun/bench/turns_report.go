package bench

import (
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
	"time"
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
		fmt.Fprintf(table, "%d\t%.0f\t%s\t%.2f\t%.2f\t%.2f\t", chats, median(turns), spread(turns, "%.0f"), at(cells, 0.50), at(cells, 0.95), at(cells, 0.99))
		if !cells[0].knowsProcesses {
			fmt.Fprintln(table, "?\t?\t?\t?\t?\t?\t")
			continue
		}
		program, server := of(cells, func(c cell) float64 { return c.Program }), of(cells, func(c cell) float64 { return c.Postgres })
		both := of(cells, func(c cell) float64 { return c.Program + c.Postgres })
		fmt.Fprintf(table, "%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%.0f\t\n", median(both), median(program), median(server),
			median(of(cells, func(c cell) float64 { return c.Driver })), median(of(cells, func(c cell) float64 { return c.Foreign })),
			median(of(cells, func(c cell) float64 { return float64(c.RSS) / 1e6 })))
	}
	table.Flush()
	if t.Floors {
		t.printFloors(w, r)
	}
	if t.Against != "" {
		t.printPeer(w, r)
	}
	fmt.Fprintf(w, "\nPlayed %d turns, %d dialogs; stored %d messages in, %d out, %d deals. Lost %d, doubled %d.\n",
		r.Played.Acknowledged, r.Played.Dialogs, r.Stored.Inbound, r.Stored.Written, r.Stored.Deals, r.Lost, r.Doubled)
}

func (t Turns) printFloors(w io.Writer, r Result) {
	fmt.Fprintln(w, "\nFloors of the same rounds, a second. null: webhook and send without a database; fn: the bare rows of a turn in one call;\ngc2: the same rows in grouped transactions; F2 = 1/(1/null + 1/gc2).")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "chats\tnull\tfn\tgc2\tF2\tturns/F2\t[least–most]\tforeign\t")
	for i, chats := range t.Chats {
		cells := r.Cells[i]
		shares := ratios(of(cells, func(c cell) float64 { return c.Pace.Turns }), of(cells, cell.bottom))
		fmt.Fprintf(table, "%d\t%.0f\t%.0f\t%.0f\t%.0f\t%.2f\t%s\t%.2f\t\n", chats, median(of(cells, func(c cell) float64 { return c.Null })),
			median(of(cells, func(c cell) float64 { return c.Fn })), median(of(cells, func(c cell) float64 { return c.Gc2 })),
			median(of(cells, cell.bottom)), median(shares), spread(shares, "%.2f"), median(of(cells, func(c cell) float64 { return c.ForeignFloors })))
	}
	table.Flush()
}

func (t Turns) printPeer(w io.Writer, r Result) {
	fmt.Fprintf(w, "\nThe other bot in the same rounds: %s\n", t.Against)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "chats\tturns/s\t[least–most]\tp50 ms\tp99 ms\tits CPU µs/turn\tours/its turns\t[least–most]\tours/its p99\t")
	for i, chats := range t.Chats {
		cells := r.Cells[i]
		turns := of(cells, func(c cell) float64 { return c.Peer.Turns })
		times := ratios(of(cells, func(c cell) float64 { return c.Pace.Turns }), turns)
		late := func(c cell) float64 { return milliseconds(quantile(c.Peer.Times, 0.99)) }
		p99 := ratios(of(cells, func(c cell) float64 { return milliseconds(quantile(c.Pace.Times, 0.99)) }), of(cells, late))
		fmt.Fprintf(table, "%d\t%.0f\t%s\t%.2f\t%.2f\t%.0f\t%.1f\t%s\t%.2f\t\n", chats, median(turns), spread(turns, "%.0f"),
			median(of(cells, func(c cell) float64 { return milliseconds(quantile(c.Peer.Times, 0.5)) })), median(of(cells, late)),
			median(of(cells, func(c cell) float64 { return c.PeerCPU })), median(times), spread(times, "%.1f"), median(p99))
	}
	table.Flush()
}

// at gives the median over rounds of a quantile of the program's times, in milliseconds.
func at(cells []cell, p float64) float64 {
	return median(of(cells, func(c cell) float64 { return milliseconds(quantile(c.Pace.Times, p)) }))
}

func spread(numbers []float64, format string) string {
	if len(numbers) == 0 {
		return "–"
	}
	return fmt.Sprintf("["+format+"–"+format+"]", slices.Min(numbers), slices.Max(numbers))
}

// rounded is a time for people.
func rounded(d time.Duration) time.Duration {
	if d > time.Second {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(100 * time.Microsecond)
}
