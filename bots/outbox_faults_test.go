package bots_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

func TestS01_AfterAKillARowIsSentAtMostTwiceAndFlagged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	o.store.killed.Store(true) // it reaches the provider, but not the table
	rows := h.queue(talk, text("hello"))
	o.Push(rows, nil)
	h.until("reached the provider", func() bool { return len(h.texts()) == 1 })
	o.kill()
	if r := h.row(rows[0].ID); r.Status != "queued" {
		t.Fatalf("row %+v, want it unmarked", r)
	}
	h.lead(h.start(bots.OutboxConfig{}))
	h.untilStatus("sent", rows...)
	if n := len(h.texts()); n != 2 || !h.row(rows[0].ID).Twice || h.alerted(bots.AlertDoubtful) != 1 {
		t.Fatalf("sent %d times, row %+v", n, h.row(rows[0].ID))
	}
	if !h.last().MaybeTwice {
		t.Fatal("the channel does not learn that it may be the second time")
	}
}

func TestS02_OneChatWaitsAsToldAlsoAfterARestartAndNoAttemptIsSpent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ann, bob := h.talk("7", false), h.talk("8", false)
	flood := &crm.SendError{Policy: crm.Wait, Reason: "flood", After: 40 * time.Second, Err: errors.New("429")}
	h.say(once(flood))
	o := h.lead(h.start(bots.OutboxConfig{}))
	held := h.queue(ann, text("held"))
	o.Push(held, nil)
	h.until("the hold is stored", func() bool {
		holds, err := h.db.Holds(ctx, "telegram")
		return err == nil && holds["7"] > 35*time.Second
	})
	other := h.queue(bob, text("other"))
	o.Push(other, nil)
	h.untilStatus("sent", other...)
	o.kill()
	again := h.lead(h.start(bots.OutboxConfig{}))
	more := h.queue(bob, text("more"))
	again.Push(more, nil)
	h.untilStatus("sent", more...)
	if r := h.row(held[0].ID); r.Status != "queued" || r.Attempts != 0 {
		t.Fatalf("row %+v, want it to wait with no attempt spent", r)
	}
	h.advance(41 * time.Second)
	again.Push(nil, nil) // a fake clock wakes nobody
	h.untilStatus("sent", held...)
	if o.Stats().Waits != 1 {
		t.Fatalf("stats %+v", o.Stats())
	}
}

func TestS02_AWaitOfTheAccountHoldsEveryChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ann, bob := h.talk("7", false), h.talk("8", false)
	h.say(once(&crm.SendError{Policy: crm.Wait, Reason: "flood", After: 30 * time.Second, Global: true, Err: errors.New("429")}))
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(ann, text("a"))
	o.Push(rows, nil)
	h.until("held", func() bool { holds, _ := h.db.Holds(ctx, "telegram"); return holds[""] > 0 })
	rows = append(rows, h.queue(bob, text("b"))...)
	o.Push(rows[1:], nil)
	h.advance(29 * time.Second)
	o.Push(nil, nil)
	h.until("the second is in memory", func() bool { return o.Stats().Depth == 2 })
	if n := len(h.texts()); n != 1 {
		t.Fatalf("%d calls while the account must be silent", n)
	}
	h.advance(2 * time.Second)
	o.Push(nil, nil)
	h.untilStatus("sent", rows...)
}

func TestS07_NothingToChangeCountsAsSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(once(refuse(crm.Done, "not_modified")))
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(h.talk("7", false), text("same"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
}

func TestS08_AnEditOfALostMessageIsSentAnewAndLaterEditsMeetIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	card := h.queue(talk, text("card"))
	o.Push(card, nil)
	h.untilStatus("sent", card...)
	h.say(once(refuse(crm.Resend, "message_gone")))
	edit := h.queue(talk, crm.Outbound{Kind: crm.OutEdit, Text: "card 2", Target: card[0].ID})
	o.Push(edit, nil)
	h.untilStatus("sent", edit...)
	if out := h.last(); out.Kind != crm.OutMessage || out.TargetRef != "" {
		t.Fatalf("sent %+v, want a new message", out)
	}
	if r := h.row(card[0].ID); r.Ref != "1003" {
		t.Fatalf("card has id %s, want that of what replaced it", r.Ref)
	}
	for _, how := range []string{"from memory", "from the table"} {
		if how == "from the table" {
			o.stop()
			h.lead(h.start(bots.OutboxConfig{}))
		}
		next := h.queue(talk, crm.Outbound{Kind: crm.OutEdit, Text: how, Target: card[0].ID})
		o.Push(next, nil)
		h.untilStatus("sent", next...)
		if out := h.last(); out.Kind != crm.OutEdit || out.TargetRef != "1003" {
			t.Fatalf("%s: edited %q, want 1003", how, out.TargetRef)
		}
	}
}

