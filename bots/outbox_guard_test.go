package bots_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

// robotsWait is a guard that lets only words of employees and answers pass until it is opened.
func robotsWait(after time.Duration, open *atomic.Bool) func(context.Context, crm.Outbound) *crm.SendError {
	return func(_ context.Context, out crm.Outbound) *crm.SendError {
		if out.Answer || open.Load() {
			return nil
		}
		return &crm.SendError{Policy: crm.Postpone, Reason: "guard_hour", After: after}
	}
}

func answer(s string) crm.Outbound { return crm.Outbound{Text: s, Answer: true} }

func TestW11_AnAnswerOvertakesAPostponedMessageOfItsChatAlsoAfterARestart(t *testing.T) {
	h := newHouse(t)
	talk := h.talk("ann", true)
	var open atomic.Bool
	c := bots.OutboxConfig{Guard: robotsWait(time.Hour, &open)}
	r := h.lead(h.start(c))
	rows := h.queue(talk, text("reminder"), answer("answer"))
	r.Push(rows, nil)
	h.untilStatus("sent", rows[1])
	row := h.row(rows[0].ID)
	if row.Status != "queued" || row.Reason != "guard_hour" || row.Attempts != 0 || row.Waits < 50*time.Minute {
		t.Fatalf("the reminder is %+v", row)
	}
	if depth := r.Stats().Depth; depth != 0 {
		t.Errorf("%d rows in memory: what waits for an hour belongs into the table", depth)
	}
	r.kill()

	again := h.lead(h.start(c))
	second := h.queue(talk, answer("second answer"))
	again.Push(second, nil)
	h.untilStatus("sent", second...)
	if got := h.texts(); !slices.Equal(got, []string{"answer", "second answer"}) {
		t.Fatalf("sent %q", got)
	}
	open.Store(true)
	h.exec(`UPDATE messages SET not_before = now() WHERE id = $1`, rows[0].ID)
	h.untilStatus("sent", rows[0])
}

func TestW11_WhatIsPostponedForAMomentGoesByItself(t *testing.T) {
	h := newHouse(t)
	var asked atomic.Int32
	r := h.lead(h.start(bots.OutboxConfig{Guard: func(context.Context, crm.Outbound) *crm.SendError {
		if asked.Add(1) == 1 {
			return &crm.SendError{Policy: crm.Postpone, Reason: "guard_pace", After: time.Second}
		}
		return nil
	}}))
	rows := h.queue(h.talk("ann", true), text("reminder"))
	r.Push(rows, nil)
	h.until("asked", func() bool { return h.row(rows[0].ID).Reason == "guard_pace" })
	r.Push(h.queue(h.talk("bob", true), text("other")), nil) // wakes it
	h.until("sent", func() bool { h.advance(time.Second); return h.row(rows[0].ID).Status == "sent" })
	if reason := h.row(rows[0].ID).Reason; reason != "" {
		t.Errorf("it was sent for %q", reason)
	}
}

func TestW11_WhatTheGuardCancelsIsFinalAndVisibleAndWasNeverSent(t *testing.T) {
	h := newHouse(t)
	r := h.lead(h.start(bots.OutboxConfig{Guard: func(_ context.Context, out crm.Outbound) *crm.SendError {
		if out.Answer {
			return nil
		}
		return &crm.SendError{Policy: crm.GiveUp, Reason: "guard_unanswered"}
	}}))
	rows := h.queue(h.talk("ann", true), text("third"), answer("answer"))
	r.Push(rows, nil)
	h.untilStatus("sent", rows[1])
	if row := h.row(rows[0].ID); row.Status != "cancelled" || row.Reason != "guard_unanswered" {
		t.Fatalf("the third is %+v", row)
	}
	if got := h.texts(); !slices.Equal(got, []string{"answer"}) {
		t.Errorf("sent %q", got)
	}
}

func TestW10_WhoeverLearnsFromARefusalDecidesWhatFollows(t *testing.T) {
	h := newHouse(t)
	h.say(func(crm.Outbound) (string, error) { return "", refuse(crm.Retry, "reachout") })
	r := h.lead(h.start(bots.OutboxConfig{Settled: func(_ context.Context, _ crm.Outbound, v *crm.SendError) *crm.SendError {
		return &crm.SendError{Policy: crm.GiveUp, Reason: "guard_cold", Err: v}
	}}))
	rows := h.queue(h.talk("ann", true), text("hello"))
	r.Push(rows, nil)
	h.untilStatus("cancelled", rows...)
	if n := len(h.texts()); n != 1 {
		t.Errorf("tried %d times, want once", n)
	}
}

func TestW09_AGuardThatFailsLetsNothingPass(t *testing.T) {
	h := newHouse(t)
	var fixed atomic.Bool
	r := h.lead(h.start(bots.OutboxConfig{Guard: func(context.Context, crm.Outbound) *crm.SendError {
		if !fixed.Load() {
			panic("no guard")
		}
		return nil
	}}))
	rows := h.queue(h.talk("ann", true), text("hello"))
	r.Push(rows, nil)
	h.until("waits", func() bool { return r.Stats().Waits > 0 })
	if len(h.texts()) != 0 {
		t.Fatal("it was sent without being asked about")
	}
	fixed.Store(true)
	h.advance(time.Minute)
	r.Push(h.queue(h.talk("bob", true), text("other")), nil)
	h.untilStatus("sent", rows...)
}

func TestAnAccountThatWasOfflineIsNotSlowedDownAfterwards(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.say(once(&crm.SendError{Policy: crm.Wait, Reason: "offline", After: 5 * time.Second, Global: true, Err: errors.New("offline")}))
	o := h.lead(h.start(bots.OutboxConfig{Limits: bots.Limits{FloodPerSecond: 1}}))
	rows := h.queue(h.talk("7", false), text("a"))
	o.Push(rows, nil)
	h.until("held", func() bool { holds, _ := h.db.Holds(ctx, "telegram"); return holds[""] > 0 })
	for _, chat := range []string{"8", "9", "10"} {
		rows = append(rows, h.queue(h.talk(chat, false), text("b"))...)
	}
	h.advance(6 * time.Second)
	o.Push(rows[1:], nil)
	h.untilStatus("sent", rows...) // the clock stands still: a limit of the account would let one go
}
