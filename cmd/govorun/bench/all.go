package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// All measures everything in one run: all parts in each round, one after the other, so that what changes on the machine meanwhile is in the
// spread of every figure.
type All struct {
	Rounds  int
	Quick   bool     // smaller bases and shorter measurements
	Only    []string // names of parts; none: all
	Against []Bot    // measured beside turns
	Calm    float64  // a round in which others kept more processors busy is marked
	Output  string   // file of the table, with the raw values beside it as JSON; empty: only printed
	Command string   // how it was called, for the report
	Version string   // of the program
}

// PartNames are what Only takes.
func PartNames() (names []string) {
	for _, p := range (All{}).parts(quickSizes()) {
		names = append(names, p.name)
	}
	return names
}

// marathon is a run of everything.
type marathon struct {
	All
	Config
	parts  []planned
	report *report.Run
	place  *base // where the disk is looked at
	server int   // process of the given database, 0 for private ones
	began  time.Time
}

// Run measures and prints. A part that fails loses its round and nothing else; when ctx ends, what was found until then is reported. Parts that
// failed are an error, missed aims are not: they depend on the machine.
func (a All) Run(ctx context.Context, c Config) error {
	s := fullSizes()
	if a.Quick {
		s = quickSizes()
	}
	_, err := a.run(ctx, c, s)
	return err
}

func (a All) run(ctx context.Context, c Config, s sizes) (*report.Run, error) {
	m := &marathon{All: a, Config: c, began: time.Now()}
	for _, p := range a.parts(s) {
		if len(a.Only) == 0 || slices.Contains(a.Only, p.name) {
			m.parts = append(m.parts, p)
		}
	}
	if c.Database != "" {
		lender, err := c.newLender(ctx)
		if err != nil {
			return nil, err
		}
		defer shut(lender.db)
		m.lender, m.server = lender, postmaster(ctx, lender.db)
	}
	defer m.end()
	if err := m.begin(ctx); err != nil {
		return nil, err
	}
	m.rounds(ctx)
	return m.report, m.finish(ctx)
}

// begin says what comes and makes the empty report.
func (m *marathon) begin(ctx context.Context) (err error) {
	quiet := m.Config
	quiet.Out = io.Discard
	if m.place, err = quiet.base(ctx, nil); err != nil {
		return err
	}
	m.report = &report.Run{Command: m.Command, Began: m.began, Program: m.Version, Machine: host() + ", PostgreSQL " + m.place.Version, Rounds: m.All.Rounds, Calm: m.Calm}
	names := make([]string, len(m.parts))
	for i, p := range m.parts {
		m.report.Parts = append(m.report.Parts, &report.Part{Name: p.name, About: p.about, Rounds: []report.Round{}})
		names[i] = p.name
	}
	m.say("%s of %s: about %s. Ctrl-C ends it with what it has found until then.", counted(m.All.Rounds, "round"), strings.Join(names, ", "), about(m.left(0, 0)))
	return m.save() // a file that can't be written is told now, not in an hour
}

// left estimates what is still to be done, from a part of a round on.
func (m *marathon) left(round, nth int) (d time.Duration) {
	for i, p := range m.parts {
		rounds := m.All.Rounds - round
		if i < nth {
			rounds--
		}
		d += time.Duration(rounds) * p.each
		if round == 0 && i >= nth {
			d += p.once
		}
	}
	return d
}

// rounds measures all parts in each round.
func (m *marathon) rounds(ctx context.Context) {
	broken := make([]error, len(m.parts)) // parts whose base could not be made
	for round := range m.All.Rounds {
		for i, p := range m.parts {
			if ctx.Err() != nil {
				return
			}
			m.say("round %d of %d: %s (%s so far, about %s left)", round+1, m.All.Rounds, p.name, about(time.Since(m.began)), about(m.left(round, i)))
			if broken[i] != nil {
				continue
			}
			found := m.measure(ctx, p, round, &broken[i])
			if ctx.Err() != nil && len(found.Figures) == 0 {
				return // what was broken off is no trouble of the part's
			}
			m.report.Parts[i].Rounds = append(m.report.Parts[i].Rounds, found)
			if found.Trouble != "" {
				m.say("  %s", found.Trouble)
			}
			if err := m.save(); err != nil {
				m.say("  %v", err)
			}
		}
	}
}

// measure measures one part once; broken is set when it never can be.
func (m *marathon) measure(ctx context.Context, p planned, round int, broken *error) (found report.Round) {
	limit := time.Minute + 4*p.each
	if round == 0 {
		limit += 4 * p.once
	}
	bounded, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it was ended after %s, four times what it should take", about(limit)))
	defer cancel()
	found = report.Round{Number: round + 1, Sync: m.disk(), Figures: []report.Figure{}}
	c := m.Config
	c.Out, c.Err = io.Discard, indented{m.Err}
	var err error
	if round == 0 {
		if err = p.ready(bounded, c); err != nil {
			*broken = err
		}
	}
	before := look(m.server)
	if err == nil {
		var figures []report.Figure
		if figures, err = p.round(bounded, c, round); figures != nil {
			found.Figures = figures
		}
	}
	after := look(m.server)
	found.Seconds, found.Foreign = after.at.Sub(before.at).Seconds(), foreign(before, after)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		found.Trouble = "interrupted"
	default:
		found.Trouble = err.Error()
		if bounded.Err() != nil && !errors.Is(err, context.Cause(bounded)) {
			found.Trouble = fmt.Sprintf("%v: %v", context.Cause(bounded), err)
		}
	}
	return found
}

// disk is what a page takes to the disk on which all databases lie, in milliseconds; 0 when that can't be told.
func (m *marathon) disk() float64 {
	took, err := diskSync(m.place.Dir)
	if err != nil {
		return 0
	}
	return milliseconds(took)
}

// finish prints the report.
func (m *marathon) finish(ctx context.Context) error {
	m.report.Interrupted = ctx.Err() != nil
	err := m.save()
	if _, told := io.WriteString(m.Out, m.report.Markdown()); told != nil {
		err = errors.Join(err, fmt.Errorf("print the report: %w", told))
	}
	if failed := m.report.Failed(); len(failed) > 0 && ctx.Err() == nil {
		err = errors.Join(err, fmt.Errorf("there was trouble in %s: see below the table", strings.Join(failed, ", ")))
	}
	return errors.Join(err, ctx.Err())
}

// save writes the report as it is now.
func (m *marathon) save() error {
	m.report.Seconds = time.Since(m.began).Seconds()
	if m.Output == "" {
		return nil
	}
	return m.report.Save(m.Output)
}

// end removes what parts have kept.
func (m *marathon) end() {
	for _, p := range m.parts {
		p.end()
	}
	if m.place != nil {
		m.place.drop()
	}
}

// indented sets lines apart from those of the run.
type indented struct{ io.Writer }

// Write writes p, two spaces before it.
func (w indented) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, "  "); err != nil {
		return 0, err
	}
	return w.Writer.Write(p)
}
