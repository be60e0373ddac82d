package bots

import (
	"context"
	"errors"
	"fmt"
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

// TopicStore knows which topics are ours. A thread is the provider's id of a topic, or the name of one of ours (crm.TopicOf).
type TopicStore interface {
	// Standing gives what the provider calls the topic of a name now: empty when it is to be made. crm.ErrNotFound when there is none any more.
	Standing(ctx context.Context, conversation crm.ConversationID, name string) (thread string, err error)
	// Topic gives the name under which a topic that is gone is to be made anew; crm.ErrNotFound when it is none of ours.
	Topic(ctx context.Context, conversation crm.ConversationID, thread string) (title string, err error)
	// Rethread puts a new topic in the place of the one of a message, for everything that waits to be sent there.
	Rethread(ctx context.Context, out crm.Outbound, thread string) error
	// LoseTopic notes that the topic of a message is gone for good: what stood there goes to private chats.
	LoseTopic(ctx context.Context, out crm.Outbound, reason string) error
}

// topicClosed is the reason of a refusal by a topic that is there but closed.
const topicClosed = "topic_closed"

// topicToMake is the reason of our own for not sending to a topic that is still to be made.
const topicToMake = "topic_to_make"

// stand puts what the provider calls a topic in the place of its name. One that is still to be made is like one that is gone.
func (s *sender) stand(ctx context.Context, out *crm.Outbound) *crm.SendError {
	if _, named := crm.TalkOf(out.Thread); !named {
		return nil
	}
	name := out.Thread
	out.Thread = ""
	switch out.Kind {
	case crm.OutEdit, crm.OutReaction, crm.OutDelete, crm.OutMenu:
		return nil // what they change stands where it stands
	}
	thread, err := "", error(crm.ErrNotFound)
	if store, knows := s.store.(TopicStore); knows {
		thread, err = store.Standing(ctx, out.Conversation, name)
	}
	switch {
	case errors.Is(err, crm.ErrNotFound):
		return &crm.SendError{Policy: crm.Unthread, Reason: "topic_lost", Err: err}
	case err != nil:
		return &crm.SendError{Policy: crm.Retry, Reason: "storage", Err: err}
	case thread == "":
		return &crm.SendError{Policy: crm.Unthread, Reason: topicToMake, Err: fmt.Errorf("%s is not made yet", name)}
	}
	out.Thread = thread
	return nil
}

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
	thread, standing := it.out.Thread, it.out.Thread
	_, named := crm.TalkOf(thread)
	if named && verdict.Reason == topicClosed {
		if standing, err = store.Standing(ctx, it.out.Conversation, thread); err != nil {
			s.complain(ctx, "outbox_topic", err)
			return false
		}
	}
	if verdict.Reason == topicClosed && maker.ReopenTopic(ctx, it.out.Address.Chat, standing) == nil {
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
	if named { // the name stays, and the store may have something to say there
		it.renewed = verdict.Reason != topicToMake
		s.change(func(l *lanes, now time.Time) { l.again(it, 0, now) })
		signal(s.hurry)
		return true
	}
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
