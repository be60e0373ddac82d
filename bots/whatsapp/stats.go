package whatsapp

import "sync/atomic"

// counters are what Stats shows.
type counters struct {
	received, accepted, ignored, unread, refused, sent, failed, retried, reconnects atomic.Uint64
}

// Stats are numbers since the channel was made.
type Stats struct {
	Received   uint64 // events with something of a person in them, redeliveries included
	Accepted   uint64 // by the inbox
	Ignored    uint64 // acknowledged without storing: groups, status, newsletters
	Unread     uint64 // messages that could not be opened when they came
	Refused    uint64 // tries that the inbox refused or that panicked; WhatsApp repeats them
	Sent       uint64
	Failed     uint64 // sends that failed, each try
	Retried    uint64 // messages sent once more because a phone could not open them
	Reconnects uint64 // connections after the first
}

// Stats returns the channel's numbers.
func (c *Channel) Stats() Stats {
	n := &c.counts
	return Stats{
		Received: n.received.Load(), Accepted: n.accepted.Load(), Ignored: n.ignored.Load(), Unread: n.unread.Load(), Refused: n.refused.Load(),
		Sent: n.sent.Load(), Failed: n.failed.Load(), Retried: n.retried.Load(), Reconnects: n.reconnects.Load(),
	}
}
