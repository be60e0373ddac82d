package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// rounds are those of a part that measured one figure.
func rounds(aim *Aim, values ...float64) []Round {
	var all []Round
	for i, v := range values {
		all = append(all, Round{Number: i + 1, Sync: 0.1, Figures: []Figure{{Name: "turns", Unit: "1/s", Value: v, Aim: aim, Key: true}}})
	}
	return all
}

func TestTheMedianIsTheMiddleOrTheMeanOfTwo(t *testing.T) {
	numbers := []float64{9, 1, 5}
	if got := Median(numbers); got != 5 || numbers[0] != 9 {
		t.Errorf("median is %v, and the numbers are now %v", got, numbers)
	}
	if got := Median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("median of four is %v", got)
	}
	if got := Median(nil); got != 0 {
		t.Errorf("median of nothing is %v", got)
	}
}

func TestALineHasTheMedianAndTheSpreadOfTheRoundsThatHaveIt(t *testing.T) {
	p := &Part{Rounds: append(rounds(nil, 30, 10, 20), Round{Trouble: "away"})}
	p.Rounds[2].Figures = append(p.Rounds[2].Figures, Figure{Name: "late", Unit: "ms", Value: 7})
	lines := p.Lines()
	if len(lines) != 2 {
		t.Fatalf("lines are %+v", lines)
	}
	if l := lines[0]; l.Median != 20 || l.Least != 10 || l.Most != 30 || l.Values != 3 || l.Unit != "1/s" {
		t.Errorf("the line of all rounds is %+v", l)
	}
	if l := lines[1]; l.Median != 7 || l.Least != 7 || l.Most != 7 || l.Values != 1 {
		t.Errorf("the line of one round is %+v", l)
	}
}

func TestAnAimIsMetByTheMedianOnItsOwnSide(t *testing.T) {
	for _, c := range []struct {
		aim  *Aim
		runs []float64
		met  bool
	}{
		{AtLeast(20, "s"), []float64{1, 20, 90}, true}, {AtLeast(20, "s"), []float64{1, 19, 90}, false},
		{AtMost(20, "s"), []float64{1, 20, 90}, true}, {AtMost(20, "s"), []float64{1, 21, 90}, false}, {nil, []float64{1}, true},
	} {
		p := &Part{Rounds: rounds(c.aim, c.runs...)}
		if got := p.Lines()[0].Met(); got != c.met {
			t.Errorf("%v of %v: met is %v", c.aim, c.runs, got)
		}
	}
	r := Run{Parts: []*Part{{Rounds: rounds(AtLeast(5, "s"), 9)}, {Rounds: rounds(AtLeast(5, "s"), 1)}, {Rounds: rounds(nil, 1)}}}
	if met, missed := r.Aims(); met != 1 || missed != 1 {
		t.Errorf("%d aims met, %d missed", met, missed)
	}
}

func TestTheTableSaysWhatIsMissedDisturbedAndBroken(t *testing.T) {
	r := Run{Command: "govorun bench all", Began: time.Date(2026, 5, 12, 10, 0, 0, 0, time.UTC), Seconds: 61, Program: "v1", Machine: "a machine", Rounds: 3, Calm: 0.15, Interrupted: true,
		Parts: []*Part{
			{Name: "turns", About: "Turns", Rounds: rounds(AtLeast(5000, "who asks"), 943.6, 1200, 800)},
			{Name: "cold", About: "Start", Rounds: []Round{{Foreign: 0.4, Trouble: "the program ended\nlast line", Figures: []Figure{}}}},
		}}
	r.Parts[0].Rounds[1].Foreign = 0.2
	text := r.Markdown()
	for _, want := range []string{"12 May 2026 10:00 UTC, 1m1s", "| **Turns** !", "| turns ", "| 944/s ", "| 800–1,200 ", "| ≥ 5,000 (a) | **missed** |", "(a) who asks.", "interrupted",
		"Trouble in cold", "- `cold` had trouble: the program ended\n  last line", "2 of 4 were disturbed", "Of 1 aims 0 are met and 1 missed", "keeps a page in 0.10 ms"} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "<details>") {
		t.Errorf("nothing is left for a second table:\n%s", text)
	}
}

func TestTheShortTableHasWhatMattersMostAndTheLongOneEverything(t *testing.T) {
	r := Run{Rounds: 1, Parts: []*Part{{About: "Turns", Rounds: []Round{{Figures: []Figure{{Name: "key", Value: 1, Key: true}, {Name: "aimed", Value: 1, Aim: AtMost(2, "s")},
		{Name: "zero", Value: 0, Aim: AtMost(0, "s")}, {Name: "more", Value: 1}}}}}}}
	short, long, found := strings.Cut(r.Markdown(), "<details>")
	if !found {
		t.Fatal("there is no second table")
	}
	for name, both := range map[string]bool{"| key ": true, "| aimed ": true, "| zero ": false, "| more ": false} {
		if strings.Contains(short, name) != both || !strings.Contains(long, name) {
			t.Errorf("%q stands in the wrong table:\n%s", name, r.Markdown())
		}
	}
}

func TestNumbersHaveTheDigitsThatMeanSomething(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 3: "3", 0.456: "0.46", 9.987: "9.99", 12.34: "12.3", 943.6: "944", 12345.6: "12,346", -1234: "-1,234", 1e7: "10,000,000"} {
		if got := number(v); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
}

func TestSavedFilesHoldTheTableAndTheRawValues(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.md")
	r := Run{Rounds: 2, Parts: []*Part{{Name: "turns", About: "Turns", Rounds: rounds(AtLeast(1, "s"), 3, 5)}}}
	for range 2 { // the second replaces the first
		if err := r.Save(file); err != nil {
			t.Fatal(err)
		}
	}
	table, err := os.ReadFile(file)
	if err != nil || string(table) != r.Markdown() {
		t.Errorf("the file of the table holds %q: %v", table, err)
	}
	raw, err := os.ReadFile(RawFile(file))
	if err != nil {
		t.Fatal(err)
	}
	var back Run
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if got := back.Parts[0].Lines()[0]; got.Median != 4 || got.Aim == nil || got.Aim.Source != "s" {
		t.Errorf("read back: %+v", got)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*.new")); len(left) > 0 {
		t.Errorf("files are left behind: %v", left)
	}
}
