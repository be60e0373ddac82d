// Package telegram is the Telegram channel: it listens by long polling or a webhook, decodes every update into crm.Inbound,
// sends crm.Outbound and fetches files.
//
// It is the only importer of github.com/go-telegram/bot, whose models and rare calls it uses. Listening and the hot calls are its
// own: the library confirms updates before they are handled and answers 200 to a wrong secret. It decides nothing and
// knows neither dialogs nor SQL. The token is in no error and no log line.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-telegram/bot"

	"govorun/bots"
)

// DefaultAPI is the address of Telegram's own Bot API server.
const DefaultAPI = "https://api.telegram.org"

// Config says which bot listens and how. Token is required, everything else has a default.
type Config struct {
	Name    string         // the channel part of addresses; "telegram" when empty
	Token   string         // from @BotFather
	API     string         // of a Bot API server, http or https; DefaultAPI when empty
	Webhook *WebhookConfig // nil: long polling
	Allowed []string       // kinds of updates to ask for; RequiredUpdates when empty
	// Files opens a stored attachment by its SHA-256 in hex, for sending; nil when nothing is stored.
	Files     func(hash string) (io.ReadSeekCloser, error)
	Log       *slog.Logger
	Now       func() time.Time
	Random    func() float64    // in [0, 1), for jitter
	Report    func(State)       // is told of every change of state; must return at once
	Transport http.RoundTripper // nil: keep-alive connections of its own
}

// WebhookConfig says where Telegram posts updates and with which secret. With an empty URL nothing is registered at Telegram:
// somebody else did it. Secret is 1 to 256 letters, digits, _ and -.
type WebhookConfig struct {
	URL    string
	Secret string
}

// Channel is one Telegram bot. It is safe for concurrent use.
type Channel struct {
	config Config
	client *client
	bot    *bot.Bot
	me     atomic.Pointer[Identity] // nil until Telegram told
	lanes  lanes
	intake intake
	answer chan answer
	partly bots.Progress
	states stateKeeper
	counts counters
	bodies sync.Pool // of *bytes.Buffer, for webhook bodies
	busy   atomic.Bool
}

var (
	_ bots.Channel = (*Channel)(nil)
	_ bots.Fetcher = (*Channel)(nil)
)

// New makes a channel and checks its configuration. It makes no call: an unreachable Telegram is no reason not to start.
func New(config Config) (*Channel, error) {
	config = withDefaults(config)
	if err := check(config); err != nil {
		return nil, err
	}
	caller, err := newClient(config)
	if err != nil {
		return nil, err
	}
	library, err := bot.New(config.Token, bot.WithSkipGetMe(), bot.WithServerURL(caller.api.String()),
		bot.WithHTTPClient(uploadTimeout, caller), bot.WithErrorsHandler(func(error) {}))
	if err != nil {
		return nil, errors.New("the Telegram token is empty: set GOVORUN_TELEGRAM_TOKEN to what @BotFather gave")
	}
	c := &Channel{config: config, client: caller, bot: library, answer: make(chan answer, answerQueue)}
	c.states = stateKeeper{now: config.Now, report: config.Report, state: State{Kind: Starting}}
	return c, nil
}

func withDefaults(config Config) Config {
	if config.Name == "" {
		config.Name = "telegram"
	}
	if config.API == "" {
		config.API = DefaultAPI
	}
	if len(config.Allowed) == 0 {
		config.Allowed = RequiredUpdates()
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
	return config
}

// Name returns the channel part of addresses.
func (c *Channel) Name() string { return c.config.Name }

// Grouped tells chats of groups from private ones: Telegram numbers them below zero.
func (c *Channel) Grouped(chat string) bool { return strings.HasPrefix(chat, "-") }

// Run listens until ctx ends and hands everything to the inbox, in order per chat. When ctx ends it lets what the inbox is
// working on finish, for at most ten seconds, confirms it to Telegram and returns nil. It returns an error that is
// ErrBadCredentials or ErrWebhookSet when listening can't go on; the state says so then.
func (c *Channel) Run(ctx context.Context, inbox bots.Inbox) (err error) {
	if !c.busy.CompareAndSwap(false, true) {
		return fmt.Errorf("listen on %s: it is listening already", c.config.Name)
	}
	defer c.busy.Store(false)
	defer func() {
		if err == nil {
			c.states.set(Stopped, "")
		}
	}()

	stopAnswering := c.startAnswering()
	defer stopAnswering()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// The inbox's work outlives ctx a little, so that what it has begun is committed and confirmed.
	work, endWork := context.WithCancel(context.WithoutCancel(ctx))
	defer endWork()
	context.AfterFunc(ctx, func() { time.AfterFunc(drainTime, endWork) })

	l := listening{stop: stop, work: work, inbox: inbox}
	if c.config.Webhook != nil {
		return c.serve(ctx, l)
	}
	return c.poll(ctx, l)
}

// listening is what one Run shares with what it starts: stop ends its context, work is the context for the inbox.
type listening struct {
	stop  context.CancelFunc
	work  context.Context
	inbox bots.Inbox
}
