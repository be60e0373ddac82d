package slot

import "time"

// reading is what the parts of a typed date say together; -1 means not said.
type reading struct {
	days      int // from today, when relative is set
	relative  bool
	weekday   int
	year      int // 0 when not said
	month     int // 0 when not said
	day       int
	clock     int // minutes since midnight
	half      dateKind
	after     time.Duration // from now, when counted is set
	counted   bool
	pending   []int // numbers that have no meaning yet
	closed    bool  // something stood between the last pending number and the next
	wantDay   bool  // "May" waits for "15"
	confused  bool
	badClock  bool
	dateTyped string
}

// read puts the parts together; confused when they don't fit.
func read(items []dateItem) reading {
	r := reading{weekday: -1, clock: -1}
	in := false
	for _, item := range items {
		if _, ok := item.means(within); ok {
			in = true
		}
	}
	for _, item := range items {
		r.take(item, in)
	}
	r.finish()
	return r
}

// take adds one part. in means that an amount of time from now is spoken of.
func (r *reading) take(item dateItem, in bool) {
	if in && r.amount(item) {
		return
	}
	m := item.meanings[0]
	for _, other := range item.meanings {
		if other.kind != dayUnit && other.kind != minuteUnit {
			m = other
			break
		}
	}
	waiting := r.wantDay
	r.wantDay = false
	switch m.kind {
	case filler, within:
		r.closed = true
	case relative:
		r.confused = r.confused || r.relative && r.days != m.value
		r.relative, r.days = true, m.value
	case weekday:
		r.confused = r.confused || r.weekday >= 0 && r.weekday != m.value
		r.weekday = m.value
	case month:
		r.confused = r.confused || r.month > 0
		r.month = m.value
		if n := len(r.pending); n > 0 {
			r.day, r.pending = r.pending[n-1], r.pending[:n-1]
		} else {
			r.wantDay = true
		}
	case explicit:
		r.explicit(item)
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
		if n == 0 || r.clock < 0 {
			r.confused = true
			return
		}
		r.clock = clockOf(r.clock/60, r.pending[n-1])
		r.badClock = r.badClock || r.clock < 0
		r.pending = r.pending[:n-1]
	case morning, afternoon, evening, night:
		r.confused = r.confused || r.half != 0 && r.half != m.kind
		r.half = m.kind
	default:
		r.confused = true
	}
}

// amount takes "2 hours" after "in"; false when the part is none of that.
func (r *reading) amount(item dateItem) bool {
	if _, ok := item.means(halfHour); ok {
		r.counted, r.after = true, r.after+30*time.Minute
		return true
	}
	for _, unit := range []dateKind{minuteUnit, hourUnit, dayUnit, weekUnit} {
		if _, ok := item.means(unit); !ok {
			continue
		}
		n := 1
		if have := len(r.pending); have > 0 {
			n, r.pending = r.pending[have-1], r.pending[:have-1]
		}
		if n < 0 || n > 10000 {
			r.confused = true
			return true
		}
		switch unit {
		case minuteUnit:
			r.counted, r.after = true, r.after+time.Duration(n)*time.Minute
		case hourUnit:
			r.counted, r.after = true, r.after+time.Duration(n)*time.Hour
		case dayUnit:
			r.relative, r.days = true, r.days+n
		case weekUnit:
			r.relative, r.days = true, r.days+7*n
		}
		return true
	}
	return false
}

// explicit takes "15.05"; behind a day that is known already, or with a month that doesn't exist, it is a time.
func (r *reading) explicit(item dateItem) {
	if item.year == 0 && (r.dayKnown() || item.month > 12 || item.month == 0) && r.clock < 0 {
		if c := clockOf(item.day, item.month); c >= 0 {
			r.setClock(c)
			return
		}
	}
	r.confused = r.confused || r.month > 0
	r.year, r.month, r.day, r.dateTyped = item.year, item.month, item.day, item.text
	if r.month == 0 {
		r.month = 13 // written, and not in the calendar
	}
}

func (r *reading) dayKnown() bool { return r.relative || r.weekday >= 0 || r.month > 0 }

func (r *reading) setClock(minutes int) {
	r.confused = r.confused || r.clock >= 0
	r.badClock = r.badClock || minutes < 0
	r.clock = minutes
}

// number takes a number; day says that a month stands right before it.
func (r *reading) number(n int, day bool) {
	switch {
	case day && n < 100:
		r.day = n
	case r.month > 0 && r.year == 0 && n >= 1000:
		r.year = n
	default:
		r.confused = r.confused || r.closed && len(r.pending) > 0
		r.pending, r.closed = append(r.pending, n), false
	}
}

// finish gives numbers that are left their meaning: the hour, or hour and minute.
func (r *reading) finish() {
	switch len(r.pending) {
	case 0:
	case 1:
		r.setClock(clockOf(r.pending[0], 0))
	case 2:
		r.setClock(clockOf(r.pending[0], r.pending[1]))
	default:
		r.confused = true
	}
	if r.month > 0 && r.day == 0 && r.dateTyped == "" || r.counted && (r.dayKnown() || r.clock >= 0) {
		r.confused = true
	}
	if r.clock >= 0 {
		r.clock = inHalf(r.clock, r.half)
	}
}

// inHalf moves a time into the part of the day that was named: 3 in the afternoon is 15:00, 12 at night is 0:00.
func inHalf(minutes int, half dateKind) int {
	switch hour := minutes / 60; {
	case (half == afternoon || half == evening) && hour < 12, half == night && hour >= 6 && hour < 12:
		return minutes + 12*60
	case (half == morning || half == night || half == evening) && hour == 12:
		return minutes - 12*60
	}
	return minutes
}
