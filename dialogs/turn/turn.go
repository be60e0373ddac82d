// Package turn is THE TURN: what came in is stored, its conversation locked, the dialog stepped, the effects applied and the
// answer written to the outbox, in one transaction. It is the one place where mind (dialogs) meets memory (crm/postgres).
//
// Turns of different chats that wait anyway share one commit; a turn that fails is replayed alone; a lone turn waits for nobody.
package turn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"govorun/crm"
	"govorun/crm/postgres"
	"govorun/crm/seal"
	"govorun/dialogs"
	"govorun/dialogs/staff/filter"
)

const (
	// maxGroup bounds how many turns share a commit, and so how much one failure replays.
	maxGroup = 256
	// maxWaiting bounds the memory of a store that is away: beyond it, intake is refused and the provider keeps the messages.
	maxWaiting = 4096
	// tries is how often an input may fail before it becomes a dead letter.
	tries = 5
	// maxConflicts is how often a turn that met another one's locks or rows is taken again at once.
	maxConflicts = 4
	// patience is how long a group counts as one of Config.Groups: then it waits for somebody's lock, and others go on without it.
	// No more than maxStalled such groups are let be, so that connections remain.
	patience   = 100 * time.Millisecond
	maxStalled = 6
	// limit is how long a group may take before the database counts as away.
	limit = 30 * time.Second
)

// Config is what a Runner needs; all fields but Invite, Elsewhere, Observe, Alert, Committed, Sent, Arrived and Shift are required.
type Config struct {
	DB  *postgres.DB
	Kit *dialogs.Kit
	Log *slog.Logger
	// Verify reads a signed code; an error means that nobody of ours made it.
	Verify func(code string) (asset crm.AssetID, version int, err error)
	// Capabilities says what a channel can show.
	Capabilities func(channel string) dialogs.Capabilities
	// Invite gives the link that hands a payload to the bot, and a picture (PNG) of it; an error while the bot's name is not known. Nil: there are no invitations.
	Invite func(payload string) (link string, picture []byte, err error)
	// Elsewhere gives the link that begins a talk with another provider ("whatsapp", "telegram") and hands it a code; false when we can't be reached
	// there. Nil: talks stay where they are.
	Elsewhere func(provider, code string) (link string, ok bool)
	// Link begins to link a number of WhatsApp and returns at once. Nil: that can't be done from a chat.
	Link func(LinkWish)
	// Nonce gives six unpredictable characters.
	Nonce func() string
	// Groups is how many shared commits may run at once: half the processors, since providers and database need some as well.
	// While fewer than twice as many turns are under way, a new one goes by itself rather than wait for a group.
	Groups int
	// Shift moves the clock of dialogs against the database's, for simulation; nil for none.
	Shift func() time.Duration
	// Committed hands over what is to be sent, right after the commit, in order per chat.
	Committed func(out []crm.Outbound, superseded []crm.MessageID)
	// Sent says that a message is on its way already although its row waits still; nil when nobody knows.
	Sent func(crm.MessageID) bool
	// Seal opens and closes secret values; nil: they are kept as they are.
	Seal *seal.Ring
	// Files keeps what is made for people; nil: no documents can be made.
	Files Keeper
	// FileLink gives the address at which an employee sees a file for a few minutes; nil: files are sent into the chat instead.
	FileLink func(id crm.AttachmentID, me crm.EmployeeID) string
	// Arrived tells that files wait to be fetched.
	Arrived func()
	// Guarded tells whether there are numbers that may be banned, so that /guard is of use; nil: none.
	Guarded func() bool
	// Alert tells after a commit that something of the kit went wrong: kind is that of the event, detail names the rule.
	Alert func(kind, detail string)
	// Observe sees each turn after its commit, for the page that shows what happens.
	Observe func(Trace)
}

// Receipt is what a channel shows at once. Toast answers a press. Fresh is false for a redelivery.
type Receipt struct {
	Toast string
	Fresh bool
}

// Runner runs turns. It is safe for concurrent use.
type Runner struct {
	Config
	deals      *postgres.IDs
	contacts   *postgres.IDs
	versions   versions
	alerted    sync.Map     // kind and rule, and when somebody was told
	asking     sync.Map     // addresses of talks that are asked for a secret
	shown      sync.Map     // contacts whose numbers providers show, and how often that was written down
	failedOver atomic.Int64 // when was last looked for what reaches nobody, in Unix seconds
	pace       pace
	retained   atomic.Value        // the day on which was last removed what is kept no longer
	acts       bool                // deals of the kit do something by themselves
	dictionary func() *filter.Book // what the words of filters mean in this kit

	mu       sync.Mutex
	waiting  []*job
	running  int // groups
	stalled  int // of them, those that wait for somebody's lock
	underway int // turns in them
	idle     *sync.Cond
	joins    sync.WaitGroup // merges of contacts
}

type job struct {
	in      crm.Inbound
	arrived time.Time
	done    chan outcome
}

type outcome struct {
	receipt Receipt
	err     error
}