func TestS08_AnEditThatIsWorthNoMessageIsDroppedWithItsMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	card := h.queue(talk, text("card"))
	o.Push(card, nil)
	h.untilStatus("sent", card...)
	h.say(once(refuse(crm.Resend, "message_gone")))
	edit := h.queue(talk, crm.Outbound{Kind: crm.OutEdit, Text: "it is below", Target: card[0].ID, IfThere: true})
	o.Push(edit, nil)
	h.untilStatus("sent", edit...)
	if out := h.last(); out.Kind != crm.OutEdit || out.IfThere != true {
		t.Fatalf("sent %+v, want nothing but the edit that was refused", out)
	}
}

func TestAnEditHandedOverWithItsMessageFollowsIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("prompt"))
	rows = append(rows, h.queue(talk, crm.Outbound{Kind: crm.OutEdit, Text: "answered", Target: rows[0].ID})...)
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	if out := h.last(); out.Kind != crm.OutEdit || out.TargetRef != "1001" {
		t.Fatalf("edit went as %s of %q", out.Kind, out.TargetRef)
	}
}

func TestAnEditOfAMessageThatWasNeverSentIsANewMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	never := h.queue(talk, text("superseded"))
	h.exec(`UPDATE messages SET status = 'superseded' WHERE id = $1`, never[0].ID)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, crm.Outbound{Kind: crm.OutEdit, Text: "card", Target: never[0].ID},
		crm.Outbound{Kind: crm.OutDelete, Target: never[0].ID}, crm.Outbound{Kind: crm.OutEdit, Text: "card 2", Target: never[0].ID})
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	h.mu.Lock()
	defer h.mu.Unlock()
	if kinds := []crm.OutboundKind{h.calls[0].Kind, h.calls[len(h.calls)-1].Kind}; kinds[0] != crm.OutMessage || kinds[1] != crm.OutEdit {
		t.Fatalf("calls %v, want a message and then an edit of it", kinds)
	}
}

func TestS10_MarkupThatIsRefusedIsSentOnceAsPlainTextWithAnAlert(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(once(refuse(crm.AsPlain, "markup")))
	o := h.lead(h.start(bots.OutboxConfig{}))
	talk := h.talk("7", false)
	rows := h.queue(talk, text("<b>№ 5512</b> &amp; co"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	if got := h.texts(); got[1] != "№ 5512 &amp; co" || h.alerted(bots.AlertMarkup) != 1 {
		t.Fatalf("sent %q with %d alerts", got, h.alerted(bots.AlertMarkup))
	}
	h.say(func(crm.Outbound) (string, error) { return "", refuse(crm.AsPlain, "markup") })
	rows = h.queue(talk, text("<b>worse</b>"))
	o.Push(rows, nil)
	h.untilStatus("failed", rows...)
	if n := len(h.texts()); n != 4 {
		t.Fatalf("%d calls, want two for each", n)
	}
}

func TestS11_X18_TwelveFailuresMakeADeadLetterAndReplayingItIsIdempotent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(func(out crm.Outbound) (string, error) {
		if out.Text == "poison" {
			return "", refuse(crm.Retry, "server")
		}
		return "", nil
	})
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("poison"), text("following"))
	o.Push(rows, nil)
	for n := 1; n < 12; n++ {
		h.until("attempt is counted", func() bool { return h.row(rows[0].ID).Attempts == n && o.Stats().Depth == 2 })
		if n == 4 {
			if w := h.row(rows[0].ID).Waits; w < 7*time.Second || w > 8*time.Second {
				t.Fatalf("waits %v after four attempts, want 8 s", w)
			}
		}
		h.advance(5*time.Minute + time.Second)
		o.Push(nil, nil)
	}
	h.untilStatus("dead", rows[0])
	h.untilStatus("sent", rows[1])
	if n := len(h.texts()); n != 13 || h.alerted(bots.AlertDead) != 1 {
		t.Fatalf("%d calls, %d alerts", n, h.alerted(bots.AlertDead))
	}
	letters, err := h.db.DeadLetters(ctx, deadOut)
	if err != nil || len(letters) != 1 || letters[0].Attempts != 12 || !strings.Contains(letters[0].Error, "server") {
		t.Fatalf("letters %+v, %v", letters, err)
	}
	h.say(nil)
	if err := h.db.ReplayDead(ctx, letters[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := h.db.ReplayDead(ctx, letters[0].ID); !errors.Is(err, crm.ErrTaken) {
		t.Fatalf("second replay: %v, want ErrTaken", err)
	}
	o.stop()
	h.lead(h.start(bots.OutboxConfig{}))
	h.untilStatus("sent", rows[0])
	if n := len(h.texts()); n != 14 {
		t.Fatalf("%d calls", n)
	}
}

func TestS11_ATimeoutLeavesDoubtAndAPanicIsAFailure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(func(out crm.Outbound) (string, error) {
		if out.Text == "panic" {
			panic("nil map")
		}
		return "", &crm.SendError{Policy: crm.Retry, Reason: "network", Err: context.DeadlineExceeded}
	})
	o := h.lead(h.start(bots.OutboxConfig{}))
	slow := h.queue(h.talk("7", false), text("slow"))
	bad := h.queue(h.talk("8", false), text("panic"))
	o.Push(append(slow, bad...), nil)
	h.until("both failed once", func() bool { return h.row(slow[0].ID).Attempts == 1 && h.row(bad[0].ID).Attempts == 1 })
	if s, b := h.row(slow[0].ID), h.row(bad[0].ID); !s.Twice || b.Twice || b.Reason != "panic" {
		t.Fatalf("rows %+v and %+v", s, b)
	}
}

func TestS17_S18_ARowForALostTopicWaitsAndNeverFallsIntoTheGeneralOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lost := true
	h.say(func(out crm.Outbound) (string, error) {
		if out.Thread == "9" && lost {
			return "", refuse(crm.Unthread, "topic_deleted")
		}
		return "", nil
	})
	group := h.talk("-5", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(group, crm.Outbound{Text: "for the topic", Thread: "9"}, crm.Outbound{Text: "second", Thread: "9"}, crm.Outbound{Text: "elsewhere", Thread: "4"})
	o.Push(rows, nil)
	h.untilStatus("sent", rows[2])
	h.until("both wait", func() bool { return h.row(rows[1].ID).Reason == "topic_deleted" })
	var events int
	h.scan(`SELECT count(*) FROM events WHERE kind = 'topic_lost'`, []any{&events})
	if r := h.row(rows[0].ID); r.Status != "queued" || r.Attempts != 0 || h.alerted(bots.AlertLostTopic) != 1 || events != 1 {
		t.Fatalf("row %+v, %d alerts, %d events", r, h.alerted(bots.AlertLostTopic), events)
	}
	h.provider.mu.Lock()
	lost = false // somebody made it anew
	h.provider.mu.Unlock()
	h.advance(11 * time.Minute)
	o.Push(nil, nil)
	h.untilStatus("sent", rows...)
	h.provider.mu.Lock()
	defer h.provider.mu.Unlock()
	for _, c := range h.calls {
		if c.Thread == "" {
			t.Fatalf("%q fell into the general topic", c.Text)
		}
	}
}

func TestT11_ARevokedTokenPausesTheAccountWithOneAlertAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(func(crm.Outbound) (string, error) { return "", refuse(crm.BadSetup, "unauthorized") })
	o := h.lead(h.start(bots.OutboxConfig{}))
	var rows []crm.Outbound
	for i := range 5 {
		rows = append(rows, h.queue(h.talk(fmt.Sprint(i), false), text(fmt.Sprint(i)))...)
	}
	o.Push(rows, nil)
	h.until("paused", func() bool { return o.Stats().Paused && h.state() == bots.StateBadCredentials })
	h.until("all wait", func() bool { return o.Stats().Depth == 5 })
	tried := len(h.texts())
	h.advance(61 * time.Second)
	o.Push(nil, nil)
	h.until("one is tried", func() bool { return len(h.texts()) == tried+1 && o.Stats().Depth == 5 })
	for _, out := range rows {
		if r := h.row(out.ID); r.Status != "queued" || r.Attempts != 0 {
			t.Fatalf("row %+v, want it untouched", r)
		}
	}
	if n := h.alerted(bots.AlertPaused); n != 1 {
		t.Fatalf("%d alerts", n)
	}
	h.say(nil)
	h.advance(61 * time.Second)
	o.Push(nil, nil)
	h.untilStatus("sent", rows...)
	h.until("runs", func() bool { return h.state() == bots.StateRunning && !o.Stats().Paused })
}

