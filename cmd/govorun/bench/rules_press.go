package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// Digits of deals: an order that is pressed, one that the floor writes, one with a timer for a person, one with a reminder.
const (
	digitPressed = iota
	digitFloor
	digitIdle
	digitRemind
)

// atOnce is how many employees press at a time.
var atOnce = [...]int{1, 8}

// pressCell is one measurement of presses, with the floor beside it. Times are sorted.
type pressCell struct {
	Times, Floor []time.Duration
	Rate         float64 // presses a second
	Cost         cost
	FloorCost    cost
}

// presses measures the press of a button that moves a deal, fires five rules and opens a linked deal.
func (r *rules) presses(ctx context.Context) error {
	for i, many := range atOnce {
		var cell pressCell
		r.say("  presses, %d at a time", many)
		warm := max(1, r.Presses/10)
		if _, err := r.press(ctx, many, warm); err != nil {
			return err
		}
		var err error
		cell.Cost, err = r.measured(ctx, func() (err error) {
			began := time.Now()
			cell.Times, err = r.press(ctx, many, r.Presses)
			cell.Rate = float64(r.Presses) / time.Since(began).Seconds()
			return err
		})
		if err != nil {
			return err
		}
		if _, err := r.floorPress(ctx, many, warm); err != nil {
			return err
		}
		if cell.FloorCost, err = r.measured(ctx, func() (err error) { cell.Floor, err = r.floorPress(ctx, many, r.Presses); return err }); err != nil {
			return err
		}
		r.report.presses[i] = append(r.report.presses[i], cell)
	}
	return r.accountPresses(ctx)
}

// press lets employees press so many buttons, some at a time, and gives the times from Accept to commit.
func (r *rules) press(ctx context.Context, atOnce, presses int) ([]time.Duration, error) {
	first := r.pressed
	r.pressed += presses
	return inParallel(ctx, atOnce, presses, func(ctx context.Context, n int) error {
		return pressOrder(ctx, r.replicas[0].runner, r.deal(first+n, digitPressed))
	})
}

// pressOrder takes an order, by the button of its card.
func pressOrder(ctx context.Context, runner *turn.Runner, id int64) error {
	chat := fmt.Sprint(9000000000 + clerkOf(id))
	in := crm.Inbound{Address: crm.Address{Channel: "telegram", Chat: chat}, From: crm.Person{ID: chat}, Kind: crm.InPress, SentAt: time.Now(),
		Key: fmt.Sprintf("p:%d", id), Press: &crm.Press{Data: fmt.Sprintf("k:%d:order:take", id), Message: fmt.Sprint(id)}}
	receipt, err := runner.Accept(ctx, in)
	if err == nil && receipt.Toast != "Taken" {
		err = fmt.Errorf("the press on deal %d was answered by %q", id, receipt.Toast)
	}
	return err
}

// clerkOf is the employee whose order it is.
func clerkOf(deal int64) int64 { return 1 + deal/10%clerks }

// inParallel does something n times, so many at a time, and gives the sorted times of each. The first error ends it.
func inParallel(ctx context.Context, atOnce, n int, do func(ctx context.Context, nth int) error) ([]time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	times := make([]time.Duration, n)
	var next atomic.Int64
	var group sync.WaitGroup
	for range atOnce {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := do(ctx, i); err != nil {
					cancel(err)
					return
				}
				times[i] = time.Since(began)
			}
		})
	}
	group.Wait()
	slices.Sort(times)
	return times, context.Cause(ctx)
}

const (
	// Of each pressed order: it stands in work, five rules and the link have left what they leave, each once.
	sqlPressed = `SELECT count(*) FROM unnest($1::bigint[]) AS u(id) JOIN deals d ON d.id = u.id WHERE d.stage = 'work' AND d.fields->>'state' = 'taken'
		AND (SELECT count(*) FROM links l JOIN deals j ON j.id = l.other_id WHERE l.deal_id = d.id AND j.owner_id BETWEEN $2 AND $3 AND l.name = 'job') = 1
		AND (SELECT count(*) FROM tasks t WHERE t.deal_id = d.id AND t.assignee_id = d.owner_id AND t.card = 'order') = 1
		AND (SELECT count(*) FROM timers t WHERE t.deal_id = d.id AND t.kind = 'remind' AND t.status = 'waiting') = 1
		AND (SELECT count(*) FROM timers t WHERE t.deal_id = d.id AND t.kind = 'idle' AND t.status = 'waiting' AND t.rule = 'forgotten') = 1
		AND (SELECT count(*) FROM events e WHERE e.deal_id = d.id AND e.kind = 'rated') = 1
		AND (SELECT count(*) FROM messages m WHERE m.conversation_id = d.conversation_id AND m.direction = 'out' AND m.content->>'text' LIKE '%is taken.') = 1`
)

// accountPresses compares what was pressed with what is stored.
func (r *rules) accountPresses(ctx context.Context) error {
	right, err := r.count(ctx, sqlPressed, r.deals(0, r.pressed, digitPressed), firstWorker, firstWorker+workers-1)
	r.report.pressed, r.report.wrong = r.pressed, r.pressed-right
	return err
}
