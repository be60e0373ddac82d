package turn

import (
	"sync"
	"time"

	"govorun/crm"
)

// Limits of one person: more than paceLimit messages within paceWindow are all stored and run, but their answers are merged.
const (
	paceLimit  = 40
	paceWindow = time.Minute
	paceHold   = 3 * time.Second
	paceTalks  = 10_000 // beyond it the counts start anew
)

// pace counts messages per conversation. It is a courtesy and may be forgotten: a restart begins a new minute.
type pace struct {
	mu    sync.Mutex
	talks map[crm.ConversationID]*beat
}

type beat struct {
	since time.Time
	count int
}

// hurry counts a message and tells whether the person writes too fast, and whether this is the moment to say so, which comes
// once a minute.
func (p *pace) hurry(id crm.ConversationID, now time.Time) (fast, first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.talks == nil || len(p.talks) > paceTalks {
		p.talks = map[crm.ConversationID]*beat{}
	}
	b := p.talks[id]
	if b == nil || now.Sub(b.since) > paceWindow {
		b = &beat{since: now}
		p.talks[id] = b
	}
	b.count++
	return b.count > paceLimit, b.count == paceLimit+1
}
