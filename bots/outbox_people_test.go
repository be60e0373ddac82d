package bots_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"govorun/bots"
	"govorun/crm"
)

func TestS04_ABlockedPersonGetsNothingMoreAndSomebodyCalls(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", true)
	gate := make(chan struct{})
	h.say(func(crm.Outbound) (string, error) { <-gate; return "", refuse(crm.Blocked, "blocked") })
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("one"), text("two"), text("three"))
	o.Push(rows, nil)
	close(gate)
	h.untilStatus("failed", rows[0])
	h.untilStatus("cancelled", rows[1:]...)
	var blocked, timer bool
	var notes, tasks int
	h.scan(`SELECT blocked, due_at IS NOT NULL FROM conversations WHERE id = $1`, []any{&blocked, &timer}, talk)
	h.scan(`SELECT (SELECT count(*) FROM events WHERE kind = 'unreachable' AND deal_id IS NOT NULL AND data->>'reason' = 'blocked'),
		(SELECT count(*) FROM tasks WHERE deal_id IS NOT NULL)`, []any{&notes, &tasks})
	if !blocked || timer || notes != 1 || tasks != 1 {
		t.Fatalf("blocked %v, timer %v, %d notes, %d tasks", blocked, timer, notes, tasks)
	}
	h.until("memory is empty", func() bool { return o.Stats().Depth == 0 })
	if n := len(h.texts()); n != 1 {
		t.Fatalf("%d calls", n)
	}
}

func TestS05_PermanentRefusalsKeepTheirReasons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(func(out crm.Outbound) (string, error) {
		if out.Text == "too long" {
			return "", refuse(crm.GiveUp, "too_long")
		}
		return "", refuse(crm.Blocked, out.Text)
	})
	o := h.lead(h.start(bots.OutboxConfig{}))
	for i, reason := range []string{"deactivated", "chat_not_found", "cannot_initiate"} {
		talk := h.talk(fmt.Sprint(i), false)
		rows := h.queue(talk, text(reason))
		o.Push(rows, nil)
		h.untilStatus("failed", rows...)
		if r := h.row(rows[0].ID); r.Reason != reason {
			t.Fatalf("row %+v, want reason %s", r, reason)
		}
	}
	talk := h.talk("9", false)
	rows := h.queue(talk, text("too long"))
	o.Push(rows, nil)
	h.untilStatus("failed", rows...)
	var events int
	var blocked bool
	h.scan(`SELECT (SELECT count(*) FROM events WHERE kind = 'send_failed' AND conversation_id = $1), blocked FROM conversations WHERE id = $1`,
		[]any{&events, &blocked}, talk)
	if events != 1 || blocked {
		t.Fatalf("%d events, blocked %v: one message that can't be sent is no reason to stop talking", events, blocked)
	}
}

func TestS06_AMovedGroupIsReplacedEverywhereAndTheMessageSentOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("-5", false)
	h.exec(`INSERT INTO crews (name, channel, chat) VALUES ('North', 'telegram', '-5')`)
	h.say(func(out crm.Outbound) (string, error) {
		if out.Address.Chat == "-5" {
			return "", &crm.SendError{Policy: crm.Readdress, Reason: "migrated", NewChat: "-1005", Err: errors.New("400")}
		}
		return "", nil
	})
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("card"), text("next"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	var places int
	h.scan(`SELECT (SELECT count(*) FROM conversations WHERE chat = '-1005') + (SELECT count(*) FROM crews WHERE chat = '-1005')
		+ (SELECT count(*) FROM identities WHERE address = '-1005')`, []any{&places})
	if got := h.texts(); places != 3 || !slices.Equal(got, []string{"card", "card", "next"}) {
		t.Fatalf("replaced in %d places, calls %q", places, got)
	}
}

func TestS06_WhenTheGroupHasWrittenFromItsNewAddressWhatWaitsMovesThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old, young := h.talk("-5", false), h.talk("-1005", false)
	h.say(func(out crm.Outbound) (string, error) {
		if out.Address.Chat == "-5" {
			return "", &crm.SendError{Policy: crm.Readdress, Reason: "migrated", NewChat: "-1005", Err: errors.New("400")}
		}
		return "", nil
	})
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(old, text("card"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	var talk crm.ConversationID
	h.scan(`SELECT conversation_id FROM messages WHERE id = $1`, []any{&talk}, rows[0].ID)
	if talk != young || len(h.texts()) != 2 {
		t.Fatalf("row stands in conversation %d, %d calls", talk, len(h.texts()))
	}
}
