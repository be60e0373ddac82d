package dates

import (
	"slices"
	"time"
)

// Date finds the day that is meant, at midnight in the zone of now; today when none was named. The mistakes are NoSuchDay, WrongWeekday
// (the day beside it is the one written) and Unreadable.
func (r *Reading) Date(now time.Time, sense Sense) (time.Time, Mistake) {
	today := At(now, 0)
	var day time.Time
	switch {
	case r.Month > 0:
		var ok bool
		if day, ok = r.calendar(today, sense); !ok {
			return day, NoSuchDay
		}
		if r.relative && !day.Equal(shift(today, r.months, r.days)) {
			return day, Unreadable
		}
	case r.relative:
		day = shift(today, r.months, r.days)
	case r.weekday >= 0:
		return r.nextWeekday(now, sense), 0
	default:
		return today, 0
	}
	if r.weekday >= 0 && mondayFirst(day) != r.weekday {
		return day, WrongWeekday
	}
	return day, 0
}

// nextWeekday finds the day of the week that is meant: for answers the one ahead, for searches today counts.
func (r *Reading) nextWeekday(now time.Time, sense Sense) time.Time {
	today := At(now, 0)
	ahead := (r.weekday - mondayFirst(today) + 7) % 7
	switch {
	case r.last && ahead == 0:
		ahead = -7
	case r.last || sense == Past && ahead > 0:
		ahead -= 7
	case ahead == 0 && sense <= Future && (r.Clock < 0 || !At(today, r.Clock).After(now)):
		ahead = 7 // "on Friday", said on a Friday
	}
	return At(today.AddDate(0, 0, ahead), 0)
}

// calendar finds the written day. Without a year it is this year's, or the nearest one that the sense allows.
func (r *Reading) calendar(today time.Time, sense Sense) (time.Time, bool) {
	years := []int{r.year}
	if r.year == 0 {
		years = []int{today.Year()}
		switch sense {
		case Future, Ahead:
			years = append(years, today.Year()+1)
		case Past:
			years = append(years, today.Year()-1)
		}
	}
	for i, year := range years {
		if year < firstYear && r.year != 0 || year > lastYear || !Exists(year, r.Month, r.Day) {
			continue
		}
		day := At(time.Date(year, time.Month(r.Month), r.Day, 12, 0, 0, 0, today.Location()), 0)
		gone := day.Before(today)
		if sense == Past {
			gone = day.After(today)
		}
		if gone && i+1 < len(years) && slices.ContainsFunc(years[i+1:], func(y int) bool { return Exists(y, r.Month, r.Day) }) {
			continue
		}
		return day, true
	}
	return time.Time{}, false
}
