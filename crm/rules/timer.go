package rules

import (
	"errors"
	"time"

	"govorun/crm"
)

// Skip says why a timer that fired has nothing to do any more; empty when it has.
type Skip string

// Reasons to skip.
const (
	SkipGone      Skip = "gone"      // the deal, or the rule in the kit
	SkipClosed    Skip = "closed"    // the deal is won or lost
	SkipMoved     Skip = "left"      // it no longer stands there, or not since then
	SkipEarly     Skip = "early"     // it does not stand there long enough
	SkipTaken     Skip = "taken"     // a person has touched it, or somebody else has it
	SkipAnswered  Skip = "answered"  // the contact wrote
	SkipOptedOut  Skip = "opted_out" // the contact wants no messages of robots
	SkipBlocked   Skip = "blocked"   // the contact can't be reached
	SkipBound     Skip = "bound"     // as many reminders as are allowed were sent
	SkipDone      Skip = "done"      // the task is done
	SkipQuiet     Skip = "quiet"     // nothing yet: the timer waits until the quiet hours of the contact end
	SkipCondition Skip = "condition" // the rule's condition doesn't hold
)

// clockSlack is how far the clocks of program and database may differ for a deal to stand on its stage "since then".
const clockSlack = 2 * time.Second

// Stale tells why a timer means nothing for the deal any more, whatever its kind; empty when it does.
func (b *Book) Stale(t crm.TimerSet, v *View) Skip {
	if v.Deal.Status != crm.DealOpen {
		return SkipClosed
	}
	if t.Stage == "" {
		return ""
	}
	at, _ := b.Moved(Place{v.Deal.Pipeline, t.Stage}) // a stage that was renamed meanwhile is the same
	if at != b.here(v) || !t.Since.IsZero() && v.Deal.EnteredAt.Sub(t.Since).Abs() > clockSlack {
		return SkipMoved
	}
	return ""
}

// Why tells why Fire would do nothing with an idle rule; empty when the rule fires.
func (c *Cascade) Why(id crm.DealID, ruleID string) (Skip, error) {
	rule := c.Book.rule(ruleID)
	if rule == nil || rule.When.Kind != Idle {
		return SkipGone, nil
	}
	r := &run{Cascade: c}
	v, err := r.deal(id)
	if errors.Is(err, crm.ErrNotFound) {
		return SkipGone, nil
	}
	if err != nil {
		return "", err
	}
	if skip := c.Book.idle(rule, v, c.Now); skip != "" {
		return skip, nil
	}
	scene := r.scene(v, "")
	if holds, err := rule.holds(&scene); err == nil && !holds {
		return SkipCondition, nil
	}
	return "", nil
}

// idle tells why an idle rule has no business with a deal now.
func (b *Book) idle(rule *Rule, v *View, now time.Time) Skip {
	switch {
	case v.Deal.Status != crm.DealOpen:
		return SkipClosed
	case !rule.When.stands(b.here(v)):
		return SkipMoved
	case v.Deal.EnteredAt.Add(rule.When.For - clockSlack).After(now):
		return SkipEarly
	}
	return ""
}

// due begins what a timer does, if it still means something.
func (c *Cascade) due(t crm.TimerSet) (*run, *View, Skip, error) {
	r := &run{Cascade: c}
	v, err := r.deal(t.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, nil, SkipGone, nil
	}
	if err != nil {
		return nil, nil, "", err
	}
	return r, v, c.Book.Stale(t, v), nil
}

// Recall does what a timer of kind recall is for: the deal is shown again to its owner, or to those who process its stage when it has none, and the timer is set
// anew. When a human touched the deal since the timer was set, only the latter. After an outage it is shown once.
func (c *Cascade) Recall(t crm.TimerSet, touched bool) ([]Done, Skip, error) {
	r, v, skip, err := c.due(t)
	if err != nil || skip != "" {
		return nil, skip, err
	}
	place := c.Book.here(v)
	stage := c.Book.stage(place)
	if stage == nil || stage.Recall <= 0 {
		return nil, SkipGone, nil
	}
	cause := by{}.through("stage", place.String(), t.Deal)
	if !touched {
		r.recalled(v, stage, t.Step+1, cause)
	}
	t.Step, t.Stage, t.Since, t.DueAt = t.Step+1, v.Deal.Stage, v.Deal.EnteredAt, c.Now.Add(stage.Recall)
	r.emit(t, cause)
	if touched {
		return r.done, SkipTaken, nil
	}
	return r.done, "", nil
}

func (r *run) recalled(v *View, stage *Stage, times int, by by) {
	args := crm.Fields{"deal": v.Deal.ID, "times": times}
	r.emit(crm.Recorded{Kind: "deal_recalled", Deal: v.Deal.ID, Data: crm.Fields{"stage": v.Deal.Stage, "times": times}}, by)
	if v.Deal.Owner != 0 {
		r.emit(crm.Notified{Deal: v.Deal.ID, To: crm.ToOwner, Key: KeyRecalled, Args: args}, by)
		return
	}
	for _, role := range r.processing(v, stage, by) {
		r.emit(crm.Notified{Deal: v.Deal.ID, Role: role, To: crm.ToRole, Key: KeyRecalled, Args: args}, by)
	}
}

// processing lists the roles that process a stage: whom it wants as owner, else those that may move deals there, else the head.
func (r *run) processing(v *View, stage *Stage, by by) []string {
	if stage.Owner != nil && stage.Owner.Want != nil {
		if role := r.wanted(v, stage.Owner, by).Role; role != "" {
			return []string{role}
		}
	}
	if len(stage.By) > 0 {
		return stage.By
	}
	if r.Book.Head == "" {
		return nil
	}
	return []string{r.Book.Head}
}
