package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	countCap  = 1000 // how far found deals are counted
	nearCap   = 500  // how many of the deals that come first are looked through before any other way is tried
	pageCap   = 100  // deals of a page
	exportCap = 5001 // deals of a file
)

// Page is which part of what was found is wanted: Size deals after the first Skip.
type Page struct {
	Skip int
	Size int
}

// Found is one page of what a filter finds. Total counts all of it; when AtLeast is set there is more, nobody counted further.
// Newest is when the youngest deal of the page was opened.
type Found struct {
	Deals   []FoundDeal
	Total   int
	AtLeast bool
	Newest  time.Time
}

// FoundDeal is a deal as a line of a list shows it. DueAt is when its next open task is due, VisitAt when its next visit begins;
// zero when there is none.
type FoundDeal struct {
	crm.Deal
	City        string
	OwnerName   string
	ContactName string
	Code        string // of the asset
	Address     string // of the asset
	DueAt       time.Time
	VisitAt     time.Time
}

const (
	// Whatever comes of the search, the transaction is afterwards what it was before, its settings too. Nothing that is looked
	// for here is worth being compiled, or read whole, or planned anew for each value; what belongs to deals is read through deals only.
	sqlBeginFind = `SAVEPOINT find`
	sqlLimitFind = `SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
			set_config('plan_cache_mode', 'force_generic_plan', true), set_config('govorun.by_deals', 'on', true)`
	// What is looked up ahead is read as the program: no such index works behind a policy. It gives numbers, of which the policies are asked afterwards.
	sqlFindAs    = `SELECT set_config('govorun.employee', $1, true)`
	sqlLeaveFind = `ROLLBACK TO SAVEPOINT find`
	sqlEndFind   = `RELEASE SAVEPOINT find`
)

// Find lists the deals that a filter picks out of those that an employee sees, whatever the filter says. It writes what waits first. A search
// that takes longer than two seconds is crm.ErrTooBroad; the turn goes on either way.
func (t *Turns) Find(ctx context.Context, me crm.EmployeeID, f crm.Filter, page Page) (Found, error) {
	page.Skip, page.Size = within(page.Skip, 0, countCap), within(page.Size, 1, pageCap)
	return t.search(ctx, me, plan{f: f, page: page, most: countCap, reach: nearCap}, "2s")
}

// FindAll is Find for a file: as many deals as wanted, at most exportCap, in one go. It may take ten seconds.
func (t *Turns) FindAll(ctx context.Context, me crm.EmployeeID, f crm.Filter, most int) ([]FoundDeal, error) {
	most = within(most, 1, exportCap)
	found, err := t.search(ctx, me, plan{f: f, page: Page{Size: most}, most: most}, "10s")
	return found.Deals, err
}

func (t *Turns) search(ctx context.Context, me crm.EmployeeID, p plan, patience string) (Found, error) {
	if err := t.Flush(ctx); err != nil {
		return Found{}, err
	}
	p.me, p.done = named(me), -1
	found, err := t.find(ctx, p, patience)
	if err == nil {
		return found, nil
	}
	if code := codeOf(err); code != "" { // the server has refused: the transaction goes on
		for _, sql := range []string{sqlLeaveFind, sqlEndFind} { // one after the other: in a transaction that failed only the first is understood
			if _, err := t.conn.Exec(ctx, sql); err != nil {
				return Found{}, fmt.Errorf("end a search: %w", domain(err))
			}
		}
		if code == codeCancelled {
			return Found{}, fmt.Errorf("find deals for employee %d: %w", me, crm.ErrTooBroad)
		}
	}
	return Found{}, fmt.Errorf("find deals for employee %d: %w", me, domain(err))
}

// codeCancelled is Postgres' code of a statement that took too long.
const codeCancelled = "57014"

func (t *Turns) find(ctx context.Context, p plan, patience string) (found Found, err error) {
	batch := &pgx.Batch{}
	batch.Queue(sqlBeginFind)
	batch.Queue(sqlSeeAs, p.me)
	batch.Queue(sqlLimitFind, patience)
	batch.Queue(sqlScope).QueryRow(p.s.scan)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return found, err
	}
	if p.s.me == 0 { // nobody who works here
		return found, t.endFind(ctx)
	}
	if p.near = p.looksNear(); p.near {
		if found, err = t.carryOut(ctx, p); err != nil {
			return found, err
		}
		if !found.AtLeast || len(found.Deals) == p.page.Size {
			return found, t.endFind(ctx)
		}
		p.near = false
	}
	if p, err = t.plan(ctx, p); err != nil {
		return found, err
	}
	if p.early {
		if found, err = t.carryOut(ctx, p); err != nil {
			return found, err
		}
		if len(found.Deals) == p.page.Size {
			return found, t.endFind(ctx)
		}
		p.early, p.ids = false, nil // those that have a time were too few
	}
	return t.carryOut(ctx, p, sqlLeaveFind, sqlEndFind)
}

// carryOut runs the search as it is planned so far, and what comes after it.
func (t *Turns) carryOut(ctx context.Context, p plan, after ...string) (found Found, err error) {
	q, sql := p.statement()
	batch := &pgx.Batch{}
	p.told.explain(batch, sql, q.args)
	batch.Queue(sql, q.args...).Query(func(rows pgx.Rows) (err error) {
		found, err = collectFound(rows, p)
		return err
	})
	for _, sql := range after {
		batch.Queue(sql)
	}
	return found, t.conn.SendBatch(ctx, batch).Close()
}

func (t *Turns) endFind(ctx context.Context) error {
	batch := &pgx.Batch{}
	batch.Queue(sqlLeaveFind)
	batch.Queue(sqlEndFind)
	return t.conn.SendBatch(ctx, batch).Close()
}

// collectFound reads a page; the first row has the count, also when there is nothing else in it.
func collectFound(rows pgx.Rows, p plan) (Found, error) {
	var found Found
	for rows.Next() {
		var d FoundDeal
		var id *crm.DealID
		var closed, due, visit, entered, created *time.Time
		if err := rows.Scan(&found.Total, &found.AtLeast, &id, &d.Pipeline, &d.Stage, &d.Status, &d.Title, &d.Contact, &d.Asset, &d.Owner, &d.Crew, &d.Parent,
			&d.Conversation, &d.UniqueKey, &d.LostReason, &d.Fields, &entered, &created, &closed, &d.City,
			&d.OwnerName, &d.ContactName, &d.Code, &d.Address, &due, &visit); err != nil {
			return found, err
		}
		if id == nil {
			continue
		}
		d.ID, d.EnteredAt, d.CreatedAt, d.ClosedAt, d.DueAt, d.VisitAt = *id, deref(entered), deref(created), deref(closed), deref(due), deref(visit)
		if d.CreatedAt.After(found.Newest) {
			found.Newest = d.CreatedAt
		}
		found.Deals = append(found.Deals, d)
	}
	found.AtLeast = found.AtLeast || p.early
	return found, rows.Err()
}
