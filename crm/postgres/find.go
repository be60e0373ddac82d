package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"govorun/crm"
)

const (
	countCap      = 1000 // how far found deals are counted
	walkCap       = 1000 // how many deals are walked through to count those that fit, when many are looked at for each
	searchWalkCap = 300  // the same for searches
	pageCap       = 100  // deals of a page
	exportCap     = 5001 // deals of a file
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
	// Whatever comes of the search, the transaction is afterwards what it was before. Nothing that is looked
	// for here is worth being compiled, or read whole.
	sqlBeginFind = `SAVEPOINT find`
	sqlLimitFind = `SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true)`
	sqlLeaveFind = `ROLLBACK TO SAVEPOINT find`
	sqlEndFind   = `RELEASE SAVEPOINT find`
)

// Find lists the deals that a filter picks out of those that an employee sees, whatever the filter says. It writes what waits first. A search
// that takes longer than two seconds is crm.ErrTooBroad; the turn goes on either way.
func (t *Turns) Find(ctx context.Context, me crm.EmployeeID, f crm.Filter, page Page) (Found, error) {
	page.Skip, page.Size = within(page.Skip, 0, countCap), within(page.Size, 1, pageCap)
	return t.search(ctx, me, plan{f: f, page: page, most: countCap}, "2s")
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
	p.done = -1
	found, err := t.find(ctx, named(me), p, patience)
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

func (t *Turns) find(ctx context.Context, me int64, p plan, patience string) (Found, error) {
	s := &p.s
	batch := &pgx.Batch{}
	batch.Queue(sqlBeginFind)
	batch.Queue(sqlLimitFind, patience)
	batch.Queue(sqlSeeAs, me)
	batch.Queue(sqlScope).QueryRow(s.scan)
	batch.Queue(sqlSeeAs, 0)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return Found{}, err
	}
	if s.me == 0 { // nobody who works here
		return Found{}, t.endFind(ctx)
	}
	p, err := t.plan(ctx, p)
	if err != nil {
		return Found{}, err
	}
	var found Found
	for {
		q, sql := p.statement()
		if err := p.explain(ctx, t, me, sql, q.args); err != nil {
			return Found{}, err
		}
		batch = &pgx.Batch{}
		batch.Queue(sqlSeeAs, me)
		batch.Queue(sql, q.args...).Query(func(rows pgx.Rows) (err error) {
			found, err = collectFound(rows, p)
			return err
		})
		batch.Queue(sqlSeeAs, 0)
		if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
			return Found{}, err
		}
		if !p.early || len(found.Deals) == p.page.Size {
			return found, t.endFind(ctx)
		}
		p.early, p.ids = false, nil // those that have a time were too few
	}
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
