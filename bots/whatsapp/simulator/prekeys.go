package simulator

import (
	"encoding/binary"
	"slices"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

func (c *conn) countKeys() []node {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	return []node{{Tag: "count", Attrs: attrs{"value": len(c.dev.oneTime)}}}
}

func (c *conn) storeKeys(n *node) int {
	signed := parseKey(n.GetChildByTag("skey"))
	if signed == nil || signed.Signature == nil || !slices.Equal(content(*n, "identity"), c.dev.identity[:]) {
		return 400
	}
	list := n.GetChildByTag("list")
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	c.dev.signed = signed
	for _, k := range list.GetChildren() {
		if pk := parseKey(k); pk != nil {
			c.dev.oneTime = append(c.dev.oneTime, pk)
		}
	}
	c.srv.changed.wake()
	return 0
}

// takeOneTime removes a one-time key. Server.mu must be held.
func (d *device) takeOneTime() (k *keys.PreKey) {
	if len(d.oneTime) > 0 {
		k, d.oneTime = d.oneTime[0], d.oneTime[1:]
	}
	return
}

// WithholdKeys makes the server say, so many times, that it has no keys of somebody.
func (s *Server) WithholdKeys(of types.JID, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withheld[of] = times
}

// bundles answers a query for the keys that open Signal sessions.
func (s *Server) bundles(n *node) []node {
	var list []node
	key := n.GetChildByTag("key")
	for _, q := range key.GetChildren() {
		jid, _ := q.Attrs["jid"].(types.JID)
		keys := s.bundle(jid)
		if keys == nil {
			keys = []node{{Tag: "error", Attrs: attrs{"code": 404, "text": errText[404]}}}
		}
		list = append(list, node{Tag: "user", Attrs: attrs{"jid": jid}, Content: keys})
	}
	return []node{{Tag: "list", Content: list}}
}

func (s *Server) bundle(jid types.JID) []node {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.withheld[jid] > 0 {
		s.withheld[jid]--
		return nil
	}
	if u := s.users[jid]; u != nil {
		return append(u.bundle(), node{Tag: "registration", Content: u32(u.keys.RegistrationID)}, keyNode("key", u.store.newPreKey()))
	}
	d := s.devices[jid]
	if d == nil || d.signed == nil {
		return nil
	}
	out := append(bundle(&d.identity, d.signed), node{Tag: "registration", Content: u32(d.regID)})
	if k := d.takeOneTime(); k != nil {
		out = append(out, keyNode("key", k))
	}
	return out
}

// bundle has the keys that do not change.
func (u *User) bundle() []node { return bundle(u.keys.IdentityKey.Pub, u.keys.SignedPreKey) }

func bundle(identity *[32]byte, signed *keys.PreKey) []node {
	return []node{{Tag: "type", Content: []byte{5}}, {Tag: "identity", Content: identity[:]}, keyNode("skey", signed)}
}

func parseKey(n node) *keys.PreKey {
	id, val, sig := content(n, "id"), content(n, "value"), content(n, "signature")
	if len(id) != 3 || len(val) != 32 {
		return nil
	}
	k := &keys.PreKey{KeyPair: keys.KeyPair{Pub: (*[32]byte)(val)}, KeyID: binary.BigEndian.Uint32(append([]byte{0}, id...))}
	if len(sig) == 64 {
		k.Signature = (*[64]byte)(sig)
	}
	return k
}

func keyNode(tag string, k *keys.PreKey) node {
	ch := []node{{Tag: "id", Content: u32(k.KeyID)[1:]}, {Tag: "value", Content: k.Pub[:]}}
	if k.Signature != nil {
		ch = append(ch, node{Tag: "signature", Content: k.Signature[:]})
	}
	return node{Tag: tag, Content: ch}
}

func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
