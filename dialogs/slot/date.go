package slot

import (
	"strconv"
	"strings"
	"time"
)

// Years that a person may mean, and how far a date in the future may lie.
const (
	firstYear = 1900
	lastYear  = 2200
	farYears  = 3
)

// parseDate takes a day, or a day with a time, in Russian, English or Kazakh, in the zone of Now: "завтра в 10", "в пятницу", "15 мая",
// "31.12 18:30", "через 2 часа", "10:00". Show says in words what was understood.
func parseDate(spec Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		if w.Key == "slot.text_wanted" || w.Key == "slot.text_empty" {
			w = wrong("slot.date_wrong", "example", dateExample(spec))
		}
		return Value{}, w
	}
	bad := wrong("slot.date_wrong", "example", dateExample(spec))
	items, ok := dateItems(text)
	if !ok {
		return Value{}, bad
	}
	r := read(items)
	switch {
	case r.badClock:
		return Value{}, wrong("slot.time_wrong", "example", dateExample(spec))
	case r.confused:
		return Value{}, bad
	case r.counted:
		return spec.within(spec.Now.Add(r.after).Truncate(time.Minute))
	case !r.dayKnown() && (spec.Day || r.clock < 0):
		return Value{}, bad
	}
	day, w := r.date(spec)
	if w != nil {
		return Value{}, w
	}
	if spec.Day {
		return spec.within(day)
	}
	if r.clock < 0 {
		return Value{}, wrong("slot.time_wanted", "date", showDay(spec, day), "example", dateExample(spec))
	}
	t := at(day, r.clock)
	if spec.Future && t.Before(spec.Now) && !r.dayKnown() {
		t = at(day.AddDate(0, 0, 1), r.clock) // a bare "10:00" late in the evening is tomorrow's
	}
	return spec.within(t)
}

// date finds the day that is meant, at midnight.
func (r *reading) date(spec Spec) (time.Time, *Wrong) {
	today := at(spec.Now, 0)
	var day time.Time
	switch {
	case r.month > 0:
		var ok bool
		if day, ok = r.calendar(spec, today); !ok {
			typed := r.dateTyped
			if typed == "" {
				typed = strconv.Itoa(r.day) + " " + monthName(spec, time.Month(r.month))
			}
			return day, wrong("slot.date_missing", "date", typed, "example", dateExample(spec))
		}
		if r.relative && !day.Equal(at(today.AddDate(0, 0, r.days), 0)) {
			return day, wrong("slot.date_wrong", "example", dateExample(spec))
		}
	case r.relative:
		day = at(today.AddDate(0, 0, r.days), 0)
	case r.weekday >= 0:
		ahead := (r.weekday - mondayFirst(today) + 7) % 7
		if ahead == 0 && (r.clock < 0 || !at(today, r.clock).After(spec.Now)) {
			ahead = 7 // "on Friday", said on a Friday
		}
		return at(today.AddDate(0, 0, ahead), 0), nil
	default:
		return today, nil
	}
	if r.weekday >= 0 && mondayFirst(day) != r.weekday {
		return day, wrong("slot.date_weekday", "date", strconv.Itoa(day.Day())+" "+monthName(spec, day.Month()),
			"weekday", weekdayName(spec, day), "example", dateExample(spec))
	}
	return day, nil
}

// calendar finds the written day; without a year it is this year's, or the next one's when only the future will do.
func (r *reading) calendar(spec Spec, today time.Time) (time.Time, bool) {
	years := []int{r.year}
	if r.year == 0 {
		years = []int{today.Year()}
		if spec.Future {
			years = append(years, today.Year()+1)
		}
	}
	for i, year := range years {
		if year < firstYear && r.year != 0 || year > lastYear || !exists(year, r.month, r.day) {
			continue
		}
		day := at(time.Date(year, time.Month(r.month), r.day, 12, 0, 0, 0, today.Location()), 0)
		if day.Before(today) && i+1 < len(years) {
			continue
		}
		return day, true
	}
	return time.Time{}, false
}

func exists(year, month, day int) bool {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return month >= 1 && month <= 12 && day >= 1 && t.Day() == day && t.Month() == time.Month(month)
}

// at returns a time of the day of t. Where the clocks skip that time, it is the first one after.
func at(t time.Time, minutes int) time.Time {
	moment := time.Date(t.Year(), t.Month(), t.Day(), minutes/60, minutes%60, 0, 0, t.Location())
	if moment.Day() != t.Day() {
		moment = moment.Add(time.Hour)
	}
	return moment
}

// within takes a time if it is one the slot may hold.
func (s Spec) within(t time.Time) (Value, *Wrong) {
	earliest := s.Now.Truncate(time.Minute)
	if s.Day {
		t, earliest = at(t, 0), at(s.Now, 0)
	}
	shown, _ := showDate(s, Value{Time: t}).(string)
	switch {
	case s.Future && t.Before(earliest):
		return Value{}, wrong("slot.date_past", "date", shown, "example", dateExample(s))
	case s.Future && t.After(s.Now.AddDate(farYears, 0, 0)):
		return Value{}, wrong("slot.date_far", "date", shown, "example", dateExample(s))
	}
	return Value{Time: t}, nil
}

func dateExample(spec Spec) string {
	if spec.Day {
		return say(spec, "date.example", nil)
	}
	return say(spec, "date.example_time", nil)
}

func mondayFirst(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

// showDate says a day, and the time unless only days are asked for, in the zone of Now.
func showDate(spec Spec, v Value) any {
	if v.Time.IsZero() {
		return ""
	}
	if spec.Day {
		return showDay(spec, v.Time.In(spec.Now.Location()))
	}
	return showMoment(spec, v.Time)
}

// showMoment says a day and a time: "завтра, 15 мая, 10:00"; empty for no time.
func showMoment(spec Spec, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(spec.Now.Location())
	return say(spec, "date.show_time", map[string]any{"date": showDay(spec, t), "time": t.Format("15:04")})
}

func showDay(spec Spec, day time.Time) string {
	args := map[string]any{"day_name": dayName(spec, day), "day": day.Day(), "month": monthName(spec, day.Month()), "year": day.Year()}
	if day.Year() != spec.Now.Year() {
		return say(spec, "date.show_year", args)
	}
	return say(spec, "date.show", args)
}

// dayName is "today" and its neighbours, else the day of the week.
func dayName(spec Spec, day time.Time) string {
	for ahead, key := range map[int]string{-1: "date.yesterday", 0: "date.today", 1: "date.tomorrow", 2: "date.after_tomorrow"} {
		if near := spec.Now.AddDate(0, 0, ahead); near.YearDay() == day.YearDay() && near.Year() == day.Year() {
			return say(spec, key, nil)
		}
	}
	return weekdayName(spec, day)
}

func weekdayName(spec Spec, day time.Time) string {
	return listed(spec, "date.weekdays", mondayFirst(day))
}

func monthName(spec Spec, m time.Month) string { return listed(spec, "date.months", int(m)-1) }

// listed returns one entry of a text that lists them.
func listed(spec Spec, key string, i int) string {
	list := strings.Split(say(spec, key, nil), "|")
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i]
}
