package guard_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"govorun/crm/guard"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// known is an old number and a person who wrote lately.
func known() guard.Facts {
	return guard.Facts{Now: noon, Since: noon.AddDate(-1, 0, 0), Known: true}
}

func TestW11_WhatBecomesOfAMessageOfOurOwnAccord(t *testing.T) {
	hour, day := 40, 200
	at := func(n int, ago time.Duration) (times []time.Time) {
		for range n {
			times = append(times, noon.Add(-ago))
		}
		return times
	}
	for name, c := range map[string]struct {
		message guard.Message
		change  func(*guard.Facts)
		reason  guard.Reason
		until   time.Time
		call    bool
	}{
		"goes":                                  {},
		"the hour is full":                      {change: func(f *guard.Facts) { f.Sent = at(hour, 10*time.Minute) }, reason: guard.Hour, until: noon.Add(50 * time.Minute)},
		"one less than the hour":                {change: func(f *guard.Facts) { f.Sent = at(hour-1, 10*time.Minute) }},
		"the day is full":                       {change: func(f *guard.Facts) { f.Sent = at(day, 20*time.Hour) }, reason: guard.Day, until: noon.Add(4 * time.Hour)},
		"broadcasts leave a quarter":            {message: guard.Message{Kind: guard.Broadcast}, change: func(f *guard.Facts) { f.Sent = at(30, time.Minute) }, reason: guard.Hour, until: noon.Add(59 * time.Minute)},
		"a number of today":                     {change: func(f *guard.Facts) { f.Since, f.Sent = noon, at(5, 30*time.Minute) }, reason: guard.Hour, until: noon.Add(30 * time.Minute)},
		"too soon after another":                {change: func(f *guard.Facts) { f.FreeAt = noon.Add(time.Second) }, reason: guard.Pace, until: noon.Add(time.Second)},
		"the same words to many":                {change: func(f *guard.Facts) { f.Same = at(20, 50*time.Minute) }, reason: guard.Same, until: noon.Add(10 * time.Minute)},
		"night":                                 {change: func(f *guard.Facts) { f.QuietUntil = noon.Add(8 * time.Hour) }, reason: guard.Quiet, until: noon.Add(8 * time.Hour)},
		"night, and somebody pressed":           {message: guard.Message{Kind: guard.Own, Pressed: true}, change: func(f *guard.Facts) { f.QuietUntil = noon.Add(8 * time.Hour) }},
		"W10 timelocked":                        {change: func(f *guard.Facts) { f.Stop, f.StopUntil = guard.StopReaches, noon.Add(time.Hour) }, reason: guard.Timelocked, until: noon.Add(time.Hour)},
		"W10 the timelock is over":              {change: func(f *guard.Facts) { f.Stop, f.StopUntil = guard.StopReaches, noon }},
		"two unanswered":                        {change: func(f *guard.Facts) { f.Streak = 2 }, reason: guard.Unanswered, call: true},
		"a broadcast after two":                 {message: guard.Message{Kind: guard.Broadcast}, change: func(f *guard.Facts) { f.Streak = 2 }, reason: guard.Unanswered},
		"one unanswered":                        {change: func(f *guard.Facts) { f.Streak = 1 }},
		"silenced":                              {change: func(f *guard.Facts) { f.Silenced = true }, reason: guard.Unanswered, call: true},
		"opted out":                             {change: func(f *guard.Facts) { f.OptedOut = true }, reason: guard.OptedOut, call: true},
		"opted out, whoever pressed":            {message: guard.Message{Kind: guard.Own, Pressed: true}, change: func(f *guard.Facts) { f.OptedOut = true }, reason: guard.OptedOut, call: true},
		"a stranger":                            {change: func(f *guard.Facts) { f.Known = false }, reason: guard.Stranger, call: true},
		"a stranger, and a person pressed":      {message: guard.Message{Kind: guard.Own, Pressed: true}, change: func(f *guard.Facts) { f.Known = false }},
		"a broadcast to a stranger":             {message: guard.Message{Kind: guard.Broadcast, Pressed: true}, change: func(f *guard.Facts) { f.Known = false }, reason: guard.Stranger},
		"held for more than a day":              {message: guard.Message{Kind: guard.Own, Age: 25 * time.Hour}, change: func(f *guard.Facts) { f.FreeAt = noon.Add(time.Second) }, reason: guard.Old, call: true},
		"a day old and free to go":              {message: guard.Message{Kind: guard.Own, Age: 25 * time.Hour}},
		"a broadcast held for a day":            {message: guard.Message{Kind: guard.Broadcast, Age: 25 * time.Hour}, change: func(f *guard.Facts) { f.FreeAt = noon.Add(time.Second) }, reason: guard.Pace, until: noon.Add(time.Second)},
		"an answer, whatever stands against it": {message: guard.Message{Kind: guard.Answer}, change: func(f *guard.Facts) { f.OptedOut, f.Streak, f.Sent = true, 9, at(300, time.Minute) }},
		"staff":                                 {message: guard.Message{Kind: guard.Staff}, change: func(f *guard.Facts) { f.Known, f.Streak = false, 9 }},
		"W09 banned":                            {message: guard.Message{Kind: guard.Answer}, change: func(f *guard.Facts) { f.Stop, f.StopUntil = guard.StopBanned, noon.Add(24*time.Hour) }, reason: guard.Banned, until: noon.Add(24 * time.Hour)},
	} {
		f, m := known(), c.message
		if c.change != nil {
			c.change(&f)
		}
		if m.Kind == "" {
			m.Kind = guard.Own
		}
		v := guard.Default().Decide(m, f)
		if v.Reason != c.reason || !v.Until.Equal(c.until) || v.Call != c.call || v.Cancel != (c.reason != "" && c.until.IsZero()) || v.Goes() != (c.reason == "") {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestW11_WhateverIsAskedForNoBudgetIsPassedInAnyWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := guard.Default().Lowered(guard.Policy{Hour: rapid.IntRange(0, 60).Draw(t, "hour"), Day: rapid.IntRange(0, 400).Draw(t, "day"), Unanswered: rapid.IntRange(0, 5).Draw(t, "unanswered")})
		f := known()
		f.Since = noon.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "age")) * 24 * time.Hour)
		if p.Unanswered > 2 {
			t.Fatalf("a kit raised the messages in a row to %d", p.Unanswered)
		}
		for range 400 {
			f.Now = f.Now.Add(time.Duration(rapid.IntRange(1, 600).Draw(t, "seconds")) * time.Second)
			if !p.Decide(guard.Message{Kind: guard.Own}, f).Goes() {
				continue
			}
			b := p.Budget(f.Now.Sub(f.Since))
			within := func(d time.Duration) (n int) {
				for _, at := range f.Sent {
					if f.Now.Sub(at) < d {
						n++
					}
				}
				return n
			}
			if within(time.Hour) >= b.Hour || within(24*time.Hour) >= b.Day || b.Hour > guard.HardHour || b.Day > guard.HardDay {
				t.Fatalf("%d in an hour and %d in a day were sent before this one, of %+v", within(time.Hour), within(24*time.Hour), b)
			}
			if len(f.Sent) > 0 && f.Now.Sub(f.Sent[0]) < p.Gap {
				t.Fatalf("%v after another", f.Now.Sub(f.Sent[0]))
			}
			f.Sent = slices.Insert(f.Sent, 0, f.Now)
			f.FreeAt = p.Next(f.Now, rapid.Float64Range(0, 1).Draw(t, "chance"))
		}
	})
}

