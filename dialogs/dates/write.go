package dates

import (
	"fmt"
	"time"
)

// Write puts a span into the short form that a filter shows, such as “yesterday”, “03.05.2026..10.05.2026” or “<Friday”, in a language.
// It is read as the same span again and stays relative: “yesterday” remains yesterday.
func (c *Calendar) Write(lang string, s Span) string {
	first := c.write(lang, &s.first)
	switch s.form {
	case between:
		return first + ".." + c.write(lang, &s.last)
	case from:
		return first + ".."
	case upTo:
		return ".." + first
	case under:
		return "<" + first
	case over:
		return ">" + first
	}
	return first
}

func (c *Calendar) write(lang string, p *part) string {
	switch p.shape {
	case period:
		key := map[Unit]string{Weeks: "date.weeks", Months: "date.month_periods", Years: "date.year_periods"}[p.unit]
		return c.listed(lang, key, p.n+1)
	case monthOf:
		name := c.listed(lang, "date.month_names", p.Month-1)
		if p.year != 0 {
			return fmt.Sprintf("%s %d", name, p.year)
		}
		return name
	case yearOf:
		return fmt.Sprint(p.year)
	case duration:
		if p.back {
			return c.units(lang, "date.last_units", p.n, p.unit)
		}
		return fmt.Sprint(p.n) + c.listed(lang, "date.units", int(p.unit))
	}
	if p.Counted {
		minutes := int(p.After / time.Minute)
		if minutes%60 == 0 {
			return c.ahead(lang, minutes/60, Hours)
		}
		return c.ahead(lang, minutes, Minutes)
	}
	day := c.day(lang, p)
	switch {
	case p.Clock < 0:
		return day
	case day == "":
		return clockText(p.Clock)
	}
	return day + " " + clockText(p.Clock)
}

func clockText(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// day writes which day a moment is on; empty when it names none.
func (c *Calendar) day(lang string, p *part) string {
	switch {
	case p.Month > 0 && p.year > 0:
		return fmt.Sprintf("%02d.%02d.%d", p.Day, p.Month, p.year)
	case p.Month > 0:
		return fmt.Sprintf("%02d.%02d", p.Day, p.Month)
	case p.relative && p.months != 0:
		return c.ahead(lang, p.months, Months)
	case p.relative:
		if key := near(p.days); key != "" {
			return c.say(lang, key, nil)
		}
		return c.ahead(lang, p.days, Days)
	case p.weekday >= 0 && p.last:
		return c.listed(lang, "date.previous_weekdays", p.weekday)
	case p.weekday >= 0:
		return c.listed(lang, "date.weekdays", p.weekday)
	}
	return ""
}

// ahead writes "in 3d", or "3d ago" for numbers below zero.
func (c *Calendar) ahead(lang string, n int, unit Unit) string {
	if n < 0 {
		return c.units(lang, "date.units_ago", -n, unit)
	}
	return c.units(lang, "date.in_units", n, unit)
}

func (c *Calendar) units(lang, key string, n int, unit Unit) string {
	return c.say(lang, key, map[string]any{"n": n, "unit": c.listed(lang, "date.units", int(unit))})
}

// Say says a range in words, with its dates: “вчера, 21 ноября”, “с 16 ноября по 22 ноября”, “from 22 November”. A range that is open on both
// sides is empty.
func (c *Calendar) Say(lang string, now time.Time, r Range) string {
	zone := now.Location()
	begin, end := r.From.In(zone), r.To.In(zone)
	switch {
	case r.From.IsZero() && r.To.IsZero():
		return ""
	case r.To.IsZero():
		return c.say(lang, "date.since", map[string]any{"from": c.edge(lang, now, begin)})
	case r.From.IsZero() && midnight(end):
		return c.say(lang, "date.until_day", map[string]any{"to": c.plain(lang, now, end.AddDate(0, 0, -1))})
	case r.From.IsZero():
		return c.say(lang, "date.until_time", map[string]any{"to": c.edge(lang, now, end)})
	case midnight(begin) && end.Equal(shift(begin, 0, 1)):
		return c.Show(lang, now, begin, true)
	case begin.YearDay() == end.YearDay() && begin.Year() == end.Year():
		return c.say(lang, "date.hours", map[string]any{"day": c.Show(lang, now, begin, true), "from": begin.Format("15:04"), "to": end.Format("15:04")})
	case midnight(begin) && midnight(end):
		return c.say(lang, "date.range", map[string]any{"from": c.plain(lang, now, begin), "to": c.plain(lang, now, end.AddDate(0, 0, -1))})
	}
	return c.say(lang, "date.range", map[string]any{"from": c.edge(lang, now, begin), "to": c.edge(lang, now, end)})
}

// midnight tells whether a day begins then: also where the clocks skip midnight itself.
func midnight(t time.Time) bool { return t.Equal(At(t, 0)) }

// edge says one end of a range: the day, and the time when it isn't the beginning of the day.
func (c *Calendar) edge(lang string, now, t time.Time) string {
	day := c.plain(lang, now, t)
	if midnight(t) {
		return day
	}
	return c.say(lang, "date.show_time", map[string]any{"date": day, "time": t.Format("15:04")})
}

// plain says a day by its number and month alone.
func (c *Calendar) plain(lang string, now, t time.Time) string {
	key := "date.day_plain"
	if t.Year() != now.Year() {
		key = "date.day_plain_year"
	}
	return c.say(lang, key, map[string]any{"day": t.Day(), "month": c.Month(lang, t.Month()), "year": t.Year()})
}

// Age is a length of time, as in “older than 3 days”.
type Age struct {
	N    int
	Unit Unit
}

// Age reads a length of time: "3d", "2 недели", "күн"; false when it is none.
func (c *Calendar) Age(text string) (Age, bool) {
	s, m := c.Span(text)
	switch p := s.first; {
	case m == 0 && s.form == single && p.shape == duration:
		return Age{p.n, p.unit}, true
	case m == 0 && s.form == single && p.shape == period && p.n == 0:
		return Age{1, p.unit}, true // "older than a week"
	}
	items, ok := c.items(text)
	if !ok || len(items) != 1 {
		return Age{}, false
	}
	unit, ok := unitOf(items[0])
	return Age{1, unit}, ok
}

// Before is the moment that lies so long before now.
func (a Age) Before(now time.Time) time.Time { return move(now, -a.N, a.Unit) }

// WriteAge writes a length of time in its short form: "3d".
func (c *Calendar) WriteAge(lang string, a Age) string {
	return fmt.Sprint(a.N) + c.listed(lang, "date.units", int(a.Unit))
}
