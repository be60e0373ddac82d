package bots

import (
	"sync"

	"govorun/crm"
)

// Progress remembers how far sendings of several parts came before one failed, so that trying again repeats only what failed. It
// is lost with the process: then parts are sent again, as every message may be after a crash.
type Progress struct {
	mu    sync.Mutex
	parts map[crm.MessageID]Reached
}

// Reached is how many parts have been sent, and the provider's id of the last of them.
type Reached struct {
	Parts int
	Ref   string
}

// maxPartly bounds what is remembered; more sendings than this don't fail halfway at a time.
const maxPartly = 1000

// Get gives how far a sending came; zero for one that has not begun.
func (p *Progress) Get(id crm.MessageID) Reached {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts[id]
}

// Set remembers how far a sending came; no parts are to forget it.
func (p *Progress) Set(id crm.MessageID, at Reached) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parts, id)
	if id == 0 || at.Parts == 0 {
		return
	}
	if p.parts == nil || len(p.parts) >= maxPartly {
		p.parts = make(map[crm.MessageID]Reached)
	}
	p.parts[id] = at
}
