package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// A report reads as the employee who asks for it, under the policies, for two seconds a statement at most. Whatever comes of it, the transaction
// is afterwards what it was before.
const (
	sqlBeginReport = `SAVEPOINT report`
	sqlLimitReport = `SELECT set_config('statement_timeout', '2s', true), set_config('jit', 'off', true), set_config('govorun.by_deals', 'on', true)`
	sqlLeaveReport = `ROLLBACK TO SAVEPOINT report`
	sqlEndReport   = `RELEASE SAVEPOINT report`
)

// report lets somebody read as an employee. What is queued is read in one round trip; s is what they see. Nobody who works here reads nothing.
func (t *Turns) report(ctx context.Context, me crm.EmployeeID, queue func(batch *pgx.Batch, s scope)) error {
	if err := t.Flush(ctx); err != nil {
		return err
	}
	err := t.reading(ctx, me, queue)
	if err == nil {
		return nil
	}
	if code := codeOf(err); code != "" { // the server has refused: the transaction goes on
		for _, sql := range []string{sqlLeaveReport, sqlEndReport} { // one after the other: in a transaction that failed only the first is understood
			if _, err := t.conn.Exec(ctx, sql); err != nil {
				return fmt.Errorf("end a report: %w", domain(err))
			}
		}
		if code == codeCancelled {
			return fmt.Errorf("report to employee %d: %w", me, crm.ErrTooBroad)
		}
	}
	return fmt.Errorf("report to employee %d: %w", me, domain(err))
}

func (t *Turns) reading(ctx context.Context, me crm.EmployeeID, queue func(*pgx.Batch, scope)) error {
	var s scope
	batch := &pgx.Batch{}
	batch.Queue(sqlBeginReport)
	batch.Queue(sqlSeeAs, named(me))
	batch.Queue(sqlLimitReport)
	batch.Queue(sqlScope).QueryRow(s.scan)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	batch = &pgx.Batch{}
	if s.me != 0 {
		queue(batch, s)
	}
	batch.Queue(sqlLeaveReport)
	batch.Queue(sqlEndReport)
	return t.conn.SendBatch(ctx, batch).Close()
}

// LeadsWanted says what counts as a lead: the first deal of a person in these pipelines that was opened in the period. Steps are places that
// leads reach, each with the number of its step from 1 on.
type LeadsWanted struct {
	Period
	Pipelines []string
	Steps     []StepPlace
}

// StepPlace is a stage on which a lead has reached a step.
type StepPlace struct {
	Place
	Step int
}

// MostSteps is how many steps a report counts.
const MostSteps = 3

// LeadCount is how many leads a source brought in a city, and how many of them have reached each step by now. Who has reached a later step has
// reached the ones before it.
type LeadCount struct {
	Source  string // empty: unknown
	City    string // empty: unknown
	Leads   int
	Reached [MostSteps]int
}

// CostSum is what a source has cost in a city, in hundredths of the kit's currency. An empty City means all of them.
type CostSum struct {
	Source string
	City   string
	Cost   int64
}

const (
	// Which deals have ever stood on a place is told by the timeline; where they stand now also by themselves, since a deal may have come there
	// without a line (by an import, or by a change of the kit). The lines of a deal are read once, whatever the number of places.
	sqlReportLeads = `WITH leads AS MATERIALIZED (
			SELECT DISTINCT ON (coalesce(d.contact_id, -d.id)) d.id, d.contact_id, d.source, d.city, d.created_at FROM deals d
			WHERE d.pipeline = ANY ($3::text[]) AND d.created_at >= $1 AND d.created_at < $2 ORDER BY coalesce(d.contact_id, -d.id), d.created_at, d.id),
		places AS MATERIALIZED (SELECT pipeline, stage, step FROM unnest($4::text[], $5::text[], $6::integer[]) AS u(pipeline, stage, step)),
		theirs AS MATERIALIZED (
			SELECT l.id AS lead, o.id, o.pipeline, o.stage FROM leads l JOIN deals o ON o.contact_id = l.contact_id
			WHERE o.created_at >= l.created_at AND o.pipeline = ANY ($4::text[])
			UNION ALL SELECT l.id, o.id, o.pipeline, o.stage FROM leads l JOIN deals o ON o.id = l.id WHERE l.contact_id IS NULL),
		reached AS (
			SELECT w.lead, max(x.step) AS step FROM theirs w
			CROSS JOIN LATERAL (SELECT w.stage || ARRAY(
				SELECT e.data->>'stage' FROM events e WHERE e.deal_id = w.id AND e.kind IN ('deal_opened', 'deal_moved')) AS stages OFFSET 0) s
			CROSS JOIN LATERAL (SELECT max(p.step) AS step FROM places p WHERE p.pipeline = w.pipeline AND p.stage = ANY (s.stages)) x GROUP BY w.lead)
		SELECT l.source, l.city, count(*), count(*) FILTER (WHERE r.step >= 1), count(*) FILTER (WHERE r.step >= 2), count(*) FILTER (WHERE r.step >= 3)
		FROM leads l LEFT JOIN reached r ON r.lead = l.id GROUP BY l.source, l.city ORDER BY 3 DESC, 1, 2`

	// Costs of no one city are told to those who see every city: a part of them can't be worked out.
	sqlReportCosts = `SELECT source, city, sum(cost)::bigint FROM source_costs WHERE day >= $1::date AND day < $2::date
		AND ($3::boolean OR city <> '' AND city = ANY ($4::text[])) GROUP BY source, city ORDER BY 3 DESC, 1, 2`
)

// Leads counts the leads of a period that an employee sees, by source and city, and what they have cost; costs are told to who sees all deals of
// a city. A report that takes longer than two seconds is crm.ErrTooBroad; the turn goes on either way.
func (t *Turns) Leads(ctx context.Context, me crm.EmployeeID, w LeadsWanted) (counts []LeadCount, costs []CostSum, err error) {
	var pipelines, stages []string
	var steps []int32
	for _, p := range w.Steps {
		pipelines, stages, steps = append(pipelines, p.Pipeline), append(stages, p.Stage), append(steps, int32(p.Step))
	}
	err = t.report(ctx, me, func(batch *pgx.Batch, s scope) {
		batch.Queue(sqlReportLeads, w.From, w.Until, orNone(w.Pipelines), orNone(pipelines), orNone(stages), steps).Query(func(rows pgx.Rows) (err error) {
			counts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (c LeadCount, err error) {
				return c, row.Scan(&c.Source, &c.City, &c.Leads, &c.Reached[0], &c.Reached[1], &c.Reached[2])
			})
			return err
		})
		if s.wide {
			batch.Queue(sqlReportCosts, w.From.Format(time.DateOnly), w.Until.Format(time.DateOnly), s.everywhere, orNone(s.cities)).Query(func(rows pgx.Rows) (err error) {
				costs, err = pgx.CollectRows(rows, pgx.RowToStructByPos[CostSum])
				return err
			})
		}
	})
	return counts, costs, err
}
