package bench

import (
	"context"
	"sync/atomic"
	"time"
)

// shareCell is one measurement of new deals that are shared out by several runners.
type shareCell struct {
	Took, Floor time.Duration
	Times       []time.Duration // of the turns that opened them
	Unequal     int             // the most loaded worker's deals above the least loaded one's
	Cost        cost
}

// shareAtOnce is how many people write to each replica at a time.
const shareAtOnce = 16

const (
	sqlUnequal = `SELECT max(open_deals) - min(open_deals) FROM employees WHERE role = 'worker'`

	// What is counted is what there is.
	sqlMiscounted = `SELECT count(*) FROM employees e WHERE role = 'worker' AND open_deals <> (SELECT count(*) FROM deals d WHERE d.owner_id = e.id AND d.status = 'open')`

	// Each of these chats has opened one deal, which got its owner once.
	sqlShared = `SELECT count(*) FROM generate_series($1::bigint, $2::bigint) n JOIN conversations c ON c.channel = 'telegram' AND c.chat = (5000000000 + n)::text
		WHERE (SELECT count(*) FROM deals d WHERE d.contact_id = c.contact_id AND d.owner_id IS NOT NULL) = 1
		AND (SELECT count(*) FROM events e JOIN deals d ON d.id = e.deal_id WHERE d.contact_id = c.contact_id AND e.kind = 'deal_owned') = 1`
)

// share lets two replicas share new deals out to the same people.
func (r *rules) share(ctx context.Context) error {
	r.say("  %d deals shared out by %d replicas", r.Shared, replicas)
	first := r.chats + 1
	r.chats += r.Shared
	step := func(step int) ([]time.Duration, error) {
		var turns atomic.Int64
		return inParallel(ctx, replicas*shareAtOnce, r.Shared, func(ctx context.Context, n int) error {
			return say(ctx, r.replicas[turns.Add(1)%replicas].runner, first+n, step)
		})
	}
	last := len(rulesSteps) - 1
	for n := range last {
		if _, err := step(n); err != nil {
			return err
		}
	}
	var cell shareCell
	before, began := r.look(), time.Now()
	var err error
	if cell.Times, err = step(last); err != nil {
		return err
	}
	cell.Took = time.Since(began)
	cell.Cost = r.spent(before, r.look())
	if cell.Unequal, err = r.count(ctx, sqlUnequal); err != nil {
		return err
	}
	right, err := r.count(ctx, sqlShared, first, first+r.Shared-1)
	if err != nil {
		return err
	}
	wrong, err := r.count(ctx, sqlMiscounted)
	if err != nil {
		return err
	}
	r.report.unshared += r.Shared - right + wrong
	if cell.Floor, err = r.floorShare(ctx, first); err != nil {
		return err
	}
	r.report.shares = append(r.report.shares, cell)
	return nil
}
