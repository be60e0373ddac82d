package dates

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"govorun/locales"
)

// form is how the parts of a span make a stretch.
type form int

const (
	single  form = iota
	between      // both ends, inclusive
	from         // since
	upTo         // until, inclusive
	under        // before; of a duration: less than
	over         // after; of a duration: more than
)

// Span is a stretch of time as somebody put it. It has no dates of its own: “yesterday” is another day tomorrow. Range gives them.
type Span struct {
	form        form
	first, last part
}

// Range is a stretch of time: From inclusive, To exclusive, zero when open.
type Range struct {
	From time.Time
	To   time.Time
}

// isoDate is a date whose dashes part nothing.
var isoDate = regexp.MustCompile(`\d{4}-\d{1,2}-\d{1,2}`)

// Span reads a stretch of time. The mistakes are Unreadable and NoSuchTime; others come from Range.
func (c *Calendar) Span(text string) (Span, Mistake) {
	text = strings.ToLower(strings.TrimSpace(locales.Digits(text)))
	text = strings.NewReplacer("…", "..", "‥", "..", "–", "-", "—", "-", "−", "-", "_", " ").Replace(text)
	for _, sign := range []struct {
		text string
		form form
	}{{"<=", upTo}, {">=", from}, {"≤", upTo}, {"≥", from}, {"<", under}, {">", over}} {
		if rest, cut := strings.CutPrefix(text, sign.text); cut {
			return c.open(rest, sign.form)
		}
	}
	if left, right, cut := strings.Cut(text, ".."); cut {
		switch {
		case strings.TrimSpace(left) == "":
			return c.open(right, upTo)
		case strings.TrimSpace(right) == "":
			return c.open(left, from)
		}
		return c.pair(left, right)
	}
	items, ok := c.items(text)
	if ok && slices.ContainsFunc(items, isMark) {
		if s, m := c.marked(items); m == 0 {
			return s, 0
		}
	}
	if s, dashed := c.dashed(text); dashed {
		return s, 0
	}
	if !ok {
		return Span{}, Unreadable
	}
	p, m := c.part(items)
	if m == 0 && p.shape == lone {
		m = Unreadable
	}
	return Span{first: p}, m
}

// open reads a span with one end.
func (c *Calendar) open(text string, f form) (Span, Mistake) {
	p, m := c.partOf(text)
	if m == 0 && p.shape == lone {
		m = Unreadable
	}
	return end(p, f), m
}

// end makes a span of one end. Up to three days is less than three days.
func end(p part, f form) Span {
	switch {
	case p.shape == duration && f == upTo:
		f = under
	case p.shape == duration && f == from:
		f = single
	}
	return Span{form: f, first: p}
}

func (c *Calendar) partOf(text string) (part, Mistake) {
	items, ok := c.items(text)
	if !ok {
		return part{}, Unreadable
	}
	return c.part(items)
}

func (c *Calendar) pair(left, right string) (Span, Mistake) {
	a, m := c.partOf(left)
	if m != 0 {
		return Span{}, m
	}
	b, m := c.partOf(right)
	if m != 0 {
		return Span{}, m
	}
	return join(a, b)
}

// join makes a span of its two ends, of which one may lend the other what it doesn't say: "3-5 May", "tomorrow 10-12".
func join(a, b part) (Span, Mistake) {
	switch {
	case a.dated() && b.dated(), a.exact() && b.exact() && !b.dated():
	case a.shape == lone && b.shape == moment && b.Month > 0 && b.DateTyped == "":
		day := a.n
		a = b
		a.Day = day
	case b.shape == lone && (a.exact() || a.shape == lone && clockOf(a.n, 0) >= 0) && clockOf(b.n, 0) >= 0:
		if a.shape == lone {
			a = part{shape: moment, Reading: Reading{Clock: clockOf(a.n, 0), weekday: -1}}
		}
		b = part{shape: moment, Reading: Reading{Clock: clockOf(b.n, 0), weekday: -1}}
		if b.Clock <= a.Clock {
			return Span{}, Unreadable
		}
	default:
		return Span{}, Unreadable
	}
	if a.shape == moment && b.shape == moment && a.Month > 0 && a.year == 0 && b.year > 0 {
		a.year = b.year // "25.12-10.01.2027" begins in the year before
		if a.Month > b.Month || a.Month == b.Month && a.Day > b.Day {
			a.year--
		}
	}
	return Span{form: between, first: a, last: b}, 0
}

// dashed reads "01.05-10.05": a dash between two dates. Dashes inside of dates and times join nothing.
func (c *Calendar) dashed(text string) (Span, bool) {
	dates := isoDate.FindAllStringIndex(text, -1)
	for i := range len(text) {
		inDate := slices.ContainsFunc(dates, func(d []int) bool { return i > d[0] && i < d[1] })
		if text[i] != '-' || inDate {
			continue
		}
		s, m := c.pair(text[:i], text[i+1:])
		alone := s.first.shape == moment && !s.first.DayKnown() && s.first.Clock%60 == 0 && !strings.Contains(text, ":")
		if m == 0 && !alone { // "15-00" is a time
			return s, true
		}
	}
	return Span{}, false
}

// Range gives a span its dates, in the zone of now. The mistakes are NoSuchDay, WrongWeekday and Backwards.
func (s Span) Range(now time.Time, sense Sense) (Range, Mistake) {
	begin, finish, m := s.first.bounds(now, sense)
	if m != 0 {
		return Range{}, m
	}
	if s.first.exact() && s.form != single {
		finish = begin
	}
	if s.first.shape == duration && (s.form == under || s.form == over) {
		return s.first.compared(now, s.form, sense), 0
	}
	switch s.form {
	case from:
		return Range{From: begin}, 0
	case upTo:
		return Range{To: finish}, 0
	case under:
		return Range{To: begin}, 0
	case over:
		return Range{From: finish}, 0
	case between:
		anchor, way := now, sense
		if r := &s.last; r.shape == monthOf && r.year == 0 || r.shape == moment && !r.Counted && !r.relative && (r.Month == 0 || r.year == 0) {
			anchor, way = begin, Ahead // "from Monday to Friday": the Friday after that Monday
		}
		start, finish, m := s.last.bounds(anchor, way)
		if s.last.exact() {
			finish = start
		}
		if m == 0 && !finish.After(begin) {
			m = Backwards
		}
		return Range{From: begin, To: finish}, m
	}
	return Range{From: begin, To: finish}, 0
}

// compared is less or more than a duration away from now: ago, or ahead.
func (p *part) compared(now time.Time, f form, sense Sense) Range {
	ahead := sense == Ahead && !p.back
	switch {
	case ahead && f == under:
		return Range{To: p.away(now, 1)}
	case ahead:
		return Range{From: p.away(now, 1)}
	case f == under:
		return Range{From: p.away(now, -1)}
	}
	return Range{To: p.away(now, -1)}
}
