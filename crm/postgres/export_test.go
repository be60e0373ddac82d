package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

// Begin is a transaction of turns without any input.
func (db *DB) Begin(ctx context.Context) (*Turns, error) {
	t, _, err := db.BeginTimers(ctx, 0, 0)
	return t, err
}

// WriteAutomation writes what goes on by itself, and nothing else, without committing.
func (t *Turns) WriteAutomation(ctx context.Context, a *Automation) error {
	batch := &pgx.Batch{}
	a.queue(batch)
	return t.conn.SendBatch(ctx, batch).Close()
}

// Domain is how errors of the server leave this room.
var Domain = domain

// FindNear is Find that looks through so many deals ahead of other ways.
func (t *Turns) FindNear(ctx context.Context, me crm.EmployeeID, f crm.Filter, page Page, reach int) (Found, error) {
	page.Skip = max(0, page.Skip)
	return t.search(ctx, me, plan{f: f, page: page, most: countCap, reach: reach}, "2s")
}

// FindStatement is the text of the search that a technician of a crew makes first.
func FindStatement(me int64, f crm.Filter, page Page) string {
	s := scope{me: me, crew: me + 1, crewSeen: me + 1, cities: []string{"", "x"}, pipelines: []string{"repairs"}}
	p := plan{me: me, s: s, f: f, page: page, most: countCap, reach: nearCap, done: -1}
	p.near = p.looksNear()
	_, sql := p.statement()
	return sql
}

// KeepMonthsAt is KeepMonths at any moment.
func (db *DB) KeepMonthsAt(ctx context.Context, now time.Time) (bool, error) {
	return db.keepMonthsAt(ctx, now)
}

// SureAt is Sure at any moment.
func (db *DB) SureAt(lease string, now time.Time) bool { return db.sureAt(lease, now) }
