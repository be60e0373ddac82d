package visits

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"govorun/crm"
)

// Entry is a visit as a calendar shows it. Stamp is when this is written. Cancelled takes an entry of before off the calendar.
type Entry struct {
	Booking   crm.Booking
	Title     string
	Place     string
	Notes     string
	Stamp     time.Time
	Cancelled bool
}

// alarm is how long before a visit the calendar rings.
const alarm = "-PT1H"

// Calendar writes a calendar file (RFC 5545) with one visit. Times are in UTC, so no rules of a zone are needed. A later file of the
// same visit has the same UID and a higher SEQUENCE: calendars change their entry by it and make no second one.
func Calendar(e Entry) []byte {
	b := e.Booking
	cal := ics.NewCalendar()
	cal.SetProductId("-//Govorun//Visits//EN")
	cal.SetMethod(ics.MethodPublish)
	event := cal.AddEvent(fmt.Sprintf("visit-%d@govorun", b.ID))
	event.SetDtStampTime(e.Stamp)
	event.SetSequence(b.Seq)
	event.SetStartAt(b.Start)
	event.SetEndAt(b.End)
	event.SetSummary(plain(e.Title))
	if e.Place != "" {
		event.SetLocation(plain(e.Place))
	}
	if e.Notes != "" {
		event.SetDescription(plain(e.Notes))
	}
	event.SetStatus(ics.ObjectStatusConfirmed)
	if e.Cancelled {
		cal.SetMethod(ics.MethodCancel)
		event.SetStatus(ics.ObjectStatusCancelled)
	} else {
		ring := event.AddAlarm()
		ring.SetAction(ics.ActionDisplay)
		ring.SetTrigger(alarm)
		ring.SetDescription(plain(e.Title))
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

// plain drops control characters, which have no place in a calendar, and keeps line breaks.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || !unicode.IsControl(r) && r != unicode.ReplacementChar {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
}
