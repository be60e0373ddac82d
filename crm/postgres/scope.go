package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"govorun/crm"
)

const (
	// What follows in this transaction or savepoint is read as an employee; as 0 it is the program again. The function and the policies
	// that go by it are in migrations/00004_isolation.sql.
	sqlSeeAs = `SELECT see_as($1)`

	sqlScope = `SELECT coalesce(nullif(current_setting('govorun.me', true), '')::bigint, 0), coalesce(nullif(current_setting('govorun.crew', true), '')::bigint, 0),
			coalesce(nullif(current_setting('govorun.crew_seen', true), '')::bigint, 0), current_setting('govorun.wide', true) = 'on',
			current_setting('govorun.everywhere', true) = 'on', current_setting('govorun.any_pipeline', true) = 'on',
			nullif(current_setting('govorun.cities', true), '')::text[], nullif(current_setting('govorun.pipelines', true), '')::text[]`
)

// scope is what an employee sees, as the policies go by it. It only chooses ways to look: what is found is looked at again by the policies.
type scope struct {
	me          int64 // 0: nothing is seen
	crew        int64
	crewSeen    int64 // whose deals are seen, 0: no crew's
	wide        bool  // all deals of the cities, or of everywhere
	everywhere  bool
	anyPipeline bool
	cities      []string
	pipelines   []string
}

func (s *scope) scan(row pgx.Row) error {
	return row.Scan(&s.me, &s.crew, &s.crewSeen, &s.wide, &s.everywhere, &s.anyPipeline, &s.cities, &s.pipelines)
}

// DealFor is Deal for an employee: it locks a deal that they see and reads what its card shows; crm.ErrNotFound also when they don't see it.
func (t *Turns) DealFor(ctx context.Context, me crm.EmployeeID, id crm.DealID) (DealView, error) {
	if err := t.FlushDeals(ctx); err != nil {
		return DealView{}, err
	}
	seen := false
	batch := &pgx.Batch{}
	batch.Queue(sqlSeeAs, named(me))
	batch.Queue(sqlLockDeals, []crm.DealID{id}).Exec(func(tag pgconn.CommandTag) error {
		seen = tag.RowsAffected() > 0
		return nil
	})
	batch.Queue(sqlSeeAs, 0)
	t.lock(id)
	t.queueDeal(batch, id)
	if err := t.conn.SendBatch(ctx, batch).Close(); err != nil {
		return DealView{}, fmt.Errorf("read deal %d for employee %d: %w", id, me, domain(err))
	}
	if !seen {
		delete(t.views, id)
		delete(t.locked, id)
		return DealView{}, fmt.Errorf("read deal %d for employee %d: %w", id, me, crm.ErrNotFound)
	}
	return t.Deal(ctx, id)
}

// named gives nobody a number that no employee has: zero would be the program, which sees all.
func named(me crm.EmployeeID) int64 {
	if me <= 0 {
		return -1
	}
	return int64(me)
}
