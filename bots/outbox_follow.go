package bots

import (
	"context"
	"errors"
	"time"

	"govorun/crm"
)

const (
	// minWait is how long to wait when the provider says wait, but not how long.
	minWait = time.Second
	// floodMemory is how long after a complaint about the whole account it is kept below FloodPerSecond.
	floodMemory = time.Hour
	// offline is the reason of a wait while the account is not connected, which is no complaint.
	offline = "offline"
	// probeEvery is how often a paused account is tried.
	probeEvery = time.Minute
	// topicPause is how often a row for a lost topic is tried: somebody may have made the topic anew.
	topicPause = 10 * time.Minute
)

// States of an account that the outbox knows of.
const (
	StateRunning        = "running"
	StateBadCredentials = "bad_credentials"
)

// follow does what the policy of a failed send asks for.
func (s *sender) follow(ctx context.Context, it *item, verdict *crm.SendError) {
	s.tell(ctx, it.out, verdict)
	switch verdict.Policy {
	case crm.Wait:
		s.wait(ctx, it, verdict)
	case crm.Postpone:
		s.postpone(ctx, it, verdict)
	case crm.BadSetup:
		s.pause(ctx, it, verdict)
	case crm.Resend:
		if it.anew || it.out.Kind != crm.OutEdit {
			s.giveUp(ctx, it, verdict)
			return
		}
		it.anew = true
		s.change(func(l *lanes, now time.Time) { l.again(it, 0, now) })
	case crm.AsPlain:
		if it.bare {
			s.giveUp(ctx, it, verdict)
			return
		}
		it.bare = true
		s.alert(Alert{Kind: AlertMarkup, Conversation: it.out.Conversation, Detail: verdict.Reason})
		s.change(func(l *lanes, now time.Time) { l.again(it, 0, now) })
	case crm.Unthread:
		s.loseTopic(ctx, it, verdict)
	case crm.Readdress:
		s.readdress(ctx, it, verdict)
	case crm.Blocked:
		s.block(ctx, it, verdict)
	case crm.GiveUp:
		s.giveUp(ctx, it, verdict)
	default:
		s.retry(ctx, it, verdict)
	}
}

// persist writes what became of a row. It goes on trying while the database is away: the row's lane stands still meanwhile,
// since doing it again could do harm.
func (s *sender) persist(ctx context.Context, write func(context.Context) error) bool {
	return s.insist(ctx, "outbox_settle", leadPause, write)
}

// insist tries to write until that works, and complains in between; false when ctx ended before.
func (s *sender) insist(ctx context.Context, what string, every time.Duration, write func(context.Context) error) bool {
	for {
		err := write(ctx)
		if err == nil {
			return true
		}
		s.complain(ctx, what, err)
		if sleep(ctx, every); ctx.Err() != nil {
			return false
		}
	}
}

// wait obeys the provider's retry_after: for the chat or for the whole account, over restarts, without counting an attempt.
func (s *sender) wait(ctx context.Context, it *item, verdict *crm.SendError) {
	s.counts.waits.Add(1)
	after, to := max(minWait, verdict.After), it.out.Address
	if verdict.Global {
		to.Chat = ""
	}
	s.change(func(l *lanes, now time.Time) {
		l.hold(to.Chat, now.Add(after), now)
		if verdict.Global && verdict.Reason != offline {
			l.flood(now.Add(floodMemory))
		}
		l.again(it, 0, now)
	})
	if verdict.Global && s.c.KeepsState {
		return // the channel knows by itself when, also after a new start
	}
	if err := s.store.Hold(ctx, to, after, verdict.Reason); err != nil {
		s.complain(ctx, "outbox_hold", err)
	}
}

// retry counts an attempt and lets the chat wait; after the last attempt the row becomes a dead letter.
func (s *sender) retry(ctx context.Context, it *item, verdict *crm.SendError) {
	s.counts.retries.Add(1)
	it.out.Attempts++
	it.out.MaybeTwice = it.out.MaybeTwice || verdict.Reason == "timeout" || errors.Is(verdict, context.DeadlineExceeded)
	if it.out.Attempts >= maxAttempts {
		if s.persist(ctx, func(ctx context.Context) error { return s.store.Bury(ctx, it.out, verdict) }) {
			s.counts.dead.Add(1)
			s.alert(Alert{Kind: AlertDead, Conversation: it.out.Conversation, Count: 1, Detail: verdict.Reason})
			s.fail(it)
		}
		return
	}
	delay := max(backoff(it.out.Attempts, s.c.Rand()), verdict.After)
	later := *verdict
	later.Policy, later.After = crm.Retry, delay
	s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, &later) })
	s.change(func(l *lanes, now time.Time) { l.again(it, delay, now) })
}

