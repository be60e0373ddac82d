package bots

import (
	"context"
	"errors"
	"time"

	"govorun/crm"
)

// TopicMaker is a channel whose groups may have topics.
type TopicMaker interface {
	// MakeTopic makes a topic in a group and gives its id. The error is a *crm.SendError.
	MakeTopic(ctx context.Context, chat, name string) (thread string, err error)
	// ReopenTopic opens a topic that somebody closed.
	ReopenTopic(ctx context.Context, chat, thread string) error
}

// TopicStore knows which topics are ours.
type TopicStore interface {
	// Topic gives the name under which a topic that is gone is to be made anew; crm.ErrNotFound when it is none of ours.
	Topic(ctx context.Context, conversation crm.ConversationID, thread string) (title string, err error)
	// Rethread puts a new topic in the place of the one of a message, for everything that waits to be sent there.
	Rethread(ctx context.Context, out crm.Outbound, thread string) error
	// LoseTopic notes that the topic of a message is gone for good: what stood there goes to private chats.
	LoseTopic(ctx context.Context, out crm.Outbound, reason string) error
}

// topicClosed is the reason of a refusal by a topic that is there but closed.
const topicClosed = "topic_closed"

// renewTopic makes a topic of ours anew, or opens it, and lets its rows go there. It says whether the row is cared for: when the topic is none
// of ours, or can't be made, the row waits like any other without its topic.
func (s *sender) renewTopic(ctx context.Context, it *item, verdict *crm.SendError) bool {
	maker, makes := s.ch.(TopicMaker)
	store, knows := s.store.(TopicStore)
	if !makes || !knows || it.renewed {
		return false
	}
	title, err := store.Topic(ctx, it.out.Conversation, it.out.Thread)
	if err != nil {
		if !errors.Is(err, crm.ErrNotFound) {
			s.complain(ctx, "outbox_topic", err)
		}
		return false
	}
	thread := it.out.Thread
	if verdict.Reason == topicClosed && maker.ReopenTopic(ctx, it.out.Address.Chat, thread) == nil {
		it.renewed = true
		s.change(func(l *lanes, now time.Time) { l.again(it, 0, now) })
		return true
	}
	made, err := maker.MakeTopic(ctx, it.out.Address.Chat, title)
	if err != nil {
		return s.noTopic(ctx, it, asVerdict(err), store)
	}
	if !s.persist(ctx, func(ctx context.Context) error { return store.Rethread(ctx, it.out, made) }) {
		return true
	}
	s.c.Log.Info("outbox_topic_renewed", "conversation", it.out.Conversation)
	s.change(func(l *lanes, now time.Time) {
		for _, other := range l.known {
			if other.out.Conversation == it.out.Conversation && other.out.Thread == thread {
				other.out.Thread = made
			}
		}
		it.out.Thread, it.renewed = made, true
		l.again(it, 0, now)
	})
	return true
}

// noTopic follows a topic that could not be made: what may pass is tried again, else the topic is lost and others are told in private.
func (s *sender) noTopic(ctx context.Context, it *item, verdict *crm.SendError, store TopicStore) bool {
	switch verdict.Policy {
	case crm.Wait:
		s.wait(ctx, it, verdict)
		return true
	case crm.BadSetup:
		s.pause(ctx, it, verdict)
		return true
	case crm.Readdress:
		s.readdress(ctx, it, verdict)
		return true
	case crm.Retry:
		s.retry(ctx, it, verdict)
		return true
	}
	s.persist(ctx, func(ctx context.Context) error { return store.LoseTopic(ctx, it.out, verdict.Reason) })
	return false
}
