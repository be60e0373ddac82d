package main

import (
	"encoding/json"
	"sync"
	"time"

	"govorun/crm"
	"govorun/dialogs/turn"
)

// traces keeps the last turns and tells listeners of new ones and of changes around them.
type traces struct {
	mu        sync.Mutex
	last      []trace
	listeners map[chan []byte]bool
}

// trace is turn.Trace with JSON names; times in microseconds since the update arrived.
type trace struct {
	At           time.Time          `json:"at"`
	Channel      string             `json:"channel"`
	Chat         string             `json:"chat"`
	Conversation crm.ConversationID `json:"conversation"`
	Message      crm.MessageID      `json:"message"`
	Kind         crm.InboundKind    `json:"kind"`
	Fresh        bool               `json:"fresh"`
	Dialog       string             `json:"dialog"`
	From         string             `json:"from"`
	To           string             `json:"to"`
	Effects      []string           `json:"effects"`
	Stored       int64              `json:"stored_us"`
	Stepped      int64              `json:"stepped_us"`
	Committed    int64              `json:"committed_us"`
	Group        int                `json:"group"`
}

const (
	keptTraces = 200
	// listenerRoom is how many changes a page may be late before it is cut off, to come back and read all anew.
	listenerRoom = 256
)

func newTraces() *traces { return &traces{listeners: map[chan []byte]bool{}} }

// turn takes what happened in one turn.
func (t *traces) turn(n turn.Trace) {
	one := trace{At: n.Arrived, Channel: n.Channel, Chat: n.Chat, Conversation: n.Conversation, Message: n.Message, Kind: n.Kind,
		Fresh: n.Fresh, Dialog: n.Dialog, From: n.From, To: n.To, Effects: n.Effects, Stored: n.Stored.Microseconds(),
		Stepped: n.Stepped.Microseconds(), Committed: n.Committed.Microseconds(), Group: n.Group}
	t.mu.Lock()
	t.last = append(t.last, one)
	if len(t.last) > keptTraces {
		t.last = append(t.last[:0], t.last[1:]...)
	}
	t.mu.Unlock()
	t.tell("turn", one)
}

// all gives the last turns, oldest first.
func (t *traces) all() []trace {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]trace{}, t.last...)
}

// tell sends a change of some kind to all who listen.
func (t *traces) tell(kind string, data any) {
	b, err := json.Marshal(map[string]any{"kind": kind, "data": data})
	if err != nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for l := range t.listeners {
		select {
		case l <- b:
		default:
			delete(t.listeners, l)
			close(l)
		}
	}
}

// subscribe gives every later change; the channel closes when its reader is too slow.
func (t *traces) subscribe() (changes <-chan []byte, stop func()) {
	l := make(chan []byte, listenerRoom)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listeners[l] = true
	return l, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.listeners[l] {
			delete(t.listeners, l)
			close(l)
		}
	}
}
