package turn_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
)

// pyotr is a technician of Ivan's crew, fyodor one of another city.
const (
	pyotr  = 2002
	fyodor = 2003
)

// newCrew is a house with two technicians more, and a deal of Ivan's crew that nobody has yet.
func newCrew(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.exec(`INSERT INTO employees (id, name, role, city, crew_id, lang) SELECT 9001, 'Пётр', role, city, crew_id, 'ru' FROM employees WHERE id = $1`, h.employee(ivan))
	h.exec(`INSERT INTO employees (id, name, role, city, lang) VALUES (9002, 'Фёдор', 'technician', 'Омск', 'ru')`)
	h.exec(`INSERT INTO identities (channel, address, employee_id) VALUES ('telegram', $1, 9001), ('telegram', $2, 9002)`, fmt.Sprint(pyotr), fmt.Sprint(fyodor))
	h.exec(`INSERT INTO contacts (id, name, phone) VALUES (700, 'Анна', '+79161234567')`)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, contact_id, asset_id, crew_id, city)
		SELECT 901, 'technicians', 'unsorted', 'open', '⛔ Не работает', 700, a.id, e.crew_id, a.city FROM assets a, employees e WHERE a.code = $1 AND e.id = $2`, demo.MachineCode, h.employee(ivan))
	return h
}

func (h *house) employee(person int64) int {
	h.t.Helper()
	return h.count(`SELECT employee_id FROM identities WHERE channel = 'telegram' AND address = $1`, fmt.Sprint(person))
}

// delivered gives every message that was sent the provider's id that presses and replies name.
func (h *house) delivered() {
	h.t.Helper()
	h.exec(`UPDATE messages SET status = 'sent', ref = CASE WHEN kind = 'message' THEN id::text END WHERE direction = 'out' AND status = 'queued'`)
	h.exec(referred)
}

// cardOf sends somebody the card of a deal.
func (h *house) cardOf(person int64, deal int) crm.Outbound {
	h.t.Helper()
	h.text(person, fmt.Sprintf("/deal %d", deal))
	h.delivered()
	return h.card(person)
}

func (h *house) forged(person int64, data, message string) string {
	h.t.Helper()
	in := h.from(person, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: message}})
	in.Key = "p:" + in.Key
	return h.accept(in).Toast
}

func (h *house) is(what string, got, want int) {
	h.t.Helper()
	if got != want {
		h.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

const (
	living  = `SELECT count(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE c.chat = $1 AND m.card LIKE 'deal:901:%' AND NOT m.content ? 'stub'`
	refused = `SELECT count(*) FROM events WHERE kind = 'deal_refused'`
)

func TestADealStandsInAChatOnceHoweverOftenItIsAskedFor(t *testing.T) {
	h := newCrew(t)
	first := h.cardOf(ivan, 901)
	for range 3 {
		h.cardOf(ivan, 901)
	}
	h.is("living cards", h.count(living, fmt.Sprint(ivan)), 1)
	stubs := 0
	for _, o := range h.out {
		if o.Kind == crm.OutEdit && o.Target == first.ID {
			stubs++
			if len(o.Buttons) != 0 || !o.IfThere || !strings.Contains(o.Text, "901") || strings.Contains(o.Text, "\n") {
				t.Errorf("the older card became %+v", o)
			}
		}
	}
	h.is("edits of the first card", stubs, 1)
	h.pressOn(ivan, first, "Беру") // a phone without a network still shows it
	h.is("owner", h.count(`SELECT owner_id FROM deals WHERE id = 901`), h.employee(ivan))
}

func TestX08_ARevokedRoleIsRefusedOnCardsOfBefore(t *testing.T) {
	h := newCrew(t)
	card := h.cardOf(pyotr, 901)
	h.exec(`UPDATE employees SET role = 'accountant' WHERE id = 9001`)
	if r := h.pressOn(pyotr, card, "Беру"); !strings.Contains(r.Toast, "Такой заявки нет") {
		t.Errorf("another role hears %q", r.Toast)
	}
	h.exec(`UPDATE employees SET role = 'technician', active = false WHERE id = 9001`)
	if r := h.pressOn(pyotr, card, "Беру"); !strings.Contains(r.Toast, "устарела") {
		t.Errorf("who was dismissed hears %q", r.Toast)
	}
	h.is("refusals", h.count(refused), 2)
	h.is("owners", h.count(`SELECT count(owner_id) FROM deals WHERE id = 901`), 0)
	h.cardOf(ivan, 901)
	before := len(h.out)
	h.press(ivan, "Беру")
	for _, o := range h.out[before:] {
		if o.Address.Chat == fmt.Sprint(pyotr) {
			t.Errorf("who was dismissed still reads %q", o.Text)
		}
	}
}

func TestX06_APressThatNamesAnotherDealThanItsMessageIsRefused(t *testing.T) {
	h := newCrew(t)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, city) VALUES (902, 'technicians', 'unsorted', 'open', 'Other', 'Омск')`)
	card := h.cardOf(ivan, 901)
	for what, data := range map[string]string{"another deal under this message": "k:902:job:take", "no deal": "k:77777:job:take", "another city": "k:902:job:show",
		"a list that nobody showed": "k:902:job:assign:e9001", "an undo": "k:902:job:undo", "a person": "k:902:job:reassign:e1"} {
		if toast := h.forged(ivan, data, fmt.Sprint(card.ID)); !strings.Contains(toast, "Такой заявки нет") {
			t.Errorf("%s: %q", what, toast)
		}
	}
	h.is("refusals", h.count(refused), 6)
	h.is("changes", h.count(`SELECT count(*) FROM events WHERE deal_id = 902 AND kind <> 'deal_refused'`), 0)
}

