package turn_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
	"govorun/dialogs/turn"
)

// unreadable is a message of a person that could not be opened.
func (h *house) unreadable(person int64, id string) {
	h.accept(h.from(person, crm.Inbound{Kind: crm.InUnread, Key: "u:" + id, Note: "undecryptable"}))
}

// tells runs what looks for lost things and gives how many were told of.
func (h *house) tells() int {
	h.t.Helper()
	n, err := h.runner.SweepUnread(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// asked is how often a person was asked to send something again.
func (h *house) asked(person int64) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, out := range h.out {
		if out.Address.Chat == fmt.Sprint(person) && out.Card == "resend" {
			n++
		}
	}
	return n
}

func TestW04_AnUnreadableMessageThatComesReadableAfterAllIsOneMessageAndNobodyIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	before := len(h.outs(azamat))
	for range 3 {
		h.unreadable(azamat, "A1")
	}
	if n := len(h.outs(azamat)); n != before {
		t.Fatalf("%d messages were sent about a message that may still come", n-before)
	}
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InText, Key: "m:A1", Text: "оператор", Note: turn.NoteAgain}))
	h.is("places", h.count("SELECT count(*) FROM messages WHERE kind = 'unread' AND status = 'superseded'"), 1)
	h.unreadable(azamat, "A2")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InText, Key: "m:A2", Text: "ау"})) // the channel forgot that it was unreadable
	h.shift = 11 * time.Minute
	h.tells()
	h.is("asked", h.asked(azamat), 0)
	h.is("places left", h.count("SELECT count(*) FROM messages WHERE kind = 'unread' AND status = 'received'"), 0)
}

func TestW05_AfterTenMinutesTheUnreadableMessageStandsInTheTalkAndThePersonIsAskedOnceADayAlsoAfterARestart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	question := h.last(azamat)
	h.unreadable(azamat, "A1")
	h.shift = 9 * time.Minute
	h.is("told early", h.tells(), 0)
	h.start() // another process
	h.shift = 11 * time.Minute
	h.is("told", h.tells(), 1)
	h.is("asked", h.asked(azamat), 1)
	h.is("told again", h.tells(), 0)
	if last := h.last(azamat); !strings.Contains(last.Text, "ещё раз") || !last.Answer {
		t.Errorf("the person reads %q, as an answer: %t", last.Text, last.Answer)
	}
	h.is("lines", h.count("SELECT count(*) FROM messages WHERE kind = 'other' AND content->>'text' LIKE '%не удалось прочитать%'"), 1)
	h.is("events", h.count("SELECT count(*) FROM events WHERE kind = 'message_unread'"), 1)
	h.unreadable(azamat, "A2")
	h.shift = 25 * time.Minute
	h.is("the second", h.tells(), 1)
	h.is("asked for the second", h.asked(azamat), 1)
	h.pressOn(azamat, question, "Взял деньги") // the step waits as it did
	h.unreadable(azamat, "A3")
	h.shift = 26 * time.Hour
	h.tells()
	h.is("asked the next day", h.asked(azamat), 2)
}

func TestW05_WhoeverLeadsTheTalkHearsOfItAndTheBotSaysNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	h.unreadable(azamat, "A1")
	h.shift = 11 * time.Minute
	h.is("told", h.tells(), 1)
	h.is("asked", h.asked(azamat), 0)
	if text := h.last(aigul).Text; !strings.Contains(text, "не удалось открыть") || !strings.Contains(text, "Азамат") {
		t.Errorf("the operator reads %q", text)
	}
}

func TestW22_AFileThatIsGoneIsAskedForAndTheStepWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "a"}, {Kind: crm.Photo, Ref: "b"}}}))
	h.exec("UPDATE attachments SET status = 'failed', reason = 'gone'")
	h.is("told", h.tells(), 1)
	h.is("asked", h.asked(azamat), 1)
	h.is("told again", h.tells(), 0)
	h.exec("UPDATE attachments SET reason = 'gone', created_at = now() - interval '2 days'")
	h.is("told of an old one", h.tells(), 0)
}

func TestW19_WhatShowsItselfOnceIsAskedForInTheOrdinaryWayAndNothingElseHappens(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.text(azamat, h.scan(demo.MachineCode))
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InOther, Note: turn.NoteViewOnce}))
	if text := h.last(azamat).Text; !strings.Contains(text, "один раз") {
		t.Errorf("the person reads %q", text)
	}
	sent := len(h.outs(azamat))
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InReaction, Key: "x:1", Text: "👍"}))
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InRevoke, Key: "r:1", Edits: "77"}))
	if n := len(h.outs(azamat)); n != sent {
		t.Errorf("%d messages answer a reaction and a message that was taken back", n-sent)
	}
}

func TestW19_AMessageTakenBackLeavesALineWhereTheDealIsLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.report()
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InText, Key: "m:T1", Text: "и ещё чек не вышел"}))
	deals := h.count("SELECT count(*) FROM deals")
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InRevoke, Key: "r:T2", Edits: "T1"}))
	h.is("lines", h.count("SELECT count(*) FROM events WHERE kind = 'message_revoked' AND deal_id IS NOT NULL"), 1)
	h.is("comments", h.count("SELECT count(*) FROM events WHERE kind = 'comment' AND data->>'text' LIKE '%удалено%чек не вышел%'"), 1)
	h.is("what it said", h.count("SELECT count(*) FROM messages WHERE content->>'text' LIKE '%чек не вышел%' AND direction = 'in'"), 1)
	h.is("deals", h.count("SELECT count(*) FROM deals")-deals, 0)
}
