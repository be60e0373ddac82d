package telegram

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"govorun/bots"
	"govorun/crm"
)

// accept hands one thing to the inbox and, once it is committed, answers a press. A panic of the inbox is an error: the
// update is not lost and the other chats go on.
func (c *Channel) accept(ctx context.Context, inbox bots.Inbox, in crm.Inbound) (err error) {
	defer func() {
		if crash := recover(); crash != nil {
			c.config.Log.Error("inbox_panic", "channel", in.Address.Channel, "chat", in.Address.Chat, "key", in.Key, "stack", string(debug.Stack()))
			err = fmt.Errorf("accept %s of chat %s: the inbox panicked", in.Key, in.Address.Chat)
		}
		if err != nil {
			c.counts.refused.Add(1)
		}
	}()
	receipt, err := inbox.Accept(ctx, in)
	if err != nil {
		return fmt.Errorf("accept %s of chat %s: %w", in.Key, in.Address.Chat, err)
	}
	c.counts.accepted.Add(1)
	if in.Press != nil {
		c.answerLater(in.Press.Answer, receipt.Toast)
	}
	return nil
}

// acknowledge is for updates that are worth no row: the spinner of a press must stop all the same.
func (c *Channel) acknowledge(d decoded) {
	c.counts.ignored.Add(1)
	if d.in.Press != nil {
		c.answerLater(d.in.Press.Answer, "")
	}
}

// away tells an inbox that can't store anything from one that refuses this update.
func away(err error) bool {
	return errors.Is(err, crm.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
