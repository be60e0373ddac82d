package turn_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

// wantsNone tells whether a contact wants no broadcasts.
func (h *house) wantsNone(contact int) bool {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM contacts WHERE id = $1 AND fields @> '{"no_adverts": true}'`, contact) == 1
}

func TestAButtonUnderABroadcastEndsThemAndBringsThemBack(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 2, "Moscow", "en")
	h.announces("all", "News")
	h.ticks()
	h.sends()
	h.ticks()
	news := h.last(1001)
	if toast := h.pressOn(1001, news, "Unsubscribe").Toast; !strings.Contains(toast, "No more broadcasts") {
		t.Errorf("the press hears %q", toast)
	}
	if !h.wantsNone(1001) {
		t.Fatal("it is not kept")
	}
	edit := h.find(1001, "Get them again")
	if edit.Kind != crm.OutEdit || edit.Text != "" || !edit.IfThere {
		t.Errorf("the message becomes %+v", edit)
	}
	h.shift = 0
	h.text(hana, "/broadcasts")
	h.ticks()
	h.press(hana, "🔄")
	if shown := h.figures().Text; !strings.Contains(shown, "opted out after it 1") || strings.Contains(shown, "answered") {
		t.Errorf("the report says %q", shown)
	}
	h.announces("all", "More news")
	h.ticks()
	if n := h.count(`SELECT count(*) FROM messages WHERE priority = 2 AND conversation_id = 1001`); n != 1 {
		t.Errorf("they got %d", n)
	}
	h.pressOn(1001, edit, "Get them again")
	if h.wantsNone(1001) {
		t.Error("they don't get them again")
	}
}

func TestAWordEndsBroadcastsAtAnyStepAndTheStepStaysOpen(t *testing.T) {
	h := newSpeaker(t)
	h.text(hana, "/start")
	h.drivers(1001, 3, "Moscow", "en")
	h.text(1001, "/order")
	asked := h.last(1001).Text
	h.announces("all", "News")
	h.ticks()
	h.text(1001, "Стоп рассылка")
	h.says(1001, "No more broadcasts")
	if !h.wantsNone(1001) {
		t.Fatal("it is not kept")
	}
	if n := h.count(`SELECT count(*) FROM messages WHERE conversation_id = 1001 AND priority = 2 AND status = 'queued'`); n != 0 {
		t.Error("what waited for them is sent all the same")
	}
	if n := h.count(`SELECT count(*) FROM conversations WHERE id = 1001 AND session->>'dialog' = 'order'`); n != 1 {
		t.Error("the dialog is over")
	}
	h.text(1001, "/help") // what they ask is answered
	if said := h.last(1001).Text; !strings.Contains(said, asked[strings.LastIndex(asked, "\n")+1:]) {
		t.Errorf("help says %q", said)
	}
	h.text(1001, "подписаться")
	h.says(1001, "broadcasts come again")
	if h.wantsNone(1001) {
		t.Error("they don't get them again")
	}

	h.sends()
	h.text(1002, "/order")
	h.text(1002, "stop") // of the dialog: it was what they heard last
	if h.wantsNone(1002) {
		t.Error("a stop of the dialog ended the broadcasts")
	}
	h.text(1003, "stop") // right after a broadcast
	h.says(1003, "No more broadcasts")
	if n := h.count(`SELECT count(*) FROM contacts WHERE id = 1003 AND fields ? 'opted_out'`); !h.wantsNone(1003) || n != 0 {
		t.Error("a stop after a broadcast is not about the broadcasts")
	}
	h.text(1002, "/unsubscribe")
	if !h.wantsNone(1002) {
		t.Error("the command does nothing")
	}
}

func TestAReminderThatAdvertisesIsNotSentToWhoWantsNoBroadcastsAndNobodyCalls(t *testing.T) {
	h := newSpeaker(t)
	h.order(900, "+79001234567", "Moscow", "Lenina 5")
	id := h.count(`SELECT max(id) FROM deals`)
	h.text(900, "unsubscribe")
	h.exec(`UPDATE messages SET created_at = created_at - interval '1 day' WHERE direction = 'in'`)
	h.exec(`UPDATE deals SET stage = 'talk', entered_at = $2 WHERE id = $1`, id, time.Now().Add(h.shift))
	h.exec(`INSERT INTO timers (deal_id, kind, rule, stage, since, due_at) SELECT id, 'remind', 'quiet_talk/1', 'talk', entered_at, entered_at + interval '24 hours' FROM deals WHERE id = $1`, id)
	heard := h.heard(900)
	h.later(24*time.Hour + time.Minute)
	if n := h.count(`SELECT count(*) FROM timers WHERE kind = 'remind' AND status = 'skipped' AND reason = 'opted_out'`); n == 0 || h.heard(900) != heard {
		t.Errorf("%d reminders were held back, %d messages came", n, h.heard(900)-heard)
	}
	if n := h.count(`SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d calls are asked for", n)
	}
}
