package bots

import (
	"context"
	"fmt"
	"time"

	"govorun/crm"
)

// guardPause is how long a chat waits when the guard failed: who does not know whether something may be sent sends nothing.
const guardPause = 5 * time.Second

// guard asks whether a message may be sent now. A guard that panics has failed.
func (s *sender) guard(ctx context.Context, out crm.Outbound) (verdict *crm.SendError) {
	if s.c.Guard == nil {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			verdict = &crm.SendError{Policy: crm.Wait, Reason: "guard_failed", After: guardPause, Err: fmt.Errorf("guard of %s panicked: %T", s.ch.Name(), p)}
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return s.c.Guard(ctx, out)
}

// settled hands a refusal by the provider to whoever learns from it.
func (s *sender) settled(ctx context.Context, out crm.Outbound, verdict *crm.SendError) *crm.SendError {
	if verdict == nil || s.c.Settled == nil {
		return verdict
	}
	return s.c.Settled(ctx, out, verdict)
}

// postpone takes a message out of its chat for a time, over restarts: what follows there does not wait for it. What is to wait for long leaves the
// memory too, so that many of them take nobody's room; the table gives them when their time has come.
func (s *sender) postpone(ctx context.Context, it *item, verdict *crm.SendError) {
	s.counts.waits.Add(1)
	later := *verdict
	later.After = max(minWait, verdict.After)
	it.out.Attempts = 0
	if !s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, &later) }) {
		return
	}
	s.change(func(l *lanes, now time.Time) {
		if later.After <= foresight || len(it.after) > 0 {
			l.postpone(it, later.After, now)
			return
		}
		l.shelve(it, now)
	})
}
