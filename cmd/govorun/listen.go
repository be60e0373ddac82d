package main

import (
	"context"
	"errors"
	"time"

	"govorun/bots"
	"govorun/bots/telegram"
	"govorun/crm"
	"govorun/dialogs/turn"
)

// standbyNotice is how long another process must keep polling before it is worth a line: a restart is no second copy.
const standbyNotice = 3 * time.Second

// forever is longer than the program runs.
const forever = time.Duration(1<<63 - 1)

// listenTelegram runs the bot. Polling is for one process at a time: the others stand by until its lease ends.
func (y *system) listenTelegram(ctx context.Context) error {
	if y.webhook != nil {
		return y.heed(ctx, y.telegram.Run(ctx, inbox{y.runner, y.turned}))
	}
	for ctx.Err() == nil {
		lease, release, err := y.lead(ctx)
		if err != nil {
			if ctx.Err() == nil {
				y.log.Warn("polling waits for the database", "err", err)
				sleep(ctx, time.Second)
			}
			continue
		}
		listening, stop := context.WithCancel(ctx) // it ends with the lease or with the program
		context.AfterFunc(lease, stop)
		err = y.telegram.Run(listening, inbox{y.runner, y.turned})
		stop()
		release(true) // also with a token that is refused: another process may have a better one
		if err != nil {
			return y.heed(ctx, err)
		}
	}
	return nil
}

// lead waits until this process is the one that polls, and says so when it waits long.
func (y *system) lead(ctx context.Context) (lease context.Context, release func(clean bool), err error) {
	notice := time.AfterFunc(forever, func() {
		y.followed.Store(true)
		y.log.Info("another copy is running: it listens, this one stands by", "channel", y.telegram.Name())
	})
	defer notice.Stop()
	defer y.standby.Store(false)
	return y.db.Outbox().Lead(ctx, y.telegramLease(), func() { // before, it is the database that is waited for
		y.standby.Store(true)
		notice.Reset(standbyNotice)
	})
}

// telegramLease is what the process that polls holds; of a webhook's account every process may speak.
func (y *system) telegramLease() string {
	if y.webhook != nil {
		return ""
	}
	return "poll:" + y.telegram.Name()
}

// heed decides what follows when listening can't go on. At the start the program ends with the reason. A token that is
// revoked later is no reason to end, because a supervisor would start the program again and again: it stays, not ready,
// keeps what it has, and a person is told once. For who has stood by it is later, too.
func (y *system) heed(ctx context.Context, err error) error {
	if !errors.Is(err, telegram.ErrBadCredentials) || !y.listened.Load() && !y.followed.Load() {
		return err
	}
	if !y.accounts.of(y.telegram.Name()).outbox.Stats().Paused { // else the sender has told it
		y.alert(bots.Alert{Kind: bots.AlertPaused, Channel: y.telegram.Name(), Detail: err.Error()})
	}
	<-ctx.Done()
	return nil
}

// inbox lets channels speak to turns, which know nothing of bots.
type inbox struct {
	runner *turn.Runner
	turned *turned
}

func (i inbox) Accept(ctx context.Context, in crm.Inbound) (bots.Receipt, error) {
	r, err := i.runner.Accept(ctx, in)
	if err != nil {
		i.turned.refused.Inc()
	}
	return bots.Receipt{Toast: r.Toast, Fresh: r.Fresh}, err
}
