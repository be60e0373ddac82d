package simulator

import (
	"context"
	"fmt"
	"maps"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// Group is a group chat. Its members send to its JID.
type Group struct {
	JID     types.JID
	Subject string
	// ByPhone makes members appear by phone number, as in old groups. Set it
	// before the group is used.
	ByPhone bool

	srv     *Server
	members []*User // the first one made the group
	created int64
}

// NewGroup makes a group of peers and paired accounts, by any of their
// addresses. The first one is its owner.
func (s *Server) NewGroup(subject string, members ...types.JID) (*Group, error) {
	g := &Group{Subject: subject, srv: s, created: s.unix()}
	for _, jid := range members {
		u, err := s.user(jid)
		if err != nil {
			return nil, err
		}
		g.members = append(g.members, u)
	}
	if len(g.members) == 0 {
		return nil, fmt.Errorf("group %q has no members", subject)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	g.JID = types.NewJID(fmt.Sprintf("120363%012d", s.seq), types.GroupServer)
	s.groups[g.JID] = g
	return g, nil
}

// group returns nil for an unknown JID.
func (s *Server) group(jid types.JID) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.groups[jid]
}

func (g *Group) has(u *User) bool {
	for _, m := range g.members {
		if m == u {
			return true
		}
	}
	return false
}

// devices lists the linked devices of members.
func (g *Group) devices() (out []*device) {
	g.srv.mu.Lock()
	defer g.srv.mu.Unlock()
	for jid, d := range g.srv.devices {
		if jid == d.jid && !d.unlinked && g.has(d.phone.User) {
			out = append(out, d)
		}
	}
	return out
}

func (g *Group) setMode(at attrs) {
	at["addressing_mode"] = string(types.AddressingModeLID)
	if g.ByPhone {
		at["addressing_mode"] = string(types.AddressingModePN)
	}
}

// node describes the group, as w:g2 queries want it.
func (g *Group) node() node {
	owner, ownerAlt := g.members[0].address(!g.ByPhone)
	at := attrs{"id": g.JID.User, "subject": g.Subject, "creation": g.created, "s_t": g.created, "creator": owner, "s_o": owner, "size": len(g.members)}
	g.setMode(at)
	setAlt(at, "creator", owner, ownerAlt)
	setAlt(at, "s_o", owner, ownerAlt)
	var list []node
	for i, m := range g.members {
		main, alt := m.address(!g.ByPhone)
		p := attrs{"jid": main}
		if i == 0 {
			p["type"] = "superadmin"
		}
		if !alt.IsEmpty() && g.ByPhone {
			p["lid"] = alt
		} else if !alt.IsEmpty() {
			p["phone_number"] = alt
		}
		list = append(list, node{Tag: "participant", Attrs: p})
	}
	return node{Tag: "group", Attrs: at, Content: list}
}

// sendGroup sends msg to the linked devices of all members, with the sender
// key for those that do not have it.
func (u *User) sendGroup(ctx context.Context, g *Group, id string, msg *waE2E.Message) error {
	if !g.has(u) {
		return fmt.Errorf("%s is not in group %q", u.Name, g.Subject)
	}
	enc, key, err := u.groupEncrypt(ctx, g.JID, msg)
	if err != nil {
		return err
	}
	n := u.stanza(id, msg, enc)
	main, alt := u.address(!g.ByPhone)
	maps.Copy(n.Attrs, attrs{"from": g.JID, "participant": main})
	g.setMode(n.Attrs)
	setAlt(n.Attrs, "participant", main, alt)
	for _, d := range g.devices() {
		copied := node{Tag: n.Tag, Attrs: n.Attrs, Content: n.Content}
		if u.store.share(g.JID, d.jid) {
			first, err := u.encrypt(ctx, d, key)
			if err != nil {
				return err
			}
			copied.Content = append([]node{first}, n.GetChildren()...)
		}
		if err := u.srv.deliver(d, copied); err != nil {
			return err
		}
	}
	return nil
}

// answerGroup answers a query about one group.
func (c *conn) answerGroup(jid types.JID) ([]node, int) {
	g := c.srv.group(jid)
	switch {
	case g == nil:
		return nil, 404
	case !g.has(c.dev.phone.User):
		return nil, 403
	}
	return []node{g.node()}, 0
}

// joined answers the query for all groups of the account.
func (c *conn) joined() []node {
	c.srv.mu.Lock()
	all := maps.Clone(c.srv.groups)
	c.srv.mu.Unlock()
	var list []node
	for _, g := range all {
		if g.has(c.dev.phone.User) {
			list = append(list, g.node())
		}
	}
	return []node{{Tag: "groups", Content: list}}
}
