package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/crm"
)

// reading bounds how many read receipts are on their way at once; what comes beyond goes without, it is a courtesy.
const reading = 8

// markRead shows the person that their message was read. It waits for nothing, and nothing follows when it fails.
func (c *Channel) markRead(ctx context.Context, cli *whatsmeow.Client, in crm.Inbound, evt *events.Message) {
	if !said(in.Kind) || in.Kind == crm.InOwn {
		return
	}
	if c.marking.Add(1) > reading {
		c.marking.Add(-1)
		return
	}
	ids, chat, sender := []types.MessageID{evt.Info.ID}, evt.Info.Chat.ToNonAD(), evt.Info.Sender.ToNonAD()
	go func() {
		defer c.marking.Add(-1)
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := cli.MarkRead(ctx, ids, c.config.Now(), chat, sender); err != nil {
			c.config.Log.Debug("read_not_marked", "channel", c.config.Name, "key", in.Key)
		}
	}()
}
