package turn_test

import (
	"html"
	"strings"
	"testing"

	"govorun/crm"
	"govorun/crm/demo"
)

// sendOut marks everything written so far as sent, each message with its own number as the provider's id.
func (h *house) sendOut() {
	h.t.Helper()
	h.count("WITH sent AS (UPDATE messages SET status = 'sent', ref = id::text WHERE direction = 'out' AND status = 'queued' RETURNING 1) SELECT count(*) FROM sent")
	h.exec(referred)
}

func TestO09_WhoTakesATalkOverReadsInShortWhatWasSaid(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.sendOut()
	h.press(azamat, "Взял деньги")
	h.sendOut()
	for range 3 {
		h.accept(h.from(azamat, crm.Inbound{Kind: crm.InMedia, Album: "7", Media: []crm.Media{{Kind: crm.Photo, Ref: "a", Width: 900, Height: 900}}}))
		h.sendOut()
	}
	h.text(azamat, strings.Repeat("очень <долго> ", 30))
	h.sendOut()
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InEdit, Edits: "1", Text: "исправлено"}))
	h.sendOut()
	h.text(azamat, "оператор")
	asked := h.last(aigul).Text
	if strings.Count(asked, "👤") != 1 {
		t.Errorf("the manager reads %q", asked)
	}
	h.press(aigul, "Взять диалог")
	got := h.last(aigul).Text
	_, said, _ := strings.Cut(got, "\n")
	lines := strings.Split(said, "\n")
	if len(lines) > 6 {
		t.Errorf("%d lines: %s", len(lines), said)
	}
	seen := map[string]bool{}
	for _, line := range lines {
		if n := len([]rune(html.UnescapeString(line))); n > 102 || seen[line] {
			t.Errorf("%d letters or said twice: %q", n, line)
		}
		seen[line] = true
	}
	for _, want := range []string{"👤 📷", "👤 очень &lt;долго&gt;", "👤 оператор", "🤖"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
	for _, unwanted := range []string{"👀", "исправлено", "✓"} {
		if strings.Contains(said, unwanted) {
			t.Errorf("%q is in\n%s", unwanted, said)
		}
	}
}

func TestO09_APressIsReadAsTheTextOfItsButton(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.sendOut()
	h.press(azamat, "Взял деньги")
	h.sendOut()
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	h.says(aigul, "👤 💸 Взял деньги")
	h.says(aigul, "👤 /start\n")
}

func TestEveryCardOfADealTellsTheTruthAfterItWasReopened(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	first := h.last(ivan)
	h.pressOn(ivan, first, "Беру")
	h.pressOn(ivan, h.find(ivan, "Готово"), "Готово")
	h.runner.Wait()
	h.says(azamat, "Всё в порядке")
	h.press(azamat, "👎")
	h.runner.Wait()
	if n := h.count("SELECT count(*) FROM deals WHERE status = 'open'"); n != 1 {
		t.Fatal("the deal is not open again: this test tests nothing")
	}
	if n := h.count("SELECT count(*) FROM messages WHERE card LIKE 'deal:%' AND content->>'text' LIKE '%Выполнено%'"); n != 0 {
		t.Errorf("%d cards say that it is done", n)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	told := ""
	for _, o := range h.out {
		if o.Kind == crm.OutEdit && o.Target == first.ID {
			told = o.Text
		}
	}
	if told == "" || strings.Contains(told, "Выполнено") {
		t.Errorf("the first card was last told %q", told)
	}
}

func TestACardCountsAPhotoThatComesLater(t *testing.T) {
	h := newHouse(t)
	h.text(ivan, "/start")
	h.text(azamat, h.scan(demo.MachineCode))
	h.press(azamat, "Взял деньги")
	card := h.last(ivan)
	h.accept(h.from(azamat, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "a", Width: 900, Height: 900}}}))
	if n := h.count("SELECT count(*) FROM messages WHERE id = $1 AND content->>'text' LIKE $2", card.ID, "%📷\u00a01%"); n != 1 {
		t.Error("the technician's card does not tell of the photo")
	}
}

func TestO09_TheBotComesBackWithoutPromisingAnswersThatNobodyGave(t *testing.T) {
	h := newHouse(t)
	h.text(aigul, "/start")
	h.text(azamat, "/start")
	h.text(azamat, "оператор")
	h.press(aigul, "Взять диалог")
	h.pressOn(aigul, h.find(aigul, "Вернуть боту"), "Вернуть боту")
	h.says(azamat, "Снова с вами бот.")
	if strings.Contains(h.last(azamat).Text, "сохранены") {
		t.Errorf("with nothing answered the person hears %q", h.last(azamat).Text)
	}
}
