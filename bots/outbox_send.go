package bots

import (
	"context"
	"fmt"
	"sync"
	"time"

	"govorun/crm"
)

const (
	// callTime bounds one call to the provider; the largest files take about a minute over a slow line.
	callTime = 2 * time.Minute
	// targetPause is when to look again whether the message to edit has been sent that stands in the table only.
	targetPause = 500 * time.Millisecond
	// sureEvery is how often a sender that is not sure of its right looks again.
	sureEvery = 20 * time.Millisecond
)

// dispatch hands what may go to the senders until ctx ends. Their calls end with calm. An item is chosen only when a sender is
// free, so that what comes meanwhile and is more urgent goes first. The senders live as long as we do: a call needs a deep
// stack, which a new goroutine would have to grow each time.
func (s *sender) dispatch(ctx, calm context.Context, calls *sync.WaitGroup) {
	busy, work := make(chan struct{}, s.c.Senders), make(chan *item)
	defer close(work)
	for range s.c.Senders {
		calls.Go(func() {
			for it := range work {
				s.deliver(calm, it)
				<-busy
			}
		})
	}
	for {
		select {
		case busy <- struct{}{}:
		case <-ctx.Done():
			return
		}
		it := s.next(ctx)
		if it == nil {
			return
		}
		work <- it
	}
}

// next waits for the item to send now; nil when ctx has ended.
func (s *sender) next(ctx context.Context) *item {
	for ctx.Err() == nil {
		if !s.store.Sure(s.ch.Name()) {
			sleep(ctx, sureEvery)
			continue
		}
		s.mu.Lock()
		it, wait := s.lanes.take(s.c.Now())
		s.mu.Unlock()
		if it != nil {
			return it
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-s.wake:
		}
		timer.Stop()
	}
	return nil
}

// deliver makes the call for an item and sees to what follows.
func (s *sender) deliver(ctx context.Context, it *item) {
	out, ready, verdict := s.aim(ctx, it)
	if ready && verdict == nil {
		verdict = s.guard(ctx, out)
	}
	tried := ready && verdict == nil
	if tried {
		verdict = s.stand(ctx, &out)
	}
	var ref string
	called := tried && verdict == nil
	if called {
		ref, verdict = s.call(ctx, out)
		verdict = s.settled(ctx, out, verdict)
	}
	s.change(func(l *lanes, now time.Time) {
		if tried {
			l.end(it, now)
		} else {
			l.spare(it)
		}
	})
	if called && works(verdict) {
		s.resume(ctx)
	}
	if verdict != nil && verdict.Policy == crm.Resend && it.out.IfThere {
		verdict = &crm.SendError{Policy: crm.Done, Reason: verdict.Reason, Err: verdict.Err}
	}
	switch {
	case !ready:
		s.change(func(l *lanes, now time.Time) { l.postpone(it, targetPause, now) })
	case verdict == nil || verdict.Policy == crm.Done:
		s.delivered(it, out, ref)
	default:
		s.follow(ctx, it, verdict)
	}
	signal(s.wake)
}

// aim gives what to send for an item: an edit is given the provider's id of its message, or sent as a new message when there
// is none. It is not ready while that message waits itself.
func (s *sender) aim(ctx context.Context, it *item) (out crm.Outbound, ready bool, verdict *crm.SendError) {
	out = it.out
	if it.bare {
		out.Text = plain(out.Text)
	}
	if aimed(out) && !it.anew {
		s.mu.Lock()
		waits, late := s.lanes.awaited(it) != nil, s.lanes.finished.ref(out.Target)
		s.mu.Unlock()
		if late != "" {
			out.TargetRef = late
		}
		if out.TargetRef == "" {
			if waits {
				return out, false, nil
			}
			ref, waits, err := s.store.Target(ctx, out.Conversation, out.Target)
			if err != nil {
				return out, true, &crm.SendError{Policy: crm.Retry, Reason: "storage", Err: err}
			}
			if waits {
				return out, false, nil
			}
			out.TargetRef = ref
		}
	}
	switch {
	case out.Kind == crm.OutEdit && out.TargetRef == "" && out.IfThere:
		return out, true, &crm.SendError{Policy: crm.Done, Reason: "never_sent", Err: fmt.Errorf("message %d was never sent", out.Target)}
	case it.anew || out.Kind == crm.OutEdit && out.TargetRef == "":
		return anew(out), true, nil
	case out.Kind == crm.OutDelete && out.TargetRef == "":
		return out, true, &crm.SendError{Policy: crm.Done, Reason: "never_sent", Err: fmt.Errorf("message %d was never sent", out.Target)}
	case out.Kind == crm.OutReaction && out.TargetRef == "":
		return out, true, &crm.SendError{Policy: crm.GiveUp, Reason: "no_target", Err: fmt.Errorf("message %d was never sent", out.Target)}
	}
	return out, true, nil
}

// anew is an edit as a message of its own.
func anew(out crm.Outbound) crm.Outbound {
	out.Kind, out.TargetRef = crm.OutMessage, ""
	if len(out.Media) > 0 {
		out.Kind = crm.OutMedia
	}
	return out
}

// call makes the call. A channel that panics is one that failed.
func (s *sender) call(ctx context.Context, out crm.Outbound) (ref string, verdict *crm.SendError) {
	var err error
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			verdict = &crm.SendError{Policy: crm.Retry, Reason: "panic", Err: fmt.Errorf("channel %s panicked: %T", s.ch.Name(), p)}
		}
	}()
	if s.c.Open != nil {
		if out, err = s.c.Open(out); err != nil {
			return "", &crm.SendError{Policy: crm.GiveUp, Reason: "sealed", Err: err}
		}
	}
	ref, err = s.ch.Send(ctx, out)
	return ref, asVerdict(err)
}

// change changes the memory under its lock.
func (s *sender) change(f func(l *lanes, now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.lanes, s.c.Now())
}

// delivered ends the story of a row that reached the provider: the next of its chat may go while the mark is written.
func (s *sender) delivered(it *item, out crm.Outbound, ref string) {
	s.counts.sent.Add(1)
	s.tell(context.Background(), it.out, nil)
	if it.out.Kind != crm.OutEdit {
		out.Target = 0 // only an edit stands for another message
	}
	switch out.Kind {
	case crm.OutEdit, crm.OutReaction, crm.OutDelete, crm.OutMenu:
		ref = "" // these have no message of their own
	}
	s.change(func(l *lanes, now time.Time) {
		switch {
		case ref == "":
		case out.Target != 0:
			l.finished.add(out.Target, ref)
		default:
			l.finished.add(out.ID, ref)
		}
		l.close(it, now)
	})
	select {
	case s.marks <- mark{item: it, out: out, ref: ref}:
	case <-s.over:
	}
}
