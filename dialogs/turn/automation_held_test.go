package turn_test

import (
	"context"
	"fmt"
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

func TestR04_WhatRobotsTellEmployeesOfTheirOwnWaitsForTheMorning(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	h.press(mia, "I take it")
	h.shift += 10 * time.Hour // ten in the evening
	due := time.Now().Add(h.shift + time.Hour)
	h.exec(`INSERT INTO tasks (id, deal_id, assignee_id, title, due_at) SELECT 77, max(id), 1, 'Call Olga', $1 FROM deals`, due)
	h.exec(`INSERT INTO timers (deal_id, kind, due_at, data) SELECT max(id), 'task', $1, '{"task": 77}' FROM deals`, due)
	h.later(61 * time.Minute)
	h.says(hana, "A task is overdue")
	var wait float64 // by the shifted clock it is about eleven: the morning begins at nine
	if err := h.db.Pool.QueryRow(context.Background(), `SELECT coalesce(extract(epoch FROM not_before - now()) / 3600, 0)::float8 FROM messages
		WHERE direction = 'out' AND content->>'text' LIKE '%A task is overdue%' ORDER BY id DESC LIMIT 1`).Scan(&wait); err != nil {
		t.Fatal(err)
	}
	if wait < 9.5 || wait > 10.5 {
		t.Errorf("the head is told in %.1f hours, want about ten", wait)
	}
}

func TestACardThatWaitsForTheMorningLeavesTheOlderOneInUseAndStopsNoMessage(t *testing.T) {
	h := newProvider(t)
	h.order(olga, "+79161234567", "Moscow", "Lenin street 1")
	id := h.count(`SELECT max(id) FROM deals`)
	older := h.cardOf(hana, id)
	h.shift += 10 * time.Hour // ten in the evening
	due := time.Now().Add(h.shift + time.Hour)
	h.exec(`INSERT INTO tasks (id, deal_id, assignee_id, title, due_at) SELECT 77, max(id), 1, 'Call Olga', $1 FROM deals`, due)
	h.exec(`INSERT INTO timers (deal_id, kind, due_at, data) SELECT max(id), 'task', $1, '{"task": 77}' FROM deals`, due)
	h.later(61 * time.Minute)
	h.says(hana, "A task is overdue")
	held := h.last(hana)
	if n := h.count(`SELECT count(*) FROM messages WHERE kind = 'edit' AND content->>'text' LIKE '%is below' AND not_before IS NULL AND status = 'queued'`); n != 0 {
		t.Error("the older card points down in the night, to nothing")
	}
	h.pressOn(hana, older, "I take it")
	if n := h.count(`SELECT count(*) FROM messages WHERE kind = 'edit' AND content->>'target' = $1`, fmt.Sprint(held.ID)); n != 0 {
		t.Error("an edit waits for the card of the morning, and the chat for the edit")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE kind = 'edit' AND content->>'target' = $1 AND content->>'text' LIKE '%>Talk<%' AND not_before IS NULL`, fmt.Sprint(older.ID)); n != 1 {
		t.Error("the older card does not show what became of the deal")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE id = $1 AND content->>'text' LIKE '%>Talk<%'`, held.ID); n != 1 {
		t.Error("the card of the morning shows the deal of the evening")
	}
	h.cardOf(hana, id)
	if n := h.count(`SELECT count(*) FROM messages WHERE id = $1 AND status = 'superseded'`, held.ID); n != 1 {
		t.Error("the card of the morning comes although a newer one was asked for")
	}
}
