package turn

import (
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs"
)

func TestATaskIsDueWhenPeopleAreThere(t *testing.T) {
	weekday := struct{ Open, Close int }{9 * 60, 18 * 60}
	almaty := time.FixedZone("Almaty", 5*60*60)
	kit := &dialogs.Kit{Zone: time.UTC, Hours: dialogs.Hours{time.Monday: weekday, time.Tuesday: weekday, time.Wednesday: weekday, time.Thursday: weekday, time.Friday: weekday},
		Holidays: map[string]bool{"2026-11-24": true}, Cities: map[string]dialogs.City{"Almaty": {Zone: almaty}}}
	for name, c := range map[string]struct{ now, due, city, want string }{
		"in working hours":              {"23 10:00", "23 14:00", "", "23 14:00"},
		"in the evening":                {"20 17:30", "20 19:30", "", "23 10:00"},
		"in the night, a short one":     {"23 02:00", "23 02:15", "", "23 09:15"},
		"on a day off":                  {"20 12:00", "21 12:00", "", "23 10:00"},
		"on a holiday":                  {"23 17:00", "24 11:00", "", "25 10:00"},
		"in a city where it is evening": {"23 10:00", "23 14:00", "Almaty", "25 05:00"},
		"without a time":                {"23 02:00", "", "", ""},
	} {
		g := &group{Runner: &Runner{Config: Config{Kit: kit}}, now: november(t, c.now), memory: &memory{views: map[crm.DealID]*rules.View{7: {Deal: crm.Deal{Fields: crm.Fields{"city": c.city}}}}}}
		if got := g.workable(crm.TaskAdded{Deal: 7, DueAt: november(t, c.due)}).DueAt; !got.Equal(november(t, c.want)) {
			t.Errorf("%s: due %v, want %s", name, got, c.want)
		}
	}
	g := &group{Runner: &Runner{Config: Config{Kit: &dialogs.Kit{}}}, now: november(t, "21 23:00")}
	if got := g.workable(crm.TaskAdded{DueAt: november(t, "22 03:00")}).DueAt; !got.Equal(november(t, "22 03:00")) {
		t.Errorf("a kit without hours: due %v", got)
	}
}

// november reads a day and time of November 2026, whose 23rd is a Monday; zero when there is none.
func november(t *testing.T, at string) time.Time {
	t.Helper()
	if at == "" {
		return time.Time{}
	}
	when, err := time.Parse("2006-01-02 15:04", "2026-11-"+at)
	if err != nil {
		t.Fatal(err)
	}
	return when
}
