package dates

import "time"

// Reading is what the parts of a typed moment say together.
type Reading struct {
	Clock     int           // minutes since midnight; -1 when not said
	After     time.Duration // from now, when Counted
	Counted   bool          // "in 2 hours"
	Confused  bool          // the parts don't fit together
	BadClock  bool          // 25:00
	DateTyped string        // the date as it was typed in figures
	Day       int
	Month     int // 0 when not said

	days     int // from today, when relative is set
	months   int
	relative bool
	last     bool // "last Friday"
	weekday  int  // -1 when not said
	year     int  // 0 when not said
	half     kind
	pending  []int // numbers that have no meaning yet
	closed   bool  // something stood between the last pending number and the next
	wantDay  bool  // "May" waits for "15"
}

// Read takes a moment apart; false when something in the text belongs to no date. What it means together is in the reading.
func (c *Calendar) Read(text string) (Reading, bool) {
	items, ok := c.items(text)
	if !ok {
		return Reading{}, false
	}
	return read(items), true
}

// DayKnown tells whether a day was named, not only a time.
func (r *Reading) DayKnown() bool { return r.relative || r.weekday >= 0 || r.Month > 0 }

// read puts the parts together; confused when they don't fit.
func read(items []item) Reading {
	r := Reading{weekday: -1, Clock: -1}
	sign := 0
	for _, it := range items {
		switch {
		case it.is(within):
			sign = 1
		case it.is(backwards):
			sign = -1
		}
	}
	for _, it := range items {
		r.take(it, sign)
	}
	r.finish()
	return r
}

// take adds one part. sign is not zero when an amount of time is spoken of: from now, or before.
func (r *Reading) take(it item, sign int) {
	if sign != 0 && r.amount(it, sign) {
		return
	}
	m := it.meanings[0]
	for _, other := range it.meanings {
		if other.kind < minuteUnit || other.kind > yearUnit {
			m = other
			break
		}
	}
	waiting := r.wantDay
	r.wantDay = false
	switch m.kind {
	case filler, within, backwards:
		r.closed = true
	case previous:
		r.last = true
	case relative:
		r.Confused = r.Confused || r.relative && r.days != m.value
		r.relative, r.days = true, m.value
	case weekday:
		r.Confused = r.Confused || r.weekday >= 0 && r.weekday != m.value
		r.weekday = m.value
	case month:
		r.Confused = r.Confused || r.Month > 0
		r.Month = m.value
		if n := len(r.pending); n > 0 {
			r.Day, r.pending = r.pending[n-1], r.pending[:n-1]
		} else {
			r.wantDay = true
		}
	case explicit:
		r.explicit(it)
	case clock:
		r.setClock(m.value)
	case number:
		r.number(m.value, waiting)
	case hourUnit:
		if n := len(r.pending); n > 0 {
			r.setClock(clockOf(r.pending[n-1], 0))
			r.pending = r.pending[:n-1]
		} // "сағат 10": the word stands before its number and says nothing new
	case minuteUnit:
		n := len(r.pending)
		if n == 0 || r.Clock < 0 {
			r.Confused = true
			return
		}
		r.Clock = clockOf(r.Clock/60, r.pending[n-1])
		r.BadClock = r.BadClock || r.Clock < 0
		r.pending = r.pending[:n-1]
	case morning, afternoon, evening, night:
		r.Confused = r.Confused || r.half != 0 && r.half != m.kind
		r.half = m.kind
	default:
		r.Confused = true
	}
}

// amount takes "2 hours" of "in 2 hours" and "2 hours ago"; false when the part is none of that.
func (r *Reading) amount(it item, sign int) bool {
	if it.is(halfHour) {
		r.Counted, r.After = true, r.After+time.Duration(sign)*30*time.Minute
		return true
	}
	for unit := minuteUnit; unit <= yearUnit; unit++ {
		if !it.is(unit) {
			continue
		}
		n := 1
		if have := len(r.pending); have > 0 {
			n, r.pending = r.pending[have-1], r.pending[:have-1]
		}
		if n < 0 || n > 10000 {
			r.Confused = true
			return true
		}
		n *= sign
		switch unit {
		case minuteUnit:
			r.Counted, r.After = true, r.After+time.Duration(n)*time.Minute
		case hourUnit:
			r.Counted, r.After = true, r.After+time.Duration(n)*time.Hour
		case dayUnit:
			r.relative, r.days = true, r.days+n
		case weekUnit:
			r.relative, r.days = true, r.days+7*n
		case monthUnit:
			r.relative, r.months = true, r.months+n
		case yearUnit:
			r.relative, r.months = true, r.months+12*n
		}
		return true
	}
	return false
}

// explicit takes "15.05"; behind a day that is known already, or with a month that doesn't exist, it is a time.
func (r *Reading) explicit(it item) {
	if it.year == 0 && (r.DayKnown() || it.month > 12 || it.month == 0) && r.Clock < 0 {
		if c := clockOf(it.day, it.month); c >= 0 {
			r.setClock(c)
			return
		}
	}
	r.Confused = r.Confused || r.Month > 0
	r.year, r.Month, r.Day, r.DateTyped = it.year, it.month, it.day, it.text
	if r.Month == 0 {
		r.Month = 13 // written, and not in the calendar
	}
}

func (r *Reading) setClock(minutes int) {
	r.Confused = r.Confused || r.Clock >= 0
	r.BadClock = r.BadClock || minutes < 0
	r.Clock = minutes
}

// number takes a number; day says that a month stands right before it.
func (r *Reading) number(n int, day bool) {
	switch {
	case day && n < 100:
		r.Day = n
	case r.Month > 0 && r.year == 0 && n >= 1000:
		r.year = n
	default:
		r.Confused = r.Confused || r.closed && len(r.pending) > 0
		r.pending, r.closed = append(r.pending, n), false
	}
}

// finish gives numbers that are left their meaning: the hour, or hour and minute.
func (r *Reading) finish() {
	switch len(r.pending) {
	case 0:
	case 1:
		r.setClock(clockOf(r.pending[0], 0))
	case 2:
		r.setClock(clockOf(r.pending[0], r.pending[1]))
	default:
		r.Confused = true
	}
	if r.Month > 0 && r.Day == 0 && r.DateTyped == "" || r.Counted && (r.DayKnown() || r.Clock >= 0) || r.last && r.weekday < 0 ||
		r.months != 0 && r.days != 0 {
		r.Confused = true
	}
	if r.Clock >= 0 {
		r.Clock = inHalf(r.Clock, r.half)
	}
}

// inHalf moves a time into the part of the day that was named: 3 in the afternoon is 15:00, 12 at night is 0:00.
func inHalf(minutes int, half kind) int {
	switch hour := minutes / 60; {
	case (half == afternoon || half == evening) && hour < 12, half == night && hour >= 6 && hour < 12:
		return minutes + 12*60
	case (half == morning || half == night || half == evening) && hour == 12:
		return minutes - 12*60
	}
	return minutes
}
