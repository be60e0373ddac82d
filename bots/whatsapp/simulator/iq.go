package simulator

import "go.mau.fi/whatsmeow/types"

var errText = map[int]string{400: "bad-request", 403: "forbidden", 404: "item-not-found", 501: "feature-not-implemented"}

func (c *conn) handleIQ(n *node) error {
	if typ := text(n.Attrs["type"]); typ != "get" && typ != "set" {
		return nil // an answer to one of ours
	}
	child := ""
	if ch := n.GetChildren(); len(ch) > 0 {
		child = ch[0].Tag
	}
	content, code := c.answer(n, text(n.Attrs["xmlns"]), text(n.Attrs["type"]), child)
	res := node{Tag: "iq", Attrs: attrs{"id": n.Attrs["id"], "from": types.ServerJID, "type": "result"}}
	if code != 0 {
		res.Attrs["type"] = "error"
		content = []node{{Tag: "error", Attrs: attrs{"code": code, "text": errText[code]}}}
	}
	if content != nil {
		res.Content = content
	}
	err := c.send(res)
	if child == "remove-companion-device" && err == nil {
		c.logout()
	}
	return err
}

// answer returns the content of the result, or an error code.
func (c *conn) answer(n *node, ns, typ, child string) ([]node, int) {
	switch ns {
	case "passive", "w:p", "urn:xmpp:ping", "urn:xmpp:whatsapp:dirty":
		return nil, 0
	case "w:profile:picture":
		return nil, 404
	case "w:m":
		return mediaConn(), 0
	case "privacy":
		return privacy(typ), 0
	case "w:sync:app:state":
		return emptyAppState(n), 0
	}
	if ns == "md" && child == "link_code_companion_reg" && c.dev == nil {
		return c.linkByCode(n)
	}
	if c.dev == nil {
		return c.unknown(n)
	}
	switch {
	case ns == "md" && child == "remove-companion-device":
		return nil, 0
	case ns == "usync":
		return c.srv.usync(n), 0
	case ns == "encrypt" && child == "count":
		return c.countKeys(), 0
	case ns == "encrypt" && child == "key":
		return c.srv.bundles(n), 0
	case ns == "encrypt" && typ == "set":
		return nil, c.storeKeys(n)
	case ns == "w:g2" && child == "participating":
		return c.joined(), 0
	case ns == "w:g2" && child == "query":
		jid, _ := n.Attrs["to"].(types.JID)
		return c.answerGroup(jid)
	}
	return c.unknown(n)
}

func (c *conn) unknown(n *node) ([]node, int) {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	c.srv.unhandled = keepLast(append(c.srv.unhandled, *n), 100)
	return nil, 501
}

func (c *conn) logout() {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	c.dev.forget()
	go c.linger()
}

// privacy answers a query for the settings. Setting one, or issuing a token
// for a contact as clients do after a message, needs no content.
func privacy(typ string) []node {
	if typ == "set" {
		return nil
	}
	var list []node
	for _, k := range []string{"groupadd", "last", "status", "profile", "readreceipts", "online", "calladd"} {
		list = append(list, node{Tag: "category", Attrs: attrs{"name": k, "value": "all"}})
	}
	return []node{{Tag: "privacy", Content: list}}
}

func emptyAppState(n *node) []node {
	var list []node
	sync := n.GetChildByTag("sync")
	for _, col := range sync.GetChildren() {
		list = append(list, node{Tag: "collection", Attrs: attrs{"name": col.Attrs["name"], "version": "0", "has_more_patches": "false"}})
	}
	return []node{{Tag: "sync", Content: list}}
}

func content(n node, path ...string) []byte {
	x := n.GetChildByTag(path...)
	b, _ := x.Content.([]byte)
	return b
}
