package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

// crewChat is the address of a group.
const crewChat = -100700

// inGroup is an input of a person in the group, in a topic of it when thread is set.
func (h *house) inGroup(person int64, thread string, in crm.Inbound) crm.Inbound {
	in = h.from(person, in)
	in.Address.Chat, in.Group, in.Title, in.Thread = fmt.Sprint(crewChat), true, "Бригада", thread
	if in.Press != nil {
		in.Key = "p:" + in.Key
	}
	return in
}

func (h *house) typeInGroup(person int64, thread, text string) {
	h.t.Helper()
	in := crm.Inbound{Kind: crm.InText, Text: text}
	in.Command, in.Args, _ = strings.Cut(strings.TrimPrefix(text, "/"), " ")
	h.accept(h.inGroup(person, thread, in))
}

func (h *house) pressInGroup(person int64, on crm.Outbound, label string) string {
	h.t.Helper()
	for _, row := range on.Buttons {
		for _, b := range row {
			if strings.Contains(b.Text, label) {
				return h.accept(h.inGroup(person, on.Thread, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: b.Data, Message: fmt.Sprint(on.ID)}})).Toast
			}
		}
	}
	h.t.Fatalf("no button %q under %q: %v", label, on.Text, on.Buttons)
	return ""
}

// crewOf is the name of Ivan's crew.
func (h *house) crewOf(person int64) (name string) {
	h.t.Helper()
	if err := h.db.Pool.QueryRow(h.t.Context(), `SELECT c.name FROM crews c JOIN employees e ON e.crew_id = c.id WHERE e.id = $1`, h.who(person)).Scan(&name); err != nil {
		h.t.Fatal(err)
	}
	return name
}

func (h *house) report() {
	h.t.Helper()
	h.text(azamat, h.scan("214"))
	h.press(azamat, "Взял деньги")
}

