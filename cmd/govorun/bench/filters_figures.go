package bench

import (
	"context"
	"time"

	"govorun/cmd/govorun/bench/report"
	"govorun/crm/postgres"
)

// filtersPart keeps the company whose deals are looked for over the rounds.
type filtersPart struct {
	Filters
	place *base
}

func (p *filtersPart) ready(ctx context.Context, c Config) (err error) {
	p.place, err = p.Filters.base(ctx, c)
	return err
}

func (p *filtersPart) end() {
	if p.place != nil {
		p.place.drop()
	}
}

func (p *filtersPart) round(ctx context.Context, c Config, _ int) (f []report.Figure, err error) {
	err = p.place.with(ctx, func(db *postgres.DB) error {
		m, err := p.measure(ctx, c, db)
		if err == nil {
			f = p.figures(m)
		}
		return err
	})
	return f, err
}

func (p *filtersPart) figures(m *filtersRun) []report.Figure {
	full := p.Deals >= fullDeals
	at := func(times []time.Duration, q float64) float64 { return milliseconds(quantile(sortedTimes(times), q)) }
	var f figures
	lists, searches := m.all(listKind), m.all(searchKind)
	f.add("a list, p50", "ms", at(lists.Warm, 0.5), nil)
	f.key("a list, p99", "ms", at(lists.Warm, 0.99), when(full, report.AtMost(2, aimOfLists)))
	f.key("a list, sixteen at a time, p99", "ms", at(lists.Many, 0.99), when(full, report.AtMost(10, aimOfLists)))
	f.add("a list on a new connection, p50", "ms", at(lists.Cold, 0.5), nil)
	f.add("a list without row-level security, p50", "ms", at(lists.Bare, 0.5), nil)
	f.key("a list without row-level security, p99", "ms", at(lists.Bare, 0.99), nil)
	f.add("a search, p50", "ms", at(searches.Warm, 0.5), nil)
	f.key("a search, p99", "ms", at(searches.Warm, 0.99), when(full, report.AtMost(30, aimOfLists)))
	f.key("a search, sixteen at a time, p99", "ms", at(searches.Many, 0.99), nil)
	f.key("the funnel, p99", "ms", at(m.funnel, 0.99), when(full, report.AtMost(2, aimOfLists)))
	for _, floor := range theFloors {
		f.add("floor, "+floor.name+", p99", "ms", at(m.floor[floor.name], 0.99), nil)
	}
	f.add("refused because they took too long", "", float64(lists.Refused+searches.Refused), nil)
	return f
}
