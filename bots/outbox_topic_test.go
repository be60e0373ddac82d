package bots_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"govorun/bots"
	"govorun/crm"
)

func (p *provider) MakeTopic(_ context.Context, _, name string) (string, error) {
	p.mu.Lock()
	topics := p.topics
	p.mu.Unlock()
	defer p.house.changed()
	if topics == nil {
		return "", refuse(crm.GiveUp, "no_rights")
	}
	return topics(name)
}

func (p *provider) ReopenTopic(context.Context, string, string) error {
	return refuse(crm.GiveUp, "no_rights")
}

// forum is a provider whose topics get the numbers 1, 2, …; what goes to one that is not there is refused.
type forum struct {
	made, gone atomic.Int64
	names      chan string
}

func (h *house) forum() (*forum, crm.ConversationID, crm.Outbound) {
	h.t.Helper()
	f := &forum{names: make(chan string, 10)}
	h.mu.Lock()
	h.topics = func(name string) (string, error) {
		f.names <- name
		return fmt.Sprint(f.made.Add(1)), nil
	}
	h.mu.Unlock()
	h.say(func(out crm.Outbound) (string, error) {
		if out.Kind == crm.OutMessage && (out.Thread == "" || out.Thread == fmt.Sprint(f.gone.Load())) {
			return "", refuse(crm.Unthread, "topic_gone")
		}
		return "", nil
	})
	person, group := h.talk("7", false), h.talk("-5", false)
	anew := crm.Outbound{Kind: crm.OutMessage, Thread: crm.TopicOf(person), Text: "anew", Buttons: [][]crm.Button{{{Text: "History", Data: "t:1:history"}}}}
	h.exec(`INSERT INTO topics (talk_id, conversation_id, title, anew, status) VALUES ($1, $2, 'Ann · № 7', $3, 'called')`, person, group, anew)
	return f, group, crm.Outbound{Thread: crm.TopicOf(person)}
}

func saying(out crm.Outbound, text string) crm.Outbound {
	out.Text = text
	return out
}

// threads lists where each text was sent last.
func (p *provider) threads(text string) (thread string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if c.Text == text {
			thread = c.Thread
		}
	}
	return thread
}

func TestATopicIsMadeBeforeTheFirstMessageForItAndOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, group, out := h.forum()
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(group, saying(out, "one"), saying(out, "two"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	if f.made.Load() != 1 || <-f.names != "Ann · № 7" {
		t.Fatalf("%d topics were made", f.made.Load())
	}
	if got := h.texts(); !slices.Equal(got, []string{"one", "two"}) || h.threads("one") != "1" || h.threads("two") != "1" {
		t.Fatalf("sent %v to %s and %s", got, h.threads("one"), h.threads("two"))
	}
	edit := h.queue(group, crm.Outbound{Kind: crm.OutEdit, Thread: out.Thread, Text: "edited", Target: rows[0].ID})
	o.Push(edit, nil)
	h.untilStatus("sent", edit...)
	if n := f.made.Load(); n != 1 {
		t.Fatalf("%d topics", n)
	}
}

func TestS17_ADeletedTopicOfATalkIsMadeAnewWithAWayToItsHistory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, group, out := h.forum()
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(group, saying(out, "before"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	f.gone.Store(1)
	rows = h.queue(group, saying(out, "after"), saying(out, "more"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	h.until("the line about the history is sent", func() bool { return h.threads("anew") == "2" })
	if f.made.Load() != 2 || h.threads("after") != "2" || h.threads("more") != "2" {
		t.Fatalf("%d topics, sent to %q and %q", f.made.Load(), h.threads("after"), h.threads("more"))
	}
	if slices.ContainsFunc(h.calls, func(c crm.Outbound) bool { return c.Thread == "" }) {
		t.Fatal("something fell into the general topic")
	}
	var renewed int
	h.scan(`SELECT count(*) FROM events WHERE kind = 'topic_renewed'`, []any{&renewed})
	if renewed != 1 {
		t.Fatalf("renewed %d times", renewed)
	}
}

func TestAKillAfterATopicWasMadeLeavesOneEmptyTopicAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f, group, out := h.forum()
	o := h.start(bots.OutboxConfig{})
	o.store.forgets.Store(true) // the topic is made, nobody notes it
	h.lead(o)
	rows := h.queue(group, saying(out, "one"), saying(out, "two"))
	o.Push(rows, nil)
	<-f.names
	o.kill()
	again := h.lead(h.start(bots.OutboxConfig{}))
	again.Push(nil, nil)
	h.untilStatus("sent", rows...)
	if n := f.made.Load(); n != 2 || h.threads("one") != "2" || h.threads("two") != "2" {
		t.Fatalf("%d topics were made, messages stand in %q and %q", n, h.threads("one"), h.threads("two"))
	}
}

func TestATopicThatMayNotBeMadeIsLostAndFallsNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, group, out := h.forum()
	h.mu.Lock()
	h.topics = nil
	h.mu.Unlock()
	h.exec(`INSERT INTO rooms (conversation_id, kind, role, title, forum) VALUES ($1, 'operators', 'manager', 'Operators', true)`, group)
	o := h.lead(h.start(bots.OutboxConfig{}))
	o.Push(h.queue(group, saying(out, "one")), nil)
	h.until("the topic is lost", func() bool {
		var lost bool
		h.scan(`SELECT t.status = 'lost' AND NOT r.forum FROM topics t, rooms r`, []any{&lost})
		return lost
	})
	if n := len(h.texts()); n != 0 {
		t.Fatalf("%d messages were sent", n)
	}
}
