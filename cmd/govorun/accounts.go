package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"govorun/bots"
	"govorun/crm"
	"govorun/crm/jobs"
)

// account is one bot or number: the channel, the outbox that sends for it, and how it listens until its context ends.
type account struct {
	channel bots.Channel
	outbox  *bots.Outbox
	listen  func(ctx context.Context) error
	close   func() // after the last message is sent; nil when there is nothing to close
}

// accounts are all that run in this process; more come while it runs, when a number gets linked.
type accounts struct {
	mu  sync.RWMutex
	all []*account
}

func (a *accounts) add(one *account) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all[:len(a.all):len(a.all)], one)
}

// list gives those of now; nobody changes the slice.
func (a *accounts) list() []*account {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.all
}

// of gives the account of a channel, nil when it does not run here.
func (a *accounts) of(channel string) *account {
	for _, one := range a.list() {
		if one.channel.Name() == channel {
			return one
		}
	}
	return nil
}

// push hands rows that were committed this moment to the senders of their channels. What belongs to none of them stays in the table.
func (a *accounts) push(rows []crm.Outbound, superseded []crm.MessageID) {
	for _, one := range a.list() {
		if own := ofChannel(rows, one.channel.Name()); len(own) > 0 || len(superseded) > 0 {
			one.outbox.Push(own, superseded)
		}
	}
}

// ofChannel gives the rows of one channel in their order, without a copy when all are.
func ofChannel(rows []crm.Outbound, channel string) []crm.Outbound {
	other := func(out crm.Outbound) bool { return out.Address.Channel != channel }
	if !slices.ContainsFunc(rows, other) {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), other)
}

// sent says that a message is on its way already although its row waits still.
func (a *accounts) sent(id crm.MessageID) bool {
	for _, one := range a.list() {
		if one.outbox.Sent(id) {
			return true
		}
	}
	return false
}

// fetcher gives that of a channel, nil when its account does not run here or fetches nothing.
func (a *accounts) fetcher(channel string) jobs.Fetcher {
	one := a.of(channel)
	if one == nil {
		return nil
	}
	fetcher, _ := one.channel.(bots.Fetcher)
	return fetcher
}

// leadingLook is how often an account that is connected by the sending process looks whether that is still this one.
const leadingLook = 250 * time.Millisecond

// whileSending runs listen while this process sends for the account, for channels whose connection serves both. It ends with ctx,
// when the connection stays for what is still to be sent; another sender needs it at once.
func (one *account) whileSending(ctx context.Context, listen func(context.Context) error) error {
	for ctx.Err() == nil {
		if !one.outbox.Stats().Leading {
			sleep(ctx, leadingLook)
			continue
		}
		leading, lost := context.WithCancel(ctx)
		go func() {
			defer lost()
			for leading.Err() == nil && one.outbox.Stats().Leading {
				sleep(leading, leadingLook)
			}
		}()
		err := listen(leading)
		lost()
		if ctx.Err() == nil {
			one.close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}
