package simulator

import (
	"fmt"
	"maps"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/types/events"
)

const outdated = events.ConnectFailureClientOutdated

// outdated reports whether the client's web version is older than the oldest that is let in.
func (c *conn) outdated() bool {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	return c.payload.GetUserAgent().GetAppVersion().GetTertiary() < c.srv.minimum
}

func (c *conn) login() error {
	s := c.srv
	jid := types.JID{User: fmt.Sprint(c.payload.GetUsername()), Device: uint16(c.payload.GetDevice()), Server: types.DefaultUserServer}
	s.mu.Lock()
	d := s.devices[jid]
	fail := s.refuses(d)
	if fail == nil && (d == nil || d.unlinked || d.noise != c.static) {
		fail = &Refusal{Reason: events.ConnectFailureLoggedOut}
	}
	var old *conn
	if fail == nil {
		old, d.live, c.dev = d.live, nil, d
	} else if d != nil && fail.Reason.IsLoggedOut() {
		d.forget()
	}
	s.mu.Unlock()
	if fail != nil {
		_ = c.send(fail.node())
		return errRefused
	}
	if old != nil {
		_ = old.send(replaced)
		go old.linger()
	}
	return c.welcome(d)
}

// welcome tells the client that it is logged in and sends what was kept for it. The device counts as online after that.
func (c *conn) welcome(d *device) error {
	err := c.send(node{Tag: "success", Attrs: attrs{"t": c.srv.unix(), "props": 27, "lid": d.lid, "companion_enc_static": "NULL", "location": "fake"}})
	count := 0
	for queue := c.srv.kept(d, c); err == nil && len(queue) > 0; queue = c.srv.kept(d, c) {
		for _, n := range queue {
			if err = c.send(offline(n)); err != nil {
				return err
			}
		}
		count += len(queue)
	}
	if err != nil {
		return err
	}
	return c.send(node{Tag: "ib", Attrs: attrs{"from": types.ServerJID}, Content: []node{{Tag: "offline", Attrs: attrs{"count": count}}}})
}

func offline(n node) node {
	at := attrs{"offline": "0"}
	maps.Copy(at, n.Attrs)
	n.Attrs = at
	return n
}

// forget makes an unlinked device of it: nothing is kept for it any more. Server.mu must be held.
func (d *device) forget() { d.unlinked, d.parcels, d.recent = true, nil, nil }
