package bench

import (
	"fmt"
	"io"
	"text/tabwriter"

	"govorun/cmd/govorun/bench/report"
)

// print writes the report: medians over the rounds, with the least and the most beside what matters.
func (w WhatsApp) print(out io.Writer, r WhatsAppResult) {
	fmt.Fprintf(out, "\nA turn: a phone writes, WhatsApp's stand-in, the library, Postgres, the answer stands on the phone; each dialog is a new person. All over\nloopback, encrypted on both sides, phones and stand-in on the same processors; typing not shown, nothing held back. Medians of %d rounds [least–most].\nfloor: the library alone, which answers at once.\n\n", w.Rounds)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "phones\tturns/s\t[least–most]\tp50 ms\tp95 ms\tp99 ms\tCPU µs/turn\tprogram\tPostgres\tphones\tRSS MB\tfloor/s\tits p99 ms\tits CPU µs\tturns/floor\t")
	for i, chats := range w.Chats {
		cells := r.Cells[i]
		turns := of(cells, func(c waCell) float64 { return c.Pace.Turns })
		late := func(p float64) float64 {
			return report.Median(of(cells, func(c waCell) float64 { return milliseconds(quantile(c.Pace.Times, p)) }))
		}
		echo := of(cells, func(c waCell) float64 { return c.Echo.Turns })
		fmt.Fprintf(table, "%d\t%.0f\t%s\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.1f\t%.0f\t%.2f\t\n", chats, report.Median(turns), spread(turns, "%.0f"), late(0.50), late(0.95), late(0.99),
			report.Median(of(cells, func(c waCell) float64 { return c.Program + c.Postgres })), report.Median(of(cells, func(c waCell) float64 { return c.Program })),
			report.Median(of(cells, func(c waCell) float64 { return c.Postgres })), report.Median(of(cells, func(c waCell) float64 { return c.Driver })),
			report.Median(of(cells, func(c waCell) float64 { return float64(c.RSS) / 1e6 })), report.Median(echo),
			report.Median(of(cells, func(c waCell) float64 { return milliseconds(quantile(c.Echo.Times, 0.99)) })), report.Median(of(cells, func(c waCell) float64 { return c.EchoCPU })),
			report.Median(ratios(turns, echo)))
	}
	table.Flush()
	fmt.Fprintln(out, "The floor's CPU holds its phones and the stand-in, which run in the same process.")
	if len(r.Cold) > 0 {
		fmt.Fprintf(out, "\nFrom the start of the process to the first answer of its number, without PostgreSQL's start, median of %d: %.0f ms.\n", len(r.Cold), milliseconds(quantile(r.Cold, 0.5)))
	}
	if w.Numbers > 0 {
		fmt.Fprintf(out, "Each of %d more linked numbers takes %.1f MB of resident memory.\n", w.Numbers, r.PerNumber)
	}
	fmt.Fprintf(out, "\n%s\n", r.Account)
}