// giveUp ends the story of a row that can't be sent.
func (s *sender) giveUp(ctx context.Context, it *item, verdict *crm.SendError) {
	final := *verdict
	final.Policy = crm.GiveUp
	if s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, &final) }) {
		s.fail(it)
	}
}

// fail ends the story of a row in memory.
func (s *sender) fail(it *item) {
	s.counts.failed.Add(1)
	s.change(func(l *lanes, now time.Time) {
		l.close(it, now)
		l.forget(it, "")
	})
}

// block ends the story of all rows of a person who wants nothing from us.
func (s *sender) block(ctx context.Context, it *item, verdict *crm.SendError) {
	if !s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, verdict) }) {
		return
	}
	s.fail(it)
	s.change(func(l *lanes, now time.Time) {
		for id, other := range l.known {
			if other.out.Conversation == it.out.Conversation {
				l.drop(id, now)
			}
		}
	})
}

// readdress moves the conversation to its new address; its rows come from the table again, with that.
func (s *sender) readdress(ctx context.Context, it *item, verdict *crm.SendError) {
	it.out.Attempts++
	if it.out.Attempts >= maxAttempts || verdict.NewChat == "" || verdict.NewChat == it.out.Address.Chat {
		s.giveUp(ctx, it, verdict)
		return
	}
	if !s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, verdict) }) {
		return
	}
	s.change(func(l *lanes, _ time.Time) { l.clear(it.lane, verdict.NewChat) })
	signal(s.hurry)
}

// loseTopic makes a topic of ours anew; a row for any other waits for it, and the other rows of the group go on. It is never sent without its topic.
func (s *sender) loseTopic(ctx context.Context, it *item, verdict *crm.SendError) {
	if s.renewTopic(ctx, it, verdict) {
		return
	}
	later := *verdict
	later.After = topicPause
	topic := it.out.Address.Chat + "/" + it.out.Thread
	s.mu.Lock()
	known := s.topics[topic]
	s.topics[topic] = true
	s.mu.Unlock()
	if !known {
		s.alert(Alert{Kind: AlertLostTopic, Conversation: it.out.Conversation, Detail: verdict.Reason})
	}
	if s.persist(ctx, func(ctx context.Context) error { return s.store.Settle(ctx, it.out, &later) }) {
		s.change(func(l *lanes, now time.Time) { l.postpone(it, topicPause, now) })
	}
}

// pause keeps all rows of an account that can't send, and tries one of them from time to time. One alert is enough.
func (s *sender) pause(ctx context.Context, it *item, verdict *crm.SendError) {
	s.mu.Lock()
	first := !s.paused
	s.paused = true
	now := s.c.Now()
	s.lanes.probing = true
	s.lanes.hold("", now.Add(probeEvery), now)
	s.lanes.again(it, 0, now)
	s.mu.Unlock()
	if !first {
		return
	}
	s.alert(Alert{Kind: AlertPaused, Detail: verdict.Reason})
	s.state(ctx, StateBadCredentials, verdict.Reason)
}

// works says whether the answer to a call shows that the account can send.
func works(verdict *crm.SendError) bool {
	return verdict == nil || verdict.Policy != crm.BadSetup && verdict.Policy != crm.Wait && verdict.Policy != crm.Retry
}

// resume ends a pause, if there is one.
func (s *sender) resume(ctx context.Context) {
	s.mu.Lock()
	paused := s.paused
	s.paused, s.lanes.probing = false, false
	s.mu.Unlock()
	if !paused {
		return
	}
	s.alert(Alert{Kind: AlertResumed})
	s.state(ctx, StateRunning, "")
}

// state records how the account is doing, unless its channel does.
func (s *sender) state(ctx context.Context, state, detail string) {
	if s.c.KeepsState {
		return
	}
	if err := s.store.SetState(ctx, s.ch.Name(), state, detail); err != nil {
		s.complain(ctx, "outbox_state", err)
	}
}
