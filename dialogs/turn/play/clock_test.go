package play

import (
	"testing"
	"time"
)

func TestTimePassesUntilAHourOrADay(t *testing.T) {
	monday := time.Date(2026, time.November, 23, 10, 0, 5, 0, time.UTC)
	p := &player{now: monday}
	for how, want := range map[string]string{
		"+48h": "25 Nov 10:00:05", "+2d": "25 Nov 10:00:05", "+1d2h": "24 Nov 12:00:05", "+30m": "23 Nov 10:30:05",
		"09:00": "24 Nov 09:00:00", "10:30": "23 Nov 10:30:00", "Mon 09:00": "30 Nov 09:00:00", "Fri 18:00": "27 Nov 18:00:00",
	} {
		until, err := p.until(how)
		if err != nil || until.Format("2 Jan 15:04:05") != want {
			t.Errorf("clock %s: %v, %v; want %s", how, until, err, want)
		}
	}
	for _, how := range []string{"", "48h", "+", "+1x", "25:00", "Someday 09:00"} {
		if until, err := p.until(how); err == nil {
			t.Errorf("clock %q: %v; it should be refused", how, until)
		}
	}
}
