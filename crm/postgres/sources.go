package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Source is a code that stands in the links of one advertisement. City is empty when people of any city come by it; Title is for people.
type Source struct {
	Code    string
	Source  string
	City    string
	Title   string
	Retired bool
}

// SourceCost is what a day of an advertisement has cost, or of a whole source when Code is empty. Cost is in hundredths of the kit's currency; an
// empty City means all of them. Day is midnight UTC.
type SourceCost struct {
	Day    time.Time
	Source string
	City   string
	Code   string
	Cost   int64
}

const (
	sqlSource = `SELECT code, source, city, title, retired_at IS NOT NULL FROM sources WHERE code = $1 AND retired_at IS NULL`

	sqlSources = `SELECT code, source, city, title, retired_at IS NOT NULL FROM sources ORDER BY retired_at IS NOT NULL, source, code`

	// Whoever advertises elsewhere takes another code: leads that came by this one keep what it was for.
	sqlAddSource = `INSERT INTO sources (code, source, city, title) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT sources_pkey
		DO UPDATE SET title = excluded.title, retired_at = NULL WHERE sources.source = excluded.source AND sources.city = excluded.city`

	sqlRetireSource = `UPDATE sources SET retired_at = now() WHERE code = $1 AND retired_at IS NULL`

	sqlMergeCosts = `WITH rows AS (
			SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::bigint[]) AS u(day, source, city, code, cost)),
		merged AS (
			SELECT r.*, c.cost AS before FROM rows r LEFT JOIN source_costs c ON (c.day, c.source, c.city, c.code) = (r.day, r.source, r.city, r.code)),
		written AS (
			INSERT INTO source_costs (day, source, city, code, cost) SELECT day, source, city, code, cost FROM merged WHERE before IS DISTINCT FROM cost
			ON CONFLICT ON CONSTRAINT source_costs_pkey DO UPDATE SET cost = excluded.cost)
		SELECT count(*) FILTER (WHERE before IS NULL), count(*) FILTER (WHERE before <> cost) FROM merged`
)

// Source finds a code that is not retired; crm.ErrNotFound when there is none.
func (t *Turns) Source(ctx context.Context, code string) (Source, error) {
	rows, err := t.conn.Query(ctx, sqlSource, code)
	if err != nil {
		return Source{}, fmt.Errorf("find the source of a link: %w", domain(err))
	}
	s, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Source])
	if err != nil {
		return Source{}, fmt.Errorf("find the source of a link: %w", domain(err))
	}
	return s, nil
}

// Sources lists all codes, the retired ones last.
func (db *DB) Sources(ctx context.Context) ([]Source, error) {
	rows, err := db.Pool.Query(ctx, sqlSources)
	if err != nil {
		return nil, wrap(err, "list sources")
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Source])
	return list, wrap(err, "list sources")
}

// AddSource keeps a code, or takes a retired one of the same source and city back. A code that stands for another source or city is
// crm.ErrDuplicate: leads have come by it.
func (db *DB) AddSource(ctx context.Context, s Source) error {
	done, err := db.Pool.Exec(ctx, sqlAddSource, s.Code, s.Source, s.City, s.Title)
	if err != nil {
		return wrap(err, "add source %s", s.Code)
	}
	if done.RowsAffected() == 0 {
		return fmt.Errorf("add source %s: %w", s.Code, crm.ErrDuplicate)
	}
	return nil
}

// RetireSource takes a code out of use; crm.ErrNotFound when it is in none.
func (db *DB) RetireSource(ctx context.Context, code string) error {
	done, err := db.Pool.Exec(ctx, sqlRetireSource, code)
	if err != nil {
		return wrap(err, "retire source %s", code)
	}
	if done.RowsAffected() == 0 {
		return fmt.Errorf("retire source %s: %w", code, crm.ErrNotFound)
	}
	return nil
}

// ImportCosts keeps what days have cost, all of them or none; a day that was there before costs what is said now. Rows must name each day of an
// advertisement once.
func (db *DB) ImportCosts(ctx context.Context, costs []SourceCost, o ImportOptions) (ImportCounts, error) {
	days, sums := make([]time.Time, len(costs)), make([]int64, len(costs))
	sources, cities, codes := make([]string, len(costs)), make([]string, len(costs)), make([]string, len(costs))
	for i, c := range costs {
		days[i], sources[i], cities[i], codes[i], sums[i] = c.Day, c.Source, c.City, c.Code, c.Cost
	}
	var n ImportCounts
	err := db.importing(ctx, o.Dry, func(tx pgx.Tx) error {
		o.tell(len(costs))
		return tx.QueryRow(ctx, sqlMergeCosts, days, sources, cities, codes, sums).Scan(&n.New, &n.Changed)
	})
	if err != nil {
		return ImportCounts{}, fmt.Errorf("import %d costs: %w", len(costs), err)
	}
	n.Same = len(costs) - n.New - n.Changed
	return n, nil
}
