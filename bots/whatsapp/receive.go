package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"

	"govorun/bots"
	"govorun/crm"
)

// crashes is how often a message may make us panic before a place is kept for it instead, so that it does not hold up all others for ever.
const crashes = 3

// handler hears what the library has to tell. It gives true when a message is stored, and only then is it acknowledged; after false
// nothing is, until the connection has been made anew and everything comes again, in order. The library hands over one message of a number at a
// time and waits for it, so that the chats of one number are not heard in parallel.
func (c *Channel) handler(work context.Context, inbox bots.Inbox) func(evt any) bool {
	c.hears.begin(func(tries int) { c.again(work, tries) })
	return func(evt any) bool {
		switch evt := evt.(type) {
		case *events.Connected:
			c.hears.linkAgain()
			return true
		case *events.MediaRetry:
			c.retries.answered(evt)
			return true
		case *events.Message:
			return c.hear(work, evt.Info.ID, func() error { return c.message(work, inbox, evt) })
		case *events.UndecryptableMessage:
			return c.hear(work, evt.Info.ID, func() error { return c.unreadable(work, inbox, evt) })
		}
		return true
	}
}

// errCrash is a panic. What it said may hold what a person wrote.
var errCrash = errors.New("it made the program panic")

// hear does one thing and tells whether it is done.
func (c *Channel) hear(work context.Context, id string, do func() error) bool {
	if work.Err() != nil || !c.hears.enter() {
		return false // in order: what comes after a message that is not stored yet must wait for it
	}
	defer c.hears.leave()
	err := c.safely(do)
	if err == nil {
		c.hears.stored(id)
		return true
	}
	c.counts.refused.Add(1)
	c.config.Log.Warn("message_refused", "channel", c.config.Name, "key", id, "error", err.Error())
	if errors.Is(err, errCrash) && c.hears.crash(id) > 2*crashes { // not even a place for it can be kept
		c.config.Log.Error("message_given_up", "channel", c.config.Name, "key", id)
		c.hears.stored(id)
		return true
	}
	c.hears.stumble()
	return false
}

// safely makes an error of a panic: the library would take it for success, and the message would be lost.
func (c *Channel) safely(do func() error) (err error) {
	defer func() {
		if crash := recover(); crash != nil {
			c.config.Log.Error("handler_panic", "channel", c.config.Name, "what", fmt.Sprintf("%T", crash), "stack", string(debug.Stack()))
			err = errCrash
		}
	}()
	return do()
}

// message takes one message.
func (c *Channel) message(ctx context.Context, inbox bots.Inbox, evt *events.Message) error {
	cli := c.client.Load()
	if cli == nil {
		return errors.New("the number is not linked any more")
	}
	if notice := evt.Message.GetProtocolMessage().GetHistorySyncNotification(); notice != nil && evt.Info.IsFromMe {
		return c.history(ctx, cli, evt.Info.ID, notice)
	}
	h, is, err := c.frame(ctx, cli, &evt.Info)
	if !is || err != nil {
		return err
	}
	h.message, h.viewOnce = unwrapped(evt.Message), evt.IsViewOnce
	h.again = evt.RetryCount > 0 || evt.UnavailableRequestID != "" || c.hears.found(evt.Info.ID)
	var sealed error
	h.votes = func() ([][]byte, error) {
		vote, err := cli.DecryptPollVote(ctx, evt)
		sealed = err
		return vote.GetSelectedOptions(), err
	}
	h.edited = func() (opened *waE2E.Message, err error) {
		opened, sealed = cli.DecryptSecretEncryptedMessage(ctx, evt)
		return opened, sealed
	}
	in, says := c.decode(h)
	if errors.Is(sealed, errNoAnswer) {
		return errNoAnswer // it comes again
	}
	if !says {
		c.counts.ignored.Add(1)
		return nil
	}
	old, err := c.before(ctx, in.SentAt)
	if err != nil {
		return err
	}
	if old && !said(in.Kind) {
		return nil // about a message of the past
	}
	if old {
		return c.keep(ctx, []crm.Past{pastOf(in, h)})
	}
	if err := c.accept(ctx, inbox, in); err != nil {
		return err
	}
	c.markRead(ctx, cli, in, evt)
	return nil
}

// decode reads a message. One that made us panic too often becomes a place for a message that could not be read: whoever wrote it is asked to
// send it again, and the others go on.
func (c *Channel) decode(h heard) (crm.Inbound, bool) {
	if c.hears.crashed(h.id) >= crashes {
		return unread(c.config.Name, h, noteUndecryptable), !h.own
	}
	return decode(c.config.Name, h)
}

// frame reads the envelope; false when the message is none of ours: of a group, a status, a newsletter, a broadcast, an echo.
func (c *Channel) frame(ctx context.Context, cli *whatsmeow.Client, info *types.MessageInfo) (h heard, is bool, err error) {
	c.counts.received.Add(1)
	other := info.SenderAlt
	if info.IsFromMe {
		other = info.RecipientAlt
	}
	chat := plain(info.Chat)
	if info.IsGroup || !person(chat) || info.IsFromMe && (ours(cli, info.Sender) || mine(cli, chat)) {
		c.counts.ignored.Add(1)
		return heard{}, false, nil
	}
	where, err := placeOf(ctx, cli, chat, other)
	if err != nil {
		return heard{}, false, err
	}
	return heard{id: info.ID, place: where, name: info.PushName, own: info.IsFromMe, sentAt: info.Timestamp}, true, nil
}

// ours tells an echo of what this very device has sent.
func ours(cli *whatsmeow.Client, sender types.JID) bool {
	return sender.Device == cli.Store.GetJID().Device && sender.Device != 0
}

// mine tells the chat of the number with itself.
func mine(cli *whatsmeow.Client, chat types.JID) bool {
	return chat.User != "" && (chat.User == cli.Store.GetJID().User || chat.User == cli.Store.GetLID().User)
}

// accept hands one thing to the inbox and returns when it is committed.
func (c *Channel) accept(ctx context.Context, inbox bots.Inbox, in crm.Inbound) error {
	if _, err := inbox.Accept(ctx, in); err != nil {
		return err
	}
	c.counts.accepted.Add(1)
	return nil
}

// before tells whether a message is so much older than the link that it is history: nothing older than ten minutes then is answered.
func (c *Channel) before(ctx context.Context, sentAt time.Time) (bool, error) {
	linked, known := c.hears.linkedAt()
	if !known {
		account, err := c.config.Account(ctx, c.config.Name)
		if errors.Is(err, crm.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		linked = account.LinkedAt
		c.hears.linked(linked)
	}
	return sentAt.Before(linked.Add(-answered)), nil
}

// answered is how old a message may have been when the number was linked and is answered all the same.
const answered = 10 * time.Minute

// again makes the connection anew once the store answers, so that WhatsApp brings what was not acknowledged. The more often it did so in vain the
// longer it waits.
func (c *Channel) again(work context.Context, tries int) {
	for ; ; tries++ {
		pause := min(200*time.Millisecond<<min(tries, 10), 30*time.Second)
		select {
		case <-work.Done():
			return
		case <-time.After(time.Duration(float64(pause) * (0.75 + c.config.Random()/2))):
		}
		ctx, cancel := context.WithTimeout(work, 2*time.Second)
		err := c.config.Store.PingContext(ctx)
		cancel()
		if err == nil {
			c.hears.anew(func() { c.client.Load().ResetConnection() })
			return
		}
	}
}
