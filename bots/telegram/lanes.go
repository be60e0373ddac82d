package telegram

import (
	"context"
	"sync"
)

// lanes keep what belongs to one chat in the order in which it entered, one at a time; chats do not wait for each other.
// A mutex per chat would not do: it is not first come, first served.
type lanes struct {
	mu   sync.Mutex
	last map[string]chan struct{} // closed when the last that entered has left
}

// place is a place in the queue of one chat. Whoever entered must leave, also when waiting was given up.
type place struct {
	lanes  *lanes
	chat   string
	before chan struct{} // nil: nobody is ahead
	left   chan struct{}
}

func (l *lanes) enter(chat string) place {
	p := place{lanes: l, chat: chat, left: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last == nil {
		l.last = make(map[string]chan struct{})
	}
	p.before = l.last[chat]
	l.last[chat] = p.left
	return p
}

// wait returns when everything that entered before has left, or with the error of ctx.
func (p place) wait(ctx context.Context) error {
	if p.before == nil {
		return nil
	}
	select {
	case <-p.before:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave lets the next one go. Whoever leaves without having waited still stands between its neighbours until its turn.
func (p place) leave() {
	if p.before != nil {
		select {
		case <-p.before:
		default:
			go func() { <-p.before; p.free() }()
			return
		}
	}
	p.free()
}

func (p place) free() {
	p.lanes.mu.Lock()
	if p.lanes.last[p.chat] == p.left {
		delete(p.lanes.last, p.chat)
	}
	p.lanes.mu.Unlock()
	close(p.left)
}
