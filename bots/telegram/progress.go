package telegram

import (
	"context"
	"sync"

	"govorun/crm"
)

// step is one call of a sending that takes several.
type step func(ctx context.Context) (ref string, err error)

// progress remembers how far a sending of several steps came before one failed, so that trying again repeats only what failed.
// It is lost with the process: then parts are sent twice, as every message may be after a crash.
type progress struct {
	mu    sync.Mutex
	parts map[crm.MessageID]reached
}

type reached struct {
	steps int
	ref   string
}

// maxPartly bounds what is remembered; more sendings than this don't fail halfway at a time.
const maxPartly = 1000

func (p *progress) get(id crm.MessageID) reached {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.parts[id]
}

func (p *progress) set(id crm.MessageID, at reached) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parts == nil || len(p.parts) >= maxPartly {
		p.parts = make(map[crm.MessageID]reached)
	}
	if id != 0 && at.steps > 0 {
		p.parts[id] = at
	}
}

func (p *progress) forget(id crm.MessageID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.parts, id)
}

// inSteps takes the steps that are still to do and returns the ref of the last.
func (c *Channel) inSteps(ctx context.Context, id crm.MessageID, steps []step) (string, error) {
	at := c.partly.get(id)
	for at.steps < len(steps) {
		ref, err := steps[at.steps](ctx)
		if err != nil {
			c.partly.set(id, at)
			return "", err
		}
		at.steps++
		at.ref = ref
	}
	c.partly.forget(id)
	return at.ref, nil
}