func TestW11_ABudgetGrowsWithTheAgeOfTheNumberAndAKitOnlyLowersIt(t *testing.T) {
	p, last := guard.Default(), guard.Budget{}
	for day := range 60 {
		b := p.Budget(time.Duration(day) * 24 * time.Hour)
		if b.Hour < last.Hour || b.Day < last.Day || b.Day < b.Hour {
			t.Errorf("day %d: %+v after %+v", day, b, last)
		}
		last = b
	}
	if first := p.Budget(0); first != (guard.Budget{Hour: 5, Day: 20}) || last != (guard.Budget{Hour: guard.HardHour, Day: guard.HardDay}) {
		t.Errorf("from %+v to %+v", first, last)
	}
	if b := p.Lowered(guard.Policy{Hour: 3, Day: 1000}).Budget(time.Hour); b != (guard.Budget{Hour: 3, Day: 20}) {
		t.Errorf("a kit made it %+v", b)
	}
	if l := p.Lowered(guard.Policy{Gap: time.Second}); l.Gap != p.Gap {
		t.Errorf("a kit made the gap %v", l.Gap)
	}
}

func TestW11_TheSameWordsAreKnownWhateverNamesAndNumbersTheyHold(t *testing.T) {
	print := guard.Print("Здравствуйте, <b>Айгуль</b>! Заявка № 5512 ждёт селфи.", "Айгуль Ким")
	for text, same := range map[string]bool{
		"здравствуйте Болат заявка 17 ждёт селфи":   true,
		"Здравствуйте, Болат! Заявка № 17 ждёт вас": false,
		"Здравствуйте, Айгуль":                      false,
	} {
		if (guard.Print(text, "Болат") == print) != same {
			t.Errorf("%q is the same: %v", text, !same)
		}
	}
	if guard.Print("👍 …") != 0 || guard.Print("") != 0 {
		t.Error("a text without words has a print")
	}
}
