package bench

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"
)

// theFloors are what a server does at least for a list: one index, five rows, no policy, no count.
var theFloors = []struct{ name, sql string }{
	{"five open deals of an owner", `SELECT id, title, stage, owner_id, fields FROM deals WHERE owner_id = $1 AND status = 'open' ORDER BY id DESC LIMIT 5`},
	{"a thousand open deals, counted", `SELECT count(*) FROM (SELECT FROM deals WHERE status = 'open' AND $1 > 0 ORDER BY id DESC LIMIT 1000) d`},
	{"five deals of a contact with a name", `SELECT d.id, d.title FROM contact_keys k JOIN deals d ON d.contact_id = k.contact_id WHERE k.name LIKE '% аигу%' AND k.name LIKE '% серик%' AND $1 > 0 LIMIT 5`},
}

// floors measures bare statements, without policies.
func (m *filtersRun) floors(ctx context.Context) error {
	if _, err := m.db.Pool.Exec(ctx, "ALTER TABLE deals NO FORCE ROW LEVEL SECURITY"); err != nil {
		return fmt.Errorf("switch the policies off: %w", err)
	}
	for _, floor := range theFloors {
		for n := range m.Each + 5 {
			began := time.Now()
			if _, err := m.db.Pool.Exec(ctx, floor.sql, 1+n%190); err != nil {
				return fmt.Errorf("measure the floor: %w", err)
			}
			if n >= 5 {
				m.floor[floor.name] = append(m.floor[floor.name], time.Since(began))
			}
		}
	}
	return nil
}

// all takes the filters of a kind together.
func (m *filtersRun) all(kind string) (sum filterCell) {
	for _, c := range m.cells {
		if c.kind == kind {
			sum.Cold, sum.Warm, sum.Bare, sum.Many = append(sum.Cold, c.Cold...), append(sum.Warm, c.Warm...), append(sum.Bare, c.Bare...), append(sum.Many, c.Many...)
			sum.Refused += c.Refused
		}
	}
	return sum
}

// print writes the report.
func (m *filtersRun) print(filled time.Duration) {
	fmt.Fprintf(m.Out, "\n%d deals, %d contacts, 200 employees (filled in %s). Each filter: a page of five, the count up to 1000, from call to answer, ms.\n", m.Deals, m.Deals/2, rounded(filled))
	table := tabwriter.NewWriter(m.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "filter\trole\tfound\trows read\tcold p50\twarm p50\tp99\twithout policies p50\tp99\tat 16 p50\tp99\trefused")
	at := func(times []time.Duration, q float64) string {
		return fmt.Sprintf("%.2f", milliseconds(quantile(sortedTimes(times), q)))
	}
	for _, c := range m.cells {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", c.name, c.role, c.Found, c.Rows, at(c.Cold, 0.5), at(c.Warm, 0.5), at(c.Warm, 0.99), at(c.Bare, 0.5), at(c.Bare, 0.99), at(c.Many, 0.5), at(c.Many, 0.99), c.Refused)
	}
	for _, kind := range []string{listKind, searchKind} {
		c := m.all(kind)
		fmt.Fprintf(table, "all of kind %s\t\t\t\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind, at(c.Cold, 0.5), at(c.Warm, 0.5), at(c.Warm, 0.99), at(c.Bare, 0.5), at(c.Bare, 0.99), at(c.Many, 0.5), at(c.Many, 0.99))
	}
	table.Flush()
	fmt.Fprintf(m.Out, "\nThe funnel of all stages: p50 %s, p99 %s ms.\nFloors, bare statements on an index, without policies:\n", at(m.funnel, 0.5), at(m.funnel, 0.99))
	for _, f := range theFloors {
		fmt.Fprintf(m.Out, "  %s: p50 %s, p99 %s ms\n", f.name, at(m.floor[f.name], 0.5), at(m.floor[f.name], 0.99))
	}
}
