package bench

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
)

// Filters says how lists and searches of employees are measured.
type Filters struct {
	Deals int  // in the base
	Each  int  // how often each filter is asked, one at a time; four times as often by sixteen
	Plans bool // print the plans of the slowest three
}

// filterBase fills the measured database.
//
//go:embed filters_base.sql
var filterBase embed.FS

// manyAtOnce is how many ask at the same time.
const manyAtOnce = 16

// filterCell is what one filter took.
type filterCell struct {
	asked
	Cold, Warm, Bare, Many []time.Duration // Bare: without policies
	Rows                   int64           // read, of all tables, the last time
	Found                  int
	Refused                int // took longer than a search may, and was ended
}

// filtersRun is one running measurement.
type filtersRun struct {
	Filters
	Config
	db     *postgres.DB
	cells  []filterCell
	funnel []time.Duration
	floor  map[string][]time.Duration
}

// Run measures, prints the report and leaves nothing behind.
func (f Filters) Run(ctx context.Context, c Config) error {
	began := time.Now()
	place, err := f.base(ctx, c)
	if err != nil {
		return err
	}
	defer place.drop()
	filled := time.Since(began)
	return place.with(ctx, func(db *postgres.DB) error {
		m, err := f.measure(ctx, c, db)
		if err != nil {
			return err
		}
		m.print(filled)
		if f.Plans {
			return m.plans(ctx)
		}
		return nil
	})
}

// base makes the company whose deals are looked for.
func (f Filters) base(ctx context.Context, c Config) (*base, error) {
	script, err := filterBase.ReadFile("filters_base.sql")
	if err != nil {
		return nil, fmt.Errorf("read what fills the database: %w", err)
	}
	c.say("filling a database with %d deals", f.Deals)
	return c.base(ctx, func(ctx context.Context, db *postgres.DB) error {
		if err := db.KeepRoles(ctx, filterScopes()); err != nil {
			return err
		}
		return fill(ctx, db, scripted(string(script), f.Deals))
	})
}

