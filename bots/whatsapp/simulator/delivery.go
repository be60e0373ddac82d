package simulator

import (
	"context"
	"fmt"
	"slices"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/types"
)

// parcel is a stanza that is kept until the client acknowledges it; on is the connection that it was last written to.
type parcel struct {
	stanza node
	on     *conn
}

// keeps tells what the server delivers again from what is said once: typing and presence are lost when nobody listens.
func keeps(n node) bool {
	return text(n.Attrs["id"]) != "" && (n.Tag == "message" || n.Tag == "receipt" || n.Tag == "notification")
}

// deliver sends a stanza to a device, and again at each login until it was acknowledged.
func (s *Server) deliver(d *device, n node) error {
	s.mu.Lock()
	if d.unlinked {
		s.mu.Unlock()
		return nil
	}
	live := d.live
	if keeps(n) {
		if len(d.parcels) >= keptParcels {
			s.mu.Unlock()
			return fmt.Errorf("device %s has %d stanzas waiting: nobody reads them", d.jid, keptParcels)
		}
		if d.held {
			live = nil
		}
		d.parcels = append(d.parcels, &parcel{n, live})
		if n.Tag == "message" {
			d.recent = keepLast(append(d.recent, n), 256)
		}
	}
	s.mu.Unlock()
	if live != nil {
		_ = live.send(n) // a connection that ended meanwhile: it comes again, or was worth nothing
	}
	return nil
}

// kept takes what a new connection was not sent yet. Once there is nothing left, c becomes the live connection.
func (s *Server) kept(d *device, c *conn) (list []node) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range d.parcels {
		if p.on != c && !d.held {
			p.on = c
			list = append(list, p.stanza)
		}
	}
	if len(list) == 0 {
		d.live = c
		s.changed.wake()
		if s.observe != nil {
			s.observe("")
		}
	}
	return list
}

// settle forgets the first kept stanza with this tag and id: the client has it.
func (s *Server) settle(d *device, tag, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(d.parcels, func(p *parcel) bool { return p.stanza.Tag == tag && p.stanza.Attrs["id"] == id })
	if i >= 0 {
		d.parcels = slices.Delete(d.parcels, i, i+1)
		s.changed.wake()
	}
}

// Pending says how many messages, receipts and notices a device has not acknowledged.
func (s *Server) Pending(dev types.JID) int {
	d, err := s.device(dev)
	if err != nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(d.parcels)
}

// WaitSettled waits until the device has acknowledged everything.
func (s *Server) WaitSettled(ctx context.Context, dev types.JID) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	return s.until(ctx, &s.changed, func() bool { return len(d.parcels) == 0 })
}

// Hold keeps back what comes for a device from now on, until Release.
func (s *Server) Hold(dev types.JID) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.held = true
	return nil
}

// Release sends what was held back, in reverse order if so wished.
func (s *Server) Release(dev types.JID, reverse bool) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.held = false
	var list []node
	for _, p := range d.parcels {
		if d.live != nil && p.on != d.live {
			p.on = d.live
			list = append(list, p.stanza)
		}
	}
	if reverse {
		slices.Reverse(list)
	}
	for _, n := range list {
		_ = d.live.send(n)
	}
	return nil
}

// Repeat delivers the same stanza of a message once more, byte for byte.
func (s *Server) Repeat(dev types.JID, id string) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	s.mu.Lock()
	i := slices.IndexFunc(d.recent, func(n node) bool { return n.Attrs["id"] == id })
	if i < 0 {
		s.mu.Unlock()
		return fmt.Errorf("repeat message %s: device %s got none with that id lately", id, dev)
	}
	n := d.recent[i]
	s.mu.Unlock()
	return s.deliver(d, n)
}

func (s *Server) device(jid types.JID) (*device, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.devices[jid]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("no device %s is linked", jid)
}

// Push sends a raw stanza to a device.
func (s *Server) Push(dev types.JID, n waBinary.Node) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	return s.deliver(d, n)
}

// WaitOffline waits until the server noticed that the device's connection ended.
func (s *Server) WaitOffline(ctx context.Context, dev types.JID) error {
	return s.waitLive(ctx, dev, false)
}

// WaitOnline waits until the device is logged in and has been sent what was kept for it.
func (s *Server) WaitOnline(ctx context.Context, dev types.JID) error {
	return s.waitLive(ctx, dev, true)
}

func (s *Server) waitLive(ctx context.Context, dev types.JID, want bool) error {
	var d *device
	return s.until(ctx, &s.changed, func() bool {
		d = s.devices[dev]
		return d != nil && (d.live != nil) == want
	})
}
