package telegram

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-telegram/bot"
)

// Identity is who the bot is, as Telegram says. ReadsGroups is false while its privacy mode hides plain group messages from it.
type Identity struct {
	ID          int64
	Username    string
	Name        string
	ReadsGroups bool
	JoinsGroups bool
}

// Probe asks Telegram who the bot is and remembers it. The error is ErrBadCredentials when the token is refused.
func (c *Channel) Probe(ctx context.Context) (Identity, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	user, err := c.bot.GetMe(ctx)
	if err != nil {
		return Identity{}, c.outcome("ask who the bot is", err)
	}
	me := Identity{
		ID: user.ID, Username: user.Username, Name: user.FirstName,
		ReadsGroups: user.CanReadAllGroupMessages, JoinsGroups: user.CanJoinGroups,
	}
	c.me.Store(&me)
	return me, nil
}

// Backlog is what waits at Telegram. Messages wait there for a day and presses 150 seconds: when the bot was away longer, those
// older may be missing. Missing are kinds of updates that the registered webhook does not ask for.
type Backlog struct {
	Pending    int
	WebhookURL string // empty: none is registered
	LastError  time.Time
	LastReason string
	Missing    []string
}

// Backlog asks Telegram how many updates wait and when delivering by webhook failed last (zero: never).
func (c *Channel) Backlog(ctx context.Context) (Backlog, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	info, err := c.bot.GetWebhookInfo(ctx)
	if err != nil {
		return Backlog{}, c.outcome("ask what waits", err)
	}
	backlog := Backlog{Pending: info.PendingUpdateCount, WebhookURL: info.URL, LastReason: info.LastErrorMessage}
	if info.LastErrorDate > 0 {
		backlog.LastError = time.Unix(int64(info.LastErrorDate), 0).UTC()
	}
	if info.URL != "" && len(info.AllowedUpdates) > 0 {
		backlog.Missing = missingUpdates(info.AllowedUpdates)
	}
	return backlog, nil
}

// SetWebhook registers the configured webhook; without a URL it does nothing. What waits at Telegram stays.
func (c *Channel) SetWebhook(ctx context.Context) error {
	webhook := c.config.Webhook
	if webhook == nil || webhook.URL == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.SetWebhook(ctx, &bot.SetWebhookParams{
		URL: webhook.URL, SecretToken: webhook.Secret, AllowedUpdates: c.config.Allowed, MaxConnections: maxBatch,
	})
	return c.outcome("set the webhook", err)
}

// DeleteWebhook removes the webhook, so that polling works. What waits at Telegram stays.
func (c *Channel) DeleteWebhook(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := c.bot.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
	return c.outcome("delete the webhook", err)
}

// outcome wraps the error of a rare call with what was tried.
func (c *Channel) outcome(what string, err error) error {
	if err == nil {
		return nil
	}
	if refusal := refused(err); refusal != nil {
		if refusal.badCredentials() {
			return fmt.Errorf("%s: %w", what, ErrBadCredentials)
		}
		return fmt.Errorf("%s: %w", what, refusal)
	}
	return fmt.Errorf("%s: %w", what, c.readable(err))
}

// readable is an error of the library that may be shown: one about an answer quotes the whole answer, which may be anything.
func (c *Channel) readable(err error) error {
	text := err.Error()
	for _, quoting := range []string{"decode response", "error response"} {
		if containsFold(text, quoting) {
			return errors.New("the answer of the Bot API server is not understood")
		}
	}
	return c.client.tidy(err)
}

// keepTrying repeats a call until it succeeds or ctx ends. Only a refused token is returned: everything else may pass.
func (c *Channel) keepTrying(ctx context.Context, what string, call func(context.Context) error) error {
	pauses := backoff{least: networkMin, most: networkMax, random: c.config.Random}
	for ctx.Err() == nil {
		err := call(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, ErrBadCredentials) {
			c.states.set(BadCredentials, ErrBadCredentials.Error())
			return fmt.Errorf("%s: %w", c.config.Name, err)
		}
		c.config.Log.Warn("telegram_not_ready", "channel", c.config.Name, "wanted", what, "error", err)
		pause := pauses.pause()
		if refusal := refused(err); refusal != nil {
			pause = max(pause, refusal.retryAfter)
		}
		sleep(ctx, pause)
	}
	return nil
}

// identity returns who the bot is, empty while Telegram has not told.
func (c *Channel) identity() Identity {
	if me := c.me.Load(); me != nil {
		return *me
	}
	return Identity{}
}

// Username is the bot's user name without @, empty while Telegram has not told.
func (c *Channel) Username() string { return c.identity().Username }