func TestO05_WhoWasShownACardHearsWhoWasFasterAndAStrangerNothing(t *testing.T) {
	h := newCrew(t)
	card := h.cardOf(pyotr, 901)
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.exec(`UPDATE employees SET crew_id = NULL, city = 'Омск' WHERE id = 9001`) // they see it no more
	if r := h.pressOn(pyotr, card, "Беру"); !strings.Contains(r.Toast, "Иван") || !strings.Contains(r.Toast, ":") {
		t.Errorf("who was too late hears %q", r.Toast)
	}
	if toast := h.forged(fyodor, "k:901:job:take", fmt.Sprint(card.ID)); !strings.Contains(toast, "Такой заявки нет") {
		t.Errorf("who was never shown it hears %q", toast)
	}
	if toast := h.forged(azamat, "k:901:job:take", fmt.Sprint(card.ID)); !strings.Contains(toast, "устарела") || strings.Contains(toast, "/deal") {
		t.Errorf("a customer hears %q", toast)
	}
	h.is("refusals", h.count(refused), 3)
}

func TestTheSamePressTwiceIsOneAndAnOldOneChangesNothing(t *testing.T) {
	h := newCrew(t)
	card := h.cardOf(ivan, 901)
	in := h.from(ivan, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: "k:901:job:take", Message: fmt.Sprint(card.ID)}})
	in.Key = "p:once"
	if r := h.accept(in); r.Toast == "" {
		t.Error("the press is not answered")
	}
	h.start() // after a restart it is delivered again
	if r := h.accept(in); r.Fresh {
		t.Error("the same press counts twice")
	}
	if r := h.pressOn(ivan, card, "Беру"); !strings.Contains(r.Toast, "Уже принято") {
		t.Errorf("pressed again: %q", r.Toast)
	}
	h.is("times taken", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND kind = 'deal_moved'`), 1)
}

func TestMoneyTakesTwoPressesAndTheSumThatWasSeen(t *testing.T) {
	h := newCrew(t)
	me := h.employee(aigul)
	h.exec(`INSERT INTO deals (id, pipeline, stage, status, title, contact_id, city, fields, owner_id) VALUES (903, 'call_centre', 'refund', 'open', 'x', 700, '',
		jsonb_build_object('refund', 150, 'refund_text', '150 ₽', 'refund_by', $1::bigint), $1)`, me)
	h.text(aigul, "/deal 903")
	h.delivered()
	h.pressOn(aigul, h.card(aigul), "Выплатить 150")
	h.is("paid by one press", h.count(`SELECT count(*) FROM deals WHERE fields ? 'refund_decision'`), 0)
	question := h.card(aigul)
	h.exec(`UPDATE deals SET fields = fields || '{"refund_text": "15000 ₽"}' WHERE id = 903`)
	h.shift += 3 * time.Second
	if r := h.pressOn(aigul, question, "Подтвердить 150"); !strings.Contains(r.Toast, "изменились") {
		t.Errorf("another sum: %q", r.Toast)
	}
	h.is("paid what nobody saw", h.count(`SELECT count(*) FROM deals WHERE fields ? 'refund_decision'`), 0)
	h.pressOn(aigul, h.card(aigul), "Выплатить 15000")
	h.shift += 3 * time.Second
	h.pressOn(aigul, h.card(aigul), "Подтвердить 15000")
	h.is("paid", h.count(`SELECT count(*) FROM deals WHERE fields->>'refund_decision' = 'paid'`), 1)
	h.text(aigul, "/undo")
	h.says(aigul, "подтверждено")
}

func TestThePhoneOfTheContactIsShownAndNoted(t *testing.T) {
	h := newCrew(t)
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.pressOn(ivan, h.card(ivan), "Клиент")
	h.says(ivan, "+79161234567")
	if b := h.last(ivan).Buttons[0][0]; b.Copy != "+79161234567" {
		t.Errorf("the number is not to be copied: %+v", b)
	}
	h.is("calls noted", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND kind = 'called' AND employee_id = $1`, h.employee(ivan)), 1)
}

func TestALineIsAddedByAButtonOrAReply(t *testing.T) {
	h := newCrew(t)
	card := h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.pressOn(ivan, h.card(ivan), "Заметка")
	h.says(ivan, "Что записать")
	h.text(ivan, "Нет доступа до 15:00")
	h.says(ivan, "Записано")
	reply := h.from(ivan, crm.Inbound{Kind: crm.InText, Text: "Ключ у охраны", ReplyTo: fmt.Sprint(card.ID)})
	h.accept(reply)
	h.says(ivan, "901")
	h.is("lines", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND kind = 'comment' AND author = 'employee'`), 2)
}
