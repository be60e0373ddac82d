package bots

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"govorun/crm"
)

// sender is one reign: from the moment this process may send for the account until it may not any more.
type sender struct {
	*Outbox
	mu     sync.Mutex
	lanes  *lanes
	alone  bool // rows handed over are all there are; else they are a hint to read the table
	paused bool
	topics map[string]bool // lost ones an alert was raised for

	wake   chan struct{} // something may be sent
	hurry  chan struct{} // the table holds something new
	hunger chan struct{} // the table holds more, and there is room again
	marks  chan mark
	over   chan struct{} // closed when no more marks come

	lost    <-chan struct{} // closed when the right to send has ended by itself
	written []mark          // the last ones, of mark alone
}

// session waits to become the sender and sends until the right to, or ctx, ends.
func (o *Outbox) session(ctx context.Context) error {
	channel := o.ch.Name()
	lease, release, err := o.store.Lead(ctx, channel, func() { time.AfterFunc(introduction, o.becomeReady) })
	if err != nil {
		return fmt.Errorf("become sender of %s: %w", channel, err)
	}
	clean := false
	defer func() { release(clean) }()
	ctx, stop := both(ctx, lease)
	defer stop()
	if err := o.repay(ctx); err != nil {
		return fmt.Errorf("mark what was sent for %s: %w", channel, err)
	}
	o.owed = nil
	s, err := o.prepare(ctx)
	if err != nil {
		return fmt.Errorf("begin to send for %s: %w", channel, err)
	}
	s.lost = lease.Done()
	o.c.Log.Info("outbox_leads", "channel", channel)
	o.sender.Store(s)
	o.becomeReady()
	clean = s.work(ctx)
	if lease.Err() != nil {
		return errors.New("the right to send was lost")
	}
	return nil
}

// both gives a context that ends with either.
func both(ctx, other context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(other, cancel)
	return ctx, func() { stop(); cancel() }
}

// prepare looks at what an earlier sender has left, and builds an empty memory.
func (o *Outbox) prepare(ctx context.Context) (*sender, error) {
	channel := o.ch.Name()
	if err := o.expire(ctx); err != nil {
		return nil, err
	}
	doubtful, err := o.store.Doubt(ctx, channel)
	if err != nil {
		return nil, err
	}
	if doubtful > 0 {
		o.alert(Alert{Kind: AlertDoubtful, Count: doubtful})
	}
	holds, err := o.store.Holds(ctx, channel)
	if err != nil {
		return nil, err
	}
	now := o.c.Now()
	s := &sender{
		Outbox: o, lanes: newLanes(o.c.Limits, o.grouped, now), topics: map[string]bool{},
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), hunger: make(chan struct{}, 1),
		over: make(chan struct{}), marks: make(chan mark, unwritten),
	}
	for chat, wait := range holds {
		s.lanes.hold(chat, now.Add(wait), now)
	}
	return s, nil
}

// work runs the parts of a sender until ctx ends, then lets calls under way end. It says whether all was marked.
func (s *sender) work(ctx context.Context) (clean bool) {
	var calls, parts sync.WaitGroup
	// What is under way is neither cut off by the signal to stop nor waited for without end.
	calm, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	marked := make(chan bool, 1)
	go func() { marked <- s.mark(calm) }()
	parts.Go(func() { s.read(ctx) })
	parts.Go(func() { s.beat(ctx) })
	parts.Go(func() { s.lookRound(ctx) })
	s.dispatch(ctx, calm, &calls)
	s.sender.Store(nil)
	parts.Wait()

	timer := time.AfterFunc(drainTime, cut)
	defer timer.Stop()
	ended := make(chan struct{})
	go func() { calls.Wait(); close(ended) }()
	select {
	case <-ended:
		clean = true
	case <-calm.Done(): // a call that does not heed its context is left behind; its row will be in doubt
	}
	close(s.over)
	return <-marked && clean
}

// push takes in what was committed this moment.
func (s *sender) push(rows []crm.Outbound, superseded []crm.MessageID) {
	s.mu.Lock()
	now := s.c.Now()
	for _, id := range superseded {
		s.lanes.drop(id, now)
	}
	for _, out := range rows {
		if out.Address.Channel != s.ch.Name() {
			continue
		}
		if !s.alone {
			signal(s.hurry)
			break
		}
		s.lanes.hand(handed{out, out.NotBefore}, now)
	}
	s.mu.Unlock()
	signal(s.wake)
}

// stats adds what the sender knows.
func (s *sender) stats(to *OutboxStats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	to.Leading, to.Paused = true, s.paused
	now := s.c.Now()
	for _, it := range s.lanes.known {
		if it.state == queued || it.state == deferred {
			to.Depth++
			to.Oldest = max(to.Oldest, now.Sub(it.out.CreatedAt))
		}
	}
}
