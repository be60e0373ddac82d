package simulator

import (
	"context"
	"encoding/json"
	"time"
)

// Event is one change, as sent over /sim/events. Kinds: message, edit, delete, reaction, typing, toast, keyboard,
// press, call, update, confirmed (updates taken), fault, member, user, topic, topic_deleted, pin, commands, menu, profile, webhook, reset.
type Event struct {
	Seq  int64     `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Chat int64     `json:"chat,omitempty"`
	Data any       `json:"data,omitempty"`
}

// events are the listeners; each has room for a burst, and a listener that sleeps through it is cut off.
type events struct {
	listeners map[chan []byte]bool
}

const eventRoom = 1024

// changed counts a change, wakes those who Wait and tells listeners. Data is asked for only when somebody listens.
func (s *Server) changed(kind string, chat int64, data func() any) {
	s.seq++
	s.cond.Broadcast()
	if len(s.events.listeners) == 0 {
		return
	}
	e := Event{Seq: s.seq, At: s.now(), Kind: kind, Chat: chat}
	if data != nil {
		e.Data = data()
	}
	b, err := json.Marshal(e)
	if err != nil {
		return
	}
	for l := range s.events.listeners {
		select {
		case l <- b:
		default:
			delete(s.events.listeners, l)
			close(l)
		}
	}
}

func (e *events) closeAll() {
	for l := range e.listeners {
		close(l)
	}
	e.listeners = nil
}

// Subscribe gives every later change as JSON (an Event). The channel closes when stop is called, when the server
// closes, or when the listener falls 1,024 events behind.
func (s *Server) Subscribe() (changes <-chan []byte, stop func()) {
	l := make(chan []byte, eventRoom)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.events.listeners == nil {
		s.events.listeners = map[chan []byte]bool{}
	}
	s.events.listeners[l] = true
	return l, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.events.listeners[l] {
			delete(s.events.listeners, l)
			close(l)
		}
	}
}

// Seq is the number of changes so far; Wait with it sees only what comes after.
func (s *Server) Seq() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seq
}

// await blocks until ready says true or the context ends. ready runs with s.mu held, after every change.
func (s *Server) await(ctx context.Context, ready func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.cond.Broadcast()
	})
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !ready() {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.cond.Wait()
	}
	return nil
}
