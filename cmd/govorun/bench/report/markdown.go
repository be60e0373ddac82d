package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Markdown writes the report for people: what it was measured on, a short table of what matters most, and all medians with their spread and aims.
func (r *Run) Markdown() string {
	var b strings.Builder
	r.head(&b)
	sources := r.sources()
	short := r.rows(sources, func(l Line) bool { return l.Key || l.Aim != nil && l.Aim.Limit != 0 })
	long := r.rows(sources, func(Line) bool { return true })
	table(&b, short)
	r.foot(&b, sources)
	if len(long) > len(short) {
		b.WriteString("<details><summary>All figures</summary>\n\n")
		table(&b, long)
		b.WriteString("</details>\n")
	}
	return b.String()
}

// rows are those of a table with some of the lines.
func (r *Run) rows(sources []string, with func(Line) bool) [][]string {
	rows := [][]string{{"What", "Median", "Least–most", "Aim", ""}}
	for _, p := range r.Parts {
		heading := []string{"**" + p.About + "**" + r.marks(p), "", "", "", ""}
		for _, l := range p.Lines() {
			if !with(l) {
				continue
			}
			if heading != nil {
				rows, heading = append(rows, heading), nil
			}
			rows = append(rows, l.row(sources))
		}
	}
	return rows
}

// foot says who asks for the aims, and what went wrong.
func (r *Run) foot(b *strings.Builder, sources []string) {
	for i, source := range sources {
		fmt.Fprintf(b, "%s %s. ", mark(i), source)
	}
	if len(sources) > 0 {
		b.WriteString("\n\n")
	}
	for _, p := range r.Parts {
		for _, trouble := range p.Troubles() {
			fmt.Fprintf(b, "- `%s` had trouble: %s\n\n", p.Name, strings.ReplaceAll(strings.TrimSpace(trouble), "\n", "\n  "))
		}
	}
}

// head says what, when and on what.
func (r *Run) head(b *strings.Builder) {
	fmt.Fprintf(b, "`%s`, %s, %s: govorun %s on %s; the disk keeps a page in %s ms (fdatasync, median of %d looks).\n", r.Command, r.Began.UTC().Format("2 January 2006 15:04 UTC"),
		time.Duration(r.Seconds*float64(time.Second)).Round(time.Second), r.Program, r.Machine, number(Median(r.over(func(one Round) float64 { return one.Sync }))), len(r.over(func(Round) float64 { return 0 })))
	others := r.over(func(one Round) float64 { return one.Foreign })
	disturbed := 0
	for _, p := range r.Parts {
		disturbed += p.Disturbed(r.Calm)
	}
	fmt.Fprintf(b, "Rounds of all parts: %d. Medians, with the least and the most. ", r.Rounds)
	fmt.Fprintf(b, "Others kept %s processors busy (median); of these measurements %d of %d were disturbed by more than %s, `!` for each.\n", number(Median(others)), disturbed, len(others), number(r.Calm))
	met, missed := r.Aims()
	fmt.Fprintf(b, "Of %d aims %d are met and %d missed.", met+missed, met, missed)
	if r.Interrupted {
		b.WriteString(" **The run was interrupted: this is what it had until then.**")
	}
	if failed := r.Failed(); len(failed) > 0 {
		fmt.Fprintf(b, " **Trouble in %s, told below.**", strings.Join(failed, ", "))
	}
	b.WriteString("\n\n")
}

// marks says what is odd about a part.
func (r *Run) marks(p *Part) (text string) {
	if n := p.Disturbed(r.Calm); n > 0 {
		text = strings.Repeat("!", n)
	}
	measured := 0
	for _, round := range p.Rounds {
		if round.Trouble == "" {
			measured++
		}
	}
	if measured < r.Rounds {
		text += fmt.Sprintf(" (%d of %d rounds)", measured, r.Rounds)
	}
	if text != "" {
		text = " " + strings.TrimSpace(text)
	}
	return text
}

// row is a line of the table.
func (l Line) row(sources []string) []string {
	cells := []string{l.Name, amount(l.Median, l.Unit), "", "", ""}
	if l.Values > 1 {
		cells[2] = number(l.Least) + "–" + number(l.Most)
	}
	if l.Aim != nil {
		cells[3] = l.Aim.String() + " " + mark(slices.Index(sources, l.Aim.Source))
		if cells[4] = "met"; !l.Met() {
			cells[4] = "**missed**"
		}
	}
	return cells
}

// sources are those of all aims, in the order in which they are met.
func (r *Run) sources() (all []string) {
	for _, p := range r.Parts {
		for _, l := range p.Lines() {
			if l.Aim != nil && !slices.Contains(all, l.Aim.Source) {
				all = append(all, l.Aim.Source)
			}
		}
	}
	return all
}

// mark is the sign of the nth source.
func mark(n int) string { return fmt.Sprintf("(%c)", 'a'+rune(n%26)) }

// table writes rows under the first one, in columns that stand one below the other in a terminal too.
func table(b *strings.Builder, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			if row[1] != "" { // headings of parts may stand out
				widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			}
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(b, "| %s%s ", cell, strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell))))
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for i, width := range widths {
			line := strings.Repeat("-", max(3, width))
			if i == 1 || i == 2 {
				line = line[1:] + ":" // numbers stand to the right
			}
			fmt.Fprintf(b, "| %s ", line)
		}
		b.WriteString("|\n")
	}
	b.WriteString("\n")
}
