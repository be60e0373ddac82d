package turn_test

import (
	"testing"
	"time"

	"govorun/crm"
)

func TestR09_WhoBlockedTheBotIsNotRemindedAndSomebodyCalls(t *testing.T) {
	h := newProvider(t)
	h.talking(olga, "Lenin street 1")
	h.accept(h.from(olga, crm.Inbound{Kind: crm.InBlocked}))
	h.later(24*time.Hour + time.Minute)
	h.later(24 * time.Hour)
	h.later(2 * time.Hour)
	if n := h.reminders(); n != 0 {
		t.Errorf("%d reminders to somebody who blocked the bot", n)
	}
	if n := h.count(`SELECT count(*) FROM tasks WHERE title LIKE 'Call about%' AND assignee_id = 1`); n != 1 {
		t.Errorf("%d call tasks for the owner, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'skipped' AND reason = 'blocked'`); n != 1 {
		t.Error("the timer does not say why it is silent")
	}
}

func TestO09_WhileAPersonHasTheTalkNoReminderIsSent(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.text(olga, "operator")
	h.press(mia, "Take the conversation")
	h.pressOn(mia, h.card(mia), "I take it")
	h.later(25 * time.Hour)
	if n := h.reminders(); n != 0 {
		t.Errorf("%d reminders while a person has the talk", n)
	}
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND reason <> ''`); n != 1 {
		t.Error("the timer does not say why it is silent")
	}
}

func TestO09_AReminderThatIsQueuedWhenAPersonTakesTheTalkIsCancelled(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.text(olga, "operator")
	talk := h.last(mia)
	h.pressOn(mia, h.card(mia), "I take it")
	h.later(25 * time.Hour)
	if n := h.reminders(); n != 1 {
		t.Fatalf("%d reminders are queued, want 1", n)
	}
	h.pressOn(mia, talk, "Take the conversation")
	if n := h.reminders(); n != 0 {
		t.Errorf("%d reminders go out though a person has the talk", n)
	}
}
