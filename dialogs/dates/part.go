package dates

import (
	"slices"
	"time"
)

// Unit is a unit of time.
type Unit int

// Units, in the order of date.units.
const (
	Minutes Unit = iota
	Hours
	Days
	Weeks
	Months
	Years
)

// shape is how a part of a span is named.
type shape int

const (
	moment   shape = iota // a day, a time or both
	period                // this week, last month: n is -1, 0 or 1
	monthOf               // May, May 2026
	yearOf                // 2026
	duration              // 3 days
	lone                  // a number that means nothing yet: "3" of "3-5 May"
)

// part is one end of a span, or all of it.
type part struct {
	shape shape
	Reading
	unit Unit
	n    int
	back bool // a duration that ends now, whatever the sense
}

// part reads items that hold no word such as "since". The mistakes are Unreadable and NoSuchTime.
func (c *Calendar) part(items []item) (part, Mistake) {
	said := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return len(i.meanings) == 1 && i.is(filler) })
	if len(said) == 0 {
		return part{}, Unreadable
	}
	if p, ok := stretch(said, false); ok {
		return p, 0
	}
	rest := said
	for len(rest) > 0 && rest[0].is(lately) {
		rest = rest[1:]
	}
	if len(rest) < len(said) && len(rest) > 0 {
		if p, ok := stretch(rest, true); ok {
			return p, 0
		}
		if !said[0].is(previous) { // "за вчера"
			items = rest
		}
	}
	r := read(items)
	switch {
	case r.BadClock:
		return part{}, NoSuchTime
	case r.Confused, !r.DayKnown() && r.Clock < 0 && !r.Counted:
		return part{}, Unreadable
	}
	return part{shape: moment, Reading: r}, 0
}

// stretch reads what is no moment; back says that "the last" stood before it.
func stretch(said []item, back bool) (part, bool) {
	if n := len(said); n > 1 && said[n-1].is(yearUnit) && said[n-1].is(filler) && !isUnitOf(said[:n-1]) {
		said = said[:n-1] // "2026 года"
	}
	switch len(said) {
	case 1:
		return alone(said[0], back)
	case 2:
	default:
		return part{}, false
	}
	a, b := said[0], said[1]
	n, counted := a.means(number)
	unit, isUnit := unitOf(b)
	m, isMonth := a.means(month)
	year, isYear := yearNumber(b)
	switch {
	case isMonth && isYear:
		return part{shape: monthOf, Reading: Reading{Month: m, year: year}}, true
	case !isUnit:
		return part{}, false
	case counted && n > 0 && n <= 10000:
		return part{shape: duration, n: n, unit: unit, back: back}, true
	case unit < Weeks || back && !a.is(previous):
		return part{}, false
	case a.is(this):
		return part{shape: period, unit: unit}, true
	case a.is(previous):
		return part{shape: period, unit: unit, n: -1}, true
	case a.is(following):
		return part{shape: period, unit: unit, n: 1}, true
	}
	return part{}, false
}

// isUnitOf tells whether the year that follows is a unit: "2 года", "прошлого года".
func isUnitOf(said []item) bool {
	if len(said) != 1 {
		return false
	}
	n, counted := said[0].means(number)
	return counted && n < firstYear || said[0].is(this) || said[0].is(previous) || said[0].is(following)
}

// alone reads a single word or number.
func alone(it item, back bool) (part, bool) {
	if m, ok := it.means(month); ok {
		return part{shape: monthOf, Reading: Reading{Month: m}}, true
	}
	if year, ok := yearNumber(it); ok {
		return part{shape: yearOf, Reading: Reading{year: year}}, true
	}
	if n, ok := it.means(number); ok {
		return part{shape: lone, n: n}, true
	}
	unit, ok := unitOf(it)
	switch {
	case !ok || unit < Weeks && !back || it.is(afternoon) && !back:
		return part{}, false
	case back:
		return part{shape: duration, n: 1, unit: unit, back: true}, true
	}
	return part{shape: period, unit: unit}, true
}

func unitOf(it item) (Unit, bool) {
	for k := minuteUnit; k <= yearUnit; k++ {
		if it.is(k) {
			return Unit(k - minuteUnit), true
		}
	}
	return 0, false
}

func yearNumber(it item) (int, bool) {
	n, ok := it.means(number)
	return n, ok && n >= firstYear && n <= lastYear
}

// dated tells whether the part names a day or a longer stretch of the calendar.
func (p *part) dated() bool {
	return p.shape == moment && p.DayKnown() || p.shape == period || p.shape == monthOf || p.shape == yearOf
}

// exact tells whether the part is a moment, which has no length of its own.
func (p *part) exact() bool { return p.shape == moment && (p.Clock >= 0 || p.Counted) }

// bounds finds where the part begins and ends. The hour counts for a moment. One end of a duration is open: nothing happened later than now.
func (p *part) bounds(now time.Time, sense Sense) (from, to time.Time, m Mistake) {
	today := At(now, 0)
	switch p.shape {
	case moment:
		if p.Counted {
			t := now.Add(p.After).Truncate(time.Minute)
			return t, t.Add(time.Hour), 0
		}
		day, m := p.Date(now, sense)
		if m == 0 && p.Clock >= 0 {
			t := At(day, p.Clock)
			return t, t.Add(time.Hour), 0
		}
		return day, shift(day, 0, 1), m
	case period:
		switch p.unit {
		case Weeks:
			monday := -mondayFirst(today) + 7*p.n
			return shift(today, 0, monday), shift(today, 0, monday+7), 0
		case Months:
			month := int(today.Month()) + p.n
			return startOf(today, today.Year(), month), startOf(today, today.Year(), month+1), 0
		}
		return startOf(today, today.Year()+p.n, 1), startOf(today, today.Year()+p.n+1, 1), 0
	case monthOf:
		year := p.year
		if year == 0 {
			year = p.yearOfMonth(today, sense)
		}
		return startOf(today, year, p.Month), startOf(today, year, p.Month+1), 0
	case yearOf:
		return startOf(today, p.year, 1), startOf(today, p.year+1, 1), 0
	case duration:
		if sense == Ahead && !p.back {
			return now, p.away(now, 1), 0
		}
		return p.away(now, -1), time.Time{}, 0
	}
	return from, to, Unreadable
}

// yearOfMonth is the year of a month without one.
func (p *part) yearOfMonth(today time.Time, sense Sense) int {
	this := int(today.Month())
	switch {
	case sense == Past && p.Month > this:
		return today.Year() - 1
	case (sense == Ahead || sense == Future) && p.Month < this:
		return today.Year() + 1
	}
	return today.Year()
}

// away is the moment that lies the duration before or after now.
func (p *part) away(now time.Time, sign int) time.Time { return move(now, p.n*sign, p.unit) }

// move moves a moment by n units; days keep the time of day whatever clocks do.
func move(now time.Time, n int, unit Unit) time.Time {
	switch unit {
	case Minutes:
		return now.Add(time.Duration(n) * time.Minute)
	case Hours:
		return now.Add(time.Duration(n) * time.Hour)
	case Days:
		return now.AddDate(0, 0, n)
	case Weeks:
		return now.AddDate(0, 0, 7*n)
	case Years:
		n *= 12
	}
	return At(shift(now, n, 0), now.Hour()*60+now.Minute())
}

func startOf(zone time.Time, year, month int) time.Time {
	return At(time.Date(year, time.Month(month), 1, 12, 0, 0, 0, zone.Location()), 0)
}
