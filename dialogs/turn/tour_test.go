package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

// shown is the newest message of a person that bears text, sent or changed in place.
func (h *house) shown(person int64) crm.Outbound {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.out) - 1; i >= 0; i-- {
		if o := h.out[i]; o.Address.Chat == fmt.Sprint(person) && o.Text != "" && o.Kind != crm.OutReaction {
			return o
		}
	}
	h.t.Fatalf("nothing was shown to %d", person)
	return crm.Outbound{}
}

func (h *house) shows(person int64, parts ...string) {
	h.t.Helper()
	got := h.shown(person).Text
	for _, part := range parts {
		if !strings.Contains(got, part) {
			h.t.Fatalf("person %d sees %q, want %q in it", person, got, part)
		}
	}
}

// learn presses a button of what was shown last.
func (h *house) learn(person int64, label string) string {
	h.t.Helper()
	return h.pressOn(person, h.shown(person), label).Toast
}

func (h *house) nothingReal() {
	h.t.Helper()
	for _, table := range []string{"deals", "tasks", "timers", "points", "dead_letters"} {
		if n := h.count(`SELECT count(*) FROM ` + table); n != 0 {
			h.t.Errorf("the tour left %d rows in %s", n, table)
		}
	}
	if n := h.count(`SELECT count(*) FROM events WHERE deal_id IS NOT NULL OR kind LIKE 'deal%'`); n != 0 {
		h.t.Errorf("the tour left %d events of deals", n)
	}
	if n := h.count(`SELECT coalesce(sum(open_deals), 0) FROM employees`); n != 0 {
		h.t.Errorf("the tour counts as %d deals", n)
	}
}

func TestANewcomerPractisesOnAMadeUpJobAndThenTriesTheCommands(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.shows(ivan, "Здравствуйте", "🎓", "/my", "/help")
	h.learn(ivan, "Начать")
	h.shows(ivan, "Шаг 1 из 6", "Нажмите «✅ Беру»", "№ 🎓")
	h.learn(ivan, "Беру")
	h.shows(ivan, "Шаг 2 из 6", "👷")
	if toast := h.learn(ivan, "Не могу"); !strings.Contains(toast, "нажмите") {
		t.Errorf("another button says %q", toast)
	}
	h.learn(ivan, "На месте")
	h.shows(ivan, "Шаг 3 из 6", "Готово»")
	h.learn(ivan, "Готово")
	h.shows(ivan, "Шаг 4 из 6", "/find 1")
	h.text(ivan, "/tasks") // something else on the way
	h.text(ivan, "/find 1")
	h.shows(ivan, "Шаг 5 из 6", "/my")
	h.text(ivan, "/my")
	h.shows(ivan, "Шаг 6 из 6", "/save утро")
	h.text(ivan, "/save утро")
	h.shows(ivan, "Готово", "/tasks", "/help", "/tour")
	h.nothingReal()
	h.text(ivan, "/start")
	h.shows(ivan, "Ваши заявки: /my")
	h.text(ivan, "/tour")
	h.shows(ivan, "Шаг 1 из 6")
}

func TestTheTourGoesOnWhereItStoodAfterACrashAndTakesNoPressTwice(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/tour")
	first := h.shown(ivan)
	h.learn(ivan, "Беру")
	second := h.shown(ivan)
	h.start() // another process
	if toast := h.pressOn(ivan, first, "Беру").Toast; toast == "" {
		t.Error("the second press of one button is not explained")
	}
	h.text(ivan, "/start")
	h.shows(ivan, "🎓")
	h.learn(ivan, "Продолжить")
	h.shows(ivan, "Шаг 3 из 6")
	h.pressOn(ivan, second, "На месте") // of the card above: behind us
	h.shows(ivan, "Шаг 3 из 6")
	h.nothingReal()
}

func TestTheTourCanBeLeftAtEveryStep(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.learn(ivan, "Пропустить")
	h.shows(ivan, "/help", "/tour")
	h.text(ivan, "/tour")
	for step := 1; step <= 6; step++ {
		h.shows(ivan, fmt.Sprintf("Шаг %d из 6", step))
		h.learn(ivan, "Дальше")
	}
	h.shows(ivan, "/help", "/tour")
	h.text(ivan, "/tour")
	h.learn(ivan, "Дальше")
	card := h.shown(ivan)
	h.learn(ivan, "Закончить")
	h.shows(ivan, "/help", "/tour")
	if toast := h.pressOn(ivan, card, "На месте").Toast; !strings.Contains(toast, "устарела") {
		t.Errorf("the card of a tour that is over says %q", toast)
	}
	h.nothingReal()
}

func TestAPracticePressReachesNoRealDeal(t *testing.T) {
	h := newHouse(t)
	h.text(azamat, h.scan("214"))
	h.press(azamat, "Не работает")
	h.text(ivan, "/tour")
	for _, data := range []string{"g:2:a.take", "g:3:a.on_site", "g:4:a.repaired", "g:9:a.take", "g:2:a.", "g:x:next", "g:", "g:2:a.take:1", "k:-424242:job:take", "k:0:job:take", "g:99999999999999999999:next"} {
		h.accept(h.from(ivan, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: data, Message: "1"}}))
	}
	if n := h.count(`SELECT count(*) FROM deals WHERE owner_id IS NOT NULL OR stage <> 'unsorted'`); n != 0 {
		t.Errorf("a practice press moved %d real deals", n)
	}
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InPress, Press: &crm.Press{Data: "g:2:a.take", Message: "1"}}))
	if n := h.count(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d presses are dead letters", n)
	}
}

func TestAFormOnTheWayDoesNotEndTheTour(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/tour")
	h.learn(aigul, "Дальше")
	before := h.shown(aigul).Text
	h.text(aigul, "/site")
	h.text(aigul, "/cancel")
	h.text(aigul, "/start")
	h.learn(aigul, "Продолжить")
	if got := h.shown(aigul).Text; got == before || !strings.Contains(got, "🎓") {
		t.Errorf("the tour goes on with %q", got)
	}
}

func TestAnEmployeeIsToldOfJobsInTheLanguageChosenInTheChat(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.text(ivan, "/lang")
	h.text(azamat, h.scan("214"))
	h.press(azamat, "Не работает")
	h.says(ivan, "Unsorted")
}
