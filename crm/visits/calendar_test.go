package visits

import (
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"govorun/crm"
)

var visit = crm.Booking{ID: 7, Seq: 2, Start: time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), End: time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)}

func TestACalendarFileNamesTheVisitOnceAndForAll(t *testing.T) {
	e := Entry{Booking: visit, Title: "№ 5512, подключение; пр. Әл-Фараби, 19", Place: "Алматы, пр. Әл-Фараби, 19", Notes: "Айгүл\n+77071234567", Stamp: visit.Start}
	file := string(Calendar(e))
	for _, want := range []string{"BEGIN:VCALENDAR\r\n", "METHOD:PUBLISH\r\n", "UID:visit-7@govorun\r\n", "SEQUENCE:2\r\n", "DTSTART:20261124T050000Z\r\n",
		"DTEND:20261124T070000Z\r\n", "BEGIN:VALARM\r\n", "TRIGGER:-PT1H\r\n", `\, пр. Әл-Фараби\, 19`} {
		if !strings.Contains(strings.ReplaceAll(file, "\r\n ", ""), want) {
			t.Errorf("no %q in\n%s", want, file)
		}
	}
	e.Cancelled = true
	if file := string(Calendar(e)); !strings.Contains(file, "METHOD:CANCEL\r\n") || !strings.Contains(file, "STATUS:CANCELLED\r\n") || strings.Contains(file, "VALARM") {
		t.Errorf("a cancelled visit is\n%s", file)
	}
}

func TestACalendarFileCanBeReadWhateverPeopleWrote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Entry{Booking: visit, Title: rapid.String().Draw(t, "title"), Place: rapid.String().Draw(t, "place"), Notes: rapid.String().Draw(t, "notes"), Stamp: visit.Start}
		file := string(Calendar(e))
		for _, line := range strings.Split(file, "\r\n") {
			if len(line) > 75 {
				t.Fatalf("a line has %d bytes: %q", len(line), line)
			}
		}
		cal, err := ics.ParseCalendar(strings.NewReader(file))
		if err != nil || len(cal.Events()) != 1 {
			t.Fatalf("%v in %q", err, file)
		}
	})
}
