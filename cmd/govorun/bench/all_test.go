package bench

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// playedPart notes what is done with it.
type playedPart struct {
	name   string
	log    *[]string
	broken error                                               // of ready
	do     func(ctx context.Context, nth int) (float64, error) // nil: the number of the round
}

func (p *playedPart) note(what string) { *p.log = append(*p.log, p.name+" "+what) }

func (p *playedPart) ready(context.Context, Config) error { p.note("ready"); return p.broken }

func (p *playedPart) round(ctx context.Context, _ Config, nth int) ([]report.Figure, error) {
	p.note("round")
	if p.do == nil {
		return []report.Figure{{Name: p.name, Value: float64(nth)}}, nil
	}
	v, err := p.do(ctx, nth)
	return []report.Figure{{Name: p.name, Value: v}}, err
}

func (p *playedPart) end() { p.note("end") }

// march runs parts without a program.
func march(ctx context.Context, t *testing.T, rounds int, output string, parts ...*playedPart) (*report.Run, error) {
	t.Helper()
	m := &marathon{All: All{Rounds: rounds, Output: output, Calm: 99}, Config: Config{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}}, began: time.Now(), place: &base{Dir: t.TempDir()}}
	m.report = &report.Run{Rounds: rounds}
	for _, p := range parts {
		m.parts = append(m.parts, planned{name: p.name, about: p.name, each: time.Millisecond, part: p})
		m.report.Parts = append(m.report.Parts, &report.Part{Name: p.name, About: p.name})
	}
	m.rounds(ctx)
	m.end()
	return m.report, m.finish(ctx)
}

func TestPartsTakeTurnsAndEachIsMadeReadyOnceAndEnded(t *testing.T) {
	var log []string
	run, err := march(t.Context(), t, 2, "", &playedPart{name: "a", log: &log}, &playedPart{name: "b", log: &log})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(log, ", "), "a ready, a round, b ready, b round, a round, b round, a end, b end"; got != want {
		t.Errorf("done was %s", got)
	}
	if l := run.Parts[0].Lines()[0]; l.Values != 2 || l.Median != 0.5 {
		t.Errorf("found was %+v", l)
	}
}

func TestAPartThatFailsLosesItsRoundAndNothingElse(t *testing.T) {
	var log []string
	fails := &playedPart{name: "fails", log: &log, do: func(_ context.Context, nth int) (float64, error) {
		if nth == 1 {
			return 7, errors.New("the program ended")
		}
		return 5, nil
	}}
	never := &playedPart{name: "never", log: &log, broken: errors.New("no room")}
	run, err := march(t.Context(), t, 3, "", fails, never, &playedPart{name: "works", log: &log})
	if err == nil || !strings.Contains(err.Error(), "trouble in fails, never") {
		t.Errorf("the run ends with %v", err)
	}
	var troubles []string
	for _, r := range run.Parts[0].Rounds {
		troubles = append(troubles, r.Trouble)
	}
	if !slices.Equal(troubles, []string{"", "the program ended", ""}) || run.Parts[0].Lines()[0].Values != 3 {
		t.Errorf("the part that failed once has %+v", run.Parts[0].Rounds)
	}
	if n := len(run.Parts[1].Rounds); n != 1 || run.Parts[1].Rounds[0].Trouble != "no room" {
		t.Errorf("the part without a base was tried %d times: %+v", n, run.Parts[1].Rounds)
	}
	if run.Parts[2].Lines()[0].Values != 3 {
		t.Errorf("the part that works has %+v", run.Parts[2].Rounds)
	}
}

func TestAnInterruptedRunReportsWhatItHas(t *testing.T) {
	var log []string
	ctx, interrupt := context.WithCancel(t.Context())
	output := filepath.Join(t.TempDir(), "report.md")
	breaks := &playedPart{name: "breaks", log: &log, do: func(ctx context.Context, nth int) (float64, error) {
		if nth == 1 {
			interrupt()
			return 0, ctx.Err()
		}
		return 5, nil
	}}
	run, err := march(ctx, t, 3, output, &playedPart{name: "works", log: &log}, breaks)
	if !errors.Is(err, context.Canceled) || !run.Interrupted {
		t.Errorf("the run ends with %v, interrupted is %v", err, run.Interrupted)
	}
	if got := run.Parts[0].Lines()[0].Values; got != 2 {
		t.Errorf("the part before has %d values", got)
	}
	if !slices.Contains(log, "works end") || !slices.Contains(log, "breaks end") {
		t.Errorf("not everything was ended: %v", log)
	}
	if text, err := os.ReadFile(output); err != nil || !strings.Contains(string(text), "interrupted") {
		t.Errorf("the file says %s: %v", text, err)
	}
}

func TestWhatIsLeftIsEstimatedFromThePartsAndTheirBases(t *testing.T) {
	m := &marathon{All: All{Rounds: 3}, parts: []planned{{once: 10 * time.Second, each: time.Second}, {once: 20 * time.Second, each: 2 * time.Second}}}
	for _, c := range []struct {
		round, nth int
		want       time.Duration
	}{{0, 0, 39 * time.Second}, {0, 1, 28 * time.Second}, {1, 0, 6 * time.Second}, {2, 1, 2 * time.Second}} {
		if got := m.left(c.round, c.nth); got != c.want {
			t.Errorf("from part %d of round %d on it takes %s, want %s", c.nth, c.round, got, c.want)
		}
	}
}

func TestAQuickRunIsPlannedForTenMinutesAndKnowsItsParts(t *testing.T) {
	a := All{Rounds: 3}
	m := &marathon{All: a, parts: a.parts(quickSizes())}
	if got := m.left(0, 0); got > 10*time.Minute {
		t.Errorf("it takes %s", got)
	}
	names := PartNames()
	if slices.Sort(names); len(slices.Compact(names)) != len(m.parts) || !slices.Contains(names, "turns") {
		t.Errorf("parts are called %v", names)
	}
}

func TestBasesAreLargeEnoughForAllRounds(t *testing.T) {
	for _, rounds := range []int{1, 5, 100} {
		s := quickSizes().of(rounds)
		if s.rules.Deals < s.rules.Least() {
			t.Errorf("rules need %d deals for %d rounds, not %d", s.rules.Least(), rounds, s.rules.Deals)
		}
		if reached := rounds * allPerSecond * int(s.broadcast.Window/time.Second); s.broadcast.People < reached || s.broadcast.Contacts < s.broadcast.People {
			t.Errorf("%d rounds reach %d people, there are %d of %d contacts", rounds, reached, s.broadcast.People, s.broadcast.Contacts)
		}
	}
}

// RunTiny measures very little, for tests of the package's outside.
func (a All) RunTiny(ctx context.Context, c Config) (*report.Run, error) {
	return a.run(ctx, c, tinySizes())
}

// tinySizes are enough to see that every part works.
func tinySizes() sizes {
	s := quickSizes()
	s.talks = Talks{Chats: []int{2}, Measure: 300 * time.Millisecond, Warm: 100 * time.Millisecond, Rounds: 1}
	s.phones, s.starts, s.openDialogs, s.outboxRows, s.strictWindow = s.talks, 1, 50, 200, time.Second
	s.rules = Rules{Presses: 10, Timers: 20, Rate: 10, Shared: 20, Before: time.Second, Rounds: 2}
	s.knowledge = Knowledge{Entries: 100, Each: 10}
	s.broadcast = Broadcast{People: 50, Contacts: 100, Messages: 1000, Rate: 5, Window: time.Second}
	s.filters = Filters{Deals: 1000, Each: 10}
	return s
}
