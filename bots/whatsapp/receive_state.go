package whatsapp

import (
	"sync"
	"time"
)

// hearing is what must be known between one message and the next. Once a message was not stored, nothing is until the connection is made
// anew, since then everything comes again in order.
type hearing struct {
	turn sync.RWMutex // read: a message is being heard

	mu      sync.Mutex
	down    bool            // a message was not stored, and the connection is still the same
	again   func(tries int) // sees to a new one; returns when it is there, or when we stop
	rounds  int             // how often it was asked to since a message was stored
	helper  *bool           // identifies who is doing so; nil for nobody
	crashes map[string]int  // of messages that were not stored, by id
	since   time.Time       // when the number was linked
	sure    bool            // that since is known
	missed  map[string]bool // messages that could not be opened, by id
}

// maxMissed bounds the memory of messages that could not be opened. The library tells of most of them by itself.
const maxMissed = 1000

// miss notes that a message could not be opened.
func (h *hearing) miss(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.missed == nil || len(h.missed) >= maxMissed {
		h.missed = map[string]bool{}
	}
	h.missed[id] = true
}

// found tells whether a message could not be opened before.
func (h *hearing) found(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.missed[id]
}

// begin tells what makes the connection anew. The one that is there is new.
func (h *hearing) begin(again func(tries int)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.again, h.helper, h.down, h.sure = again, nil, false, false
}

// enter lets a message be heard, unless one before it was not stored; leave must follow.
func (h *hearing) enter() bool {
	h.turn.RLock()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down {
		h.turn.RUnlock()
	}
	return !h.down
}

func (h *hearing) leave() { h.turn.RUnlock() }

// stumble notes that a message was not stored, and has the connection made anew.
func (h *hearing) stumble() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = true
	if h.helper != nil || h.again == nil {
		return
	}
	me, again, rounds := new(bool), h.again, h.rounds
	h.helper = me
	h.rounds++
	go func() {
		again(rounds)
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.helper == me {
			h.helper = nil
		}
	}()
}

// anew ends the connection while no message is being heard: what comes next is of the new one.
func (h *hearing) anew(reset func()) {
	h.turn.Lock()
	defer h.turn.Unlock()
	reset()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down, h.helper = false, nil
}

// linkAgain forgets when the number was linked: it may have been linked anew.
func (h *hearing) linkAgain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sure = false
}

// crash counts a panic over a message.
func (h *hearing) crash(id string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.crashes == nil {
		h.crashes = map[string]int{}
	}
	h.crashes[id]++
	return h.crashes[id]
}

func (h *hearing) crashed(id string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.crashes[id]
}

// stored forgets what was counted about a message.
func (h *hearing) stored(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rounds = 0
	delete(h.crashes, id)
}

// linked keeps when the number was linked, until the connection is made anew.
func (h *hearing) linked(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.since, h.sure = at, true
}

func (h *hearing) linkedAt() (at time.Time, sure bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since, h.sure
}
