package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"govorun/bots/telegram"
)

const (
	// probePatience bounds one question to Telegram.
	probePatience = 15 * time.Second
	// shortSecret is a length below which a secret of letters and digits may be guessed.
	shortSecret = 16
	// manyPending is more than a bot that listens leaves waiting.
	manyPending = 100
)

// provider checks token, webhook and what waits at Telegram.
func (d *doctor) provider(ctx context.Context) {
	t := d.telegram
	if t.Token == "" && d.linked {
		d.ok("token", "there is none: Telegram is not served, WhatsApp is")
		return
	}
	if t.Token == "" {
		d.report(problem, "token", "there is none and no number of WhatsApp is linked, so serve can't start", "ask @BotFather for one, then export GOVORUN_TELEGRAM_TOKEN=…; or link a number by govorun pair (govorun try needs neither)")
		return
	}
	hook, err := t.webhook()
	if err != nil {
		d.wrong("webhook", err)
		return
	}
	channel, err := telegram.New(telegram.Config{Token: t.Token, API: t.API, Webhook: hook})
	if err != nil {
		d.wrong("telegram", err)
		return
	}
	d.door()
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	me, err := channel.Probe(ctx)
	switch {
	case errors.Is(err, telegram.ErrBadCredentials):
		d.wrong("token", telegram.ErrBadCredentials)
		return
	case err != nil:
		d.report(problem, "token", fmt.Sprintf("Telegram can't be asked: %v", err), "check the way to "+d.api()+" (firewall, proxy: HTTPS_PROXY, another server: GOVORUN_TELEGRAM_API)")
		return
	}
	d.ok("token", "it is @%s's", me.Username)
	backlog, err := channel.Backlog(ctx)
	if err != nil {
		d.wrong("webhook", err)
		return
	}
	d.listening(backlog)
	d.backlog(backlog)
}

func (d *doctor) api() string {
	if d.telegram.API != "" {
		return d.telegram.API
	}
	return telegram.DefaultAPI
}

// door looks at the settings of the webhook.
func (d *doctor) door() {
	t := d.telegram
	if t.Secret == "" {
		return // polling: telegram.New refuses a webhook without one
	}
	if len(t.Secret) < shortSecret {
		d.report(warning, "secret", fmt.Sprintf("it has %s and can be guessed", many(len(t.Secret), "letter")), "export GOVORUN_TELEGRAM_SECRET=$(openssl rand -hex 32)")
	} else {
		d.ok("secret", "it is long enough")
	}
	if u, err := url.Parse(t.Webhook); err == nil && u.Scheme == "http" && t.API == "" {
		d.report(problem, "webhook", "Telegram posts to https addresses only", "put https into GOVORUN_TELEGRAM_WEBHOOK and a certificate before the program")
	}
}

// listening compares how the program would listen with what is registered at Telegram.
func (d *doctor) listening(b telegram.Backlog) {
	switch wanted := d.telegram.Webhook; {
	case wanted == "" && b.WebhookURL != "":
		d.wrong("webhook", telegram.ErrWebhookSet)
	case wanted == "":
		d.ok("webhook", "none is registered: the bot polls")
	case b.WebhookURL == wanted:
		d.ok("webhook", "it is registered")
	case b.WebhookURL == "":
		d.report(warning, "webhook", "it is not registered yet", "none needed: govorun serve registers it at its start")
	default:
		d.report(warning, "webhook", "another address is registered: another program may listen for this bot", "stop it, then start govorun serve, which registers GOVORUN_TELEGRAM_WEBHOOK")
	}
}

// backlog judges what waits at Telegram and how delivering went.
func (d *doctor) backlog(b telegram.Backlog) {
	if len(b.Missing) > 0 {
		d.report(problem, "updates", fmt.Sprintf("the registered webhook does not ask for %q, which dialogs need", b.Missing), "govorun serve with GOVORUN_TELEGRAM_WEBHOOK registers it anew")
	}
	if since := d.now().Sub(b.LastError); !b.LastError.IsZero() && since < time.Hour && b.WebhookURL != "" {
		d.report(warning, "delivery", fmt.Sprintf("Telegram could not deliver %v ago: %s", since.Round(time.Second), b.LastReason), "make GOVORUN_TELEGRAM_WEBHOOK reachable from the internet; GOVORUN_LISTEN is where the program listens")
	}
	switch {
	case b.Pending > manyPending:
		d.report(warning, "updates", many(b.Pending, "message")+" at Telegram, which keeps them for a day", "govorun serve, if it is not running")
	default:
		d.ok("updates", "%s at Telegram", many(b.Pending, "message"))
	}
}
