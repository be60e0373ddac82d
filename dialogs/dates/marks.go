package dates

import "slices"

// isMark tells whether an item says which end of a span is meant.
func isMark(i item) bool { return i.is(since) || i.is(until) || i.is(before) || i.is(after) }

// marked reads items with words such as "since" and "until", which stand before what they mean, or in Kazakh behind it.
func (c *Calendar) marked(items []item) (Span, Mistake) {
	var marks []form
	var parts [][]item
	post := false
	order := "" // m for a mark, p for a part
	for i, it := range items {
		f, stands, ok := markOf(it)
		post = post || stands == behind
		last := len(order) > 0 && order[len(order)-1] == 'm'
		switch {
		case last && marks[len(marks)-1] == from && it.is(within): // "жұмадан кейін": after Friday
			marks[len(marks)-1] = over
		case last && marks[len(marks)-1] == from && it.is(backwards):
			marks[len(marks)-1] = under
		case ok && last && f == marks[len(marks)-1]: // "дүйсенбіден бастап" says it twice
		case ok:
			marks, order = append(marks, f), order+"m"
		case len(order) > 0 && !last:
			parts[len(parts)-1] = append(parts[len(parts)-1], it)
		default:
			parts, order = append(parts, slices.Clone(items[i:i+1])), order+"p"
		}
	}
	if order == "pmpmp" { // "tomorrow from 10 to 12"
		parts = [][]item{append(parts[0], parts[1]...), parts[2]}
		order = "mpmp"
	}
	if (order == "pm" || order == "pmpm") != post && order != "pmp" {
		return Span{}, Unreadable
	}
	return c.assemble(order, marks, parts)
}

// markOf tells which end a mark means and where it stands.
func markOf(i item) (f form, stands int, ok bool) {
	for n, f := range []form{from, upTo, under, over} {
		if v, ok := i.means(since + kind(n)); ok {
			return f, v, true
		}
	}
	return 0, 0, false
}

// assemble makes a span of parts and marks in the order in which they stood.
func (c *Calendar) assemble(order string, marks []form, items [][]item) (Span, Mistake) {
	var parts []part
	for _, some := range items {
		p, m := c.part(some)
		if m != 0 {
			return Span{}, m
		}
		parts = append(parts, p)
	}
	switch order {
	case "mp", "pm":
		if parts[0].shape == lone {
			return Span{}, Unreadable
		}
		return end(parts[0], marks[0]), 0
	case "mpmp", "pmpm":
		if (marks[0] != from && marks[0] != over) || (marks[1] != upTo && marks[1] != under) {
			return Span{}, Unreadable
		}
		return join(parts[0], parts[1])
	case "pmp":
		if marks[0] == upTo || marks[0] == from {
			return join(parts[0], parts[1])
		}
	}
	return Span{}, Unreadable
}
