package simulator

import (
	"maps"

	"go.mau.fi/whatsmeow/types"
)

// delivery is one recipient's share of a message from a client.
type delivery struct {
	to   types.JID // the recipient's phone or linked device
	chat types.JID // the address or group that the message was sent to
	encs []node
}

// deliveries splits a message. A message to a chat lists its recipients, with
// the part for a whole group beside the list. A resend and a message to the
// own phone have no list.
func deliveries(n *node) (out []delivery) {
	chat, _ := n.Attrs["to"].(types.JID)
	shared := n.GetChildrenByTag("enc")
	list, ok := n.GetOptionalChildByTag("participants")
	if !ok {
		to := chat
		if p, ok := n.Attrs["participant"].(types.JID); ok {
			to = p
		}
		return []delivery{{to, chat, shared}}
	}
	for _, p := range list.GetChildren() {
		to, _ := p.Attrs["jid"].(types.JID)
		out = append(out, delivery{to, chat, append(p.GetChildrenByTag("enc"), shared...)})
	}
	return out
}

// forward makes the stanza that another linked device gets.
func (c *conn) forward(n *node, d delivery, dev *device) node {
	at := attrs{"id": n.Attrs["id"], "type": n.Attrs["type"], "t": c.srv.unix()}
	if edit, ok := n.Attrs["edit"]; ok {
		at["edit"] = edit
	}
	sender, alt := c.dev.lid, c.dev.jid.ToNonAD()
	if d.to.Server == types.DefaultUserServer {
		sender, alt = c.dev.jid, c.dev.lid.ToNonAD()
	}
	switch {
	case d.chat.Server == types.GroupServer:
		maps.Copy(at, attrs{"from": d.chat, "participant": sender})
		if g := c.srv.group(d.chat); g != nil {
			g.setMode(at)
		}
		setAlt(at, "participant", sender, alt)
	case dev.phone == c.dev.phone: // the same account's other device
		maps.Copy(at, attrs{"from": sender, "recipient": d.chat})
	default:
		at["from"] = sender
		setAlt(at, "sender", sender, alt)
	}
	return node{Tag: "message", Attrs: at, Content: append(d.encs, n.GetChildrenByTag("device-identity")...)}
}
