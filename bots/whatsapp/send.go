package whatsapp

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
	"govorun/crm"
)

// ackTime is how long WhatsApp may take to say that it has a message. Sends of one number go one after the other, so a lost
// answer holds up all of them.
const ackTime = 30 * time.Second

// Send sends one thing and returns WhatsApp's id of it: of the last message when it took several, of the first picture of an album.
// Every error is a *crm.SendError. Whatever is sent again under the same Outbound.ID is the same message for WhatsApp: a phone
// shows it once, and of an album only what is missing is sent.
func (c *Channel) Send(ctx context.Context, out crm.Outbound) (string, error) {
	ref, err := c.send(ctx, out)
	if err == nil {
		c.counts.sent.Add(1)
		return ref, nil
	}
	sendErr := c.sendError(ctx, out, err)
	if sendErr.Policy == crm.Done {
		return out.TargetRef, sendErr
	}
	c.counts.failed.Add(1)
	return "", sendErr
}

func (c *Channel) send(ctx context.Context, out crm.Outbound) (string, error) {
	if out.Kind == crm.OutMenu {
		return "", nil // there are no command menus here
	}
	client, err := c.linked()
	if err != nil {
		return "", err
	}
	l, err := c.letter(ctx, client, out)
	if err != nil {
		return "", err
	}
	parts, err := l.parts(ctx)
	if err != nil {
		return "", err
	}
	paused := c.typing(ctx, l)
	defer paused()
	for i := c.partly.Get(out.ID).Parts; i < len(parts); i++ {
		if err := c.post(ctx, l, i, parts[i]); err != nil {
			c.partly.Set(out.ID, bots.Reached{Parts: i})
			return "", err
		}
	}
	c.partly.Set(out.ID, bots.Reached{})
	return l.ref(len(parts)), nil
}

// post sends one message. The library would use a key of the contact twice if one of theirs were opened meanwhile, so the chat is
// held; not while files are uploaded.
func (c *Channel) post(ctx context.Context, l *letter, i int, part part) error {
	message, err := part(ctx)
	if err != nil {
		return err
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	chat, release, err := c.holdChat(ctx, l)
	if err != nil {
		return err
	}
	defer release()
	ctx, whom, done := sealed(ctx, chat)
	defer done()
	sent, err := l.client.SendMessage(ctx, l.chat, message, whatsmeow.SendRequestExtra{ID: l.id(i), Timeout: ackTime})
	switch {
	case err == nil && !whom.reached[plain(sent.Chat).String()]:
		return errNobody
	case err != nil && whom.err != nil: // nothing has left
		return whom.err
	}
	return err
}

// holdChat waits until nothing else happens with the contact, and gives the address by which they are encrypted to, as far as it is known: the
// library keeps its keys under the LID when it knows that.
func (c *Channel) holdChat(ctx context.Context, l *letter) (chat types.JID, release func(), err error) {
	chat = l.chat
	if chat.Server == types.DefaultUserServer {
		lid, err := otherAddress(ctx, l.client, chat)
		if err != nil {
			return chat, nil, err
		}
		if !lid.IsEmpty() {
			chat = lid
		}
	}
	return chat, c.chats.lock(chat), nil
}

// personal is the address of a person, without a device. Groups and lists are not written to.
func personal(chat string) (types.JID, error) {
	jid, err := types.ParseJID(chat)
	if err != nil || jid.User == "" || jid.Device != 0 || jid.Server != types.HiddenUserServer && jid.Server != types.DefaultUserServer {
		return types.JID{}, bots.GiveUp("bad_address", "the address is none of a person on WhatsApp")
	}
	return jid, nil
}
