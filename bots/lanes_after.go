package bots

import (
	"slices"
	"time"

	"govorun/crm"
)

// An edit waits for its message without being tried: trying would cost the chat its pace, and the rest of the chat would starve.

// setAside takes those rows out of the front of the lanes that may go whose messages are not sent yet.
func (l *lanes) setAside(now time.Time) {
	for p := range l.ready {
		for front := l.ready[p].Front(); front != nil; front = l.ready[p].Front() {
			n := front.Value.(*lane)
			it := n.first()
			target := l.awaited(it)
			if target == nil {
				break
			}
			line := n.line(it)
			*line = slices.Delete(*line, 0, 1)
			it.state = deferred
			target.after = append(target.after, it)
			l.place(n, now)
		}
	}
}

// awaited gives the row in memory that must be sent before an item, nil when there is none.
func (l *lanes) awaited(it *item) *item {
	if !aimed(it.out) || it.anew {
		return nil
	}
	target := l.known[it.out.Target]
	if target == nil || target == it || target.state == closed {
		return nil
	}
	return target
}

// aimed tells whether a row is about a message of ours rather than one itself.
func aimed(out crm.Outbound) bool {
	switch out.Kind {
	case crm.OutEdit, crm.OutReaction, crm.OutDelete:
		return out.Target != 0
	}
	return false
}

// release lets those go that waited for an item.
func (l *lanes) release(it *item, now time.Time) {
	after := it.after
	it.after = nil
	for _, next := range after {
		if next.state == deferred {
			l.enqueue(next, now)
		}
	}
}
