package whatsapp

import (
	"sync"
	"time"
)

// StateKind is how a number is doing.
type StateKind string

// States of a number.
const (
	Unlinked    StateKind = "unlinked"     // no number was ever linked under this name
	Connecting  StateKind = "connecting"   // a number is linked, the connection is being made
	Linked      StateKind = "linked"       // linked and connected: messages come and go
	PhoneUnseen StateKind = "phone_unseen" // linked and connected, but WhatsApp will unlink it soon: its phone was not there for long
	Offline     StateKind = "offline"      // WhatsApp can't be reached, or the connection comes and goes
	LoggedOut   StateKind = "logged_out"   // unlinked on the phone, or by WhatsApp: it must be linked anew
	Outdated    StateKind = "outdated"     // WhatsApp refuses this version of the library
	Banned      StateKind = "banned"       // WhatsApp has locked the number for a while: see State.Until
	Replaced    StateKind = "replaced"     // another program uses the same link: this one steps back
	StoreAway   StateKind = "store_away"   // the library's own tables can't be reached
	Stopped     StateKind = "stopped"
)

// Online tells whether messages come and go in this state.
func (k StateKind) Online() bool { return k == Linked || k == PhoneUnseen }

// State is what a number does since a point in time. Sentence says it to an administrator, in English, with what to do next. Detail is
// a word for why ("403", "104"); Until is when it ends by itself, when that is known.
type State struct {
	Kind     StateKind
	Sentence string
	Detail   string
	Since    time.Time
	Until    time.Time
}

// stateKeeper reports a state only when it changes, so that an outage is one alert and not a thousand.
type stateKeeper struct {
	now    func() time.Time
	report func(State)
	mu     sync.Mutex
	state  State
}

// set changes the state; the same state with another end or reason is the same.
func (k *stateKeeper) set(s State) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Kind == s.Kind {
		k.state.Until, k.state.Detail, k.state.Sentence = s.Until, s.Detail, s.Sentence
		return
	}
	s.Since = k.now()
	k.state = s
	k.report(s)
}

func (k *stateKeeper) get() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.state
}

// State returns what the number is doing now.
func (c *Channel) State() State { return c.states.get() }
