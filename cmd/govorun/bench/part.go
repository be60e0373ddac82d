package bench

import (
	"context"
	"fmt"
	"time"

	"govorun/cmd/govorun/bench/report"
)

// part is one benchmark of a long run. What ready makes serves all rounds; between them nothing of it runs.
type part interface {
	ready(ctx context.Context, c Config) error
	round(ctx context.Context, c Config, nth int) ([]report.Figure, error) // figures that were found stand beside the error
	end()
}

// planned is a part with its name, what stands above its figures, and an estimate of its time.
type planned struct {
	name, about string
	once, each  time.Duration // ready, and one round
	part
}

// fresh is a part that begins anew in each round.
type fresh func(ctx context.Context, c Config) ([]report.Figure, error)

func (f fresh) ready(context.Context, Config) error { return nil }

func (f fresh) round(ctx context.Context, c Config, _ int) ([]report.Figure, error) { return f(ctx, c) }

func (f fresh) end() {}

// kept is a part whose base serves all rounds.
type kept struct {
	prepare func(ctx context.Context, c Config) (measurement, error)
	made    measurement
}

// measurement is what a kept part makes: it runs from start to stop in each round, and drop removes its base.
type measurement interface {
	start(ctx context.Context) error
	figures(ctx context.Context, nth int) ([]report.Figure, error)
	stop()
	drop()
}

func (k *kept) ready(ctx context.Context, c Config) error {
	made, err := k.prepare(ctx, c)
	if err == nil {
		k.made = made
	}
	return err
}

func (k *kept) round(ctx context.Context, _ Config, nth int) ([]report.Figure, error) {
	defer k.made.stop()
	if err := k.made.start(ctx); err != nil {
		return nil, err
	}
	return k.made.figures(ctx, nth)
}

func (k *kept) end() {
	if k.made != nil {
		k.made.drop()
	}
}

// figures are collected one by one.
type figures []report.Figure

// add notes a figure; aim may be nil.
func (f *figures) add(name, unit string, value float64, aim *report.Aim) {
	*f = append(*f, report.Figure{Name: name, Unit: unit, Value: value, Aim: aim})
}

// key notes a figure that belongs into the short table.
func (f *figures) key(name, unit string, value float64, aim *report.Aim) {
	*f = append(*f, report.Figure{Name: name, Unit: unit, Value: value, Aim: aim, Key: true})
}

// counted names things by their number.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// when gives an aim only where it is meant: for a base as large as it speaks of.
func when(so bool, aim *report.Aim) *report.Aim {
	if !so {
		return nil
	}
	return aim
}
