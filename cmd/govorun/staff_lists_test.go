package main

import (
	"fmt"
	"strings"
	"testing"

	"govorun/bots/simulator"
)

// TestTelegramTakesListsMenusAndFiles plays lists over the strict API: pages edited in place, a command of one's own in the menu, an export.
func TestTelegramTakesListsMenusAndFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`INSERT INTO deals (pipeline, stage, status, title, owner_id, city)
		SELECT 'technicians', 'in_work', 'open', 'Кофе <b>& ' || n, (SELECT id FROM employees WHERE name = 'Иван Петров'), 'Москва' FROM generate_series(1, 12) n`)
	w.serve().ready()
	technician := w.hired(ivan, "Иван")
	w.did(technician.Text("/my"))
	list := w.sees(technician, "Мои заявки: 12")
	w.quiet()
	w.did(technician.PressOn(list.ID, "➡️"))
	w.quiet()
	w.did(technician.PressOn(list.ID, "2/3"))
	w.quiet()
	if now := w.message(ivan, list.ID); strings.Count(now.Text, "№ ") != 5 || now.EditDate == 0 || !strings.Contains(now.Text, "Кофе <b>& ") {
		t.Errorf("the second page is\n%s", now.Text)
	}
	w.did(technician.Text("/save утро"))
	w.sees(technician, "/утро")
	w.quiet()
	if view, _ := w.sim.View(ivan); len(view.Commands) == 0 || view.Commands[0].Command != "utro" {
		t.Errorf("the menu is %v", view.Commands)
	}
	w.did(technician.Text("/утро"))
	until(t, "the own command is answered", func() bool { return len(w.texts(ivan, "Мои заявки: 12")) == 2 })
	w.did(technician.Text("/выгрузка"))
	w.sees(technician, "нет права")
	w.did(technician.Text("/help"))
	w.sees(technician, "Команды. Примеры")

	boss := w.hired(aigul, "Айгуль")
	w.did(boss.Text("/export csv // сверка с бухгалтерией"))
	until(t, "the file has come", func() bool {
		for _, m := range w.sim.Messages(aigul) {
			if m.Document != nil && strings.HasSuffix(m.Document.FileName, ".csv") {
				return true
			}
		}
		return false
	})
	w.quiet()
	if n := one[int](w, `SELECT count(*) FROM messages WHERE kind = 'media' AND content->'media'->0 ? 'bytes'`); n != 0 {
		t.Error("what was exported stays in the database")
	}
	if n := one[int](w, `SELECT count(*) FROM events WHERE kind = 'exported' AND data->>'count' = '12'`); n != 1 {
		t.Errorf("%d exports are noted", n)
	}
	if n := one[int](w, `SELECT count(*) FROM dead_letters`); n != 0 {
		t.Error("Telegram refused something: " + fmt.Sprint(n))
	}
}

// message is a message of a chat as it stands now.
func (w *world) message(chat, id int64) simulator.Message {
	w.t.Helper()
	for _, m := range w.sim.Messages(chat) {
		if m.ID == id {
			return m
		}
	}
	w.t.Fatalf("chat %d has no message %d", chat, id)
	return simulator.Message{}
}
