package simulator

import (
	"time"

	"go.mau.fi/whatsmeow/types"
)

// SendFault is what happens to one message of a device. The zero value is no fault.
type SendFault struct {
	Code  int           // the ack says this error: 463 means that the account may not write to new contacts now
	Lost  bool          // nobody gets it
	NoAck bool          // it is not acknowledged: the client can't know what became of it
	Drop  bool          // the connection is cut instead of the ack
	Slow  time.Duration // the server thinks so long before it does anything
}

// FaultNextSend makes something happen to the device's next message. Repeated calls queue up.
func (s *Server) FaultNextSend(dev types.JID, f SendFault) error {
	d, err := s.device(dev)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.faults = append(d.faults, f)
	return nil
}

// FailNextSend makes the server reject the device's next message with an error code in the ack. Repeated calls queue up.
func (s *Server) FailNextSend(dev types.JID, code int) error {
	return s.FaultNextSend(dev, SendFault{Code: code})
}

func (c *conn) takeFault() (f SendFault) {
	c.srv.mu.Lock()
	defer c.srv.mu.Unlock()
	if list := c.dev.faults; len(list) > 0 {
		f, c.dev.faults = list[0], list[1:]
	}
	return f
}

// handleMessage acknowledges a message and hands it to its recipients.
func (c *conn) handleMessage(n *node) error {
	f := c.takeFault()
	if f.Slow > 0 {
		select {
		case <-time.After(f.Slow):
		case <-c.done:
			return errGone
		}
	}
	if f.Code != 0 {
		return c.send(ack(n, attrs{"t": c.srv.unix(), "error": f.Code}))
	}
	if !f.NoAck && !f.Drop {
		if err := c.send(ack(n, attrs{"t": c.srv.unix()})); err != nil {
			return err
		}
	}
	if !f.Lost {
		c.route(n)
	}
	if f.Drop {
		return errGone
	}
	return nil
}

// route hands a message to everyone it is for.
func (c *conn) route(n *node) {
	s := c.srv
	for _, d := range deliveries(n) {
		s.mu.Lock()
		u, dev := s.users[d.to], s.devices[d.to]
		s.mu.Unlock()
		if u != nil {
			u.receive(c.dev, n, d)
		} else if dev != nil {
			_ = s.deliver(dev, c.forward(n, d, dev))
		}
	}
}
