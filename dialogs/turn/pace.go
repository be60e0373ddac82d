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

const (
	// lateAfter is how old a message must be when it comes to have been written during an outage.
	lateAfter = 3 * time.Second
	// clockTrust is how long a process takes what looks old for old. Later it knows how far the provider's clock is behind.
	clockTrust = time.Minute
)

// pace counts messages per conversation. It is a courtesy and may be forgotten: a restart begins a new minute.
type pace struct {
	mu     sync.Mutex
	talks  map[crm.ConversationID]*beat
	began  time.Time     // of the first message
	behind time.Duration // the least age of a message so far
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

// late tells whether a message was written while the bot was away, so that others may be close behind it.
func (p *pace) late(sent, now time.Time) bool { return p.age(sent, now) > lateAfter }

// age is how long ago something was sent, by clocks that may differ; never less than nothing.
func (p *pace) age(sent, now time.Time) time.Duration {
	age := now.Sub(sent)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.began.IsZero() {
		p.began, p.behind = now, age
	}
	p.behind = min(p.behind, age)
	if now.Sub(p.began) > clockTrust {
		age -= p.behind
	}
	return max(age, 0)
}
