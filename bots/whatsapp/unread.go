package whatsapp

import (
	"context"

	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
	"govorun/crm"
)

// unreadable keeps a place for a message that could not be opened. The library has asked the sender, and the phone, for it by then; the turn
// looks after what becomes of it. What only phones show is known to stay so.
func (c *Channel) unreadable(ctx context.Context, inbox bots.Inbox, evt *events.UndecryptableMessage) error {
	cli := c.client.Load()
	if cli == nil || evt.Info.IsFromMe || evt.DecryptFailMode == events.DecryptFailHide {
		return nil // nobody would miss it: a reaction, an edit, a word of our own
	}
	h, is, err := c.frame(ctx, cli, &evt.Info)
	if !is || err != nil {
		return err
	}
	c.counts.unread.Add(1)
	why := noteUndecryptable
	if evt.IsUnavailable {
		why = noteUnavailable
	}
	in := unread(c.config.Name, h, why)
	if evt.UnavailableType == events.UnavailableTypeViewOnce {
		in.Kind, in.Key, in.Note = crm.InOther, "m:"+bots.Clean(h.id, maxID), noteViewOnce
	}
	old, err := c.before(ctx, in.SentAt)
	if err != nil || old {
		return err
	}
	c.hears.miss(h.id)
	return c.accept(ctx, inbox, in)
}
