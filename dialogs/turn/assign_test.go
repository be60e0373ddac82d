package turn_test

import (
	"fmt"
	"strings"
	"testing"

	"govorun/crm"
)

func (h *house) hears(person int64, part string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, o := range h.out {
		if o.Address.Chat == fmt.Sprint(person) && o.Kind == crm.OutMessage && strings.Contains(o.Text, part) {
			return true
		}
	}
	return false
}

func TestTheHeadGivesADealToAnotherByOneTapWithLoadsShown(t *testing.T) {
	h := newCrew(t)
	h.exec(`UPDATE employees SET city = '' WHERE id = $1`, h.employee(aigul)) // of all cities
	h.text(pyotr, "/start")
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	h.cardOf(aigul, 901)
	h.pressOn(aigul, h.card(aigul), "Передать")
	question := h.card(aigul)
	if !strings.Contains(fmt.Sprint(question.Buttons), "Пётр · 0") {
		t.Fatalf("offered are %v", question.Buttons)
	}
	h.pressOn(aigul, question, "Нет")
	if again := h.card(aigul); !strings.Contains(fmt.Sprint(again.Buttons), "Передать") {
		t.Fatalf("after the way back: %v", again.Buttons)
	}
	h.pressOn(aigul, question, "Пётр · 0")
	h.is("owner", h.count(`SELECT owner_id FROM deals WHERE id = 901`), 9001)
	if !h.hears(pyotr, "901") {
		t.Error("the new owner has no card")
	}
	h.pressOn(aigul, h.card(aigul), "Отменить")
	h.is("owner after the undo", h.count(`SELECT owner_id FROM deals WHERE id = 901`), h.employee(ivan))
}

func TestAssignByCommandTakesANameAndNeedsTheRight(t *testing.T) {
	h := newCrew(t)
	h.exec(`UPDATE employees SET city = '' WHERE id = $1`, h.employee(aigul))
	h.text(aigul, "/assign 901 Пётр")
	h.is("owner", h.count(`SELECT owner_id FROM deals WHERE id = 901`), 9001)
	h.text(aigul, "/assign 901 Никто")
	h.says(aigul, "Не нашёл")
	h.text(ivan, "/assign 901 Пётр")
	h.says(ivan, "права")
	h.forged(ivan, fmt.Sprintf("k:901:job:assign:e%d", h.employee(ivan)), "1")
	h.is("owner after a forged press", h.count(`SELECT owner_id FROM deals WHERE id = 901`), 9001)
	h.text(aigul, "/assign")
	h.says(aigul, "/assign 5512")
	h.text(aigul, "/assign 77777")
	h.says(aigul, "Такой заявки нет")
}
