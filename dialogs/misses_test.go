package dialogs

import (
	"strings"
	"testing"

	"govorun/crm"
)

// send is an input that transcripts have no word for.
func (p *player) send(t *testing.T, in crm.Inbound) string {
	t.Helper()
	t.Helper()
	out, _, _ := p.step(in)
	return out
}

// reported is a play that stands at the report just opened, which takes photos and words beside its buttons.
func reported(t *testing.T) *player {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "[💸 Взял деньги, не выдал]")
	if p.session.State != "accepted" {
		t.Fatalf("the play stands at %s", p.session.State)
	}
	return p
}

func large() crm.Inbound {
	return crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Document, Ref: "a", MIME: "image/jpeg", Size: 34 << 20}}}
}

func TestD04_TheReasonIsSaidEveryTimeAndThePersonOfferedTheThird(t *testing.T) {
	long := crm.Inbound{Kind: crm.InText, Text: strings.Repeat("слово ", 500)}
	for _, c := range []struct {
		in             crm.Inbound
		reason, remedy string
	}{{large(), "34 МБ", "ришлите его"}, {long, "Слишком длинно", "Напишите короче"}} {
		p := reported(t)
		for n := range 3 {
			said := p.send(t, c.in)
			mustSay(t, said, c.reason, c.remedy, "👤 Оператор")
			if n == 2 {
				mustSay(t, said, "Позвать сотрудника?")
			}
		}
	}
}

func TestD04_APhotoTooLargeForTheStickerSaysSo(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start")
	mustSay(t, p.send(t, large()), "34 МБ")
}

func TestAPersonIsOfferedByOneButton(t *testing.T) {
	p := reported(t)
	for range 3 {
		if said := p.play(t, "(sticker)"); strings.Count(said, "[👤 Оператор]") != 1 {
			t.Errorf("after a miss:\n%s", said)
		}
	}
	if said := p.play(t, "помощь"); strings.Count(said, "[👤 Оператор]") != 1 {
		t.Errorf("help:\n%s", said)
	}
}

func TestD13_ANumberRightAfterAForgedCodeHasItsOwnAnswer(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_forged")
	mustSay(t, p.send(t, crm.Inbound{Kind: crm.InText, Text: "99999999"}), "Не узнал") // no time has passed
	mustSay(t, p.send(t, crm.Inbound{Kind: crm.InMedia, Media: []crm.Media{{Kind: crm.Photo, Ref: "a", Width: 900, Height: 900}}}), "Фото получил")
}

func TestD06_TheCardOfSomebodyElseIsAnsweredInShort(t *testing.T) {
	p := reported(t)
	p.play(t, "[💸 Вернуть деньги]", "[150 ₽]")
	for range 2 {
		said := p.play(t, "(contact other +77071234567)")
		mustSay(t, said, "другого человека")
		if text, _, _ := strings.Cut(said, "\n  {"); strings.Count(text, "+7") > 1 || strings.Count(strings.TrimSpace(text), "\n") > 4 {
			t.Errorf("the answer is long:\n%s", said)
		}
	}
}

func TestO09_TheBotComesBackWithWhatWasAnsweredOnly(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x")
	back := func() string {
		return p.kit.Render(p.kit.Reprompt(p.session, p.env()).Say, p.env()).Text
	}
	mustNotSay(t, back(), "сохранены", "Продолжим")
	p.play(t, "[▶️ Начать]", "+7 707 123-45-67")
	mustSay(t, back(), "Снова с вами бот. Продолжим с шага 2.")
	p = reported(t)
	p.play(t, "[💸 Вернуть деньги]", "[150 ₽]")
	mustSay(t, back(), "Ответы сохранены")
	mustNotSay(t, p.kit.Render(p.kit.Reprompt(Session{}, p.env()).Say, p.env()).Text, "сохранены")
}
