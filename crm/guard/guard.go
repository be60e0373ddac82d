// Package guard decides whether a robot may write to somebody of its own accord now, so that no number of the company is ever banned for nagging.
//
// It is pure: what is known comes in as Facts, what is decided goes out as a Verdict. Storage, clocks and channels are others' business.
package guard

import "time"

// Kind is what a message is to the guard.
type Kind string

// Kinds of messages. Only Own and Broadcast are of our own accord: they are counted, held back and cancelled.
const (
	Answer    Kind = "answer"    // to what the person has just written, or the words of an employee
	Staff     Kind = "staff"     // to an employee or into a group of them: counted apart, never held
	Own       Kind = "own"       // of a robot, by itself
	Broadcast Kind = "broadcast" // one of many alike
)

// Reason says in a short word why a message waits or was cancelled. The text "why.reason_<word>" says it to people.
type Reason string

// Reasons to wait.
const (
	Hour       Reason = "guard_hour"     // the budget of the hour is used up
	Day        Reason = "guard_day"      // that of the day
	Pace       Reason = "guard_pace"     // another one was sent a moment ago
	Same       Reason = "guard_same"     // too many people got the same words within an hour
	Quiet      Reason = "guard_quiet"    // it is night where the person lives
	Timelocked Reason = "guard_timelock" // the provider has stopped the number from writing first
	Banned     Reason = "guard_banned"   // the provider has banned the number for a time
)

// Reasons to cancel.
const (
	Unanswered Reason = "guard_unanswered" // they left as many unanswered as there may be
	Stranger   Reason = "guard_stranger"   // they never wrote, and no person of the company pressed for it
	OptedOut   Reason = "guard_opted_out"  // they want nothing from robots
	Old        Reason = "guard_old"        // it waited so long that it would be senseless
	Cold       Reason = "guard_cold"       // the provider refused it as a message to somebody who doesn't know us
	Expired    Reason = "guard_expired"    // the number could not send for too long
)

// Refused is the reason of a send error by which the provider says that it stops first messages of the number (its error 463).
const Refused = "reachout"

// Stop is a state in which a number must hold back.
type Stop string

// Stops of numbers. A banned one sends nothing at all, a timelocked one nothing of its own accord.
const (
	NoStop      Stop = ""
	StopBanned  Stop = "banned"
	StopReaches Stop = "timelock"
)

// Message is what is to be sent. Age is how long ago it was written; Pressed tells that an employee's press caused it.
type Message struct {
	Kind    Kind
	Age     time.Duration
	Pressed bool
}

// Facts are what is known when a message is to be sent. Sent are the times of messages of our own accord by this number within the last day,
// the newest first; Same those at which other people got the same words within the last hour, the newest first.
type Facts struct {
	Now       time.Time
	Since     time.Time // when the number came into use with us
	FreeAt    time.Time // before it nothing more of our own accord, to keep pace
	Stop      Stop
	StopUntil time.Time
	Sent      []time.Time
	Same      []time.Time
	// Of the person, over all their talks on this kind of channel.
	Known    bool // they have written to us once
	OptedOut bool // from robots; of a broadcast, from broadcasts
	Silenced bool // robots are silent until they write
	Streak   int  // messages of our own accord since their last word
	// QuietUntil is when the quiet hours end where they live; zero outside them.
	QuietUntil time.Time
}

// Verdict is what becomes of a message: it goes when Until is zero and Cancel false.
type Verdict struct {
	Reason  Reason
	Until   time.Time // to be looked at again
	All     bool      // the whole number waits
	Cancel  bool
	Silence bool // robots are silent to them from now on, until they write
	Call    bool // somebody of the company is to call them
}

// Goes tells that the message may be sent now.
func (v Verdict) Goes() bool { return !v.Cancel && v.Until.IsZero() }

// Decide says what becomes of a message.
func (p Policy) Decide(m Message, f Facts) Verdict {
	if f.Stop == StopBanned && f.StopUntil.After(f.Now) {
		return Verdict{Reason: Banned, Until: f.StopUntil, All: true}
	}
	if m.Kind == Answer || m.Kind == Staff {
		return Verdict{}
	}
	if v := p.cancel(m, f); v.Cancel {
		return v
	}
	v := p.wait(m, f)
	if !v.Until.IsZero() && m.Age > p.patience(m.Kind) {
		return Verdict{Reason: Old, Cancel: true, Call: m.Kind == Own}
	}
	return v
}

// cancel says whether a message must not be sent at all. Nobody is asked to call for the sake of a broadcast: a thousand calls are of no use.
func (p Policy) cancel(m Message, f Facts) Verdict {
	own := m.Kind == Own
	switch {
	case f.OptedOut:
		return Verdict{Reason: OptedOut, Cancel: true, Call: own}
	case f.Silenced || f.Streak >= p.Unanswered:
		return Verdict{Reason: Unanswered, Cancel: true, Call: own, Silence: own}
	case !f.Known && !(own && m.Pressed):
		return Verdict{Reason: Stranger, Cancel: true, Call: own}
	}
	return Verdict{}
}

// wait says until when a message must wait and for what: of several reasons the one that lasts longest.
func (p Policy) wait(m Message, f Facts) (v Verdict) {
	until := func(reason Reason, at time.Time) {
		if at.After(f.Now) && at.After(v.Until) {
			v.Reason, v.Until = reason, at
		}
	}
	b := p.Budget(f.Now.Sub(f.Since))
	if m.Kind == Broadcast { // what somebody waits for finds room beside them
		b = b.ForBroadcasts()
	}
	until(Pace, f.FreeAt)
	until(Hour, full(f.Sent, b.Hour, time.Hour))
	until(Day, full(f.Sent, b.Day, 24*time.Hour))
	until(Same, full(f.Same, p.Same, time.Hour))
	if !m.Pressed { // who presses knows what time it is
		until(Quiet, f.QuietUntil)
	}
	if f.Stop == StopReaches {
		until(Timelocked, f.StopUntil)
	}
	return v
}

// full gives when there is room again among times, the newest first, of which at most most may lie within a window. Zero: there is.
func full(times []time.Time, most int, window time.Duration) time.Time {
	if most <= 0 {
		most = 1
	}
	if len(times) < most {
		return time.Time{}
	}
	return times[most-1].Add(window)
}
