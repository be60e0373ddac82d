package slot

import (
	"strconv"
	"time"

	"govorun/dialogs/dates"
)

// farYears is how far a date in the future may lie.
const farYears = 3

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
	r, ok := vocabularyOf().calendar.Read(text)
	switch {
	case !ok:
		return Value{}, bad
	case r.BadClock:
		return Value{}, wrong("slot.time_wrong", "example", dateExample(spec))
	case r.Confused:
		return Value{}, bad
	case r.Counted:
		return spec.within(spec.Now.Add(r.After).Truncate(time.Minute))
	case !r.DayKnown() && (spec.Day || r.Clock < 0):
		return Value{}, bad
	}
	day, w := dayOf(spec, &r)
	if w != nil {
		return Value{}, w
	}
	if spec.Day {
		return spec.within(day)
	}
	if r.Clock < 0 {
		return Value{}, wrong("slot.time_wanted", "date", showDay(spec, day), "example", dateExample(spec))
	}
	t := dates.At(day, r.Clock)
	if spec.Future && t.Before(spec.Now) && !r.DayKnown() {
		t = dates.At(day.AddDate(0, 0, 1), r.Clock) // a bare "10:00" late in the evening is tomorrow's
	}
	return spec.within(t)
}

// dayOf finds the day that is meant, at midnight.
func dayOf(spec Spec, r *dates.Reading) (time.Time, *Wrong) {
	sense := dates.Plain
	if spec.Future {
		sense = dates.Future
	}
	day, mistake := r.Date(spec.Now, sense)
	calendar := vocabularyOf().calendar
	switch mistake {
	case dates.NoSuchDay:
		typed := r.DateTyped
		if typed == "" {
			typed = strconv.Itoa(r.Day) + " " + calendar.Month(spec.Lang, time.Month(r.Month))
		}
		return day, wrong("slot.date_missing", "date", typed, "example", dateExample(spec))
	case dates.WrongWeekday:
		return day, wrong("slot.date_weekday", "date", strconv.Itoa(day.Day())+" "+calendar.Month(spec.Lang, day.Month()),
			"weekday", calendar.Weekday(spec.Lang, day), "example", dateExample(spec))
	case 0:
		return day, nil
	}
	return day, wrong("slot.date_wrong", "example", dateExample(spec))
}

// within takes a time if it is one the slot may hold.
func (s Spec) within(t time.Time) (Value, *Wrong) {
	earliest := s.Now.Truncate(time.Minute)
	if s.Day {
		t, earliest = dates.At(t, 0), dates.At(s.Now, 0)
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

// showDate says a day, and the time unless only days are asked for, in the zone of Now.
func showDate(spec Spec, v Value) any {
	if spec.Day {
		return showDay(spec, v.Time)
	}
	return showMoment(spec, v.Time)
}

// showMoment says a day and a time: "завтра, 15 мая, 10:00"; empty for no time.
func showMoment(spec Spec, t time.Time) string {
	return vocabularyOf().calendar.Show(spec.Lang, spec.Now, t, false)
}

func showDay(spec Spec, day time.Time) string {
	return vocabularyOf().calendar.Show(spec.Lang, spec.Now, day, true)
}
