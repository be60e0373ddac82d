package slot

import (
	"time"

	"govorun/dialogs/dates"
)

// Window is what a person means who types when a visit is to be: a time, or only a day when Whole is set.
type Window struct {
	At    time.Time
	Whole bool
}

// ParseWindow reads a typed time of a visit in the zone of spec.Now: "tomorrow at 10", "on Friday", "31.12". A bare "10:00" is a time of
// the day that is being looked at, when there is one. What lies in the past or in no calendar is explained.
func ParseWindow(spec Spec, looking time.Time, given Given) (Window, *Wrong) {
	spec.Type, spec.Day, spec.Future = "datetime", false, true
	r, ok := vocabularyOf().calendar.Read(given.Text)
	plain := ok && !r.BadClock && !r.Confused && !r.Counted
	switch {
	case plain && !r.DayKnown() && r.Clock >= 0 && !looking.IsZero():
		v, wrong := spec.within(dates.At(looking, r.Clock))
		return Window{At: v.Time}, wrong
	case plain && r.DayKnown() && r.Clock < 0:
		spec.Type, spec.Day = "date", true
	}
	v, wrong := Parse(spec, given)
	return Window{At: v.Time, Whole: spec.Day}, wrong
}

// ShowWindow says when a visit is, with the day of the week: "Monday, 24 November, 10:00". It is read on other days too, so it never
// says "tomorrow". The clock is that of t itself.
func ShowWindow(lang string, now, t time.Time) string {
	spec := Spec{Lang: lang}
	return say(spec, "date.show_time", map[string]any{"date": ShowWeekday(lang, now, t), "time": t.Format("15:04")})
}

// ShowWeekday is the day of ShowWindow.
func ShowWeekday(lang string, now, t time.Time) string {
	calendar := vocabularyOf().calendar
	args := map[string]any{"day_name": calendar.Weekday(lang, t), "day": t.Day(), "month": calendar.Month(lang, t.Month()), "year": t.Year()}
	if t.Year() != now.In(t.Location()).Year() {
		return say(Spec{Lang: lang}, "date.show_year", args)
	}
	return say(Spec{Lang: lang}, "date.show", args)
}

// ShowNearDay is a day on a button: "tomorrow, 24 November".
func ShowNearDay(lang string, now, t time.Time) string {
	return showDay(Spec{Lang: lang, Now: now.In(t.Location())}, t)
}

func showWindow(spec Spec, v Value) any {
	if v.Time.IsZero() {
		return ""
	}
	return ShowWindow(spec.Lang, spec.Now, v.Time)
}
