package chaos

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what a run did and what became of the promises.
type Report struct {
	Seed     uint64
	Length   time.Duration
	Replicas int
	Kits     []string
	Struck   []Struck
	LeftOut  []string
	Quiet    time.Duration // until everything was quiet
	Did      []Did
}

// Did is one company: what it did, and the verdicts.
type Did struct {
	Kit                                string
	People, Sent, Seen, Stories, Deals int
	Verdicts                           []Verdict
}

func (r *Report) add(kit string, record Record, verdicts []Verdict) {
	d := Did{Kit: kit, People: len(record.Chats), Stories: len(record.Tales), Deals: len(record.Ledger.Deals), Verdicts: verdicts}
	for _, c := range record.Chats {
		d.Sent += len(c.Sent)
		d.Seen += len(c.Seen)
	}
	r.Did = append(r.Did, d)
}

// Broken counts the breaches of all promises.
func (r Report) Broken() (n int) {
	for _, d := range r.Did {
		for _, v := range d.Verdicts {
			n += v.Count
		}
	}
	return n
}

// Write writes the report in plain words.
func (r Report) Write(out io.Writer) {
	result := "every promise was kept"
	if n := r.Broken(); n > 0 {
		result = fmt.Sprintf("%d breaches", n)
	}
	fmt.Fprintf(out, "# Chaos: %s\n\n%v of faults, seed %d, %d replicas of each of %s on one PostgreSQL; everything was quiet %v after the last fault.\n",
		result, r.Length, r.Seed, r.Replicas, strings.Join(r.Kits, ", "), r.Quiet.Round(100*time.Millisecond))
	fmt.Fprintf(out, "Repeat it: govorun chaos --minutes %.3g --seed %d --replicas %d --kits %s\n", r.Length.Minutes(), r.Seed, r.Replicas, strings.Join(r.Kits, ","))
	r.writeDone(out)
	r.writeFaults(out)
	for _, d := range r.Did {
		fmt.Fprintf(out, "\n## Promises: %s\n\n", d.Kit)
		for _, v := range d.Verdicts {
			mark := "✓"
			if v.Count > 0 {
				mark = "✗"
			}
			fmt.Fprintf(out, "- %s %s: %s\n", mark, v.Promise, v.Figures)
			for _, what := range v.Broken {
				fmt.Fprintf(out, "    - %s\n", strings.ReplaceAll(what, "\n", "\n      "))
			}
			if more := v.Count - len(v.Broken); more > 0 {
				fmt.Fprintf(out, "    - and %d more\n", more)
			}
		}
	}
}

func (r Report) writeDone(out io.Writer) {
	fmt.Fprint(out, "\n## What people did\n\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "company\tpeople\tsent\tread\tstories\tdeals\t")
	for _, d := range r.Did {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t\n", d.Kit, d.People, d.Sent, d.Seen, d.Stories, d.Deals)
	}
	table.Flush()
}

func (r Report) writeFaults(out io.Writer) {
	fmt.Fprint(out, "\n## What went wrong on purpose\n\n")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "fault\ttimes\tanswers again: median\tworst\twhat")
	for _, k := range kinds() {
		var took []time.Duration
		times := 0
		for _, s := range r.Struck {
			if s.Name != k.name || s.Failed != "" {
				continue
			}
			times++
			if s.Healed > 0 {
				took = append(took, s.Healed)
			}
		}
		if times == 0 {
			continue
		}
		median, worst := "", ""
		if len(took) > 0 {
			slices.Sort(took)
			median, worst = seconds(took[len(took)/2]), seconds(took[len(took)-1])
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\n", k.name, times, median, worst, k.what)
	}
	table.Flush()
	fmt.Fprintln(out, "\n“Answers again” is how long a new person waits for the first answer, from the end of the fault; after a kill from the kill.")
	for _, s := range r.Struck {
		if s.Failed != "" && !s.leftOut() {
			fmt.Fprintf(out, "Could not be done: %s at %s (%s)\n", s.Name, s.Where, s.Failed)
		}
	}
	for _, what := range r.LeftOut {
		fmt.Fprintf(out, "Left out: %s\n", what)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
