package bots

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"govorun/crm"
)

const (
	// defaultSenders is how many calls run at once; measured best on two cores.
	defaultSenders = 16
	// defaultMaxAge is how long after its time a row is still worth sending: a restored backup does not send yesterday again.
	defaultMaxAge = 24 * time.Hour
	// rereadEvery is how often the table is looked at for rows of other processes and rows whose time has come, and how often
	// the sender looks whether there are other processes.
	rereadEvery = 250 * time.Millisecond
	// introduction is how long after its appearance a process is certainly known to the sender.
	introduction = 4 * rereadEvery
	// drainTime bounds how long calls under way may take when the outbox stops.
	drainTime = 10 * time.Second
	// leadPause lies between two tries to become the sender after the database failed.
	leadPause = time.Second
)

// Alert is something a person should know of. Kind is a short word; Conversation is zero when it concerns the whole account.
type Alert struct {
	Kind         AlertKind
	Channel      string
	Conversation crm.ConversationID
	Count        int
	Detail       string
}

// AlertKind is a short word for what happened.
type AlertKind string

// What the outbox raises alerts about.
const (
	AlertTooOld    AlertKind = "too_old"    // Count rows were cancelled because their time is long over
	AlertDoubtful  AlertKind = "doubtful"   // Count rows may be sent twice, since the last sender died
	AlertPaused    AlertKind = "paused"     // the account can't send: Detail says why; rows wait
	AlertResumed   AlertKind = "resumed"    // it can again
	AlertMarkup    AlertKind = "markup"     // the provider refused our markup; sent as plain text
	AlertLostTopic AlertKind = "lost_topic" // a topic is gone; rows for it wait
	AlertDead      AlertKind = "dead"       // a message became a dead letter
)

// OutboxConfig is what an outbox may be told; zero values are sensible.
type OutboxConfig struct {
	Limits  Limits
	Senders int // calls at once, 16 when zero
	// Open gives a message as it leaves: what is sealed in it opened for who may read it, else masked. What can't be opened is given up. Nil: as it is.
	Open func(crm.Outbound) (crm.Outbound, error)
	// Guard is asked before each send; nil: everything goes. Its answer is followed as if the provider had given it, and nothing was sent.
	Guard func(context.Context, crm.Outbound) *crm.SendError
	// Settled hears of each refusal by the provider before it is followed, and gives what to follow. Nil: as it is.
	Settled func(context.Context, crm.Outbound, *crm.SendError) *crm.SendError
	// Expire takes the place of the store's. Nil: the store's.
	Expire func(ctx context.Context, channel string, age time.Duration) (int, error)
	// KeepsState says that the channel itself records its state, which says more than the outbox knows.
	KeepsState bool
	MaxAge     time.Duration // after which a due row is cancelled, 24 hours when zero; negative is never
	Log        *slog.Logger
	Now        func() time.Time
	Rand       func() float64 // from 0 to 1
	OnAlert    func(Alert)    // must not block
}

// Outbox sends what turns have written, for one channel account: in order per chat, within the limits, and at least once. Any
// number of processes may have one for the same account; one of them sends, the others stand by.
type Outbox struct {
	ch      Channel
	store   OutboxStore
	c       OutboxConfig
	grouped func(string) bool
	counts  counts
	sender  atomic.Pointer[sender] // nil when another process sends
	ready   chan struct{}
	open    sync.Once // closes ready
	owed    []mark    // what a sender of this process could not write before its right ended; of session alone
}

// counts are kept over the life of the process.
type counts struct{ sent, failed, retries, waits, dead atomic.Uint64 }

// OutboxStats is the state of an outbox, for metrics. Depth and Oldest speak of the rows in memory.
type OutboxStats struct {
	Leading bool // this process sends
	Paused  bool
	Depth   int
	Oldest  time.Duration
	Sent    uint64
	Failed  uint64 // given up, blocked or dead
	Dead    uint64
	Retries uint64
	Waits   uint64 // times the provider asked to wait
}

// NewOutbox gives the outbox of a channel. A channel with groups says which chats are groups by a method Grouped(chat string) bool.
func NewOutbox(ch Channel, store OutboxStore, c OutboxConfig) *Outbox {
	if c.Senders <= 0 {
		c.Senders = defaultSenders
	}
	if c.MaxAge == 0 {
		c.MaxAge = defaultMaxAge
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.OnAlert == nil {
		c.OnAlert = func(Alert) {}
	}
	if c.Expire == nil {
		c.Expire = store.Expire
	}
	grouped := func(string) bool { return false }
	if g, ok := ch.(interface{ Grouped(chat string) bool }); ok {
		grouped = g.Grouped
	}
	return &Outbox{ch: ch, store: store, c: c, grouped: grouped, ready: make(chan struct{})}
}

// Run sends until ctx ends; then it stops taking rows, waits up to 10 s for the calls under way, marks what was sent and returns
// nil. While another process sends, or the database is away, it stands by and tries again.
func (o *Outbox) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := o.session(ctx); err != nil && ctx.Err() == nil {
			o.c.Log.Warn("outbox_interrupted", "channel", o.ch.Name(), "error", err.Error())
			sleep(ctx, leadPause)
		}
	}
	return nil
}

// Ready is closed when turns may run: this process sends, or the one that does knows that rows of others appear. Turns that
// run earlier lose nothing, but a message of theirs may come after a later one of another process in the same chat.
func (o *Outbox) Ready() <-chan struct{} { return o.ready }

func (o *Outbox) becomeReady() { o.open.Do(func() { close(o.ready) }) }

// Push hands over rows that were committed this moment and the ids of rows that they replace. It never blocks; rows that are
// not taken, because another process sends or memory is full, come from the table.
func (o *Outbox) Push(rows []crm.Outbound, superseded []crm.MessageID) {
	if s := o.sender.Load(); s != nil {
		s.push(rows, superseded)
	}
}

// Again lets what is held for the sake of the account go at once: its channel has been connected anew.
func (o *Outbox) Again() {
	if s := o.sender.Load(); s != nil {
		s.change(func(l *lanes, _ time.Time) { l.held = time.Time{} })
		signal(s.wake)
	}
}

// Stats gives the present state.
func (o *Outbox) Stats() OutboxStats {
	s := OutboxStats{
		Sent: o.counts.sent.Load(), Failed: o.counts.failed.Load(), Dead: o.counts.dead.Load(),
		Retries: o.counts.retries.Load(), Waits: o.counts.waits.Load(),
	}
	if sender := o.sender.Load(); sender != nil {
		sender.stats(&s)
	}
	return s
}

func (o *Outbox) alert(a Alert) {
	a.Channel = o.ch.Name()
	o.c.Log.Warn("outbox_alert", "kind", string(a.Kind), "channel", a.Channel, "conversation", int64(a.Conversation),
		"count", a.Count, "detail", a.Detail)
	o.c.OnAlert(a)
}

// signal wakes whoever waits on a channel of size one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// sleep waits, or returns early when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// asVerdict turns any error of a channel into one with a policy: what a channel does not know is tried again.
func asVerdict(err error) *crm.SendError {
	if err == nil {
		return nil
	}
	verdict, ok := err.(*crm.SendError)
	if !ok {
		return &crm.SendError{Policy: crm.Retry, Reason: "unknown", Err: fmt.Errorf("send: %w", err)}
	}
	return verdict
}
