// Package visits finds out when crews can come, lays out their days, and writes calendar files. It is pure: it knows no SQL, no kits,
// no texts and no clock; whoever asks says what is known of the crews and what time it is.
package visits

import (
	"cmp"
	"slices"
	"time"

	"govorun/crm"
)

// Plan is how visits of one kind are made. Length is the visit itself, Travel the way to the next one, Step the grid of beginnings
// since midnight, Notice how soon one may begin at the earliest and Days how many days ahead they are booked, today among them.
type Plan struct {
	Length time.Duration
	Travel time.Duration
	Step   time.Duration
	Notice time.Duration
	Days   int
	Hours  Hours
	Zone   *time.Location
	Off    func(day time.Time) bool // a holiday; nil: there are none
}

// Hours are working hours by weekday in minutes since midnight; where From is not before To nobody works.
type Hours [7]struct{ From, To int }

// Crew is somebody who makes visits. Hours and Travel are their own, nil and below zero when they have none. Busy are the spans from
// the beginning of a visit until they are free for the next. Home means that they work no more today.
type Crew struct {
	ID     crm.ResourceID
	Name   string
	Hours  *Hours
	Travel time.Duration
	Busy   []Span
	Home   bool
}

// Span is a time from Start until just before End.
type Span struct{ Start, End time.Time }

// Overlaps tells whether two spans have a moment in common.
func (s Span) Overlaps(o Span) bool { return s.Start.Before(o.End) && o.Start.Before(s.End) }

// Window is a time at which a visit may begin, and who comes then until they are free again.
type Window struct {
	Start time.Time
	End   time.Time
	Free  time.Time
	Crew  crm.ResourceID
}

// Free lists the times at which a visit may begin from now on, in order, each once. Of several crews that can come the preferred one
// does, else who has the least to do on that day.
func Free(p Plan, crews []Crew, prefer crm.ResourceID, now time.Time) []Window {
	var all []Window
	now = now.In(p.Zone)
	for ahead := range p.Days {
		day := time.Date(now.Year(), now.Month(), now.Day()+ahead, 12, 0, 0, 0, p.Zone)
		if p.Off != nil && p.Off(day) {
			continue
		}
		all = append(all, p.on(day, crews, prefer, now)...)
	}
	return all
}

// on lists the free windows of one day.
func (p Plan) on(day time.Time, crews []Crew, prefer crm.ResourceID, now time.Time) []Window {
	today := day.Format(time.DateOnly) == now.Format(time.DateOnly)
	crews = slices.Clone(crews)
	slices.SortStableFunc(crews, func(a, b Crew) int {
		if (a.ID == prefer) != (b.ID == prefer) {
			return boolean(b.ID == prefer) - boolean(a.ID == prefer)
		}
		return cmp.Or(cmp.Compare(a.load(day), b.load(day)), boolean(b.ID > 0)-boolean(a.ID > 0), cmp.Compare(max(a.ID, -a.ID), max(b.ID, -b.ID)))
	})
	earliest := now.Add(p.Notice)
	step := max(int(p.Step/time.Minute), 1)
	var windows []Window
	for minute := 0; minute < 24*60; minute += step {
		start, there := clock(day, minute)
		if !there || start.Before(earliest) {
			continue
		}
		for _, c := range crews {
			if w, ok := p.window(c, day, minute, start); ok && !(today && c.Home) {
				windows = append(windows, w)
				break
			}
		}
	}
	return windows
}

// window tells whether a crew can begin then.
func (p Plan) window(c Crew, day time.Time, minute int, start time.Time) (Window, bool) {
	hours := p.Hours
	if c.Hours != nil {
		hours = *c.Hours
	}
	travel := p.Travel
	if c.Travel >= 0 {
		travel = c.Travel
	}
	end := start.Add(p.Length)
	w := Window{Start: start, End: end, Free: end.Add(travel), Crew: c.ID}
	today := hours[day.Weekday()]
	if minute < today.From || end.After(last(day, today.To)) {
		return w, false
	}
	busy := Span{w.Start, w.Free}
	return w, !slices.ContainsFunc(c.Busy, busy.Overlaps)
}

// load is how much of a day is taken.
func (c Crew) load(day time.Time) (sum time.Duration) {
	for _, b := range c.Busy {
		if b.Start.In(day.Location()).Format(time.DateOnly) == day.Format(time.DateOnly) {
			sum += b.End.Sub(b.Start)
		}
	}
	return sum
}

// clock is when the clock on the wall shows so many minutes since midnight; false when it never does on that day. Of two such moments
// it is the first.
func clock(day time.Time, minute int) (time.Time, bool) {
	at := time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, day.Location())
	if at.Hour()*60+at.Minute() != minute {
		return at, false
	}
	if begun, _ := at.ZoneBounds(); !begun.IsZero() {
		_, after := at.Zone()
		_, before := begun.Add(-time.Second).Zone()
		if first := at.Add(time.Duration(after-before) * time.Second); before > after && first.Before(begun) {
			return first, true
		}
	}
	return at, true
}

// last is when a working day ends: midnight may be meant, or a time that the clock skips.
func last(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, day.Location())
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// At finds the window that begins then.
func At(windows []Window, start time.Time) (Window, bool) {
	i := slices.IndexFunc(windows, func(w Window) bool { return w.Start.Equal(start) })
	if i < 0 {
		return Window{}, false
	}
	return windows[i], true
}
