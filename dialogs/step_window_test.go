package dialogs

import (
	"os"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

const visitsKit = "testdata/visits"

// customer is a player who has come to the question for the time. It is Monday, 3 June 2030, 10:00.
func customer(t *testing.T) *player {
	t.Helper()
	kit, err := Load(os.DirFS(visitsKit))
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(kit)
	p.now = time.Date(2030, 6, 3, 10, 0, 0, 0, kit.zone())
	for _, line := range []string{"/order", "Lenin street 1", "Moscow"} {
		p.does(t, line)
	}
	return p
}

func (p *player) does(t *testing.T, line string) string {
	t.Helper()
	inputs, err := p.inputs(line)
	if err != nil {
		t.Fatal(err)
	}
	var all string
	for _, in := range inputs {
		said, effects, _ := p.step(in)
		all += effects + said
	}
	return all
}

func hears(t *testing.T, said string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			t.Errorf("no %q in\n%s", part, said)
		}
	}
}

func TestAVisitIsBookedInThreeTaps(t *testing.T) {
	p := customer(t)
	hears(t, p.does(t, "[More ➡️]"), "Monday, 10 June", "[⬅️ Earlier]") // Sunday is a day off
	hears(t, p.does(t, "[⬅️ Earlier]"), "today, 3 June", "[More ➡️]")
	hears(t, p.does(t, "[tomorrow, 4 June]"), "Tuesday, 4 June. At what time?", "[09:00] [10:00]", "[📅 Another day]")
	hears(t, p.does(t, "[10:00]"), "= booked deal=5512 kind=connection at=2030-06-04T10:00+03:00", "visit=2030-06-04T10:00:00+03:00",
		"= deal moved id=5512 stage=scheduled", "Thank you, No. 5512.")
}

func TestTheLastVisitOfTheDayEndsInWorkingHoursAndTheFirstIsNotTooSoon(t *testing.T) {
	p := customer(t)
	said := p.does(t, "[today, 3 June]")
	hears(t, said, "[12:00]", "[16:00]")
	for _, none := range []string{"[11:00]", "[17:00]"} {
		if strings.Contains(said, none) {
			t.Errorf("%s is offered:\n%s", none, said)
		}
	}
}

func TestD22ATypedTimeOfAVisitIsTakenOrExplained(t *testing.T) {
	for typed, want := range map[string]string{
		"tomorrow at 10":  "= booked deal=5512 kind=connection at=2030-06-04T10:00+03:00",
		"завтра в 10":     "= booked deal=5512 kind=connection at=2030-06-04T10:00+03:00",
		"tomorrow":        "Tuesday, 4 June. At what time?",
		"31.02":           "31.02",
		"yesterday at 10": "past",
		"sunday at 10":    "Sunday, 9 June: nothing is free",
		"12.06 10:00":     "nothing is free", // a holiday
		"tomorrow at 20":  "Tuesday, 4 June, 20:00 is not possible. Free on that day:",
		"1 August at 10":  "nothing is free",
		"tomorrow 10:20":  "Tuesday, 4 June, 10:20 is not possible",
	} {
		if said := customer(t).does(t, typed); !strings.Contains(said, want) {
			t.Errorf("%q hears\n%swant %q", typed, said, want)
		}
	}
	p := customer(t)
	p.does(t, "tomorrow")
	hears(t, p.does(t, "10:00"), "at=2030-06-04T10:00+03:00")
}

func TestAWindowIsChosenByNumberWhereThereAreNoButtons(t *testing.T) {
	p := customer(t)
	p.channel = Capabilities{}
	p.does(t, "tomorrow")
	hears(t, p.does(t, "2"), "at=2030-06-04T10:00+03:00")
}

func TestAVisitIsMovedByItsOwnDialogAndItsOldTimeIsNothingNew(t *testing.T) {
	p := customer(t)
	p.does(t, "tomorrow at 10")
	signal := "(signal visit.connection deal=5512)"
	hears(t, p.does(t, signal), "The visit is on Tuesday, 4 June, 10:00. Which day shall it be?")
	hears(t, p.does(t, "tomorrow at 10"), "at that time already")
	p.does(t, signal)
	hears(t, p.does(t, "tomorrow at 11"), "= booking moved deal=5512 kind=connection at=2030-06-04T11:00+03:00")
	if len(p.visits) != 1 {
		t.Errorf("the visits are %v", p.visits)
	}
}

// R07: whoever is slower sees what is free.
func TestR07AWindowTakenMeanwhileIsExplainedAndOthersAreOffered(t *testing.T) {
	p := customer(t)
	p.does(t, "tomorrow")
	start := time.Date(2030, 6, 4, 10, 0, 0, 0, p.kit.zone())
	p.visits = append(p.visits, crm.Booking{Deal: 1, Kind: "connection", Start: start, End: start.Add(2 * time.Hour), Free: start.Add(150 * time.Minute)})
	said := p.does(t, "[10:00]")
	hears(t, said, "Tuesday, 4 June, 10:00 was taken a moment ago. This is free.", "[13:00] [14:00]")
	if strings.Contains(said, "booked") || strings.Contains(said, "[12:00]") {
		t.Errorf("the way of 30 minutes is forgotten:\n%s", said)
	}
}

func TestAStepThatLacksWindowsHasDoneNothing(t *testing.T) {
	p := customer(t)
	before := p.session
	in := crm.Inbound{Kind: crm.InText, Text: "tomorrow at 10"}
	result := p.kit.Step(p.session, Input{Inbound: in, Facts: p.facts(in)}, p.env())
	if len(result.Needs) != 1 || result.Needs[0].Visit != "connection" || result.Needs[0].City != "Moscow" || len(result.Effects) != 0 || result.Session.State != before.State {
		t.Errorf("%+v", result)
	}
}

func TestWithNothingFreeAPersonIsOffered(t *testing.T) {
	p := customer(t)
	monday := time.Date(2030, 6, 3, 0, 0, 0, 0, p.kit.zone())
	p.visits = append(p.visits, crm.Booking{Deal: 1, Start: monday, End: monday.AddDate(1, 0, 0), Free: monday.AddDate(1, 0, 0)})
	hears(t, p.does(t, "tomorrow at 10"), "Nothing is free for now.", "[👤 Operator]")
}

func FuzzTypedWindows(f *testing.F) {
	for _, seed := range []string{"завтра в 10", "31.02", "10:00", "ертең 10-да", "in 2 hours", "2", "w1900000000", "d2030-06-04", ":later", "9999999999"} {
		f.Add(seed)
	}
	kit, err := Load(os.DirFS(visitsKit))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := newPlayer(kit)
		p.now = time.Date(2030, 6, 3, 10, 0, 0, 0, kit.zone())
		for _, line := range []string{"/order", "Lenin street 1", "Moscow", "tomorrow"} {
			p.does(t, line)
		}
		before := len(p.visits)
		p.now = p.now.Add(time.Minute)
		said, _, _ := p.step(crm.Inbound{Kind: crm.InText, Text: text})
		if said == "" && p.session.Dialog == "order" {
			t.Errorf("%q gets no answer", text)
		}
		if len(p.visits) == before {
			return
		}
		at := p.visits[0].Start.In(kit.zone())
		if at.Before(p.now) || at.Hour() < 9 || at.Hour() > 16 || at.Minute() != 0 {
			t.Errorf("%q books %s", text, at)
		}
	})
}
