package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// poller is one run of long polling. An update is confirmed to Telegram only after the inbox took it and everything before
// it; until then Telegram shows it again, to us after a crash or to another copy.
type poller struct {
	*Channel
	listening
	window  *window
	network backoff
	lanesOn sync.WaitGroup
}

func (c *Channel) poll(ctx context.Context, l listening) error {
	p := &poller{Channel: c, listening: l, window: newWindow()}
	p.network = backoff{least: networkMin, most: networkMax, random: c.config.Random}

	var introduced sync.WaitGroup
	// Polling need not wait for the bot's own name: it is used only to tell whom a command in a group is for.
	introduced.Go(func() {
		_ = c.keepTrying(ctx, "ask for the bot's name", func(ctx context.Context) error { _, err := c.Probe(ctx); return err })
	})
	err := p.loop(ctx)
	l.stop()
	introduced.Wait()
	p.lanesOn.Wait()
	p.confirm()
	return err
}

func (p *poller) loop(ctx context.Context) error {
	again := backoff{least: againMin, most: againMax, random: p.config.Random}
	for ctx.Err() == nil {
		offset, waiting, away := p.window.look()
		if away || waiting >= maxBatch {
			p.waitForChange(ctx, storeMax) // asking would bring nothing new, or nothing that can be stored
			continue
		}
		hold := longPoll
		if waiting > 0 || p.State().Kind != Listening {
			hold = 0 // the waiting ones come at once anyway; and whether Telegram lets us listen is known at once
		}
		updates, err := p.getUpdates(ctx, offset, hold)
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			if fatal := p.setback(ctx, err); fatal != nil {
				return fatal
			}
			continue
		}
		p.network.reset()
		p.states.set(Listening, "")
		if len(updates) == 0 {
			p.window.confirmed(offset)
		}
		if p.handOn(ctx, updates) > 0 {
			again.reset()
		}
		p.waitForRest(ctx, &again)
	}
	return nil
}

// handOn starts every update that is new, in order per chat, and returns how many were new.
func (p *poller) handOn(ctx context.Context, updates []json.RawMessage) (fresh int) {
	for _, raw := range updates {
		update, err := p.decode(raw)
		if err != nil {
			p.counts.malformed.Add(1) // it has no id: confirming a later one passes over it
			sleep(ctx, againMax)      // if there is no later one, it comes again and again
			continue
		}
		if !p.window.add(update.id) {
			continue
		}
		fresh++
		p.counts.received.Add(1)
		if !update.store {
			p.acknowledge(update)
			p.window.done(update.id)
			continue
		}
		place := p.lanes.enter(update.in.Address.Chat)
		p.lanesOn.Go(func() {
			defer place.leave()
			if place.wait(ctx) == nil && p.deliver(ctx, update) {
				p.window.done(update.id)
			}
		})
	}
	return fresh
}

// deliver repeats an update until the inbox takes it; false when ctx ended before. An update that the inbox refuses again
// and again without being away is passed over in the end, or it would hold up the whole bot.
func (p *poller) deliver(ctx context.Context, update decoded) bool {
	pauses := backoff{least: storeMin, most: storeMax, random: p.config.Random}
	waiting := false
	defer func() {
		if waiting {
			p.window.away(-1)
		}
	}()
	for tries := 0; tries < maxTries; {
		if ctx.Err() != nil {
			return false
		}
		err := p.accept(p.work, p.inbox, update.in)
		if err == nil {
			return true
		}
		if isAway := away(err); !isAway {
			tries++
		} else if !waiting {
			waiting = true
			p.window.away(1)
			p.states.set(StoreAway, "the database can't be reached; messages wait at Telegram")
		}
		p.config.Log.Debug("update_not_accepted", "channel", p.config.Name, "error", err)
		if !sleep(ctx, pauses.pause()) {
			return false
		}
	}
	p.counts.givenUp.Add(1)
	p.config.Log.Error("update_given_up", "channel", p.config.Name, "chat", update.in.Address.Chat, "key", update.in.Key, "tries", maxTries)
	return true
}

// waitForRest waits until everything handed on is done. If a chat is slow it returns a little later anyway, so that the
// messages of other chats are fetched meanwhile.
func (p *poller) waitForRest(ctx context.Context, again *backoff) {
	_, waiting, _ := p.window.look()
	timer := time.NewTimer(again.pause())
	defer timer.Stop()
	for waiting > 0 {
		select {
		case <-p.window.changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
		_, waiting, _ = p.window.look()
	}
}

func (p *poller) waitForChange(ctx context.Context, longest time.Duration) {
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case <-p.window.changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// setback waits as the refusal demands, or returns why polling can't go on.
func (p *poller) setback(ctx context.Context, err error) error {
	refusal := refused(err)
	switch {
	case refusal == nil || refusal.code >= http.StatusInternalServerError:
		p.states.set(Offline, "Telegram can't be reached")
		p.config.Log.Warn("poll_interrupted", "channel", p.config.Name, "error", err)
		sleep(ctx, p.network.pause())
	case refusal.badCredentials():
		p.states.set(BadCredentials, ErrBadCredentials.Error())
		return fmt.Errorf("poll %s: %w", p.config.Name, ErrBadCredentials)
	case refusal.webhookSet():
		p.states.set(WebhookSet, ErrWebhookSet.Error())
		return fmt.Errorf("poll %s: %w", p.config.Name, ErrWebhookSet)
	case refusal.code == http.StatusConflict:
		p.states.set(Standby, "another copy is running: it listens, this one waits")
		sleep(ctx, standbyPause)
	default:
		p.states.set(Flooded, "Telegram asks to wait")
		p.config.Log.Warn("poll_refused", "channel", p.config.Name, "error", err, "retry_after", refusal.retryAfter)
		sleep(ctx, max(refusal.retryAfter, p.network.pause()))
	}
	return nil
}

// getUpdates is one poll. Updates stay raw, so that an odd one spoils no other.
func (p *poller) getUpdates(ctx context.Context, offset int64, hold time.Duration) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, hold+callTimeout)
	defer cancel()
	params := updatesQuery{Offset: offset, Limit: maxBatch, Timeout: int(hold / time.Second), Allowed: p.config.Allowed}
	var updates []json.RawMessage
	err := p.client.call(ctx, "getUpdates", &params, &updates)
	return updates, err
}

type updatesQuery struct {
	Offset  int64    `json:"offset,omitempty"`
	Limit   int      `json:"limit"`
	Timeout int      `json:"timeout"`
	Allowed []string `json:"allowed_updates,omitempty"`
}

// confirm tells Telegram the last offset when we stop, so that what is stored is not delivered again at the next start.
func (p *poller) confirm() {
	offset, _, _ := p.window.look()
	if offset == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.work), confirmTimeout)
	defer cancel()
	if err := p.client.call(ctx, "getUpdates", &updatesQuery{Offset: offset, Limit: 1, Allowed: p.config.Allowed}, nil); err != nil {
		p.config.Log.Debug("last_offset_not_confirmed", "channel", p.config.Name, "error", err)
	}
}
