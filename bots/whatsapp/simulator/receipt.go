package simulator

import (
	"go.mau.fi/whatsmeow/types"
)

// handleReceipt takes what a client says about a message that it got: it has it, it was read, it can't be read, its file is gone.
func (c *conn) handleReceipt(n *node) {
	id, to := text(n.Attrs["id"]), address(n.Attrs["to"])
	typ := types.ReceiptType(text(n.Attrs["type"]))
	switch typ {
	case types.ReceiptTypeRetry:
		_, fresh := n.GetOptionalChildByTag("keys")
		c.askedAgain(id, fresh)
		return
	case types.ReceiptTypeServerError:
		c.askedForFile(n)
		return
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive, types.ReceiptTypeSender, types.ReceiptTypePeerMsg:
		c.srv.settle(c.dev, "message", id)
	}
	u, err := c.srv.user(to)
	if err != nil {
		return
	}
	ids := []string{id}
	list := n.GetChildByTag("list")
	for _, item := range list.GetChildren() {
		ids = append(ids, text(item.Attrs["id"]))
	}
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	u.chat(c.dev.phone.JID).advance(ids, statusOf(typ))
	u.stir()
}

func statusOf(typ types.ReceiptType) Status {
	switch typ {
	case types.ReceiptTypeDelivered, types.ReceiptTypeInactive:
		return Delivered
	case types.ReceiptTypeRead:
		return Read
	case types.ReceiptTypePlayed:
		return Played
	}
	return Sent
}

// askedAgain answers a client that could not open a message: whoever sent it encrypts it anew, up to five times as phones do.
func (c *conn) askedAgain(id string, fresh bool) {
	c.srv.mu.Lock()
	l, ok := c.srv.sent.again(id)
	c.srv.mu.Unlock()
	if ok && l.from.asked != nil {
		go l.from.asked(c.dev, l, fresh)
	}
}

// handleTyping shows the client's typing on the phone of whom it is for.
func (c *conn) handleTyping(n *node) {
	u, err := c.srv.user(address(n.Attrs["to"]))
	if err != nil {
		return
	}
	_, on := n.GetOptionalChildByTag("composing")
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	u.chat(c.dev.phone.JID).typing = on
	u.stir()
}

func address(v any) types.JID { jid, _ := v.(types.JID); return jid.ToNonAD() }

func text(v any) string { t, _ := v.(string); return t }
