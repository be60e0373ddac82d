package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/guard"
	"govorun/crm/postgres"
	"govorun/crm/postgres/pgtest"
)

// guarded is a number that is a year old at noon, with Ann the driver, whose deal is Eve's.
type guarded struct {
	t     *testing.T
	db    *postgres.DB
	guard *postgres.Guard
	now   time.Time
	night time.Time // ends then
	next  int64
}

const (
	annTalk = crm.ConversationID(21)
	annTel  = crm.ConversationID(22) // with another number of ours
	bobTalk = crm.ConversationID(23)
	eveTalk = crm.ConversationID(24)
	number1 = "whatsapp"
)

func newGuarded(t *testing.T) *guarded {
	t.Parallel()
	g := &guarded{t: t, db: pgtest.New(t), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), next: 1000}
	exec(t, g.db, `INSERT INTO accounts (channel, phone, salt, since) VALUES ('whatsapp', '+77010000000', repeat('s', 32)::bytea, '2025-01-01')`)
	exec(t, g.db, `INSERT INTO employees (id, name, role) VALUES (1, 'Eve', 'manager')`)
	exec(t, g.db, `INSERT INTO contacts (id, name, fields) VALUES (10, 'Ann', '{"city": "Almaty"}'), (11, 'Bob', '{}')`)
	exec(t, g.db, `INSERT INTO identities (channel, address, contact_id, employee_id) VALUES ('whatsapp', 'ann', 10, NULL), ('whatsapp', 'eve', NULL, 1)`)
	exec(t, g.db, `INSERT INTO conversations (id, channel, chat, contact_id) VALUES (21, 'whatsapp', 'ann', 10), (22, 'whatsapp:two', 'ann', 10), (23, 'whatsapp', 'bob', 11), (24, 'whatsapp', 'eve', NULL)`)
	exec(t, g.db, `INSERT INTO deals (id, pipeline, stage, status, contact_id, owner_id) VALUES (31, 'p', 's', 'open', 10, 1)`)
	g.wrote(annTalk)
	g.open(guard.Default())
	return g
}

func (g *guarded) open(p guard.Policy) {
	p.Gap, p.Jitter = time.Second, 0
	g.guard = g.db.Guard(postgres.GuardConfig{Policy: p, Role: "head", Due: time.Hour, Points: -1,
		Quiet: func(at time.Time, city string) (bool, time.Time) {
			return city == "Almaty" && g.night.After(at), g.night
		},
		Title: func(r guard.Reason) string { return "Call: " + string(r) }, Calls: []string{"Call them"},
		Now: func() time.Time { return g.now }, Rand: func() float64 { return 0.5 }})
}

// wrote stores a word of the person.
func (g *guarded) wrote(talk crm.ConversationID) crm.MessageID {
	g.t.Helper()
	g.next++
	exec(g.t, g.db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content) VALUES ($1, $2, 'in', 'person', 'text', 'received', '{}')`, g.next, int64(talk))
	return crm.MessageID(g.next)
}

// out is a message of a robot that waits to be sent. Cause is what came in and caused it, zero when nothing did.
func (g *guarded) out(talk crm.ConversationID, text string, cause crm.MessageID) crm.Outbound {
	g.t.Helper()
	g.next++
	channel := number1
	if talk == annTel {
		channel = "whatsapp:two"
	}
	exec(g.t, g.db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content, cause_id) VALUES ($1, $2, 'out', 'bot', 'message', 'queued', '{}', nullif($3, 0))`, g.next, int64(talk), int64(cause))
	return crm.Outbound{ID: crm.MessageID(g.next), Conversation: talk, Address: crm.Address{Channel: channel}, Kind: crm.OutMessage, Priority: crm.Notice,
		Author: crm.ByBot, Text: text, CreatedAt: g.now}
}

// says asks about a message a minute later and gives the answer in one word; "" is that it goes.
func (g *guarded) says(out crm.Outbound) string {
	g.t.Helper()
	g.now = g.now.Add(time.Minute)
	v := g.guard.Check(context.Background(), out)
	if v == nil {
		return ""
	}
	if v.Policy == crm.Wait && v.Reason != string(guard.Banned) {
		g.t.Fatalf("the guard says %v", v)
	}
	return string(v.Policy) + " " + v.Reason
}

