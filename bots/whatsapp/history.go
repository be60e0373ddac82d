package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/proto/waHistorySync"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
	"govorun/crm"
)

const (
	// historyTries is how often a part of the history is asked for before the phone is asked to upload it anew, historyPause how long between.
	historyTries = 3
	historyPause = time.Second
	// keepAtOnce is how many old messages one statement stores.
	keepAtOnce = 500
)

// history stores what was said before the number was linked. The phone uploads it in parts, each of which stays on the server
// until it is stored here; only then is the part acknowledged and removed. What can't be had holds up nobody: the phone is asked for it anew.
func (c *Channel) history(ctx context.Context, cli *whatsmeow.Client, id string, notice *waE2E.HistorySyncNotification) error {
	part, err := c.historyPart(ctx, cli, notice)
	if err != nil {
		c.config.Log.Warn("history_missing", "channel", c.config.Name, "key", id, "error", brief(err).Error())
		if key := notice.GetMediaKey(); len(key) > 0 {
			_ = cli.SendHistorySyncServerErrorReceipt(ctx, id, key) // when this fails too, the part is not to be had
		}
		return ctx.Err()
	}
	past, err := c.pastKept(ctx, cli, part)
	if err != nil {
		return err
	}
	if len(past) > 0 {
		c.config.Log.Info("history_kept", "channel", c.config.Name, "messages", len(past))
	}
	if err := cli.SendProtocolMessageReceipt(ctx, id, types.ReceiptTypeHistorySync); err != nil {
		return err // the connection is gone: the part comes again, and is known already
	}
	if notice.GetDirectPath() != "" { // else it came with the message itself
		if err := cli.DeleteMedia(ctx, whatsmeow.MediaHistory, notice.GetDirectPath(), notice.GetFileEncSHA256(), notice.GetEncHandle()); err != nil {
			c.config.Log.Debug("history_not_removed", "channel", c.config.Name, "key", id)
		}
	}
	return nil
}