// New makes a runner.
func New(c Config) *Runner {
	if c.Shift == nil {
		c.Shift = func() time.Duration { return 0 }
	}
	if c.Committed == nil {
		c.Committed = func([]crm.Outbound, []crm.MessageID) {}
	}
	if c.Sent == nil {
		c.Sent = func(crm.MessageID) bool { return false }
	}
	if c.Arrived == nil {
		c.Arrived = func() {}
	}
	if c.Alert == nil {
		c.Alert = func(string, string) {}
	}
	r := &Runner{Config: c, deals: postgres.NewIDs("deals_id_seq"), contacts: postgres.NewIDs("contacts_id_seq"), acts: acts(c.Kit.Book), dictionary: sync.OnceValue(func() *filter.Book { return filter.NewBook(c.Kit) })}
	go r.dictionary() // ready before anybody asks, and the start does not wait for it
	r.idle = sync.NewCond(&r.mu)
	return r
}

// Accept runs the turn of one input and returns when it is committed. crm.ErrUnavailable means that nothing was stored.
// A caller that stops waiting does not stop the turn.
func (r *Runner) Accept(ctx context.Context, in crm.Inbound) (Receipt, error) {
	in, err := r.sameChat(ctx, in)
	if err != nil {
		return Receipt{}, err
	}
	j := r.enqueue(in)
	if j == nil {
		return Receipt{}, fmt.Errorf("%d messages wait already: %w", maxWaiting, crm.ErrUnavailable)
	}
	select {
	case o := <-j.done:
		return o.receipt, o.err
	case <-ctx.Done():
		return Receipt{}, fmt.Errorf("%w: %w", crm.ErrUnavailable, ctx.Err())
	}
}

// enqueue lets the turn of an input begin as soon as may be; nil when too many wait.
func (r *Runner) enqueue(in crm.Inbound) *job {
	j := &job{in: in, arrived: time.Now(), done: make(chan outcome, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) >= maxWaiting {
		return nil
	}
	r.waiting = append(r.waiting, j)
	r.dispatch()
	return j
}

// Wait returns when no turn is under way, and nothing that follows right after one.
func (r *Runner) Wait() {
	defer r.joins.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.running > 0 || len(r.waiting) > 0 {
		r.idle.Wait()
	}
}

// Busy tells whether people are being answered right now.
func (r *Runner) Busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.running > 0 || len(r.waiting) > 0
}

// dispatch starts what may start. The commit that is under way is the window in which a group gathers: there is no timer.
func (r *Runner) dispatch() {
	for len(r.waiting) > 0 {
		n := min(len(r.waiting), maxGroup)
		if r.running-r.stalled >= r.Groups && (n > 1 || r.underway >= 2*r.Groups) {
			return // those who wait go together when a group has ended
		}
		jobs := r.waiting[:n:n]
		r.waiting = r.waiting[n:]
		r.running++
		r.underway += n
		go r.work(jobs)
	}
}

func (r *Runner) work(jobs []*job) {
	var ended, stalled bool
	slow := time.AfterFunc(patience, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if stalled = !ended && r.stalled < maxStalled; stalled {
			r.stalled++
			r.dispatch()
		}
	})
	r.run(jobs)
	slow.Stop()
	r.mu.Lock()
	ended = true
	if stalled {
		r.stalled--
	}
	r.running--
	r.underway -= len(jobs)
	r.dispatch()
	if r.running == 0 {
		r.idle.Broadcast()
	}
	r.mu.Unlock()
}

// run does jobs together and, if that fails, each by itself, so that one bad input harms nobody else.
func (r *Runner) run(jobs []*job) {
	outcomes, err := r.group(jobs)
	switch {
	case err == nil:
		for i, j := range jobs {
			j.done <- outcomes[i]
		}
	case postgres.Away(err):
		for _, j := range jobs {
			j.done <- outcome{err: fmt.Errorf("%w: %w", crm.ErrUnavailable, err)}
		}
	default:
		for _, j := range jobs {
			j.done <- r.alone(j)
		}
	}
}

// alone tries one input until it passes, the database goes away, or it has failed often enough to be buried.
func (r *Runner) alone(j *job) outcome {
	var err error
	conflicts := 0
	for try := 1; ; {
		var outcomes []outcome
		if outcomes, err = r.group([]*job{j}); err == nil {
			return outcomes[0]
		}
		if postgres.Away(err) {
			return outcome{err: fmt.Errorf("%w: %w", crm.ErrUnavailable, err)}
		}
		if postgres.Conflict(err) && conflicts < maxConflicts {
			conflicts++
			continue
		}
		if postgres.Locked(err) { // the provider delivers it again
			return outcome{err: fmt.Errorf("%w: %w", crm.ErrUnavailable, err)}
		}
		if try++; try > tries {
			break
		}
		time.Sleep(10 * time.Millisecond << try)
	}
	r.Log.Error("message put aside", "channel", j.in.Address.Channel, "key", j.in.Key, "kind", j.in.Kind, "err", err)
	if e := r.bury(j.in, err); e != nil {
		return outcome{err: fmt.Errorf("%w: %w", crm.ErrUnavailable, errors.Join(err, e))}
	}
	return outcome{receipt: Receipt{Fresh: true}}
}
