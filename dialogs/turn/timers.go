package turn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/rules"
	"govorun/dialogs"
)

// why is the word for a timer that does nothing.
type why = rules.Skip

const (
	// timersAtOnce is how many timers of deals fire in one transaction.
	timersAtOnce = 25
	// unsaidAfter is how long after its time a timer may still write to the contact: as long as the outbox sends a message.
	unsaidAfter = 24 * time.Hour
	// tooOld says why it did not, in the word of the outbox.
	tooOld = "too_old"
	// heldAgain is when a reminder to somebody who talks with a person is looked at again.
	heldAgain = time.Hour
)

// FireTimers does everything whose time has come for deals and gives how many timers that were. Any number of processes may do so: a
// timer is claimed, acted upon and ended in one transaction. Between transactions turns of people have their way. A timer that
// fails by itself is ended and recorded, so that it holds up no other.
func (r *Runner) FireTimers(ctx context.Context) (fired int, err error) {
	most, failures := timersAtOnce, 0
	for ctx.Err() == nil {
		begun := time.Now()
		n, first, err := r.fire(ctx, most)
		switch {
		case err == nil:
			fired += n
			most, failures = min(most*2, timersAtOnce), 0
			if n == 0 {
				return fired, nil
			}
		case most > 1 && first != 0 && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
			most = 1 // so many at a time take too long
		case postgres.Away(err) || postgres.Locked(err) || first == 0:
			return fired, err
		case most > 1:
			most = 1 // one by one, to find which it is
		case postgres.Conflict(err) && failures < maxConflicts:
			failures++
		default:
			r.Log.Error("timer put aside", "timer", first, "err", err)
			if err := r.DB.GiveUpTimer(ctx, first, "failed"); err != nil {
				return fired, err
			}
			failures = 0
		}
		r.giveWay(ctx, time.Since(begun))
	}
	return fired, ctx.Err()
}

// giveWay rests as long as the last transaction took while people are being answered.
func (r *Runner) giveWay(ctx context.Context, took time.Duration) {
	if !r.Busy() {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(took):
	}
}

