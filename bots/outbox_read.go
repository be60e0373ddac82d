package bots

import (
	"context"
	"time"
)

const (
	// beatEvery is how often the sender says that it lives.
	beatEvery = 5 * time.Second
	// sweepEvery is how often rows that have become too old are cancelled and silent chats forgotten.
	sweepEvery = time.Minute
	// readShare bounds reading to one part in so many of the time: a long backlog is expensive to look through. But nobody waits for longer than
	// longestPause: a reading is slow also when the database has just stood still.
	readShare    = 10
	longestPause = 2 * time.Second
)

// beat does what is to be done from time to time.
func (s *sender) beat(ctx context.Context) {
	swept := s.c.Now()
	for ctx.Err() == nil {
		if err := s.store.Beat(ctx, s.ch.Name()); err != nil {
			s.complain(ctx, "outbox_beat", err)
		}
		sleep(ctx, beatEvery)
		if now := s.c.Now(); now.Sub(swept) >= sweepEvery && ctx.Err() == nil {
			swept = now
			if err := s.expire(ctx); err != nil {
				s.complain(ctx, "outbox_expire", err)
			}
			s.mu.Lock()
			s.lanes.tidy(now)
			s.mu.Unlock()
		}
	}
}

// lookRound keeps watch for other processes: their rows are in the table only, and may precede ours in a chat.
func (s *sender) lookRound(ctx context.Context) {
	for ctx.Err() == nil {
		alone, err := s.store.Alone(ctx, s.ch.Name())
		if err != nil {
			s.complain(ctx, "outbox_look_round", err)
			alone = false
		}
		s.mu.Lock()
		if alone && !s.alone {
			s.lanes.fallBehind() // until a reading has found what the other process left
			signal(s.hurry)
		}
		s.alone = alone
		s.mu.Unlock()
		sleep(ctx, rereadEvery)
	}
}

func (o *Outbox) expire(ctx context.Context) error {
	if o.c.MaxAge < 0 {
		return nil
	}
	old, err := o.c.Expire(ctx, o.ch.Name(), o.c.MaxAge)
	if err == nil && old > 0 {
		o.alert(Alert{Kind: AlertTooOld, Count: old})
	}
	return err
}

// read looks at the table: now and then, when somebody says that there is something new, and when there is room again.
func (s *sender) read(ctx context.Context) {
	var weeded pause
	quick := false
	for ctx.Err() == nil {
		var reading pause
		reading.begin()
		err := s.readOnce(ctx, quick)
		if err == nil && !quick && weeded.over() {
			weeded.begin()
			err = s.weed(ctx)
			weeded.end()
		}
		reading.end()
		if err != nil {
			s.complain(ctx, "outbox_read", err)
			sleep(ctx, rereadEvery)
			quick = false
			continue
		}
		signal(s.wake)
		timer := time.NewTimer(time.Until(reading.until))
		select {
		case <-ctx.Done():
		case <-timer.C:
			quick = false
		case <-s.hurry:
			quick = false
		case <-s.hunger:
			quick = true
		}
		timer.Stop()
	}
}

// pause keeps work that comes again and again to a share of the time.
type pause struct{ began, until time.Time }

func (p *pause) begin() { p.began = time.Now() }
func (p *pause) end() {
	p.until = time.Now().Add(min(max(rereadEvery, readShare*time.Since(p.began)), longestPause))
}
func (p *pause) over() bool { return time.Now().After(p.until) }

// readOnce takes in what is due; a quick reading only more of what the last one had to leave.
func (s *sender) readOnce(ctx context.Context, quick bool) error {
	s.mu.Lock()
	room, known, full := s.lanes.startRead(s.c.Now(), quick)
	s.mu.Unlock()
	rows, there, err := s.store.Due(ctx, s.ch.Name(), room, known, full)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.c.Now()
	ready := make([]handed, len(rows))
	for i, out := range rows {
		ready[i].out = out
		if !out.NotBefore.IsZero() {
			ready[i].due = now.Add(out.NotBefore.Sub(there))
		}
	}
	s.lanes.finishRead(ready, room, err == nil, now)
	return err
}

// weed drops from memory what was superseded or cancelled in the table only.
func (s *sender) weed(ctx context.Context) error {
	s.mu.Lock()
	conversations, ids := s.lanes.waiting()
	s.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	gone, err := s.store.Gone(ctx, conversations, ids)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range gone {
		s.lanes.drop(id, s.c.Now())
	}
	return err
}

// complain logs what failed, unless it failed because we stop.
func (o *Outbox) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		o.c.Log.Warn(what, "channel", o.ch.Name(), "error", err.Error())
	}
}
