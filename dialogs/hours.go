package dialogs

import "time"

// farthest is how many days ahead the next opening is looked for: longer than any holidays.
const farthest = 60

// Open tells whether people work at this time in a city: within the kit's hours of its clock, and on no holiday. A kit without hours
// is open on every day that is no holiday.
func (k *Kit) Open(at time.Time, city string) bool { return k.worksAt(at.In(k.ZoneOf(city))) }

// Opens is when people of a city come next, in its zone; at itself when they never do.
func (k *Kit) Opens(at time.Time, city string) time.Time { return k.comesNext(at.In(k.ZoneOf(city))) }

// isOpen tells whether the kit's people work at this time. A kit without hours is always open.
func (k *Kit) isOpen(at time.Time) bool { return k.worksAt(at.In(k.zone())) }

// opens is when the kit's people come next, in the kit's zone.
func (k *Kit) opens(at time.Time) time.Time { return k.comesNext(at.In(k.zone())) }

func (k *Kit) worksAt(at time.Time) bool {
	if k.isHoliday(at) {
		return false
	}
	if k.Hours == (Hours{}) {
		return true
	}
	day, minute := k.Hours[at.Weekday()], minuteOf(at)
	return minute >= day.Open && minute < day.Close
}

func (k *Kit) comesNext(at time.Time) time.Time {
	for ahead := range farthest {
		day := at.AddDate(0, 0, ahead)
		hours := k.Hours[day.Weekday()]
		if k.Hours == (Hours{}) {
			hours.Close = 24 * 60
		}
		opening := time.Date(day.Year(), day.Month(), day.Day(), hours.Open/60, hours.Open%60, 0, 0, at.Location())
		if hours.Close > hours.Open && opening.After(at) && !k.isHoliday(day) {
			return opening
		}
	}
	return at
}

func (k *Kit) isHoliday(day time.Time) bool {
	return len(k.Holidays) > 0 && k.Holidays[day.Format(time.DateOnly)]
}

func (k *Kit) zone() *time.Location {
	if k.Zone == nil {
		return time.UTC
	}
	return k.Zone
}
