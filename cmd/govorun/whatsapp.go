package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"govorun/bots"
	"govorun/bots/whatsapp"
	"govorun/crm/guard"
	"govorun/crm/postgres"
	"govorun/dialogs"
)

// whatsappSettings lead to another server than WhatsApp's own, for trying out and for tests.
type whatsappSettings struct {
	Server string `name:"whatsapp-server" env:"GOVORUN_WHATSAPP_SERVER" placeholder:"ADDRESS" help:"Address on this machine of a server that stands in for WhatsApp's own."`
	Root   string `name:"whatsapp-root" env:"GOVORUN_WHATSAPP_ROOT" placeholder:"KEY" help:"The root key of that server, in hex."`
	Limits string `name:"whatsapp-limits" env:"GOVORUN_WHATSAPP_LIMITS" enum:"usual,none" default:"usual" help:"usual: typing is shown and the guard holds back; none: neither, for measuring beside such a server only."`
}

// noLimits is the setting under which a number sends as fast as it can.
const noLimits = "none"

func (w whatsappSettings) server() (whatsapp.Server, error) {
	server := whatsapp.Server{Address: w.Server, Root: w.Root}
	if w.Limits == noLimits && w.Server == "" {
		return server, errors.New("GOVORUN_WHATSAPP_LIMITS=none would get a real number banned: set it only together with GOVORUN_WHATSAPP_SERVER")
	}
	return server, server.Check()
}

// whatsappChannel is the channel of the first number; others are called whatsapp:NAME.
const whatsappChannel = "whatsapp"

// isWhatsApp tells whether a channel is a number of WhatsApp.
func isWhatsApp(channel string) bool {
	return channel == whatsappChannel || strings.HasPrefix(channel, whatsappChannel+":")
}

// capabilities say what a channel can show.
func (y *system) capabilities(channel string) dialogs.Capabilities {
	if isWhatsApp(channel) {
		return dialogs.Capabilities{Polls: true}
	}
	return dialogs.Capabilities{Buttons: true, Contact: true}
}

// newWhatsApp makes the account of a number that is linked, or was.
func (y *system) newWhatsApp(name string) *account {
	var channel *whatsapp.Channel
	told := y.numberTeller(name)
	pace, sending := whatsapp.Usual(), bots.OutboxConfig{Limits: bots.WhatsAppLimits(), Log: y.log, Now: y.now, OnAlert: y.alert, Open: y.vault.open,
		Guard: y.guard.Check, Settled: y.guard.Settled, Expire: y.guard.Expire, KeepsState: true}
	if y.unheld {
		pace, sending.Limits, sending.Guard, sending.Settled, sending.Expire = whatsapp.Pace{}, bots.Limits{}, nil, nil, nil
	}
	channel = whatsapp.New(whatsapp.Config{Name: name, Store: y.sessions, Memory: y.db, Pace: pace, Log: y.log, Now: y.now, Server: y.whatsapp,
		Away:  func(err error) bool { return postgres.Away(err) || postgres.Locked(err) },
		Files: func(hash string) (io.ReadSeekCloser, error) { return y.files.Open(hash) }, Open: y.vault.open,
		Report: func(s whatsapp.State) {
			y.report(stateNow{name, string(s.Kind), s.Sentence, name, !s.Kind.Online() && s.Kind != whatsapp.Connecting && s.Kind != whatsapp.Stopped, func() (string, string) {
				now := channel.State()
				return string(now.Kind), now.Sentence
			}})
			told(s)
			switch {
			case s.Kind == whatsapp.Banned:
				y.stopRobots(name, guard.StopBanned, s.Until)
			case s.Kind.Online():
				if one := y.accounts.of(name); one != nil {
					one.outbox.Again()
				}
			}
		},
		Locked: func(until time.Time) { y.stopRobots(name, guard.StopReaches, until) }})
	rows := y.db.Outbox()
	rows.SameAgain = true // ids on WhatsApp follow from rows
	one := &account{channel: channel, close: channel.Close, outbox: bots.NewOutbox(channel, handsOver{rows, channel.Close}, sending)}
	one.listen = func(ctx context.Context) error {
		return one.whileSending(ctx, func(ctx context.Context) error { return channel.Run(ctx, inbox{y.runner, y.turned}) })
	}
	return one
}

// handsOver closes the connection of a number before another process may open its own: WhatsApp bears one, and drops the older.
type handsOver struct {
	bots.OutboxStore
	closes func()
}

// Lead waits until this process sends for the number.
func (h handsOver) Lead(ctx context.Context, channel string, entered func()) (lease context.Context, release func(clean bool), err error) {
	lease, freed, err := h.OutboxStore.Lead(ctx, channel, entered)
	if err != nil {
		return nil, nil, err
	}
	return lease, func(clean bool) { h.closes(); freed(clean) }, nil // not the result's name: it would call itself
}

// guarded tells whether there are numbers of WhatsApp.
func (y *system) guarded() bool {
	return slices.ContainsFunc(y.accounts.list(), func(one *account) bool { return isWhatsApp(one.channel.Name()) })
}

// stopRobots keeps robots from writing on a number until WhatsApp lets them.
func (y *system) stopRobots(name string, kind guard.Stop, until time.Time) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := y.guard.Stop(ctx, name, kind, until); err != nil {
			y.log.Warn("a stop of a number is not kept", "channel", name, "stop", kind, "err", err)
		}
	}()
}

// numbersLook is how often is looked for numbers that were linked by another process.
const numbersLook = 2 * time.Second

// addNumbers makes accounts of the numbers that do not run here yet, and gives them.
func (y *system) addNumbers(ctx context.Context) (fresh []*account, err error) {
	known, err := y.db.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, number := range known {
		if isWhatsApp(number.Channel) && y.accounts.of(number.Channel) == nil {
			if y.sessions == nil { // its tables are made when they are needed first
				if y.sessions, err = y.db.WhatsAppStore(ctx, whatsapp.Prepare); err != nil {
					return fresh, err
				}
			}
			one := y.newWhatsApp(number.Channel)
			y.accounts.add(one)
			fresh = append(fresh, one)
		}
	}
	return fresh, nil
}

// watchNumbers starts accounts of numbers that get linked while the program runs.
func (y *system) watchNumbers(ctx context.Context, begin func(*account)) {
	var quiet sync.Once
	for ctx.Err() == nil {
		sleep(ctx, numbersLook)
		fresh, err := y.addNumbers(ctx)
		if err != nil && ctx.Err() == nil {
			quiet.Do(func() { y.log.Warn("numbers not looked for", "err", err) })
		}
		for _, one := range fresh {
			y.log.Info("a number was linked", "channel", one.channel.Name())
			begin(one)
		}
	}
}
