package rules

import (
	"time"

	"govorun/crm"
)

// Reminding is what a kit says of reminders: Text is told to the contact, again Every so often, at most Max times in all; an answer of theirs ends
// it. After the last one the owner gets the Task, when there is one. Title is words, not a key.
type Reminding struct {
	Text  string // text key
	Every time.Duration
	Max   int
	Task  *Call
	// Advert says that it advertises: who refuses that gets none, and nobody calls them for it.
	Advert bool
}

// Call is a task to call somebody whom reminders don't move. Points (below zero) are taken from the owner when it is overdue.
type Call struct {
	Title  string
	Due    time.Duration
	Points int
	Card   string
}

// Reminder is a fired timer of kind remind with what is known of the contact at that time. Sent counts the robot's reminders about
// this deal that were never answered, Bound is the kit's hard limit of them. Quiet is when the contact's quiet hours end, zero outside them.
type Reminder struct {
	Timer    crm.TimerSet
	Plan     Reminding
	Answered bool // the contact wrote since the first of these reminders was set
	Blocked  bool // the contact can't be reached
	Sent     int
	Bound    int
	Quiet    time.Time
}

// Remind does what a timer of kind remind is for: sends the reminder and sets the next, or calls a human: when as many were sent
// as are allowed, or the contact can't or won't hear robots. In quiet hours nothing is done: this timer is to wait until
// they end. The Skip says why nothing was sent.
func (c *Cascade) Remind(m Reminder) ([]Done, Skip, error) {
	r, v, skip, err := c.due(m.Timer)
	if err != nil || skip != "" {
		return nil, skip, err
	}
	if m.Answered {
		return nil, SkipAnswered, nil
	}
	if m.Plan.Advert && v.Contact.RefusesAdverts() {
		return nil, SkipOptedOut, nil
	}
	cause := by{}.through("timer", string(crm.TimerRemind), m.Timer.Deal)
	next := m.Timer
	switch {
	case m.Blocked || v.Deal.Contact == 0:
		skip = SkipBlocked
	case WantsSilence(v.Contact):
		skip = SkipOptedOut
	case next.Step >= m.Plan.Max || m.Sent >= m.Bound:
		skip = SkipBound
	case m.Quiet.After(c.Now):
		return nil, SkipQuiet, nil
	}
	if skip != "" {
		r.call(v, m.Plan.Task, cause)
		return r.done, skip, nil
	}
	r.emit(crm.Notified{Deal: v.Deal.ID, To: crm.ToContact, Key: m.Plan.Text}, cause)
	next.Step++
	next.DueAt = c.Now.Add(m.Plan.Every)
	if next.Step < m.Plan.Max || m.Plan.Task != nil { // the last one waits for the task only
		r.emit(next, cause)
	}
	return r.done, "", nil
}

// call gives the owner, or the head when nobody owns the deal, the task to call the contact.
func (r *run) call(v *View, call *Call, by by) {
	if call == nil {
		return
	}
	task := crm.TaskAdded{Deal: v.Deal.ID, Owner: true, Assignee: v.Deal.Owner, Title: call.Title, DueAt: r.Now.Add(call.Due),
		Points: call.Points, Card: call.Card}
	if v.Deal.Owner == 0 {
		task.Role = r.Book.Head
	}
	r.emit(task, by)
}
