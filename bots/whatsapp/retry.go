package whatsapp

import (
	"context"
	"errors"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"

	"govorun/crm"
)

// rebuildTime bounds the making of a message anew: the largest files take about a minute over a slow line.
const rebuildTime = 2 * time.Minute

// forRetry gives what a phone could not read once more. The library asks when it has forgotten the message: after a restart, or after
// 256 others. Only who got it may have it, and nobody when it was taken back or is not ours.
func (c *Channel) forRetry(ctx context.Context) func(requester, to types.JID, id types.MessageID) *waE2E.Message {
	return func(requester, to types.JID, id types.MessageID) *waE2E.Message {
		ctx, cancel := context.WithTimeout(ctx, rebuildTime)
		defer cancel()
		message, err := c.rebuild(ctx, requester, to, id)
		if err != nil {
			if !errors.Is(err, crm.ErrNotFound) {
				c.config.Log.Warn("whatsapp_retry", "channel", c.config.Name, "error", scrubbed(err))
			}
			return nil
		}
		c.counts.retried.Add(1)
		return message
	}
}

func (c *Channel) rebuild(ctx context.Context, requester, to types.JID, id types.MessageID) (*waE2E.Message, error) {
	client := c.client.Load()
	if client == nil || !mayBeOurs(id) || !mayAsk(client, requester, to) {
		return nil, crm.ErrNotFound
	}
	salt, err := c.salt(ctx)
	if err != nil {
		return nil, err
	}
	row, part, err := c.sentAs(ctx, salt, to.ToNonAD(), id)
	if err != nil {
		return nil, err
	}
	if row, err = c.config.Open(row); err != nil {
		return nil, err
	}
	row.Address.Chat = to.ToNonAD().String()
	l, err := c.letter(ctx, client, row)
	if err != nil {
		return nil, err
	}
	parts, err := l.parts(ctx)
	if err != nil || part >= len(parts) {
		return nil, errors.Join(err, crm.ErrNotFound)
	}
	return parts[part](ctx)
}

// mayAsk tells whether a message of a chat is for this device: of the person, or of the number itself.
func mayAsk(client *whatsmeow.Client, requester, chat types.JID) bool {
	if requester.ToNonAD() == chat.ToNonAD() {
		return true
	}
	requester = requester.ToNonAD()
	return !requester.IsEmpty() && (requester == client.Store.GetJID().ToNonAD() || requester == client.Store.GetLID().ToNonAD())
}

// sentAs finds the row of a message and which part of it the message is.
func (c *Channel) sentAs(ctx context.Context, salt []byte, chat types.JID, id types.MessageID) (crm.Outbound, int, error) {
	to := crm.Address{Channel: c.config.Name, Chat: chat.String()}
	row, err := c.config.SentAs(ctx, to, id)
	if err == nil && messageID(salt, row.ID, 0) == id {
		return row, 0, nil
	}
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return row, 0, err
	}
	replaced := err == nil // an edit that was sent as a new message gave its id to the row it is about
	lately, err := c.config.SentLately(ctx, to)
	if err != nil {
		return row, 0, err
	}
	for _, row := range lately {
		for part := range 1 + maxAlbum {
			if messageID(salt, row.ID, part) != id {
				continue
			}
			if replaced && row.Kind == crm.OutEdit {
				row = anew(row)
			}
			return row, part, nil
		}
	}
	return row, 0, crm.ErrNotFound
}

// anew is an edit as a message of its own.
func anew(out crm.Outbound) crm.Outbound {
	out.Kind, out.TargetRef = crm.OutMessage, ""
	if len(out.Media) > 0 {
		out.Kind = crm.OutMedia
	}
	return out
}
