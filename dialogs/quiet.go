package dialogs

import (
	"time"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// Silence is when robots write to nobody, in minutes since midnight of a person's own zone; From is later than To when it spans
// midnight.
type Silence struct{ From, To int }

// ZoneOf gives the time zone of a city of the kit, and that of the kit for any other.
func (k *Kit) ZoneOf(city string) *time.Location {
	if zone := k.city(city).Zone; zone != nil {
		return zone
	}
	return k.zone()
}

// RegionOf gives the region of a city, empty when the kit names none.
func (k *Kit) RegionOf(city string) string { return k.city(city).Region }

func (k *Kit) city(name string) City {
	if city, ok := k.Cities[name]; ok || name == "" {
		return city
	}
	return k.Cities[k.means[slot.FoldCity(name)]]
}

// Quiet tells whether robots are silent at this time in a city, and when that ends (in the city's zone). Days on which clocks are set
// count as their clocks show: an end that doesn't exist on such a day is the moment of the change.
func (k *Kit) Quiet(at time.Time, city string) (bool, time.Time) {
	at = at.In(k.ZoneOf(city))
	if !k.Silence.covers(at) {
		return false, time.Time{}
	}
	day := at
	if minuteOf(at) >= k.Silence.To { // in the evening: until tomorrow
		day = at.AddDate(0, 0, 1)
	}
	until := clockOn(day, k.Silence.To)
	if !until.After(at) { // the clock shows this hour twice, and the first time is over
		_, end := until.ZoneBounds()
		_, before := until.Zone()
		_, after := end.Zone()
		until = until.Add(time.Duration(before-after) * time.Second)
	}
	return true, until
}

// Wakeful moves a time out of the silence of a city.
func (k *Kit) Wakeful(at time.Time, city string) time.Time {
	if quiet, until := k.Quiet(at, city); quiet {
		return until
	}
	return at
}

func (s Silence) covers(at time.Time) bool {
	minute := minuteOf(at)
	if s.From < s.To {
		return minute >= s.From && minute < s.To
	}
	return s.From != s.To && (minute >= s.From || minute < s.To)
}

func minuteOf(at time.Time) int { return at.Hour()*60 + at.Minute() }

// clockOn is when the clock first shows so many minutes since midnight on a day; when it never does, the moment at which it is set past them.
func clockOn(day time.Time, minute int) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, day.Location())
	switch shown := minuteOf(at); {
	case shown < minute%(24*60): // still before the gap
		_, at = at.ZoneBounds()
	case shown > minute%(24*60):
		at, _ = at.ZoneBounds()
	}
	return firstOfTwo(at)
}

// firstOfTwo is the earlier of two moments at which the clock shows the same because it was put back; at itself when there is one only.
func firstOfTwo(at time.Time) time.Time {
	start, _ := at.ZoneBounds()
	if start.IsZero() {
		return at
	}
	_, after := at.Zone()
	_, before := start.Add(-time.Second).Zone()
	if earlier := at.Add(time.Duration(after-before) * time.Second); before > after && earlier.Before(start) {
		return earlier
	}
	return at
}

// CityOf is the city that a deal belongs to: its own field "city", else that of its asset, else that of its contact.
func CityOf(deal crm.Deal, asset crm.Asset, contact crm.Contact) string {
	return first(deal.Fields.Text("city"), first(asset.City, contact.Fields.Text("city")))
}
