package simulator

import (
	"context"
	"fmt"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// Peer is a person with WhatsApp on one phone, who writes to linked devices and reads what they send.
//
// Where a method takes an address to send to, it is a linked device's JID, or a group that the peer is in.
type Peer struct {
	*User
	// ByLID makes the peer's messages come from its LID, as in migrated chats. Once messages flow, change it with UseLID.
	ByLID bool
	// NoReceipts stops the automatic delivery receipt, NoResend the answer to those who could not open a message. AsksAgain makes the
	// phone ask for what it could not open itself, as real ones do. Set them before use.
	NoReceipts, NoResend, AsksAgain bool
}

// NewPeer adds a person. An empty lid gets made up. An empty jid is someone who writes by LID and whose phone number nobody knows,
// until SetPhone.
func (s *Server) NewPeer(name string, jid, lid types.JID) *Peer {
	u := s.newUser(name, jid, lid)
	s.mu.Lock()
	defer s.mu.Unlock()
	return u.own(jid.IsEmpty())
}

// own makes a person of a user. Server.mu must be held, unless nobody knows the user yet.
func (u *User) own(byLID bool) *Peer {
	p := &Peer{User: u, ByLID: byLID}
	u.peer, u.received, u.asked = p, p.confirm, p.resend
	return p
}

// UseLID makes the peer's messages come from its LID, or from its phone number.
func (p *Peer) UseLID(on bool) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.ByLID = on
}

// SetPhone makes the phone number of a peer known. From then on it stands beside the LID in the peer's messages, and the server
// answers queries for it.
func (p *Peer) SetPhone(jid types.JID) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.JID = jid
	p.srv.users[jid] = p.User
}

// main returns the address that the peer writes from, and the other one.
func (p *Peer) main() (main, alt types.JID) {
	p.srv.mu.Lock()
	byLID := p.ByLID
	p.srv.mu.Unlock()
	return p.address(byLID)
}

// Send sends msg and returns its ID. The stanza names the peer's other address too, if it is known.
func (p *Peer) Send(ctx context.Context, to types.JID, msg *waE2E.Message) (string, error) {
	id := p.srv.newID()
	return id, p.send(ctx, to, said{ID: id, Msg: msg})
}

// send sends a message that has its id already, and shows it on the peer's own phone.
func (p *Peer) send(ctx context.Context, to types.JID, m said) error {
	m.Mine, m.At = true, p.srv.Now()
	if g := p.srv.group(to); g != nil {
		p.note(g.JID, to, m)
		return p.sendGroup(ctx, g, m.ID, m.Msg)
	}
	d, err := p.srv.device(to)
	if err != nil {
		return err
	}
	p.note(d.phone.JID, to, m)
	main, alt := p.main()
	return p.post(ctx, d, m, source{main, alt})
}

// note keeps what the peer sent.
func (p *Peer) note(chat, to types.JID, m said) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.chat(chat).add(m)
	p.stir()
	p.srv.sent.keep(letter{id: m.ID, from: p.User, chat: to, msg: m.Msg})
}

// source is where a message comes from: the address in front, and the other one, empty when nobody knows it.
type source struct{ main, alt types.JID }

// post encrypts a message for one device and hands it over.
func (p *Peer) post(ctx context.Context, d *device, m said, from source) error {
	enc, err := p.encrypt(ctx, d, m.Msg)
	if err != nil {
		return fmt.Errorf("encrypt a message of %s: %w", p.Name, err)
	}
	n := p.stanza(m.ID, m.Msg, enc)
	n.Attrs["from"] = from.main
	setAlt(n.Attrs, "sender", from.main, from.alt)
	return p.srv.deliver(d, n)
}

// resend encrypts a message anew for a device that could not open it.
func (p *Peer) resend(d *device, l letter, fresh bool) {
	if p.NoResend {
		return
	}
	if fresh {
		p.store.forget(d)
	}
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	if g := p.srv.group(l.chat); g != nil {
		p.store.forget(d)
		_ = p.sendGroup(ctx, g, l.id, l.msg)
		return
	}
	main, alt := p.main()
	_ = p.post(ctx, d, said{ID: l.id, Msg: l.msg}, source{main, alt})
}

// Resend is another way to send a message that was sent already: from the peer's other address, as happens while a chat moves to LIDs.
type Resend struct{ ByLID, ByPhone bool }

// Resend sends a message once more with the same id, encrypted anew.
func (p *Peer) Resend(ctx context.Context, to types.JID, id string, how Resend) error {
	d, err := p.srv.device(to)
	if err != nil {
		return err
	}
	p.srv.mu.Lock()
	l := p.srv.sent.byID[id]
	p.srv.mu.Unlock()
	if l == nil || l.from != p.User {
		return fmt.Errorf("send message %s again: %s sent none with that id", id, p.Name)
	}
	main, alt := p.main()
	if how.ByLID || how.ByPhone {
		main, alt = p.address(how.ByLID)
	}
	return p.post(ctx, d, said{ID: id, Msg: l.msg}, source{main, alt})
}

// confirm tells the sender that a message arrived, or asks for it again.
func (p *Peer) confirm(from *device, r Received) {
	switch {
	case r.Err == nil && !p.NoReceipts:
		_ = p.srv.deliver(from, p.receipt(r.To, r.ID, types.ReceiptTypeDelivered))
	case r.Err != nil && p.AsksAgain:
		p.store.forget(from)
		_ = p.AskRetry(from.jid, r.ID)
	}
}

// Reinstall gives the peer a new phone: new keys, no sessions, the same chats. The server tells linked devices when announce is set;
// otherwise they find out by the next message.
func (p *Peer) Reinstall(announce bool) error {
	p.signal.Lock()
	p.newKeys()
	p.signal.Unlock()
	if !announce {
		return nil
	}
	from, _ := p.main()
	for _, d := range p.srv.allDevices() {
		err := p.srv.deliver(d, node{Tag: "notification", Attrs: attrs{"id": p.srv.newID(), "from": from, "type": "encrypt", "t": p.srv.unix()},
			Content: []node{{Tag: "identity"}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// allDevices lists every linked device.
func (s *Server) allDevices() (list []*device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for jid, d := range s.devices { // each is there under both its addresses
		if jid == d.jid && !d.unlinked {
			list = append(list, d)
		}
	}
	return list
}
