package crm

import (
	"errors"
	"fmt"
	"time"
)

// Domain errors that storage and rules return, wrapped; compare with errors.Is.
var (
	ErrNotFound  = errors.New("not found")
	ErrDuplicate = errors.New("already exists")
	ErrTaken     = errors.New("somebody was faster")
	ErrRefused   = errors.New("not allowed")
	// ErrTooBroad is a search that would take too long: a narrower one will do.
	ErrTooBroad = errors.New("the search is too broad")
	// ErrUnavailable means that the store is away: the message must not be acknowledged, the provider delivers it again.
	ErrUnavailable = errors.New("the database is away")
)

// Policy is what to do after a failed send.
type Policy string

// Policies of a SendError.
const (
	Retry     Policy = "retry"      // with growing delays, counted
	Wait      Policy = "wait"       // until After, not counted
	Postpone  Policy = "postpone"   // this message alone, until After, not counted: what follows in the chat does not wait
	GiveUp    Policy = "give_up"    // this message can't be sent
	Blocked   Policy = "blocked"    // nothing can be sent to this person
	BadSetup  Policy = "bad_setup"  // nothing can be sent by this account (token revoked): pause, alert
	Readdress Policy = "readdress"  // the chat has a new address: NewChat
	Done      Policy = "done"       // nothing to do: counts as sent
	Resend    Policy = "resend"     // the target is gone: send as a new message
	AsPlain   Policy = "as_plain"   // markup refused: send once as plain text, alert
	Unthread  Policy = "lost_topic" // the topic is gone: alert, never fall into the general one
)

// SendError says why a send failed and what follows. Reason is a short word for metrics and the timeline ("blocked",
// "flood", "deactivated"); Global extends a Wait to the whole account. Err never holds a token.
type SendError struct {
	Policy  Policy
	Reason  string
	After   time.Duration
	Global  bool
	NewChat string
	Err     error
}

func (e *SendError) Error() string { return fmt.Sprintf("%s (%s): %v", e.Policy, e.Reason, e.Err) }

func (e *SendError) Unwrap() error { return e.Err }
