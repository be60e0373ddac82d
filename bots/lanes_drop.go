package bots

import (
	"slices"
	"time"

	"govorun/crm"
)

// drop removes a row that has not begun: superseded, cancelled, or its chat blocked. A call under way is not undone.
func (l *lanes) drop(id crm.MessageID, now time.Time) {
	it := l.known[id]
	if it == nil {
		l.finished.add(id, "") // it may be on its way from the table
		return
	}
	if it.state != queued && it.state != deferred {
		return
	}
	n := it.lane
	if it.state == queued {
		line := n.line(it)
		if at := slices.Index(*line, it); at >= 0 {
			*line = slices.Delete(*line, at, at+1)
		}
	}
	waits := it.state == queued
	it.state = dropped
	l.forget(it, "")
	if waits {
		l.place(n, now)
	}
	l.release(it, now)
}

// clear removes all that a conversation has in memory, without saying that it is done: it comes from the table again, and
// until then new rows of it are not taken from elsewhere. chat is its address now.
func (l *lanes) clear(n *lane, chat string) {
	for id, it := range l.known {
		if it.out.Conversation == n.conversation && it.state != closed {
			it.state = dropped
			delete(l.known, id)
			l.room[class(it.out.Priority)]++
		}
	}
	if n.place != nil {
		n.list.Remove(n.place)
	}
	n.talk, n.bulk, n.list, n.place, n.alarm = nil, nil, nil, nil, nil
	n.busy, n.held, n.cut, n.pace = false, time.Time{}, true, l.paceOf(chat)
}

// hold keeps a chat, or with an empty one the account, silent until a time.
func (l *lanes) hold(chat string, until, now time.Time) {
	if chat == "" {
		if until.After(l.held) {
			l.held = until
		}
		return
	}
	if p := l.paceOf(chat); until.After(p.held) {
		p.held = until
	}
	for _, n := range l.lanes {
		if n.pace == l.paces[chat] {
			l.place(n, now)
		}
	}
}

// flood bounds the whole account for a while, after the provider complained about it as a whole.
func (l *lanes) flood(until time.Time) {
	l.flooded = until
	if l.all == nil {
		l.all = newWindow(l.limits.FloodPerSecond, time.Second)
	}
}

func (l *lanes) paceOf(chat string) *pace {
	p := l.paces[chat]
	if p == nil {
		p = newPace(l.limits, l.grouped(chat))
		l.paces[chat] = p
	}
	return p
}

// tidy forgets chats that have been silent long enough to begin anew.
func (l *lanes) tidy(now time.Time) {
	busy := make(map[*pace]bool, len(l.lanes))
	for _, n := range l.lanes {
		busy[n.pace] = true
	}
	for chat, p := range l.paces {
		if !busy[p] && p.idle(now) {
			delete(l.paces, chat)
		}
	}
}
