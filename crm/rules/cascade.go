package rules

import (
	"fmt"
	"time"

	"govorun/crm"
)

// Limits of one cascade.
const (
	// maxFollow is how many effects of rules and links may follow one act: the busiest stages of a kit need about twenty.
	maxFollow = 40
	// maxDepth is how many causes may stand behind an effect: mirrors of mirrors need four.
	maxDepth = 8
)

// Done is an effect to be stored. Cause is the chain of what led to it, outermost first: "rule:forgotten", "link:repair",
// "stage:technicians.unsorted"; it is empty for what was done by hand. Origin is the deal in which the last cause lies, 0 by hand.
type Done struct {
	Effect crm.Effect
	Cause  []string
	Origin crm.DealID
}

// Cascade finds out what follows from what was done, in one transaction: one Cascade for all that is done in it. Now is the time of the
// transaction: entered stages bear it. Me is who acts, nil for a robot or the contact.
//
// Things follow in this order. An effect by hand or of a rule is applied; with a change of stage come at once, whatever the limits: its
// owner, the template for the contact, the timers of the stage, and the same change on mirrored deals (with theirs). With changed
// fields come at once those of mirrored deals, with a comment its copies. When all effects by hand are applied, what happened is gone
// through in the order in which it happened; for each: the deal for missed ones, deals that links open, the way back to the
// parent, then rules in the order of the kit, those of the stage left first. Their effects are applied as above, and what they make
// happen waits at the end of the queue. What was decided together with a move that is refused, and comes after it, is left out: see
// act. Last, deals that were freed on a stage that wants an owner get one.
type Cascade struct {
	Book    *Book
	Memory  Memory
	Now     time.Time
	Me      *crm.Employee
	NewDeal func() crm.DealID

	linked  []crm.DealLinked       // in this transaction
	keys    map[string]crm.DealID  // unique keys of deals opened in it
	repeats map[crm.DealID]*repeat // deals that were not opened, since they are there already
	seen    []*View
}

// People is what a Memory may know besides: employees, so that rules see the name and role of an owner who has just become one.
type People interface {
	Employee(id crm.EmployeeID) (crm.Employee, error)
}

// Run applies the effects of a dialog or a press and all that follows, and gives everything that is to be stored, in order.
// The error is one of the Memory; nothing may be stored then.
func (c *Cascade) Run(effects []crm.Effect) ([]Done, error) {
	r := &run{Cascade: c, done: make([]Done, 0, len(effects)+16)}
	if err := r.act(effects, by{}); err != nil {
		return nil, err
	}
	return r.finish()
}

// Fire asks an idle rule whose time has come, and gives what is to be stored: nothing when the deal no longer stands on the
// rule's stage for that long, is closed, or the condition doesn't hold. Why tells which of these it is.
func (c *Cascade) Fire(id crm.DealID, ruleID string) ([]Done, error) {
	rule := c.Book.rule(ruleID)
	if rule == nil || rule.When.Kind != Idle {
		return nil, nil
	}
	r := &run{Cascade: c}
	v, err := r.deal(id)
	if err != nil {
		return nil, err
	}
	if c.Book.idle(rule, v, c.Now) != "" {
		return nil, nil
	}
	if err := r.rule(rule, event{view: v}); err != nil {
		return nil, err
	}
	return r.finish()
}

// Happened asks the rules about something that is no change of a deal: the contact wrote, a task is done, a visit was booked.
func (c *Cascade) Happened(kind Kind, id crm.DealID) ([]Done, error) {
	r := &run{Cascade: c}
	v, err := r.deal(id)
	if err != nil {
		return nil, err
	}
	r.queue = append(r.queue, event{kind: kind, view: v})
	return r.finish()
}

// run is one call of a cascade.
type run struct {
	*Cascade
	done    []Done
	queue   []event
	freed   []freed
	follow  int
	stopped bool
	refused crm.DealID // of the effect just applied
}

// event is something that happened to a deal, for links and rules to go through. From and to are stages, fields those that changed.
type event struct {
	kind     Kind
	view     *View
	from, to string
	fields   []string
	by       by
}

// by says why an effect is done: the chain of causes, the deal in which the last one lies, and the link over which it came directly.
type by struct {
	cause  []string
	origin crm.DealID
	link   string
}

func (b by) hand() bool { return len(b.cause) == 0 }

// through gives the cause of what follows. The chain is copied: effects keep theirs.
func (b by) through(what, name string, origin crm.DealID) by {
	chain := make([]string, len(b.cause)+1)
	copy(chain, b.cause)
	chain[len(b.cause)] = what + ":" + name
	next := by{cause: chain, origin: origin}
	if what == "link" {
		next.link = name
	}
	return next
}

func (r *run) finish() ([]Done, error) {
	for i := 0; i < len(r.queue) && !r.stopped; i++ {
		ev := r.queue[i]
		if err := r.links(ev); err != nil {
			return nil, err
		}
		if err := r.rules(ev); err != nil {
			return nil, err
		}
	}
	if err := r.ownFreed(); err != nil {
		return nil, err
	}
	return r.done, nil
}

// step applies an effect of a rule or a link, unless too many came before.
func (r *run) step(e crm.Effect, by by) error {
	if r.exhausted(by) {
		return nil
	}
	return r.apply(e, by)
}

// exhausted counts a follow-up and tells whether there were too many; the cascade ends then, and says so once.
func (r *run) exhausted(by by) bool {
	if r.stopped {
		return true
	}
	r.follow++
	if r.follow <= maxFollow && len(by.cause) <= maxDepth {
		return false
	}
	limit := "follow_ups"
	if r.follow <= maxFollow {
		limit = "depth"
	}
	r.stopped = true
	r.emit(crm.Recorded{Kind: "cascade_stopped", Deal: by.origin, Data: crm.Fields{"chain": by.cause, "limit": limit}}, by)
	return true
}

func (r *run) emit(e crm.Effect, by by) {
	r.done = append(r.done, Done{Effect: e, Cause: by.cause, Origin: by.origin})
}

// failed records that something of the kit erred; the rest goes on.
func (r *run) failed(what string, id crm.DealID, err error, by by) {
	text := []rune(err.Error())
	if len(text) > 300 {
		text = text[:300]
	}
	r.emit(crm.Recorded{Kind: "rule_failed", Deal: id, Data: crm.Fields{"rule": what, "error": string(text)}}, by)
}

func (r *run) deal(id crm.DealID) (*View, error) {
	v, err := r.Memory.Deal(id)
	if err != nil {
		return nil, fmt.Errorf("look at deal %d: %w", id, err)
	}
	r.saw(v)
	return v, nil
}

func (r *run) saw(v *View) {
	for _, known := range r.seen {
		if known == v {
			return
		}
	}
	r.seen = append(r.seen, v)
}

// scene is what a function of the book sees.
func (r *run) scene(v *View, from string) Scene {
	return Scene{View: *v, Me: r.Me, Now: r.Now, From: from, NewDeal: r.NewDeal}
}
