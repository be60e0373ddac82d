package simulator

import (
	"time"

	"go.mau.fi/whatsmeow/types"
)

// longest bounds what a phone does by itself.
const longest = 20 * time.Second

// Typing shows or ends the peer's typing notice in the chat with a device.
func (p *Peer) Typing(dev types.JID, on bool) error {
	state := "paused"
	if on {
		state = "composing"
	}
	from, _ := p.main()
	return p.srv.Push(dev, node{Tag: "chatstate", Attrs: attrs{"from": from}, Content: []node{{Tag: state}}})
}

// Receipt reports on a message that the device sent: delivered, read or played. It comes from the address that the device had sent
// the message to.
func (p *Peer) Receipt(dev types.JID, id string, typ types.ReceiptType) error {
	return p.srv.Push(dev, p.receipt(p.chatOf(id), id, typ))
}

// chatOf returns the address or group that a message was sent to.
func (p *Peer) chatOf(id string) types.JID {
	for _, r := range p.Inbox() {
		if r.ID == id {
			return r.To
		}
	}
	jid, _ := p.main()
	return jid
}

func (p *Peer) receipt(chat types.JID, id string, typ types.ReceiptType) node {
	at := attrs{"id": id, "from": chat, "t": p.srv.unix()}
	if g := p.srv.group(chat); g != nil {
		at["participant"], _ = p.address(!g.ByPhone)
	}
	if typ != types.ReceiptTypeDelivered {
		at["type"] = string(typ)
	}
	return node{Tag: "receipt", Attrs: at}
}

// Tamper breaks the ciphertext of the peer's next message to a device.
func (p *Peer) Tamper() { p.Unreadable(1) }

// Unreadable breaks the ciphertext of the peer's next n messages; what is sent again on request counts too.
func (p *Peer) Unreadable(n int) {
	p.signal.Lock()
	defer p.signal.Unlock()
	p.tamper = n
}

// ForgetSession drops the peer's Signal session with dev, as a reinstall does.
func (p *Peer) ForgetSession(dev types.JID) error {
	d, err := p.srv.device(dev)
	if err == nil {
		p.store.forget(d)
	}
	return err
}

// AskRetry asks dev to encrypt and send its message id again, with fresh keys.
func (p *Peer) AskRetry(dev types.JID, id string) error {
	n := p.receipt(p.chatOf(id), id, types.ReceiptTypeRetry)
	n.Content = []node{
		{Tag: "retry", Attrs: attrs{"v": 1, "count": 1, "id": id, "t": p.srv.unix()}},
		{Tag: "registration", Content: u32(p.keys.RegistrationID)},
		{Tag: "keys", Content: append(p.bundle(), keyNode("key", p.store.newPreKey()))},
	}
	return p.srv.Push(dev, n)
}
