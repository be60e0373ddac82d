package dialogs

import (
	"net/url"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/visits"
)

// Visit is a kind of visit that crews make. Members of Role make them, one after the other with Travel between, beginning on a grid of Step
// within Hours (the kit's when nil), no sooner than Notice from now and no later than Days ahead. A deal that is booked from an
// earlier stage goes to Stage and bears the time in Field. Ask is the text key of the question for the time, Customer and Crew are
// those of what is told to either side below the time itself.
type Visit struct {
	Name     string
	Key      string // text key
	Pipeline string
	Stage    string
	Role     string
	Lead     string // role of who answers for a crew, if somebody of it has this role; empty: its first member of Role
	Length   time.Duration
	Travel   time.Duration
	Step     time.Duration
	Notice   time.Duration
	Days     int
	Hours    *Hours
	Skill    *Expr
	City     *Expr
	Remind   []time.Duration // before the visit, the longest first
	Field    string
	Code     bool // the visitor gets a code, by which it is known that they came
	Ask      string
	Customer string
	Crew     string
}

// VisitFacts are what the turn knows of the visits that a step asks about: the windows that are free, in order, the zone by whose
// clock they are, and the visit of this kind that the deal has already, nil when there is none.
type VisitFacts struct {
	Free   []visits.Window
	Zone   *time.Location
	Booked *crm.Booking
}

// visitPrefix begins the names of the dialogs that book and move visits.
const visitPrefix = "visit."

// VisitDialog names the dialog in which a visit of this kind is booked or moved, by either side in its own chat; empty when the kit has no
// such visits.
func (k *Kit) VisitDialog(kind string) string {
	if k.Visits[kind] == nil {
		return ""
	}
	return visitPrefix + kind
}

// Plan gives how visits of a kind are made in a city.
func (k *Kit) Plan(kind, city string) visits.Plan {
	v := k.Visits[kind]
	hours := k.Hours
	if v.Hours != nil {
		hours = *v.Hours
	}
	return visits.Plan{Length: v.Length, Travel: v.Travel, Step: v.Step, Notice: v.Notice, Days: v.Days, Hours: hours.forVisits(),
		Zone: k.ZoneOf(city), Off: k.isHoliday}
}

// forVisits gives working hours as visits take them. None at all means every hour.
func (h Hours) forVisits() (hours visits.Hours) {
	for day := range h {
		hours[day].From, hours[day].To = h[day].Open, h[day].Close
		if h == (Hours{}) {
			hours[day].To = 24 * 60
		}
	}
	return hours
}

// CrewHours reads working hours that a crew has of its own, written as in a kit: {"mon-fri": "09:00-18:00"}. It gives nil when there
// are none; what can't be read is a day off.
func CrewHours(written map[string]string) *visits.Hours {
	if len(written) == 0 {
		return nil
	}
	var hours visits.Hours
	for days, span := range written {
		from, to, known := parseDays(days)
		open, closed, ok := parseHours(span)
		if !known || !ok {
			continue
		}
		for day := from; ; day = (day + 1) % 7 {
			hours[day].From, hours[day].To = open, closed
			if day == to {
				break
			}
		}
	}
	return &hours
}

// VisitWanted gives where a visit of this kind takes place and what its crew must be able to do, as a scope says.
func (k *Kit) VisitWanted(kind string, scope Scope) (city, skill string) {
	v := k.Visits[kind]
	t := k.card(scope)
	return t.known(v.City), t.known(v.Skill)
}

// WakefulIn moves a time out of the silence of a zone.
func (k *Kit) WakefulIn(at time.Time, zone *time.Location) time.Time {
	alone := Kit{Zone: zone, Silence: k.Silence}
	return alone.Wakeful(at, "")
}

// MapOf is the link to a place on the kit's map, empty without a place.
func (k *Kit) MapOf(place string) string {
	letters := []rune(strings.Trim(strings.Join(strings.Fields(place), " "), ", "))
	if len(letters) == 0 {
		return ""
	}
	return strings.ReplaceAll(first(k.Map, usualMap), mapPlace, url.QueryEscape(string(letters[:min(len(letters), maxPlace)])))
}

// Codes tells whether visitors of some kind show a code.
func (k *Kit) Codes() bool {
	for _, v := range k.Visits {
		if v.Code {
			return true
		}
	}
	return false
}
