package simulator

import (
	"strings"

	"go.mau.fi/whatsmeow/types"
)

// usync answers queries about users: their devices, their LID, whether a phone
// number is on WhatsApp.
func (s *Server) usync(n *node) []node {
	us := n.GetChildByTag("usync")
	query, list := us.GetChildByTag("query"), us.GetChildByTag("list")
	var out []node
	for _, asked := range list.GetChildren() {
		out = append(out, s.usyncUser(asked, query.GetChildren()))
	}
	return []node{{Tag: "usync", Attrs: us.Attrs, Content: []node{{Tag: "list", Content: out}}}}
}

func (s *Server) usyncUser(asked node, query []node) node {
	jid, _ := asked.Attrs["jid"].(types.JID)
	phone := string(content(asked, "contact"))
	if phone != "" {
		jid = types.NewJID(digits(phone), types.DefaultUserServer)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.users[jid]
	out := node{Tag: "user", Attrs: attrs{"jid": jid}}
	var parts []node
	for _, q := range query {
		switch {
		case q.Tag == "devices":
			parts = append(parts, node{Tag: "devices", Attrs: attrs{"version": 2}, Content: []node{{Tag: "device-list", Content: s.deviceList(jid)}}})
		case q.Tag == "lid" && u != nil:
			parts = append(parts, node{Tag: "lid", Attrs: attrs{"val": u.LID}})
		case q.Tag == "status" && u != nil:
			parts = append(parts, node{Tag: "status", Content: []byte("fake")})
		case q.Tag == "contact":
			if text(q.Attrs["addressing_mode"]) == string(types.AddressingModeLID) {
				out.Attrs = contactAttrs(u, jid)
			}
			parts = append(parts, node{Tag: "contact", Attrs: attrs{"type": inOrOut(u)}, Content: []byte(phone)})
		}
	}
	out.Content = parts
	return out
}

// contactAttrs answers for a phone number. Only those who are on WhatsApp have
// a LID.
func contactAttrs(u *User, pn types.JID) attrs {
	if u == nil {
		return attrs{"pn_jid": pn}
	}
	return attrs{"jid": u.LID, "pn_jid": pn}
}

func inOrOut(u *User) string {
	if u == nil {
		return "out"
	}
	return "in"
}

// deviceList lists a user's phone and linked devices. s.mu must be held.
func (s *Server) deviceList(jid types.JID) (out []node) {
	if s.users[jid] != nil {
		out = append(out, node{Tag: "device", Attrs: attrs{"id": 0}})
	}
	for key, d := range s.devices { // each is there under both its addresses
		if key.ToNonAD() == jid && !d.unlinked {
			out = append(out, node{Tag: "device", Attrs: attrs{"id": int(key.Device), "key-index": 1}})
		}
	}
	return out
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
