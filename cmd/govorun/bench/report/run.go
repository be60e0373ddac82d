package report

import (
	"slices"
	"time"
)

// Run is everything that was measured in one go.
type Run struct {
	Command     string    `json:"command"` // as it can be called again
	Began       time.Time `json:"began"`
	Seconds     float64   `json:"seconds"` // that it took
	Program     string    `json:"program"` // its version
	Machine     string    `json:"machine"` // processor, memory, versions below the program
	Rounds      int       `json:"rounds"`  // that were asked for
	Calm        float64   `json:"calm"`    // processors that others may keep busy before a round is disturbed
	Interrupted bool      `json:"interrupted"`
	Parts       []*Part   `json:"parts"`
}

// Part is one benchmark.
type Part struct {
	Name   string  `json:"name"`
	About  string  `json:"about"`
	Rounds []Round `json:"rounds"`
}

// Round is what one benchmark found in one round. Trouble says why there is less than there should be.
type Round struct {
	Number  int      `json:"number"`
	Seconds float64  `json:"seconds"`
	Sync    float64  `json:"sync_ms"` // the median time that the disk took to keep a page, just before
	Foreign float64  `json:"foreign"` // processors that others kept busy meanwhile
	Trouble string   `json:"trouble,omitempty"`
	Figures []Figure `json:"figures"`
}

// Line is one figure over all rounds that have it.
type Line struct {
	Name, Unit          string
	Median, Least, Most float64
	Values              int
	Aim                 *Aim
	Key                 bool
}

// Met says whether the median is as it should be; a line without an aim is.
func (l Line) Met() bool { return l.Aim == nil || l.Aim.Met(l.Median) }

// Lines are the part's figures, in the order in which they were found first.
func (p *Part) Lines() []Line {
	var lines []Line
	values := map[string][]float64{}
	for _, round := range p.Rounds {
		for _, f := range round.Figures {
			if values[f.Name] == nil {
				lines = append(lines, Line{Name: f.Name, Unit: f.Unit, Aim: f.Aim, Key: f.Key})
			}
			values[f.Name] = append(values[f.Name], f.Value)
		}
	}
	for i, l := range lines {
		found := values[l.Name]
		lines[i].Median, lines[i].Least, lines[i].Most, lines[i].Values = Median(found), slices.Min(found), slices.Max(found), len(found)
	}
	return lines
}

// Disturbed counts the rounds in which others took more than calm processors.
func (p *Part) Disturbed(calm float64) (n int) {
	for _, round := range p.Rounds {
		if round.Foreign > calm {
			n++
		}
	}
	return n
}

// Troubles are why rounds have less than they should, each once.
func (p *Part) Troubles() (all []string) {
	for _, round := range p.Rounds {
		if round.Trouble != "" && !slices.Contains(all, round.Trouble) {
			all = append(all, round.Trouble)
		}
	}
	return all
}

// Failed are the names of parts that had trouble.
func (r *Run) Failed() (names []string) {
	for _, p := range r.Parts {
		if len(p.Troubles()) > 0 {
			names = append(names, p.Name)
		}
	}
	return names
}

// Aims counts the aims that are met and those that are missed.
func (r *Run) Aims() (met, missed int) {
	for _, p := range r.Parts {
		for _, l := range p.Lines() {
			switch {
			case l.Aim == nil:
			case l.Met():
				met++
			default:
				missed++
			}
		}
	}
	return met, missed
}

// over collects something of all rounds of all parts.
func (r *Run) over(value func(Round) float64) (all []float64) {
	for _, p := range r.Parts {
		for _, round := range p.Rounds {
			all = append(all, value(round))
		}
	}
	return all
}

// Median gives the middle of numbers, the mean of the two middle ones when they are even, 0 of none.
func Median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
