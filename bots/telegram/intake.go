package telegram

import (
	"context"
	"sync"

	"govorun/bots"
)

// intake is the door through which webhook calls reach the inbox: open while Run runs. Closing it waits for those inside.
type intake struct {
	mu     sync.RWMutex
	inbox  bots.Inbox
	work   context.Context // ends when those inside have had their time
	inside sync.WaitGroup
}

func (i *intake) open(work context.Context, inbox bots.Inbox) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.inbox, i.work = inbox, work
}

// enter returns the inbox, or false when the door is closed. Whoever entered must call inside.Done.
func (i *intake) enter() (context.Context, bots.Inbox, bool) {
	i.mu.RLock()
	defer i.mu.RUnlock()
	if i.inbox == nil {
		return nil, nil, false
	}
	i.inside.Add(1)
	return i.work, i.inbox, true
}

func (i *intake) close() {
	i.mu.Lock()
	i.inbox, i.work = nil, nil
	i.mu.Unlock()
	i.inside.Wait()
}