// fire does at most so many timers in one transaction. First is the first of them, the only one when one was asked for.
func (r *Runner) fire(ctx context.Context, most int) (fired int, first postgres.TimerID, err error) {
	defer func() {
		if p := recover(); p != nil {
			fired, err = 0, panicked(p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, due, err := r.DB.BeginTimers(ctx, r.Shift(), most)
	if err != nil {
		return 0, 0, err
	}
	defer tx.Rollback(ctx)
	if len(due) == 0 {
		return 0, 0, nil
	}
	due, first = due[:min(len(due), most)], due[0].ID // one of a deal and one without may have come: what is left out waits again
	g := r.newGroup(ctx, tx, len(due))
	t := &postgres.Turn{In: crm.Inbound{Kind: crm.InTimeout, SentAt: g.now}, Talk: &postgres.Talk{}}
	if err := g.readDeals(due); err != nil {
		return 0, first, err
	}
	var later []rules.Done
	changed, seen := map[crm.DealID]bool{}, map[crm.DealID]bool{}
	for _, d := range due {
		if seen[d.Deal] { // it is decided by what the timer before has written
			if err := tx.Flush(ctx); err != nil {
				return 0, first, err
			}
		}
		seen[d.Deal] = true
		told, err := g.timer(t, d, changed)
		if err != nil {
			return 0, first, fmt.Errorf("timer %d of deal %d: %w", d.ID, d.Deal, err)
		}
		later = append(later, told...)
	}
	if err := g.tellAll(t, later, changed); err != nil {
		return 0, first, err
	}
	return len(due), first, g.commit()
}

// readDeals reads all deals of timers at once.
func (g *group) readDeals(due []postgres.DueTimer) error {
	var w postgres.Wish
	for _, d := range due {
		if d.Deal != 0 && d.Stale() == "" {
			w.Deals = append(w.Deals, d.Deal)
		}
	}
	_, err := g.tx.ReadAhead(g.ctx, w)
	return err
}

// timer does what a timer of a deal is for, and ends it.
func (g *group) timer(t *postgres.Turn, d postgres.DueTimer, changed map[crm.DealID]bool) (later []rules.Done, err error) {
	if d.Deal == 0 {
		return nil, g.loose(t, d)
	}
	done, skip, until, err := g.decide(t, d)
	if err != nil {
		return nil, err
	}
	if g.tx.Now.Sub(d.DueAt) > unsaidAfter {
		held := false
		if done, held = unsaid(done); held && d.Kind == crm.TimerRemind {
			skip = tooOld
		}
	}
	end := postgres.TimerEnd{ID: d.ID, Status: postgres.TimerFired}
	switch {
	case !until.IsZero():
		end.Status, end.Reason, end.DueAt = postgres.TimerWaiting, string(skip), until
	case skip != "":
		end.Status, end.Reason = postgres.TimerSkipped, string(skip)
	}
	g.tx.Changes.Ends = append(g.tx.Changes.Ends, end)
	if done, err = g.settleVisits(t, done); err != nil {
		return nil, err
	}
	later = g.write(t, done, changed, &Trace{})
	if d.Kind == crm.TimerRemind {
		g.heardSoFar(d)
	}
	return later, nil
}

// heardSoFar tells the next reminder which word of the contact this one knew of: one that is being stored right now stops it.
func (g *group) heardSoFar(d postgres.DueTimer) {
	for i := range g.tx.Changes.Timers {
		if next := &g.tx.Changes.Timers[i]; next.Deal == d.Deal && next.Kind == crm.TimerRemind && next.Message == 0 {
			next.Message = d.Heard
		}
	}
}

// unsaid leaves out what would be told to the contact, and tells whether there was any: the words of another day help nobody, and
// a restored backup holds words that were said. All else is done; the plan of a reminder goes on to its next one.
func unsaid(done []rules.Done) (left []rules.Done, held bool) {
	left = slices.Clone(done)
	for i, d := range left {
		instead := crm.Recorded{Kind: "contact_not_told", Data: crm.Fields{"reason": tooOld}}
		switch e := d.Effect.(type) {
		case crm.Notified:
			if e.To != crm.ToContact {
				continue
			}
			instead.Deal, instead.Data["text"] = e.Deal, e.Key
		case crm.DialogWanted:
			if e.Employee != 0 {
				continue
			}
			instead.Deal, instead.Data["text"] = e.Deal, e.Dialog
		default:
			continue
		}
		left[i].Effect, held = instead, true
	}
	return left, held
}

// decide asks the rules what a timer does. Until is set when it goes on waiting.
func (g *group) decide(t *postgres.Turn, d postgres.DueTimer) (done []rules.Done, skip rules.Skip, until time.Time, err error) {
	if stale := d.Stale(); stale != "" { // it left the stage and came back: it has another timer now
		return nil, why(stale), until, nil
	}
	c := g.rules(t)
	switch d.Kind {
	case crm.TimerIdle:
		if skip, err = c.Why(d.Deal, d.Rule); err != nil || skip != "" {
			return nil, skip, until, err
		}
		done, err = c.Fire(d.Deal, d.Rule)
	case crm.TimerTake, crm.TimerRecall:
		touched, e := g.tx.TouchedByStaff(g.ctx, d.Deal, d.CreatedAt) // what the contact does takes no deal
		if e != nil {
			return nil, "", until, e
		}
		if d.Kind == crm.TimerTake {
			done, skip, err = c.PassOn(d.TimerSet, touched)
		} else {
			done, skip, err = c.Recall(d.TimerSet, touched)
		}
	case crm.TimerTask:
		task, e := g.tx.Task(g.ctx, d.Task())
		if errors.Is(e, crm.ErrNotFound) {
			return nil, rules.SkipGone, until, nil
		}
		if e != nil {
			return nil, "", until, e
		}
		done, skip, err = c.Overdue(rules.Task{Deal: task.Deal, Assignee: task.Assignee, Title: task.Title, Points: task.Points, Done: !task.DoneAt.IsZero()})
	case crm.TimerRemind:
		return g.remind(c, d)
	case crm.TimerVisit:
		return g.remindVisit(t, d)
	}
	return done, skip, until, err
}

// remind decides about a reminder. Others to the same contact that are overdue as well are told by this one.
func (g *group) remind(c *rules.Cascade, d postgres.DueTimer) (done []rules.Done, skip rules.Skip, until time.Time, err error) {
	deal, err := g.tx.Deal(g.ctx, d.Deal)
	if err != nil {
		return nil, "", until, err
	}
	plan, known := g.Kit.Reminding(d.Rule, g.Kit.Scope(rules.Scene{View: rules.View{Deal: deal.Deal, Contact: deal.Contact, Asset: deal.Asset}, Now: g.now}))
	if !known {
		return nil, rules.SkipGone, until, nil
	}
	m := rules.Reminder{Timer: d.TimerSet, Plan: plan, Answered: d.Answered(), Blocked: d.Blocked, Sent: d.Sent, Bound: g.Kit.Reminders}
	if d.Held && !m.Blocked && !m.Answered { // the robot is silent until the talk is handed back
		return nil, rules.SkipTaken, g.now.Add(heldAgain), nil
	}
	if quiet, end := g.Kit.Quiet(g.now, dialogs.CityOf(deal.Deal, deal.Asset, deal.Contact)); quiet {
		m.Quiet = end
	}
	if done, skip, err = c.Remind(m); err != nil || skip == rules.SkipQuiet {
		return nil, skip, m.Quiet, err
	}
	if skip != "" || !d.Others {
		return done, skip, until, nil
	}
	merged, err := g.tx.MergeReminders(g.ctx, d, g.now)
	for _, other := range merged { // this message counts for their deals as well: they go on to their next one, or to the call
		if next := other.TimerSet; g.Kit.Reminder(next.Rule) != nil {
			plan := g.Kit.Reminder(next.Rule)
			next.Step, next.DueAt = next.Step+1, g.now.Add(plan.Every)
			if next.Step < plan.Max || plan.Task != nil {
				g.tx.Changes.Timers = append(g.tx.Changes.Timers, postgres.TimerRow{TimerSet: next, Message: d.Heard})
			}
		}
	}
	return done, skip, until, err
}
