package turn_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// What belongs to somebody no more is neither moved, told nor given by what was begun before.

func TestX08_AQuestionAboutADealThatIsSeenNoMoreChangesNothing(t *testing.T) {
	h := newCrew(t)
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.pressOn(ivan, h.card(ivan), "Заметка")
	h.says(ivan, "Что записать")
	h.exec(`UPDATE employees SET crew_id = NULL, city = 'Омск' WHERE id = $1`, h.employee(ivan))
	h.exec(`UPDATE deals SET owner_id = 9001 WHERE id = 901`)
	h.text(ivan, "Нет доступа до 15:00")
	h.is("lines", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND kind = 'comment'`), 0)
	h.is("refusals", h.count(refused), 1)
	h.says(ivan, "Такой заявки нет")
	h.text(ivan, "/my")
	h.is("open questions", h.count(`SELECT count(*) FROM conversations WHERE chat = $1 AND session->>'dialog' LIKE 'demand.%'`, fmt.Sprint(ivan)), 0)
}

func TestX08_WhatWaitsForTheMorningIsNotSentToTheDismissed(t *testing.T) {
	h := crowd(t)
	h.delivered()
	h.exec(`INSERT INTO messages (conversation_id, direction, author, kind, status, content, not_before)
		SELECT id, 'out', 'bot', 'media', 'queued', '{"text": "visit, +79160000001"}', now() + interval '8 hours' FROM conversations WHERE chat = $1`, fmt.Sprint(ivan))
	h.text(aigul, "/dismiss Иван")
	h.press(aigul, "")
	h.is("dismissed", h.count(`SELECT count(*) FROM employees WHERE id = $1 AND NOT active`, h.who(ivan)), 1)
	h.is("visits that wait", h.count(`SELECT count(*) FROM messages WHERE status = 'queued' AND content->>'text' LIKE 'visit%'`), 0)
	h.is("menus", h.count(`SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.status = 'queued' AND m.kind = 'menu' AND c.chat = $1`, fmt.Sprint(ivan)), 1)
}

func TestX08_AnOldCallIsTakenOnlyAsWhatOneStillIs(t *testing.T) {
	h := crowd(t)
	h.text(azamat, "/start")
	h.text(azamat, "оператор")
	call := h.last(aigul)
	if !strings.HasPrefix(call.Card, "talk:") {
		t.Fatalf("no call: %q", call.Text)
	}
	h.delivered()
	h.exec(`UPDATE employees SET role = 'technician' WHERE id = $1`, h.who(aigul))
	h.pressOn(aigul, call, "")
	h.is("operators", h.count(`SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL`), 0)
	h.exec(`UPDATE events SET data = data || '{"role": "technician"}' WHERE kind = 'human_wanted'`)
	h.pressOn(aigul, call, "")
	h.is("operators whose role was called", h.count(`SELECT count(*) FROM conversations WHERE operator_id IS NOT NULL`), 1)
}

func TestX05_AnInvitationOfSomebodyWhoMayInviteNoMoreIsDead(t *testing.T) {
	h := post(t)
	link := h.invited("Север")
	h.exec(`UPDATE employees SET role = 'technician' WHERE id = $1`, h.who(aigul))
	h.text(newcomer, "/start "+link)
	h.is("hired", h.count(`SELECT count(*) FROM identities WHERE address = $1 AND employee_id IS NOT NULL`, fmt.Sprint(newcomer)), 0)
	h.text(aigul, "/start "+link)
	h.is("places taken by one's own link", h.count(`SELECT count(*) FROM slots WHERE employee_id = $1`, h.who(aigul)), 0)
}

func TestX05_ALinkThatAHeadOpensDoesNotGiveTheirPlaceAway(t *testing.T) {
	h := post(t)
	files, err := kits.FS("vending")
	if err != nil {
		t.Fatal(err)
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	kit.Duties["technician"].May = []crm.Right{crm.MayInvite}
	h.startWith(kit)
	h.exec(`INSERT INTO slots (name, role, employee_id) VALUES ('Голова', 'manager', $1)`, h.who(aigul))
	h.text(ivan, "/invite Центр")
	h.text(aigul, "/start "+h.link(ivan))
	h.is("heads by a link", h.count(`SELECT count(*) FROM employees WHERE id = $1 AND role = 'manager'`, h.who(ivan)), 0)
	h.is("heads", h.count(`SELECT count(*) FROM employees WHERE id = $1 AND role = 'manager'`, h.who(aigul)), 1)
	h.says(aigul, "уже работаете")
}

func TestADealIsGivenToNobodyWhoIsBeingDismissed(t *testing.T) {
	h := newCrew(t)
	h.exec(`UPDATE employees SET city = '' WHERE id = $1`, h.employee(aigul))
	leaving, err := h.db.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err = leaving.Exec(t.Context(), `UPDATE employees SET active = false WHERE id = 9001`); err != nil {
		t.Fatal(err)
	}
	given := make(chan struct{})
	go func() { defer close(given); h.text(aigul, "/assign 901 Пётр") }()
	select {
	case <-given:
		t.Error("the deal did not wait for the dismissal")
	case <-time.After(300 * time.Millisecond):
	}
	if err := leaving.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-given
	h.is("deals given", h.count(`SELECT count(*) FROM deals WHERE id = 901 AND owner_id IS NOT NULL`), 0)
}

func TestAnUndoGivesNothingBackToTheDismissed(t *testing.T) {
	h := newCrew(t)
	h.exec(`UPDATE employees SET city = '' WHERE id = $1`, h.employee(aigul))
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.text(aigul, "/assign 901 Пётр")
	h.exec(`UPDATE employees SET active = false WHERE id = $1`, h.employee(ivan))
	h.text(aigul, "/undo")
	h.is("owner", h.count(`SELECT owner_id FROM deals WHERE id = 901`), 9001)
}

func TestWhatMovedOrEndedAVisitIsNotTakenBack(t *testing.T) {
	h := newVisits(t)
	h.booked(olga)
	id := h.count(`SELECT max(id) FROM deals`)
	h.owned(id, "Timur")
	h.text(marta, "/undo")
	h.is("visits of who has the deal", h.count(`SELECT count(*) FROM deals d JOIN bookings b ON b.deal_id = d.id JOIN employees e ON e.id = d.owner_id
		WHERE b.resource = coalesce(e.crew_id, -e.id) AND b.status = 'booked'`), 1)
	h.text(marta, fmt.Sprintf("/deal %d", id))
	h.pressOn(marta, h.card(marta), "Done")
	h.text(marta, "/undo")
	h.is("open deals whose visit is over", h.count(`SELECT count(*) FROM deals d JOIN bookings b ON b.deal_id = d.id WHERE d.status = 'open' AND b.status = 'done'`), 0)
}

func TestNobodyIsSentToADealThatIsClosedWhileItsTimeIsAskedFor(t *testing.T) {
	h := newVisits(t)
	h.asks(olga)
	h.press(olga, "tomorrow, 4 June")
	question := h.find(olga, "10:00")
	h.text(marta, fmt.Sprintf("/deal %d", h.count(`SELECT max(id) FROM deals`)))
	h.pressOn(marta, h.card(marta), "Lost")
	h.pressOn(olga, question, "10:00")
	h.is("visits of a lost deal", h.count(`SELECT count(*) FROM bookings WHERE status = 'booked'`), 0)
	h.is("dead letters", h.count(`SELECT count(*) FROM dead_letters`), 0)
}

// groupHears gives what the crew's group was told since a count of messages.
func (h *house) groupHears(since int) (all []string) {
	for _, o := range h.out[since:] {
		if o.Address.Chat == fmt.Sprint(crewChat) {
			all = append(all, fmt.Sprintf("%s %s %v", o.Kind, o.Text, o.Buttons))
		}
	}
	return all
}

func TestAGroupThatStandsForNothingAnyMoreIsToldNothing(t *testing.T) {
	for how, typed := range map[string][2]string{"unbound": {"17", "/unbind"}, "bound elsewhere": {"18", ""}} {
		h := crowd(t)
		h.typeInGroup(aigul, "17", "/bind "+h.crewOf(ivan))
		h.report()
		h.delivered()
		if typed[1] == "" {
			typed[1] = "/bind " + h.crewOf(ivan)
		}
		h.typeInGroup(aigul, typed[0], typed[1])
		h.delivered()
		h.cardOf(ivan, h.count(`SELECT max(id) FROM deals`))
		since := h.sofar()
		h.press(ivan, "Беру")
		if heard := h.groupHears(since); len(heard) != 0 {
			t.Errorf("a group that is %s hears %q", how, heard)
		}
	}
}

func TestACrewsGroupIsNotToldOfADealThatIsAnotherCrewsNow(t *testing.T) {
	h := crowd(t)
	h.typeInGroup(aigul, "17", "/bind "+h.crewOf(ivan))
	h.report()
	h.delivered()
	id := h.count(`SELECT max(id) FROM deals`)
	h.exec(`INSERT INTO crews (id, name, city) VALUES (777, 'Другие', 'Москва')`)
	h.cardOf(ivan, id)
	h.exec(`UPDATE deals SET crew_id = 777 WHERE id = $1`, id)
	h.exec(`UPDATE employees SET crew_id = 777 WHERE id = $1`, h.who(ivan))
	since := h.sofar()
	h.press(ivan, "Беру")
	if heard := fmt.Sprint(h.groupHears(since)); strings.Contains(heard, "Иван") || strings.Contains(heard, "214") {
		t.Errorf("the former crew's group hears %s", heard)
	}
}

func TestAFilterTeachesNobodyTheNamesOfPeopleElsewhere(t *testing.T) {
	h := newCrew(t)
	h.exec(`INSERT INTO crews (id, name, city) VALUES (778, 'Омичи', 'Омск')`)
	for _, typed := range []string{"/deals кому:Фёдр", "/my кому:ф", "/deals кому:zzzzz", "/deals бригада:Омич", "/deals бригада:zzzzz"} {
		h.text(ivan, typed)
		if said := fmt.Sprint(h.last(ivan).Text, h.last(ivan).Buttons); strings.Contains(said, "Фёдор") || strings.Contains(said, "Омичи") || strings.Contains(said, "Алматы") {
			t.Errorf("%s answers %q", typed, said)
		}
	}
	h.text(ivan, "/deals кому:Пётр")
	h.text(aigul, "/deals кому:Фёдр")
	if said := fmt.Sprint(h.last(ivan).Text, h.last(aigul).Text); !strings.Contains(said, "Пётр") || !strings.Contains(said, "Фёдор") {
		t.Errorf("whom they know is not found: %q", said)
	}
}

func TestWhoJoinsACrewBringsTheHoursOfTheirVisitsAlong(t *testing.T) {
	h := newVisits(t)
	h.exec(`UPDATE employees SET crew_id = NULL, active = id IN (1, 4)`)
	h.booked(olga) // with Timur alone, at 10
	h.exec(`INSERT INTO slots (name, role, city, crew_id) VALUES ('North 1', 'installer', 'Moscow', 1)`)
	h.text(marta, "/slot North 1 Timur")
	h.asks(olga + 1)
	h.press(olga+1, "tomorrow, 4 June")
	if offered := fmt.Sprint(h.find(olga+1, "").Buttons); strings.Contains(offered, "10:00") || !strings.Contains(offered, "13:00") {
		t.Errorf("his crew is offered at %s", offered)
	}
	h.text(timur, "/plan tomorrow")
	h.says(timur, "10:00")
}