func (g *guarded) wants(what, got, want string) {
	g.t.Helper()
	if got != want {
		g.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (g *guarded) calls(want int64) {
	g.t.Helper()
	if n := number(g.t, g.db, `SELECT count(*) FROM tasks WHERE done_at IS NULL AND title LIKE 'Call%'`); n != want {
		g.t.Errorf("%d open tasks to call, want %d", n, want)
	}
}

func TestW11_WhoWorksHereNoMoreIsAPersonLikeAnyOther(t *testing.T) {
	g := newGuarded(t)
	g.wrote(eveTalk)
	for _, text := range []string{"one", "two", "three"} {
		g.wants("while she works here", g.says(g.out(eveTalk, text, 0)), "")
	}
	exec(t, g.db, `UPDATE employees SET active = false`)
	g.wants("first", g.says(g.out(eveTalk, "four", 0)), "")
	g.wants("second", g.says(g.out(eveTalk, "five", 0)), "")
	g.wants("third", g.says(g.out(eveTalk, "six", 0)), "give_up guard_unanswered")
}

func TestW11_TheThirdWithoutAWordIsCancelledOnceAndForAllAndSomebodyCallsThem(t *testing.T) {
	g := newGuarded(t)
	g.wants("first", g.says(g.out(annTalk, "one", 0)), "")
	g.wants("second, by another number", g.says(g.out(annTel, "two", 0)), "")
	g.wants("third", g.says(g.out(annTalk, "three", 0)), "give_up guard_unanswered")
	g.wants("fourth, whoever pressed", g.says(g.out(annTel, "four", g.wrote(eveTalk))), "give_up guard_unanswered")
	g.calls(1)
	if n := number(t, g.db, `SELECT count(*) FROM tasks t JOIN timers m ON m.id = t.timer_id WHERE t.deal_id = 31 AND t.assignee_id = 1 AND t.contact_id = 10 AND t.points = -1
		AND m.kind = 'task' AND m.due_at = t.due_at`); n != 1 {
		t.Error("the task is not that of the deal's owner, or nobody looks when it is overdue")
	}
	g.wrote(annTel)
	g.wants("after a word of theirs", g.says(g.out(annTalk, "five", 0)), "")
	tx, calls, err := g.db.BeginGuardCalls(context.Background(), 10)
	if err != nil || tx != nil || len(calls) != 0 {
		t.Errorf("told of %d calls to somebody who wrote: %v", len(calls), err)
	}
	g.calls(0)
}

func TestW11_WhoIsToCallIsToldOnce(t *testing.T) {
	g := newGuarded(t)
	for range 3 {
		g.says(g.out(annTalk, "hello", 0))
	}
	for round, want := range []int{1, 0} {
		tx, calls, err := g.db.BeginGuardCalls(context.Background(), 10)
		must(t, err)
		if len(calls) != want || want > 0 && (calls[0].Task.Deal != 31 || calls[0].Task.Assignee != 1 || calls[0].Task.Title != "Call: guard_unanswered") {
			t.Fatalf("round %d: told of %+v", round, calls)
		}
		if tx != nil {
			must(t, tx.Commit(context.Background()))
		}
	}
}

func TestW11_SomebodyWhoIsToBeCalledAlreadyIsNotCalledTwice(t *testing.T) {
	g := newGuarded(t)
	exec(t, g.db, `INSERT INTO tasks (deal_id, title) VALUES (31, 'Call them')`)
	for range 5 {
		g.says(g.out(annTalk, "hello", 0))
	}
	g.calls(1)
	exec(t, g.db, `UPDATE tasks SET done_at = now()`)
	g.wants("after the call", g.says(g.out(annTalk, "again", 0)), "give_up guard_unanswered")
	g.calls(1)
}

func TestW11_AMessageIsCountedBeforeItIsSentAndAResendCountsOnce(t *testing.T) {
	g := newGuarded(t)
	first := g.out(annTalk, "one", 0)
	for range 5 {
		g.wants("the same message", g.says(first), "")
	}
	g.wants("the second", g.says(g.out(annTalk, "two", 0)), "")
	g.wants("the third", g.says(g.out(annTalk, "three", 0)), "give_up guard_unanswered")
	if n := number(t, g.db, `SELECT count(*) FROM guard_sends`); n != 2 {
		t.Errorf("%d counted, want 2", n)
	}
}

func TestW11_AStrangerHearsFromARobotOnlyWhenAPersonPressesForIt(t *testing.T) {
	g := newGuarded(t)
	g.wants("by itself", g.says(g.out(bobTalk, "hello", 0)), "give_up guard_stranger")
	g.calls(1)
	g.wants("an employee pressed", g.says(g.out(bobTalk, "hello", g.wrote(eveTalk))), "")
	g.wants("somebody else's word", g.says(g.out(bobTalk, "hello", g.wrote(annTalk))), "give_up guard_stranger")
	exec(t, g.db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content) VALUES (5, 23, 'in', 'person', 'text', 'ignored', '{}')`)
	g.wants("they wrote before the number was linked", g.says(g.out(bobTalk, "hello", 0)), "")
}

func TestW11_AnswersWordsOfEmployeesAndStaffAreNeverHeld(t *testing.T) {
	g := newGuarded(t)
	exec(t, g.db, `UPDATE contacts SET fields = '{"opted_out": true}'`)
	g.wants("opted out", g.says(g.out(annTalk, "hello", 0)), "give_up guard_opted_out")
	for range 4 {
		answer, said, card := g.out(annTalk, "answer", 0), g.out(annTalk, "said", 0), g.out(eveTalk, "card", 0)
		answer.Answer, said.Author = true, crm.ByEmployee
		g.wants("an answer", g.says(answer), "")
		g.wants("an employee", g.says(said), "")
		g.wants("to an employee", g.says(card), "")
	}
	if n := number(t, g.db, `SELECT count(*) FROM guard_sends WHERE kind = 'staff'`); n != 4 {
		t.Errorf("%d to employees counted, want 4", n)
	}
}

func TestW11_NightBudgetAndTheSameWordsHoldBack(t *testing.T) {
	g := newGuarded(t)
	g.night = g.now.Add(10 * time.Hour)
	v := g.guard.Check(context.Background(), g.out(annTalk, "good night", 0))
	if v == nil || v.Policy != crm.Postpone || v.Reason != "guard_quiet" || v.After != 10*time.Hour {
		t.Fatalf("at night: %+v", v)
	}
	g.night = time.Time{}
	exec(t, g.db, `INSERT INTO guard_sends (message_id, conversation_id, channel, kind, heard_id, print, at)
		SELECT 9000 + n, 900 + n, 'whatsapp', 'own', 0, $1, $2 FROM generate_series(1, 20) AS n`, guard.Print("Hello Ann, deal 5", "Ann"), g.now.Add(-30*time.Minute))
	g.wants("the same words", g.says(g.out(annTalk, "Hello Ann, deal 6", 0)), "postpone guard_same")
	exec(t, g.db, `INSERT INTO guard_sends (message_id, conversation_id, channel, kind, heard_id, print, at)
		SELECT 9100 + n, 900 + n, 'whatsapp', 'own', 0, 1, $1 FROM generate_series(1, 20) AS n`, g.now.Add(-20*time.Minute))
	g.wants("a full hour", g.says(g.out(annTalk, "other words", 0)), "postpone guard_hour")
	g.wants("another number", g.says(g.out(annTel, "other words", 0)), "")
}

func TestW11_WhatWasHeldForADayIsCancelledAndSomebodyCalls(t *testing.T) {
	g := newGuarded(t)
	g.night = g.now.Add(72 * time.Hour)
	old := g.out(annTalk, "yesterday's", 0)
	g.wants("at first", g.says(old), "postpone guard_quiet")
	g.now = g.now.Add(25 * time.Hour)
	g.wants("a day later", g.says(old), "give_up guard_old")
	g.calls(1)
}

func TestW09_ABannedNumberSendsNothingUntilTheEndAndWhatExpiredIsCalledAbout(t *testing.T) {
	g := newGuarded(t)
	must(t, g.guard.Stop(context.Background(), number1, guard.StopBanned, g.now.Add(48*time.Hour)))
	must(t, g.guard.Stop(context.Background(), number1, guard.StopReaches, g.now.Add(time.Hour))) // shortens nothing
	answer := g.out(annTalk, "answer", 0)
	answer.Answer = true
	g.wants("an answer", g.says(answer), "wait guard_banned")
	exec(t, g.db, `UPDATE messages SET created_at = $1 WHERE direction = 'out'`, g.now)
	g.now = g.now.Add(30 * time.Hour)
	gone, err := g.guard.Expire(context.Background(), number1, 24*time.Hour)
	if err != nil || gone != 1 {
		t.Fatalf("%d expired: %v", gone, err)
	}
	g.calls(1)
	numbers, err := g.db.GuardNumbers(context.Background(), g.now)
	if err != nil || len(numbers) != 1 || numbers[0].Stop != guard.StopBanned || numbers[0].Silent != 0 {
		t.Fatalf("%+v, %v", numbers, err)
	}
	g.now = g.now.Add(20 * time.Hour)
	g.wants("after its end", g.says(g.out(annTalk, "hello", 0)), "")
}

func TestW10_ARefusalOfAFirstMessageStopsTheNumberAndSomebodyCalls(t *testing.T) {
	g := newGuarded(t)
	out := g.out(annTalk, "hello", 0)
	g.wants("at first", g.says(out), "")
	refused := &crm.SendError{Policy: crm.GiveUp, Reason: guard.Refused, Err: errors.New("463")}
	if v := g.guard.Settled(context.Background(), out, refused); v.Policy != crm.GiveUp || v.Reason != "guard_cold" {
		t.Fatalf("what follows is %+v", v)
	}
	g.calls(1)
	g.wants("to the same", g.says(g.out(annTalk, "hello again", 0)), "give_up guard_unanswered")
	exec(t, g.db, `INSERT INTO messages (id, conversation_id, direction, author, kind, status, content) VALUES (6, 23, 'in', 'person', 'text', 'received', '{}')`)
	g.wants("to others", g.says(g.out(bobTalk, "hello", 0)), "postpone guard_timelock")
	exec(t, g.db, `UPDATE accounts SET since = $1`, g.now.Add(time.Minute))
	g.now = g.now.Add(time.Hour)
	g.wants("another number in its place", g.says(g.out(bobTalk, "hello", 0)), "")
	other := &crm.SendError{Policy: crm.Retry, Reason: "timeout"}
	if v := g.guard.Settled(context.Background(), out, other); v != other {
		t.Errorf("a timeout became %+v", v)
	}
}
