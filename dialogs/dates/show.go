package dates

import "time"

// Show says a day, and the time of it unless only the day is asked for, in the zone of now: "завтра, 16 мая, 10:00"; empty for no time.
func (c *Calendar) Show(lang string, now, t time.Time, dayOnly bool) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(now.Location())
	args := map[string]any{"day_name": c.dayName(lang, now, t), "day": t.Day(), "month": c.Month(lang, t.Month()), "year": t.Year()}
	key := "date.show"
	if t.Year() != now.Year() {
		key = "date.show_year"
	}
	day := c.say(lang, key, args)
	if dayOnly {
		return day
	}
	return c.say(lang, "date.show_time", map[string]any{"date": day, "time": t.Format("15:04")})
}

// Month is the name of a month as it stands behind a number.
func (c *Calendar) Month(lang string, m time.Month) string {
	return c.listed(lang, "date.months", int(m)-1)
}

// Weekday is the name of the day of the week.
func (c *Calendar) Weekday(lang string, t time.Time) string {
	return c.listed(lang, "date.weekdays", mondayFirst(t))
}

// near are the days with names of their own, by how many days ahead they lie.
func near(ahead int) string {
	switch ahead {
	case -1:
		return "date.yesterday"
	case 0:
		return "date.today"
	case 1:
		return "date.tomorrow"
	case 2:
		return "date.after_tomorrow"
	}
	return ""
}

// dayName is "today" and its neighbours, else the day of the week.
func (c *Calendar) dayName(lang string, now, day time.Time) string {
	for ahead := -1; ahead <= 2; ahead++ {
		if d := now.AddDate(0, 0, ahead); d.YearDay() == day.YearDay() && d.Year() == day.Year() {
			return c.say(lang, near(ahead), nil)
		}
	}
	return c.Weekday(lang, day)
}
