package dialogs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a kit. File is relative to the kit, Line and Column count from 1 and are 0 when only the file is
// known. What says what is wrong, Fix what to write instead.
type Problem struct {
	File         string
	Line, Column int
	What, Fix    string
}

// String gives the problem in the form that editors can jump to: "dialogs/report.yaml:14:7: what is wrong. What to do."
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, max(p.Column, 1))
	}
	fmt.Fprintf(&b, ": %s.", p.What)
	if p.Fix != "" {
		b.WriteString(" " + p.Fix)
	}
	return b.String()
}

// Problems are all mistakes of a kit, sorted by file, line and column. As an error it lists them one a line.
type Problems []Problem

// Error lists the problems one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted gives the problems by place, each once.
func (p Problems) sorted() Problems {
	sorted := slices.SortedFunc(slices.Values(p), func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.What, b.What))
	})
	return slices.Compact(sorted)
}

// place is a position in a file of the kit.
type place struct {
	file         string
	line, column int
}

func (at place) problem(fix, what string, args ...any) Problem {
	return Problem{File: at.file, Line: at.line, Column: at.column, What: fmt.Sprintf(what, args...), Fix: fix}
}

// suggest names the candidate most like a word, empty when none is near: a third of the letters may differ.
func suggest(word string, candidates []string) string {
	best, distance := "", min(max(len([]rune(word))/3, 1), 8)+1
	for _, candidate := range candidates {
		if d := editDistance(word, candidate); d < distance || d == distance && best != "" && candidate < best {
			best, distance = candidate, d
		}
	}
	return best
}

// editDistance counts the letters to insert, remove, replace or swap with their neighbour to make a into b.
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if longest := max(len(x), len(y)); longest > 64 { // no name of ours, and the table would be large
		return longest
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// quoted lists words for a sentence: “a”, “b” or “c”; at most eight.
func quoted(words []string) string {
	const most = 8
	var b strings.Builder
	for i, word := range words {
		switch {
		case i == most:
			b.WriteString(" …")
			return b.String()
		case i > 0 && i == len(words)-1:
			b.WriteString(" or ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString("“" + word + "”")
	}
	return b.String()
}
