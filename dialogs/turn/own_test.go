package turn_test

import (
	"strings"
	"testing"
	"time"

	"govorun/crm"
	"govorun/crm/demo"
)

func (h *house) own(person int64, text string) {
	h.t.Helper()
	in := h.wa(person, crm.Inbound{Kind: crm.InOwn, Text: text})
	in.From = crm.Person{ID: "77000000000@s.whatsapp.net", Name: "Компания"}
	if rest, ok := strings.CutPrefix(text, "/"); ok {
		in.Command = rest
	}
	h.accept(in)
}

func (h *house) waScan(person int64) {
	h.t.Helper()
	scan := h.scan(demo.MachineCode)
	h.accept(h.wa(person, crm.Inbound{Kind: crm.InText, Text: scan, Command: "start", Start: scan[len("/start "):]}))
}

func TestW17_WordsTypedOnTheCompanysPhoneAreAnOperatorsAndTheBotIsSilentThere(t *testing.T) {
	h := both(t)
	h.text(aigul, "/start")
	h.waScan(azamat)
	h.waText(azamat, "1")
	before := h.waLast(azamat)
	h.own(azamat, "Здравствуйте, деньги вернём сегодня")
	h.is("words of the company", h.count(`SELECT count(*) FROM messages WHERE kind = 'own' AND author = 'employee' AND direction = 'in' AND content->>'text' LIKE 'Здравствуйте%'`), 1)
	h.is("contacts", h.count(`SELECT count(*) FROM contacts WHERE name = 'Компания'`), 0)
	h.is("deals touched by a person", h.count(`SELECT count(*) FROM events WHERE kind = 'own_words' AND author = 'employee' AND employee_id IS NULL AND deal_id IS NOT NULL`), 1)
	h.says(aigul, "с телефона компании")
	h.waText(azamat, "спасибо")
	h.own(azamat, "Не за что")
	h.waText(azamat, "2")
	if got := h.waLast(azamat); got != before {
		t.Errorf("the bot says %q", got)
	}
	h.shift += 13 * time.Hour
	h.waText(azamat, "?")
	if got := h.waLast(azamat); got == before {
		t.Error("the bot is silent for ever")
	}
}

func TestW17_ATalkLedFromTheCompanysPhoneIsGivenBackByAWordThereOrAButton(t *testing.T) {
	h := both(t)
	h.text(aigul, "/start")
	h.waScan(azamat)
	h.own(azamat, "Сейчас посмотрю")
	h.own(azamat, "/bot")
	if got := h.waLast(azamat); !strings.Contains(got, "Снова с вами бот") {
		t.Errorf("given back, the bot says %q", got)
	}
	h.own(azamat, "Ещё минуту")
	h.press(aigul, "Вернуть боту")
	h.is("silent talks", h.count(`SELECT count(*) FROM conversations WHERE own_until IS NOT NULL`), 0)
	h.waText(azamat, "1")
	h.is("deals", h.count(`SELECT count(*) FROM deals`), 1)
}

func TestW17_SignalsWaitWhileTheCompanyAnswersFromItsPhone(t *testing.T) {
	h := both(t)
	h.waScan(azamat)
	h.own(azamat, "Сейчас посмотрю")
	before := h.waLast(azamat)
	h.exec(`UPDATE conversations SET due_at = now() WHERE channel = 'whatsapp'`)
	if err := h.runner.SweepOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.runner.Wait()
	if got := h.waLast(azamat); got != before {
		t.Errorf("a timer says %q", got)
	}
	h.is("timers that wait", h.count(`SELECT count(*) FROM conversations WHERE due_at > now()`), 1)
}