// measure asks all filters in all ways.
func (f Filters) measure(ctx context.Context, c Config, db *postgres.DB) (*filtersRun, error) {
	m := &filtersRun{Filters: f, Config: c, db: db, floor: map[string][]time.Duration{}}
	for _, a := range theFilters(f.Deals, time.Now()) {
		m.cells = append(m.cells, filterCell{asked: a})
	}
	for _, measure := range []func(context.Context) error{m.cold, m.warm, m.many, m.floors, m.bare} {
		if err := measure(ctx); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// who asks the nth time.
func (a asked) who(n int) crm.EmployeeID {
	of := filterRoles[a.role]
	return crm.EmployeeID(of[0] + n*13%of[1])
}

// ask asks a filter once, in a transaction as a turn has one; begin and end of that are not counted.
func (m *filtersRun) ask(ctx context.Context, cell *filterCell, n int) (time.Duration, error) {
	tx, _, err := m.db.BeginTimers(ctx, 0, 0)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback(ctx)
	me := cell.who(n)
	began := time.Now()
	found, err := tx.Find(ctx, me, cell.filter(int(me), n), postgres.Page{Size: 5})
	took := time.Since(began)
	if errors.Is(err, crm.ErrTooBroad) {
		cell.Refused++
		return took, nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s as %s: %w", cell.name, cell.role, err)
	}
	if len(cell.Warm) == 0 {
		cell.Found = found.Total
	}
	return took, nil
}

// cold asks each filter on new connections: nothing is parsed or planned there, and the pages of the tables may be on disk.
func (m *filtersRun) cold(ctx context.Context) error {
	m.say("cold")
	for i := range m.cells {
		for n := range max(3, m.Each/50) {
			m.db.Pool.Reset()
			took, err := m.ask(ctx, &m.cells[i], n)
			if err != nil {
				return err
			}
			m.cells[i].Cold = append(m.cells[i].Cold, took)
		}
	}
	return nil
}

// repeat asks all filters in turn, after a few times that are not counted.
func (m *filtersRun) repeat(ctx context.Context, into func(*filterCell) *[]time.Duration) error {
	for i := range m.cells {
		for n := range m.Each + 5 {
			took, err := m.ask(ctx, &m.cells[i], n)
			if err != nil {
				return err
			}
			if n >= 5 {
				*into(&m.cells[i]) = append(*into(&m.cells[i]), took)
			}
		}
	}
	return nil
}

func (m *filtersRun) warm(ctx context.Context) error {
	m.say("warm, one at a time")
	if err := m.repeat(ctx, func(c *filterCell) *[]time.Duration { return &c.Warm }); err != nil {
		return err
	}
	for i := range m.cells {
		if err := m.countRows(ctx, &m.cells[i]); err != nil {
			return err
		}
	}
	for n := range m.Each {
		tx, _, err := m.db.BeginTimers(ctx, 0, 0)
		if err != nil {
			return err
		}
		began := time.Now()
		_, err = tx.Funnel(ctx, crm.EmployeeID(191+n%10))
		m.funnel = append(m.funnel, time.Since(began))
		tx.Rollback(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// countRows asks once more and looks how many rows the server has fetched for it.
func (m *filtersRun) countRows(ctx context.Context, cell *filterCell) error {
	tx, _, err := m.db.BeginTimers(ctx, 0, 0)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	before, err := tx.RowsRead(ctx)
	if err != nil {
		return err
	}
	me := cell.who(0)
	if _, err := tx.Find(ctx, me, cell.filter(int(me), 0), postgres.Page{Size: 5}); err != nil {
		return err
	}
	after, err := tx.RowsRead(ctx)
	cell.Rows = after - before
	return err
}

// many asks sixteen at a time, all filters mixed.
func (m *filtersRun) many(ctx context.Context) error {
	m.say("sixteen at a time")
	var mu sync.Mutex
	_, err := inParallel(ctx, manyAtOnce, 4*m.Each*len(m.cells), func(ctx context.Context, n int) error {
		i := n % len(m.cells)
		cell := filterCell{asked: m.cells[i].asked}
		took, err := m.ask(ctx, &cell, 1+n/len(m.cells))
		mu.Lock()
		defer mu.Unlock()
		m.cells[i].Refused += cell.Refused
		if n >= manyAtOnce*len(m.cells) { // before that connections learn the statements
			m.cells[i].Many = append(m.cells[i].Many, took)
		}
		return err
	})
	return err
}

// protectedTables are those with policies.
var protectedTables = []string{"deals", "tasks", "contacts", "events", "attachments", "points", "bookings"}

// bare asks the same without policies: the price of these.
func (m *filtersRun) bare(ctx context.Context) error {
	m.say("without row-level security")
	for _, force := range []string{"NO FORCE", "FORCE"} {
		for _, table := range protectedTables {
			if _, err := m.db.Pool.Exec(ctx, "ALTER TABLE "+table+" "+force+" ROW LEVEL SECURITY"); err != nil {
				return fmt.Errorf("switch the policies of %s: %w", table, err)
			}
		}
		if force == "NO FORCE" {
			if err := m.repeat(ctx, func(c *filterCell) *[]time.Duration { return &c.Bare }); err != nil {
				return err
			}
		}
	}
	return nil
}

// plans prints how the server goes about the slowest three.
func (m *filtersRun) plans(ctx context.Context) error {
	slowest := slices.Clone(m.cells)
	slices.SortFunc(slowest, func(a, b filterCell) int {
		return int(quantile(sortedTimes(b.Warm), 0.99) - quantile(sortedTimes(a.Warm), 0.99))
	})
	for _, cell := range slowest[:min(3, len(slowest))] {
		tx, _, err := m.db.BeginTimers(ctx, 0, 0)
		if err != nil {
			return err
		}
		me := cell.who(0)
		plan, err := tx.ExplainFind(ctx, me, cell.filter(int(me), 0), true)
		tx.Rollback(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(m.Out, "\n%s, %s:\n%s", cell.name, cell.role, plan)
	}
	return nil
}

func sortedTimes(times []time.Duration) []time.Duration { return slices.Sorted(slices.Values(times)) }
