package dialogs

import "time"

// isOpen tells whether the kit's people work at this time. A kit without hours is always open.
func (k *Kit) isOpen(at time.Time) bool {
	if k.Hours == (Hours{}) {
		return true
	}
	at = at.In(k.zone())
	day, minute := k.Hours[at.Weekday()], at.Hour()*60+at.Minute()
	return minute >= day.Open && minute < day.Close
}

// opens is when the kit's people come next, in the kit's zone.
func (k *Kit) opens(at time.Time) time.Time {
	at = at.In(k.zone())
	for ahead := range 8 {
		day := at.AddDate(0, 0, ahead)
		hours := k.Hours[day.Weekday()]
		opening := time.Date(day.Year(), day.Month(), day.Day(), hours.Open/60, hours.Open%60, 0, 0, at.Location())
		if hours.Close > hours.Open && opening.After(at) {
			return opening
		}
	}
	return at
}

func (k *Kit) zone() *time.Location {
	if k.Zone == nil {
		return time.UTC
	}
	return k.Zone
}