func TestCardsOfACrewStandInItsTopicOnceAndPressesThereAreThoseOfThePresser(t *testing.T) {
	h := crowd(t)
	h.typeInGroup(ivan, "", "/bind "+h.crewOf(ivan))
	if n := h.count(`SELECT count(*) FROM rooms`); n != 0 {
		t.Fatal("a technician bound a group")
	}
	h.typeInGroup(aigul, "17", "/bind "+h.crewOf(ivan))
	if n := h.count(`SELECT count(*) FROM rooms WHERE kind = 'crew' AND thread = '17'`); n != 1 {
		t.Fatalf("the topic is not bound: %q", h.last(crewChat).Text)
	}
	private := len(h.outs(ivan))
	h.report()
	card := h.last(crewChat)
	if card.Card == "" || card.Thread != "17" || len(h.outs(ivan)) != private {
		t.Fatalf("the card stands in topic %q (%q), Ivan got %d messages", card.Thread, card.Text, len(h.outs(ivan))-private)
	}
	h.delivered()
	h.exec(`INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', '8001', id FROM employees WHERE role = 'accountant' LIMIT 1`)
	for who, person := range map[string]int64{"a stranger (D21, X09)": 8000, "another role": 8001} {
		if toast := h.pressInGroup(person, card, "Беру"); !strings.Contains(toast, "не ваша кнопка") {
			t.Errorf("%s hears %q", who, toast)
		}
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE owner_id IS NOT NULL`); n != 0 {
		t.Fatal("somebody else took the deal")
	}
	h.pressInGroup(ivan, card, "Беру")
	if n := h.count(`SELECT count(*) FROM deals WHERE owner_id = $1`, h.who(ivan)); n != 1 {
		t.Fatal("the press in the group is not Ivan's")
	}
	if own := h.last(ivan); own.Card == "" || len(own.Buttons) == 0 {
		t.Errorf("who took the deal has no card of their own: %q", own.Text)
	}
	if shown := h.edit(crewChat); !strings.Contains(shown.Text, "Иван") {
		t.Errorf("the group doesn't see who took it: %q", shown.Text)
	}
	h.typeInGroup(aigul, "17", "/unbind")
	if n := h.count(`SELECT count(*) FROM rooms`); n != 0 {
		t.Error("the topic is still bound")
	}
}

func TestS18_WhatStandsInALostGroupGoesToPrivateChatsAndTheHeadHearsOnce(t *testing.T) {
	h := crowd(t)
	h.typeInGroup(aigul, "", "/bind")
	h.says(crewChat, "Чьи карточки")
	h.pressInGroup(aigul, h.last(crewChat), h.crewOf(ivan))
	h.report()
	private := len(h.outs(ivan))
	h.accept(h.inGroup(aigul, "", crm.Inbound{Kind: crm.InBlocked}))
	if n, err := h.runner.SweepRooms(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d groups are given up at once, %v", n, err)
	}
	h.exec(`UPDATE rooms SET lost_at = now() - interval '1 minute'`)
	for range 2 {
		if _, err := h.runner.SweepRooms(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.outs(ivan)[private:]; len(got) != 1 || got[0].Card == "" {
		t.Fatalf("Ivan got %d messages of a lost group", len(got))
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE content->>'text' LIKE '%больше не пишет%'`); n != 1 {
		t.Errorf("the head hears %d times", n)
	}
	if n := h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.grouped AND m.status = 'queued'`); n != 0 {
		t.Error("something still waits to be sent to the lost group")
	}
	h.press(ivan, "Беру")
	h.accept(h.inGroup(aigul, "", crm.Inbound{Kind: crm.InReturned}))
	if n := h.count(`SELECT count(*) FROM rooms WHERE status = 'open'`); n != 1 {
		t.Error("the group is still lost although the bot is back")
	}
}

func TestS06_ABoundGroupThatMovesStaysBound(t *testing.T) {
	for _, writtenBefore := range []bool{false, true} {
		h := crowd(t)
		h.typeInGroup(aigul, "", "/bind "+h.crewOf(ivan))
		if writtenBefore {
			h.exec(`INSERT INTO conversations (channel, chat, grouped) VALUES ('telegram', '-100999', true)`)
		}
		h.accept(h.inGroup(aigul, "", crm.Inbound{Kind: crm.InMigrated, NewChat: "-100999"}))
		h.report()
		if got := h.last(-100999); got.Card == "" {
			t.Errorf("written before: %v, the card is %q", writtenBefore, got.Text)
		}
	}
}

func TestCallsForAPersonComeToTheOperatorsGroupAndAreTakenOnce(t *testing.T) {
	h := crowd(t)
	h.exec(`INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', '8002', id FROM employees WHERE role = 'operator' LIMIT 1`)
	h.text(8002, "/start")
	h.typeInGroup(aigul, "4", "/bind операторы")
	h.text(azamat, "/start")
	h.text(azamat, "оператор")
	call := h.last(crewChat)
	if call.Thread != "4" || !strings.HasPrefix(call.Card, "talk:") {
		t.Fatalf("the call is %q in topic %q", call.Text, call.Thread)
	}
	h.delivered()
	h.pressInGroup(8002, call, "")
	if n := h.count(`SELECT count(*) FROM conversations WHERE operator_id = $1`, h.who(8002)); n != 1 {
		t.Fatal("nobody took the talk")
	}
	h.text(8002, "Здравствуйте!")
	h.says(azamat, "Здравствуйте!")
	if shown := h.edit(crewChat); len(shown.Buttons) != 0 || !strings.Contains(shown.Text, "отвечает") {
		t.Errorf("the call in the group says %q", shown.Text)
	}
}

func TestWhatIsTypedWronglyAboutGroupsIsExplained(t *testing.T) {
	h := crowd(t)
	h.text(aigul, "/bind")
	h.says(aigul, "в группе")
	h.typeInGroup(aigul, "", "/bind техинк")
	if b := h.last(crewChat).Buttons; len(b) == 0 || b[0][0].Text != "/bind техник" {
		t.Errorf("%q %v", h.last(crewChat).Text, b)
	}
	h.typeInGroup(aigul, "", "/unbind")
	h.says(crewChat, "ничего не привязано")
}

func TestQuestionsWithMoreAnswersThanButtonsSayThatTheOthersCanBeTyped(t *testing.T) {
	h := crowd(t)
	h.text(aigul, "/invite")
	if got := h.last(aigul).Text; strings.Contains(got, "Ещё вариантов") {
		t.Errorf("all roles have a button, and the question is %q", got)
	}
	h.exec(`INSERT INTO employees (name, role, city) SELECT 'Пак ' || n, 'technician', 'Город ' || n FROM generate_series(1, 60) n`)
	h.exec(`INSERT INTO crews (name, city) SELECT 'Бригада ' || n, 'Москва' FROM generate_series(1, 30) n`)
	h.typeInGroup(aigul, "", "/bind")
	h.says(crewChat, "/bind и название")
	h.text(aigul, "/invite техник")
	h.says(aigul, "/invite техник и название")
	h.typeInGroup(aigul, "17", "/bind Бригада 30")
	if got := h.last(crewChat).Text; strings.Contains(got, "Сделайте") {
		t.Errorf("what the bot may already do is asked for: %q", got)
	}
}
