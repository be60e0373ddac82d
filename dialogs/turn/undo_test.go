package turn_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// dealState is everything of a deal that a press may change, and what waits for it.
func (h *house) dealState(id int) string {
	h.t.Helper()
	var state string
	if err := h.db.Pool.QueryRow(context.Background(), `SELECT concat_ws(' ', d.stage, d.status, d.owner_id, d.fields, d.entered_at,
		(SELECT string_agg(t.kind || ' ' || t.due_at, ', ' ORDER BY t.id) FROM timers t WHERE t.deal_id = d.id AND t.status = 'waiting'))
		FROM deals d WHERE id = $1`, id).Scan(&state); err != nil {
		h.t.Fatal(err)
	}
	return state
}

func TestAPressIsTakenBackWithinAMinuteWithAllThatCameWithIt(t *testing.T) {
	h := newCrew(t)
	h.cardOf(ivan, 901)
	before := h.dealState(901)
	h.press(ivan, "Беру")
	if h.dealState(901) == before {
		t.Fatal("nothing was done")
	}
	if r := h.pressOn(ivan, h.card(ivan), "Отменить"); !strings.Contains(r.Toast, "Отменено") {
		t.Fatalf("undone: %q", r.Toast)
	}
	if got := h.dealState(901); got != before {
		t.Errorf("it was\n%s\nand is\n%s", before, got)
	}
	h.is("lines that tell it", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND data->'cause' = '["undo"]' AND author = 'employee'`), 2)
	h.is("lines of before", h.count(`SELECT count(*) FROM events WHERE deal_id = 901 AND kind IN ('deal_moved', 'deal_owned') AND NOT data ? 'cause'`), 2)
	if r := h.pressOn(ivan, h.card(ivan), "Беру"); !strings.Contains(r.Toast, "ваша") {
		t.Errorf("taken again: %q", r.Toast)
	}
}

func TestAnUndoByCommandGoesForTheLastPressOnly(t *testing.T) {
	h := newCrew(t)
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	before := h.dealState(901)
	h.pressOn(ivan, h.card(ivan), "На месте")
	h.text(ivan, "/undo")
	h.says(ivan, "Отменено")
	if got := h.dealState(901); got != before {
		t.Errorf("it was\n%s\nand is\n%s", before, got)
	}
	h.text(ivan, "/undo")
	h.says(ivan, "нечего")
}

func TestWhatIsLateChangedOrToldIsNotTakenBack(t *testing.T) {
	h := newCrew(t)
	h.cardOf(ivan, 901)
	h.press(ivan, "Беру")
	card := h.card(ivan)
	h.shift += 61 * time.Second
	if r := h.pressOn(ivan, card, "Отменить"); !strings.Contains(r.Toast, "больше минуты") {
		t.Errorf("after a minute: %q", r.Toast)
	}
	h.pressOn(ivan, card, "На месте")
	h.exec(`INSERT INTO events (at, kind, author, employee_id, deal_id) VALUES (now(), 'deal_changed', 'employee', 9001, 901)`)
	h.text(ivan, "/undo 901")
	h.says(ivan, "уже изменил")
	h.text(pyotr, "/undo 901")
	h.says(pyotr, "нечего")
	h.exec(`INSERT INTO conversations (id, channel, chat, contact_id) VALUES (7700, 'telegram', '7700', 700)`)
	h.exec(`UPDATE deals SET conversation_id = 7700, fields = fields || '{"part": "lamp"}' WHERE id = 901`)
	h.pressOn(ivan, h.cardOf(ivan, 901), "Нужна деталь")
	h.text(ivan, "/undo")
	h.says(ivan, "клиенту уже сообщили")
	h.is("stage", h.count(`SELECT count(*) FROM deals WHERE id = 901 AND stage = 'part'`), 1)
}
