package telegram

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// StateKind is how a channel is doing.
type StateKind string

// States of a channel.
const (
	Starting       StateKind = "starting"
	Listening      StateKind = "listening"
	Standby        StateKind = "standby"         // another copy polls
	BadCredentials StateKind = "bad_credentials" // the token is refused
	WebhookSet     StateKind = "webhook_set"     // polling is refused because a webhook is registered
	Flooded        StateKind = "flooded"         // Telegram told us to wait
	Offline        StateKind = "offline"         // Telegram can't be reached
	StoreAway      StateKind = "store_away"      // the inbox can't store
	Stopped        StateKind = "stopped"
)

// Reasons why listening can't go on; compare with errors.Is.
var (
	ErrBadCredentials = errors.New("the bot's token is refused by Telegram: get a new one from @BotFather (/token) and set GOVORUN_TELEGRAM_TOKEN")
	ErrWebhookSet     = errors.New("a webhook is registered for this bot, so Telegram refuses polling: run `govorun serve --delete-webhook`, or set GOVORUN_TELEGRAM_WEBHOOK to listen by webhook")
)

// State is what a channel does since a point in time. Sentence says it to an administrator and may be empty.
type State struct {
	Kind     StateKind
	Sentence string
	Since    time.Time
}

// stateKeeper reports a state only when it changes, so that an outage is one alert and not a thousand.
type stateKeeper struct {
	now    func() time.Time
	report func(State)
	mu     sync.Mutex
	state  State
}

func (k *stateKeeper) set(kind StateKind, sentence string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.state.Kind == kind {
		return
	}
	k.state = State{Kind: kind, Sentence: sentence, Since: k.now()}
	k.report(k.state)
}

// State returns what the channel is doing now.
func (c *Channel) State() State {
	c.states.mu.Lock()
	defer c.states.mu.Unlock()
	return c.states.state
}

// counters are what Stats shows.
type counters struct {
	received, accepted, ignored, malformed, unauthorized, refused, givenUp, sent, failed, answersLost atomic.Uint64
}

// Stats are numbers since the channel was made.
type Stats struct {
	Received     uint64 // updates that came, redeliveries included
	Accepted     uint64 // by the inbox
	Ignored      uint64 // acknowledged without storing
	Malformed    uint64 // bodies that are no update
	Unauthorized uint64 // webhook calls without the secret
	Refused      uint64 // tries that the inbox refused; they are repeated
	GivenUp      uint64 // updates passed over because the inbox refused them too often
	Sent         uint64
	Failed       uint64 // sends that failed, each try
	AnswersLost  uint64 // presses whose answer did not reach Telegram
}

// Stats returns the channel's numbers.
func (c *Channel) Stats() Stats {
	n := &c.counts
	return Stats{
		Received: n.received.Load(), Accepted: n.accepted.Load(), Ignored: n.ignored.Load(), Malformed: n.malformed.Load(),
		Unauthorized: n.unauthorized.Load(), Refused: n.refused.Load(), GivenUp: n.givenUp.Load(),
		Sent: n.sent.Load(), Failed: n.failed.Load(), AnswersLost: n.answersLost.Load(),
	}
}
