package visits

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm"
)

// zones are a zone that sets its clocks, one that set them for good in 2024, and one far away.
var zones = []string{"Europe/Berlin", "Asia/Almaty", "America/New_York"}

func genPlan(t *rapid.T) Plan {
	zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Zone: zone, Days: rapid.IntRange(1, 6).Draw(t, "days"), Length: minutes(t, "length", 15, 240), Travel: minutes(t, "travel", 0, 90),
		Step: minutes(t, "step", 10, 120), Notice: minutes(t, "notice", 0, 600)}
	p.Hours = genHours(t)
	off := rapid.IntRange(0, 6).Draw(t, "off")
	p.Off = func(day time.Time) bool { return int(day.Weekday()) == off }
	return p
}

func genHours(t *rapid.T) (h Hours) {
	for day := range h {
		h[day].From = rapid.IntRange(0, 14*60).Draw(t, "from")
		h[day].To = rapid.IntRange(h[day].From, 24*60).Draw(t, "to")
	}
	return h
}

func minutes(t *rapid.T, name string, from, to int) time.Duration {
	return time.Duration(rapid.IntRange(from, to).Draw(t, name)) * time.Minute
}

// genNow is mostly near a night in which clocks are set.
func genNow(t *rapid.T) time.Time {
	day := rapid.SampledFrom([]time.Time{
		time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 28, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}).Draw(t, "day")
	return day.Add(minutes(t, "now", 0, 3*24*60))
}

func genCrews(t *rapid.T, now time.Time) []Crew {
	crews := make([]Crew, rapid.IntRange(0, 4).Draw(t, "crews"))
	for i := range crews {
		crews[i] = Crew{ID: crm.ResourceID(i + 1), Travel: -1, Home: rapid.Bool().Draw(t, "home")}
		if rapid.Bool().Draw(t, "alone") {
			crews[i].ID = -crews[i].ID
		}
		if rapid.Bool().Draw(t, "own hours") {
			hours := genHours(t)
			crews[i].Hours = &hours
		}
		if rapid.Bool().Draw(t, "own travel") {
			crews[i].Travel = minutes(t, "their travel", 0, 60)
		}
		for range rapid.IntRange(0, 8).Draw(t, "visits") {
			start := now.Add(minutes(t, "start", 0, 6*24*60))
			crews[i].Busy = append(crews[i].Busy, Span{start, start.Add(minutes(t, "takes", 10, 300))})
		}
	}
	return crews
}

func TestFreeWindowsNeverOverlapLieWithinTheHoursAndLeaveTimeToTravel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := genPlan(t), genNow(t)
		crews := genCrews(t, now)
		byID := map[crm.ResourceID]Crew{}
		for _, c := range crews {
			byID[c.ID] = c
		}
		var before time.Time
		for _, w := range Free(p, crews, 0, now) {
			c, known := byID[w.Crew]
			switch {
			case !known:
				t.Fatalf("nobody comes at %s", w.Start)
			case !w.Start.After(before):
				t.Fatalf("%s comes after %s", w.Start, before)
			case w.Start.Before(now.Add(p.Notice)):
				t.Fatalf("%s is too soon at %s", w.Start, now)
			case w.End.Sub(w.Start) != p.Length:
				t.Fatalf("a visit of %s takes %s", p.Length, w.End.Sub(w.Start))
			}
			before = w.Start
			travel := p.Travel
			if c.Travel >= 0 {
				travel = c.Travel
			}
			if w.Free.Sub(w.End) != travel {
				t.Fatalf("the way takes %s, not %s", w.Free.Sub(w.End), travel)
			}
			for _, b := range c.Busy {
				if b.Overlaps(Span{w.Start, w.Free}) {
					t.Fatalf("%v overlaps %v", w, b)
				}
			}
			start, hours := w.Start.In(p.Zone), p.Hours
			if c.Hours != nil {
				hours = *c.Hours
			}
			minute, open := start.Hour()*60+start.Minute(), hours[start.Weekday()]
			if minute < open.From || w.End.After(last(start, open.To)) || minute%int(p.Step/time.Minute) != 0 {
				t.Fatalf("%s–%s is outside %v", start, w.End.In(p.Zone), open)
			}
			if p.Off(start) {
				t.Fatalf("%s is a day off", start)
			}
			if c.Home && start.Format(time.DateOnly) == now.In(p.Zone).Format(time.DateOnly) {
				t.Fatalf("%d has gone home and comes at %s", c.ID, start)
			}
		}
	})
}

func TestWhatWasFreeIsFreeNoMoreOnceItIsTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := genPlan(t), genNow(t)
		crews := genCrews(t, now)
		for range 200 { // until nothing is free
			windows := Free(p, crews, 0, now)
			if len(windows) == 0 {
				return
			}
			w := windows[rapid.IntRange(0, len(windows)-1).Draw(t, "choice")]
			for i := range crews {
				if crews[i].ID == w.Crew {
					crews[i].Busy = append(crews[i].Busy, Span{w.Start, w.Free})
				}
			}
			if again, ok := At(Free(p, crews, 0, now), w.Start); ok && again.Crew == w.Crew {
				t.Fatalf("%v can be booked twice", w)
			}
		}
	})
}

func TestThePreferredCrewComesElseTheOneWithTheLeastToDo(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	p := Plan{Zone: time.UTC, Days: 1, Length: time.Hour, Step: time.Hour}
	p.Hours[time.Monday].From, p.Hours[time.Monday].To = 9*60, 12*60
	crews := []Crew{{ID: 1, Busy: []Span{{day.Add(9 * time.Hour), day.Add(10 * time.Hour)}}}, {ID: 2}, {ID: -3, Busy: []Span{{day.Add(9 * time.Hour), day.Add(12 * time.Hour)}}}}
	if w := Free(p, crews, 0, day); len(w) != 3 || w[0].Crew != 2 || w[1].Crew != 2 {
		t.Errorf("without a wish %v", w)
	}
	if w := Free(p, crews, 1, day); w[0].Crew != 2 || w[1].Crew != 1 {
		t.Errorf("with crew 1 wished for %v", w)
	}
}

// R05: nine o'clock in Almaty was 03:00 UTC before March 2024 and is 04:00 since.
func TestR05_NineOClockIsNineOClockWhateverTheZoneDid(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	p := Plan{Zone: zone, Days: 4, Length: time.Hour, Step: 9 * time.Hour}
	for day := range p.Hours {
		p.Hours[day].From, p.Hours[day].To = 9*60, 11*60
	}
	windows := Free(p, []Crew{{ID: 1}}, 0, time.Date(2024, 2, 28, 0, 0, 0, 0, zone))
	if len(windows) != 4 || windows[0].Start.UTC().Hour() != 3 || windows[3].Start.UTC().Hour() != 4 {
		t.Errorf("the windows are %v", windows)
	}
}
