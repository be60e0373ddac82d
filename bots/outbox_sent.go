package bots

import "govorun/crm"

// Sent says that a message is on its way or delivered although the table may not know it yet, so that it is too late to take
// it back. It speaks of this process only: false means that it is not known.
func (o *Outbox) Sent(id crm.MessageID) bool {
	s := o.sender.Load()
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if it := s.lanes.known[id]; it != nil {
		return it.state == flying || it.state == closed
	}
	return s.lanes.finished.has(id)
}
