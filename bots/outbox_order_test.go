package bots_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"govorun/bots"
	"govorun/crm"
)

func TestARowHandedOverAndARowInTheTableAreSentAndMarked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	left := h.queue(talk, text("from the table"))
	o := h.lead(h.start(bots.OutboxConfig{}))
	h.untilStatus("sent", left...)
	pushed := h.queue(talk, text("handed over"))
	o.Push(pushed, nil)
	h.untilStatus("sent", pushed...)
	if r := h.row(pushed[0].ID); r.Ref != "1002" || r.Twice {
		t.Fatalf("row %+v, want the provider's id and no doubt", r)
	}
	if s := o.Stats(); s.Sent != 2 || s.Depth != 0 || s.Failed != 0 {
		t.Fatalf("stats %+v", s)
	}
	if got := h.texts(); !slices.Equal(got, []string{"from the table", "handed over"}) {
		t.Fatalf("sent %q", got)
	}
}

func TestO06_S13_AChatWaitsForItsSlowPhotoAndOthersDoNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gate := make(chan struct{})
	h.say(func(out crm.Outbound) (string, error) {
		if out.Text == "slow photo" {
			<-gate
		}
		return "", nil
	})
	ann, bob := h.talk("7", false), h.talk("8", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	slow := h.queue(ann, text("slow photo"), text("after it"))
	quick := h.queue(bob, text("other chat"))
	o.Push(append(slow, quick...), nil)
	h.untilStatus("sent", quick...)
	if slices.Contains(h.texts(), "after it") {
		t.Fatal("the chat did not wait")
	}
	close(gate)
	h.untilStatus("sent", slow...)
}

func TestO07_TwoProcessesSend500MessagesOfAChatOnceAndInOrderThoughOneDies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	limits := bots.OutboxConfig{Limits: bots.Limits{}}
	first := h.lead(h.start(limits))
	second := h.start(limits)
	<-second.Ready()
	var all []crm.Outbound
	for i := range 500 {
		out := h.queue(talk, text(fmt.Sprint(i)))
		all = append(all, out...)
		if i%2 == 0 && i <= 250 { // turns run on both while both live
			first.Push(out, nil)
		} else {
			second.Push(out, nil)
		}
		if i == 250 {
			h.until("half is marked", func() bool { return h.row(all[200].ID).Status == "sent" })
			first.stop()
		}
	}
	h.untilStatus("sent", all...)
	if got := h.texts(); len(got) != 500 {
		t.Fatalf("%d calls for 500 messages", len(got))
	}
	for i, got := range h.texts() {
		if got != fmt.Sprint(i) {
			t.Fatalf("call %d sent %s", i, got)
		}
	}
}

func TestO12_WhenTheSenderDiesAnotherTakesOverWithinTenSeconds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	h.lead(h.start(bots.OutboxConfig{}))
	standby := h.start(bots.OutboxConfig{})
	began := time.Now()
	h.exec(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1735357812
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	rows := h.queue(talk, text("after the death"))
	standby.Push(rows, nil) // ignored: it does not send yet
	h.untilStatus("sent", rows...)
	if took := time.Since(began); took > 10*time.Second {
		t.Fatalf("took %v", took)
	}
	if n := len(h.texts()); n != 1 {
		t.Fatalf("sent %d times", n)
	}
}

func TestASupersededRowOfAnotherProcessIsNotSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	prompt := h.queue(talk, crm.Outbound{Text: "prompt", NotBefore: h.clock().Add(time.Minute)})
	h.until("in memory", func() bool { o.Push(prompt, nil); return o.Stats().Depth == 1 })
	h.exec(`UPDATE messages SET status = 'superseded' WHERE id = $1`, prompt[0].ID)
	h.until("forgotten", func() bool { return o.Stats().Depth == 0 })
	h.advance(2 * time.Hour)
	next := h.queue(talk, text("next prompt"))
	o.Push(next, nil)
	h.untilStatus("sent", next...)
	if got := h.texts(); !slices.Equal(got, []string{"next prompt"}) {
		t.Fatalf("sent %q", got)
	}
}

func TestM08_ARowWaitsByTheDatabaseClockThoughOursIsFiveMinutesAhead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.advance(5 * time.Minute)
	talk := h.talk("7", false)
	later := h.queue(talk, text("in three minutes"))
	h.exec(`UPDATE messages SET not_before = now() + interval '3 minutes' WHERE id = $1`, later[0].ID)
	h.lead(h.start(bots.OutboxConfig{}))
	now := h.queue(talk, text("at once"))
	h.untilStatus("sent", now...)
	if r := h.row(later[0].ID); r.Status != "queued" {
		t.Fatalf("row %+v, want it to wait", r)
	}
	h.exec(`UPDATE messages SET not_before = now() WHERE id = $1`, later[0].ID)
	h.untilStatus("sent", later...)
}

func TestM05_ARestoredBackupDoesNotSendYesterdayAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	old := h.queue(talk, text("yesterday"), text("yesterday too"))
	booked := h.queue(talk, text("written yesterday for today"))
	h.exec(`UPDATE messages SET created_at = now() - interval '25 hours'`)
	h.exec(`UPDATE messages SET not_before = now() WHERE id = $1`, booked[0].ID)
	h.lead(h.start(bots.OutboxConfig{}))
	h.untilStatus("sent", booked...)
	h.untilStatus("cancelled", old...)
	if r := h.row(old[0].ID); r.Reason != "too_old" || h.alerted(bots.AlertTooOld) != 1 || h.alerts[0].Count != 2 {
		t.Fatalf("row %+v, alerts %+v", r, h.alerts)
	}
	if got := h.texts(); len(got) != 1 {
		t.Fatalf("sent %q", got)
	}
}

func TestAStopLetsCallsUnderWayEndAndMarksThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	gate, begun := make(chan struct{}), make(chan struct{})
	h.say(func(crm.Outbound) (string, error) { close(begun); <-gate; return "", nil })
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	rows := h.queue(talk, text("under way"), text("not begun"))
	o.Push(rows, nil)
	<-begun
	stopped := make(chan struct{})
	go func() { o.stop(); close(stopped) }()
	h.until("takes no more", func() bool { return !o.Stats().Leading })
	close(gate)
	<-stopped
	if a, b := h.row(rows[0].ID).Status, h.row(rows[1].ID).Status; a != "sent" || b != "queued" {
		t.Fatalf("rows are %s and %s", a, b)
	}
	h.say(nil)
	h.lead(h.start(bots.OutboxConfig{}))
	h.untilStatus("sent", rows...)
	if h.alerted(bots.AlertDoubtful) != 0 || h.row(rows[1].ID).Twice {
		t.Fatal("a sender that stopped in order left doubt")
	}
}

func TestO12_WhoIsNotSureOfTheRightToSendAsksFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	talk := h.talk("7", false)
	o := h.lead(h.start(bots.OutboxConfig{}))
	o.store.unsure.Store(true)
	rows := h.queue(talk, text("one"), text("two"))
	o.Push(rows, nil)
	time.Sleep(300 * time.Millisecond) // it would be sent within a few milliseconds
	if sent := h.texts(); len(sent) > 0 {
		t.Fatalf("sent %q", sent)
	}
	o.store.unsure.Store(false)
	h.untilStatus("sent", rows...)
}