// pastKept stores the messages of a part, and waits for a store that is away: the library confirms notices of the phone before it hands them
// over, so that this one may not come again.
func (c *Channel) pastKept(ctx context.Context, cli *whatsmeow.Client, part *waHistorySync.HistorySync) ([]crm.Past, error) {
	for pause := historyPause; ; pause = min(2*pause, time.Minute) {
		past, err := pastIn(ctx, cli, part)
		if err == nil {
			err = c.keep(ctx, past)
		}
		if err == nil {
			return past, nil
		}
		c.config.Log.Warn("history_waits", "channel", c.config.Name, "error", err.Error())
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// historyPart downloads one part. The library stores the names and the addresses in it before it returns.
func (c *Channel) historyPart(ctx context.Context, cli *whatsmeow.Client, notice *waE2E.HistorySyncNotification) (part *waHistorySync.HistorySync, err error) {
	for try := range historyTries {
		if part, err = cli.DownloadHistorySync(ctx, notice, true); err == nil || ctx.Err() != nil {
			return part, err
		}
		if errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith404) || errors.Is(err, whatsmeow.ErrMediaDownloadFailedWith410) || try == historyTries-1 {
			break
		}
		wait(ctx, historyPause)
	}
	return nil, err
}

// keep stores old messages, in order. One that can't be stored keeps out no other, and holds up nobody: it is given up. An error is that the store
// is away.
func (c *Channel) keep(ctx context.Context, past []crm.Past) error {
	for len(past) > 0 {
		n := min(len(past), keepAtOnce)
		err := c.config.KeepPast(ctx, c.config.Name, past[:n])
		for try := 1; err != nil && n == 1 && try < historyTries && !away(ctx, err); try++ {
			wait(ctx, historyPause)
			err = c.config.KeepPast(ctx, c.config.Name, past[:n])
		}
		switch {
		case err == nil:
		case away(ctx, err):
			return fmt.Errorf("keep %d old messages: %w", n, err)
		case n > 1: // which of them it is shows by and by
			if err := errors.Join(c.keep(ctx, past[:n/2]), c.keep(ctx, past[n/2:n])); err != nil {
				return err
			}
		default:
			c.config.Log.Error("past_given_up", "channel", c.config.Name, "key", past[0].Ref, "error", err.Error())
		}
		past = past[n:]
	}
	return nil
}

// away tells whether what failed may succeed later.
func away(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, crm.ErrUnavailable)
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

// pastIn reads the messages of people in a part of the history, the oldest of each chat first.
func pastIn(ctx context.Context, cli *whatsmeow.Client, part *waHistorySync.HistorySync) ([]crm.Past, error) {
	names := map[string]string{}
	for _, n := range part.GetPushnames() {
		names[n.GetID()] = n.GetPushname()
	}
	var past []crm.Past
	for _, chat := range part.GetConversations() {
		jid, err := types.ParseJID(chat.GetID())
		if err != nil || !person(plain(jid)) || mine(cli, jid) {
			continue
		}
		other, _ := types.ParseJID(chat.GetPnJID())
		if jid.Server != types.HiddenUserServer {
			other, _ = types.ParseJID(chat.GetLidJID())
		}
		where, err := placeOf(ctx, cli, jid, other)
		if err != nil {
			return nil, err
		}
		name := chat.GetDisplayName()
		if name == "" {
			name = names[chat.GetID()]
		}
		first := len(past)
		for _, m := range chat.GetMessages() {
			if one, is := pastMessage(cli, jid, where, name, m); is {
				past = append(past, one)
			}
		}
		if old := past[first:]; len(old) > 1 && old[0].SentAt.After(old[len(old)-1].SentAt) { // phones give the newest first
			for i, j := 0, len(old)-1; i < j; i, j = i+1, j-1 {
				old[i], old[j] = old[j], old[i]
			}
		}
	}
	return past, nil
}

// pastMessage reads one old message; false for what says nothing.
func pastMessage(cli *whatsmeow.Client, chat types.JID, where place, name string, m *waHistorySync.HistorySyncMsg) (crm.Past, bool) {
	evt, err := cli.ParseWebMessage(chat, m.GetMessage())
	if err != nil || evt.Message == nil || evt.Info.ID == "" {
		return crm.Past{}, false
	}
	if evt.Info.PushName != "" && !evt.Info.IsFromMe {
		name = evt.Info.PushName
	}
	h := heard{id: evt.Info.ID, place: where, name: name, sentAt: evt.Info.Timestamp, message: unwrapped(evt.Message), viewOnce: evt.IsViewOnce}
	in, says := decode("", h)
	if h.own = evt.Info.IsFromMe; !says || !said(in.Kind) {
		return crm.Past{}, false
	}
	return pastOf(in, h), true
}

// said tells whether somebody said something, rather than doing something about what was said.
func said(kind crm.InboundKind) bool {
	switch kind {
	case crm.InText, crm.InMedia, crm.InContact, crm.InLocation, crm.InOther, crm.InOwn:
		return true
	}
	return false
}

// pastOf is a message as one that was said before the number was linked.
func pastOf(in crm.Inbound, h heard) crm.Past {
	p := crm.Past{Chat: h.place.chat, Alias: h.place.alias, Name: bots.Line(h.name, maxName), Phone: h.place.phone, Ref: strings.TrimPrefix(in.Key, "m:"), Own: h.own,
		Text: in.Text, Media: in.Media, SentAt: in.SentAt}
	switch {
	case in.Card != nil:
		p.Text = strings.TrimSpace(in.Card.Name + " " + in.Card.Phone)
	case in.Location != nil:
		p.Text = strings.TrimSpace(fmt.Sprintf("%s %.6f, %.6f", in.Location.Title, in.Location.Latitude, in.Location.Longitude))
	}
	return p
}
