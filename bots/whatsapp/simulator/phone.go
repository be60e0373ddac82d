package simulator

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// Phone is the phone that linked devices belong to. Its inbox has what they sent, as DeviceSentMessage outside of groups.
type Phone struct {
	*User
	// MediaRetry is how it answers devices that ask for a file which the server dropped. Set it before use.
	MediaRetry RetryMode
}

// Phone returns the phone of a paired account, by its phone-number address
// (with any device number).
func (s *Server) Phone(jid types.JID) (*Phone, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ph := s.phones[jid.ToNonAD()]; ph != nil {
		return ph, nil
	}
	return nil, fmt.Errorf("no phone has the number %s", jid)
}

// phoneOf returns the phone that scans a code. It keeps its keys when it
// links a device again.
func (s *Server) phoneOf(a Account) *Phone {
	if ph, err := s.Phone(a.JID); err == nil {
		return ph
	}
	ph := &Phone{User: s.newUser(a.Name, a.JID.ToNonAD(), a.LID.ToNonAD())}
	ph.asked = ph.resend
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phones[ph.JID] = ph
	return ph
}

// devices lists the linked devices.
func (ph *Phone) devices() (out []*device) {
	ph.srv.mu.Lock()
	defer ph.srv.mu.Unlock()
	for jid, d := range ph.srv.devices {
		if d.phone == ph && jid == d.jid && !d.unlinked {
			out = append(out, d)
		}
	}
	return out
}

// SendText types a text on the phone.
func (ph *Phone) SendText(ctx context.Context, chat types.JID, text string) (string, error) {
	return ph.Send(ctx, chat, &waE2E.Message{Conversation: &text})
}

// Send sends msg from the phone itself, to a peer's phone number or LID or to a group. Linked devices see it as their own (IsFromMe).
func (ph *Phone) Send(ctx context.Context, chat types.JID, msg *waE2E.Message) (string, error) {
	id := ph.srv.newID()
	ph.srv.mu.Lock()
	ph.srv.sent.keep(letter{id: id, from: ph.User, chat: chat, msg: msg})
	ph.srv.mu.Unlock()
	if g := ph.srv.group(chat); g != nil {
		return id, ph.sendGroup(ctx, g, id, msg)
	}
	u, err := ph.srv.user(chat)
	if err != nil {
		return "", err
	}
	from, _ := ph.address(chat.Server == types.HiddenUserServer)
	to, _ := u.address(chat.Server == types.HiddenUserServer)
	for _, d := range ph.devices() {
		if err = ph.copySent(ctx, d, u, letter{id: id, chat: chat, msg: msg}); err != nil {
			return "", err
		}
	}
	u.put(ph.JID, Received{From: from, To: to, ID: id, Message: msg})
	return id, nil
}

// copySent shows a device what was sent from the phone to a peer.
func (ph *Phone) copySent(ctx context.Context, d *device, u *User, l letter) error {
	byLID := l.chat.Server == types.HiddenUserServer
	from, _ := ph.address(byLID)
	to, alt := u.address(byLID)
	at := attrs{"from": from, "recipient": to}
	setAlt(at, "peer_recipient", to, alt)
	return ph.copyTo(ctx, d, l.id, at, &waE2E.Message{
		DeviceSentMessage:  &waE2E.DeviceSentMessage{DestinationJID: proto.String(to.String()), Message: l.msg},
		MessageContextInfo: l.msg.GetMessageContextInfo(),
	})
}

// copyTo sends a device a message of its own phone.
func (ph *Phone) copyTo(ctx context.Context, d *device, id string, at attrs, msg *waE2E.Message) error {
	enc, err := ph.encrypt(ctx, d, msg)
	if err != nil {
		return fmt.Errorf("encrypt a message of the phone: %w", err)
	}
	n := ph.stanza(id, msg, enc)
	maps.Copy(n.Attrs, at)
	return ph.srv.deliver(d, n)
}

// resend encrypts a message of the phone anew for a device that could not open it.
func (ph *Phone) resend(d *device, l letter, fresh bool) {
	if fresh {
		ph.store.forget(d)
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	if g := ph.srv.group(l.chat); g != nil {
		ph.store.forget(d)
		_ = ph.sendGroup(ctx, g, l.id, l.msg)
	} else if u, err := ph.srv.user(l.chat); err == nil {
		_ = ph.copySent(ctx, d, u, l)
	}
}

// Read tells linked devices that messages of a peer were read on the phone.
func (ph *Phone) Read(chat types.JID, ids ...string) error {
	if len(ids) == 0 {
		return errors.New("tell what was read: no message is named")
	}
	from, _ := ph.address(chat.Server == types.HiddenUserServer)
	n := node{Tag: "receipt", Attrs: attrs{"id": ids[0], "from": from, "recipient": chat, "type": string(types.ReceiptTypeReadSelf), "t": ph.srv.unix()}}
	if len(ids) > 1 {
		list := node{Tag: "list"}
		items := []node(nil)
		for _, id := range ids[1:] {
			items = append(items, node{Tag: "item", Attrs: attrs{"id": id}})
		}
		list.Content = items
		n.Content = []node{list}
	}
	for _, d := range ph.devices() {
		if err := ph.srv.deliver(d, n); err != nil {
			return err
		}
	}
	return nil
}
