// Package whatsapp is the WhatsApp channel: one number, linked like a computer to its phone. It listens, decodes every event into
// crm.Inbound, sends crm.Outbound and fetches files.
//
// It and what lies below it are the only importers of go.mau.fi/whatsmeow. A message is acknowledged to WhatsApp after its turn is
// committed; the id of a message that goes out follows from our own row, so that a second try is the same message. It
// decides nothing and knows neither dialogs nor SQL. Numbers, names and texts of people are in no log line and no error.
package whatsapp

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.mau.fi/whatsmeow"

	"govorun/bots"
	"govorun/crm"
)

// Memory is what the channel keeps about its account, and what it must look up of the conversation; crm/postgres has it.
type Memory interface {
	// Account gives the account of a channel; crm.ErrNotFound when no number was ever linked under this name.
	Account(ctx context.Context, channel string) (crm.Account, error)
	// SaveAccount writes it, or makes it.
	SaveAccount(ctx context.Context, a crm.Account) error
	// AccountSeen notes when the phone of an account was there.
	AccountSeen(ctx context.Context, channel string, at time.Time) error
	// SentAs gives what was sent as a provider's id into a chat, for whoever could not read it; crm.ErrNotFound when nothing was.
	SentAs(ctx context.Context, to crm.Address, ref string) (crm.Outbound, error)
	// SentLately gives what was lately sent into a chat, newest first: the ids of edits, reactions and parts of albums are in no row.
	SentLately(ctx context.Context, to crm.Address) ([]crm.Outbound, error)
	// HeardAt says when the person of a chat wrote last; zero when never.
	HeardAt(ctx context.Context, to crm.Address) (time.Time, error)
	// KeepPast stores what was said before the number was linked, as history: nothing is answered. What is known already is left alone.
	KeepPast(ctx context.Context, channel string, past []crm.Past) error
}

// Config says which account it is and what it works with. Store, Memory and Files are required.
type Config struct {
	Name  string  // the channel part of addresses; "whatsapp" when empty
	Store *sql.DB // of the library's own tables, in a schema of their own
	// Away tells of an error of Store that it is not for good: the same may work in a moment. Nil: only a store that does not answer now is away.
	Away func(error) bool
	Memory
	// Files opens a stored attachment by its SHA-256 in hex, for sending.
	Files func(hash string) (io.ReadSeekCloser, error)
	// Open opens what is sealed in a message, for whoever may read it; as OutboxConfig.Open. Needed when a message is asked for again.
	Open   func(crm.Outbound) (crm.Outbound, error)
	Pace   Pace
	Log    *slog.Logger
	Now    func() time.Time
	Random func() float64 // in [0, 1), for jitter
	Report func(State)    // is told of every change of state; must return at once
	// Locked is told until when WhatsApp lets this account begin no new talks, zero when it does again; must return at once.
	Locked func(until time.Time)
	// Server leads the library to another server than WhatsApp's own; the zero value is WhatsApp's own.
	Server Server
}

// Pace is how a message is sent: as a person would. The zero value sends at once.
type Pace struct {
	PerCharacter time.Duration // how long typing is shown for each character of a text
	Longest      time.Duration // bound of that
	Jitter       float64       // the share by which it varies, 0 to 1
}

// Usual is the pace of a number that people write to: typing is shown for at most three seconds.
func Usual() Pace {
	return Pace{PerCharacter: 20 * time.Millisecond, Longest: 3 * time.Second, Jitter: 0.3}
}

// Channel is one number. It is safe for concurrent use.
type Channel struct {
	config  Config
	client  atomic.Pointer[whatsmeow.Client] // nil while no number is linked
	states  stateKeeper
	counts  counters
	wire    wire                   // the connection, see run.go
	chats   chatLocks              // shared by sending and receiving
	hears   hearing                // what receiving must remember
	retries mediaRetries           // files asked for anew
	marking atomic.Int32           // read receipts under way
	salted  atomic.Pointer[[]byte] // the salt of the account, once read
	partly  bots.Progress
	sending sync.Mutex // one send at a time, as in the library: who waits for it holds no chat
	looking sync.Mutex // one picture is open at a time
}

var (
	_ bots.Channel = (*Channel)(nil)
	_ bots.Fetcher = (*Channel)(nil)
)

// New makes a channel. It makes no call and needs no linked number yet: Run waits for one.
func New(config Config) *Channel {
	config = withDefaults(config)
	c := &Channel{config: config}
	c.states = stateKeeper{now: config.Now, report: config.Report, state: State{Kind: Unlinked}}
	return c
}

func withDefaults(config Config) Config {
	if config.Name == "" {
		config.Name = "whatsapp"
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Random == nil {
		config.Random = rand.Float64
	}
	if config.Report == nil {
		config.Report = func(State) {}
	}
	if config.Locked == nil {
		config.Locked = func(time.Time) {}
	}
	if config.Open == nil {
		config.Open = func(out crm.Outbound) (crm.Outbound, error) { return out, nil }
	}
	return config
}

// Name returns the channel part of addresses.
func (c *Channel) Name() string { return c.config.Name }

// Grouped tells groups from people. Groups are not heard and not written to.
func (c *Channel) Grouped(string) bool { return false }

// Phone is the number that is linked, in E.164; empty while none is.
func (c *Channel) Phone() string {
	client := c.client.Load()
	if client == nil {
		return ""
	}
	number := client.Store.GetJID() // which the library takes away when the link ends
	if number.IsEmpty() {
		return ""
	}
	return phoneOf(number)
}
