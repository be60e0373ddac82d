package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
)

// greetWait bounds the first login.
const greetWait = 30 * time.Second

// Greet logs a number in that was just linked and leaves again: its phone waits for that, and shows the link as failed when nobody comes. What
// arrives meanwhile is not acknowledged, so that the program that serves gets it. It is for when that does not run yet.
func Greet(ctx context.Context, config Config) error {
	c := New(config)
	account, err := c.config.Account(ctx, c.config.Name)
	if err != nil {
		return err
	}
	device, err := deviceOf(ctx, openStore(c.config.Store, c.config.Log), account.Device)
	if err != nil || device == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, greetWait)
	defer cancel()
	cli := c.config.bare(device)
	cli.BackgroundEventCtx = ctx
	in := make(chan bool, 1)
	cli.AddEventHandlerWithSuccessStatus(func(evt any) bool {
		switch evt.(type) {
		case *events.Connected:
			in <- true
		case *events.Disconnected, *events.LoggedOut, *events.ConnectFailure, *events.ClientOutdated, *events.TemporaryBan, *events.StreamReplaced:
			cancel()
		}
		return false
	})
	if err := c.connectOnce(ctx, cli); err != nil {
		return &LinkError{LinkOffline, bots.Reason(scrubbed(err))}
	}
	defer cli.Disconnect()
	select {
	case <-in:
		return nil
	case <-ctx.Done():
		return &LinkError{Problem: LinkOffline}
	}
}

func (c *Channel) connectOnce(ctx context.Context, cli *whatsmeow.Client) error {
	oneAtATime.Lock()
	defer oneAtATime.Unlock()
	c.config.Server.trust()
	return cli.ConnectContext(ctx)
}