func TestW07_WhatWaitsForANumberGoesAtOnceWhenItIsLinkedAgainAndItsChannelSaysHowItIsDoing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(func(crm.Outbound) (string, error) { return "", refuse(crm.BadSetup, "whatsapp_logged_out") })
	o := h.lead(h.start(bots.OutboxConfig{KeepsState: true}))
	rows := h.queue(h.talk("1", false), text("one"), text("two"))
	o.Push(rows, nil)
	h.until("paused", func() bool { return o.Stats().Paused && o.Stats().Depth == 2 })
	if state := h.state(); state != "" {
		t.Errorf("the outbox calls it %q", state)
	}
	h.say(nil)
	o.Again() // no time passes
	h.untilStatus("sent", rows...)
}

func (h *house) state() string {
	states, err := h.db.ChannelStates(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, s := range states {
		if s.Channel == "telegram" {
			return s.State
		}
	}
	return ""
}

func TestAnIdOfTheProviderThatIsTakenDoesNotPoisonTheGroup(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	old := h.queue(talk, text("before the provider began to count anew"))
	h.exec(`UPDATE messages SET status = 'sent', ref = '1002' WHERE id = $1`, old[0].ID)
	h.exec(`INSERT INTO message_refs (conversation_id, direction, ref, message_id) SELECT conversation_id, direction, ref, id FROM messages WHERE id = $1`, old[0].ID)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("1001"), text("1002"), text("1003"))
	o.Push(rows, nil)
	h.untilStatus("sent", rows...)
	if a, b := h.row(old[0].ID), h.row(rows[1].ID); a.Ref != "" || b.Ref != "1002" {
		t.Fatalf("refs %q and %q, want the newer message to have it", a.Ref, b.Ref)
	}
}
