package dialogs

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones must be those of the release, whatever the machine has
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	parsed, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// quietKit is silent between two times of the day, in Berlin or where the city is.
func quietKit(t *testing.T, hours string) *Kit {
	t.Helper()
	from, to, ok := parseSpan(hours)
	if !ok {
		t.Fatal(hours)
	}
	return &Kit{Silence: Silence{from, to}, Zone: zoneNamed(t, "Europe/Berlin"), Cities: map[string]City{
		"Almaty": {Zone: zoneNamed(t, "Asia/Almaty"), Region: "south"},
	}}
}

func TestR04_RobotsAreSilentAtNightAndWriteInTheMorning(t *testing.T) {
	kit := quietKit(t, "22:00-09:00")
	for moment, want := range map[string]string{
		"2026-05-12T21:59:00+02:00": "",
		"2026-05-12T22:00:00+02:00": "2026-05-13T09:00:00+02:00",
		"2026-05-13T03:10:00+02:00": "2026-05-13T09:00:00+02:00",
		"2026-05-13T08:59:59+02:00": "2026-05-13T09:00:00+02:00",
		"2026-05-13T09:00:00+02:00": "",
	} {
		quiet, until := kit.Quiet(at(t, moment), "Berlin")
		if quiet != (want != "") || quiet && !until.Equal(at(t, want)) {
			t.Errorf("at %s quiet is %v until %s, want %q", moment, quiet, until, want)
		}
	}
	noon := quietKit(t, "12:00-13:00")
	if quiet, until := noon.Quiet(at(t, "2026-05-12T12:30:00+02:00"), ""); !quiet || !until.Equal(at(t, "2026-05-12T13:00:00+02:00")) {
		t.Errorf("a silence within one day ends at %s", until)
	}
}

func TestR05_AlmatyHadAnotherClockBeforeMarch2024(t *testing.T) {
	kit := quietKit(t, "22:00-09:00")
	for moment, want := range map[string]string{
		"2024-02-28T20:00:00Z": "2024-02-29T03:00:00Z", // 02:00 at +06: nine is three in London
		"2024-03-05T20:00:00Z": "2024-03-06T04:00:00Z", // 01:00 at +05
		"2024-02-29T17:30:00Z": "2024-03-01T04:00:00Z", // 23:30, before the clock was put back at midnight
		"2024-02-29T18:30:00Z": "2024-03-01T04:00:00Z", // 23:30 again
	} {
		quiet, until := kit.Quiet(at(t, moment), "Almaty")
		if !quiet || !until.Equal(at(t, want)) {
			t.Errorf("at %s quiet is %v until %s, want %s", moment, quiet, until.UTC(), want)
		}
	}
}

func TestR06_SilenceEndsOnceWhenClocksAreSet(t *testing.T) {
	kit := quietKit(t, "22:00-02:30")
	for moment, want := range map[string]string{
		"2026-03-28T23:00:00+01:00": "2026-03-29T03:00:00+02:00", // 02:30 doesn't exist: the gap ends at three
		"2026-03-29T01:59:00+01:00": "2026-03-29T03:00:00+02:00",
		"2026-10-25T01:00:00+02:00": "2026-10-25T02:30:00+02:00", // the first 02:30 of two
		"2026-10-25T02:10:00+01:00": "2026-10-25T02:30:00+01:00", // the hour comes again
	} {
		quiet, until := kit.Quiet(at(t, moment), "")
		if !quiet || !until.Equal(at(t, want)) {
			t.Errorf("at %s quiet is %v until %s, want %s", moment, quiet, until, want)
		}
		if still, _ := kit.Quiet(until, ""); still {
			t.Errorf("at %s it is still quiet", until)
		}
	}
}

func TestR06_AtEveryMinuteOfAYearSilenceEndsLaterAndIsOverThen(t *testing.T) {
	for _, hours := range []string{"22:00-09:00", "21:30-02:15", "01:30-02:45", "23:00-00:00"} {
		kit := quietKit(t, hours)
		for now := at(t, "2026-03-28T00:00:00Z"); now.Before(at(t, "2026-10-27T00:00:00Z")); now = now.Add(7 * time.Minute) {
			quiet, until := kit.Quiet(now, "")
			if !quiet {
				continue
			}
			if !until.After(now) || until.Sub(now) > 13*time.Hour {
				t.Fatalf("%s: at %s it is quiet until %s", hours, now, until)
			}
			if still, _ := kit.Quiet(until, ""); still {
				t.Fatalf("%s: at %s it should be over, which began at %s", hours, until, now)
			}
		}
	}
}

func TestHolidaysAreDaysOff(t *testing.T) {
	kit := kitOnce(t, service)
	for moment, want := range map[string]bool{
		"2026-12-30T12:00:00+03:00": true, "2026-12-31T12:00:00+03:00": false, "2027-01-01T12:00:00+03:00": false,
		"2027-01-02T12:00:00+03:00": false, "2027-01-04T08:59:00+03:00": false, "2027-01-04T09:00:00+03:00": true,
	} {
		if kit.Open(at(t, moment), "") != want || kit.isOpen(at(t, moment)) != want {
			t.Errorf("at %s the kit is open: %v", moment, !want)
		}
	}
	if opens := kit.Opens(at(t, "2026-12-30T20:00:00+03:00"), ""); !opens.Equal(at(t, "2027-01-04T09:00:00+03:00")) {
		t.Errorf("after the holidays it opens at %s", opens)
	}
	if opens := kit.Opens(at(t, "2026-05-12T20:00:00Z"), "Almaty"); !opens.Equal(at(t, "2026-05-13T09:00:00+05:00")) {
		t.Errorf("in Almaty it opens at %s", opens)
	}
	if kit.ZoneOf("almaty ").String() != "Asia/Almaty" || kit.ZoneOf("Paris").String() != "Europe/Moscow" || kit.RegionOf("Almaty") != "south" {
		t.Errorf("the zones are %s and %s", kit.ZoneOf("almaty "), kit.ZoneOf("Paris"))
	}
}
