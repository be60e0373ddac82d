package dialogs

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"govorun/crm"
)

// stage is a play with the vending kit: machine 214 with a sticker, machine 215 that is known to be broken.
func stage(t *testing.T, dir string, scenes ...string) *player {
	t.Helper()
	p := newPlayer(kitOnce(t, dir))
	for _, scene := range append([]string{
		`asset 214 kind=machine name="Кофейный автомат" city=Москва address="БЦ «Москва», 3 этаж" link=7Q2`,
		`asset 215 kind=machine name="Снеки" city=Москва address="БЦ «Москва», 1 этаж" open=1`,
	}, scenes...) {
		if err := p.scene(scene); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// play does the lines and gives what came back after the last of them.
func (p *player) play(t *testing.T, lines ...string) string {
	t.Helper()
	last := ""
	for _, line := range lines {
		said, err := p.do(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		last = said
	}
	return last
}

func mustSay(t *testing.T, got string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func mustNotSay(t *testing.T, got string, unwanted ...string) {
	t.Helper()
	for _, word := range unwanted {
		if strings.Contains(got, word) {
			t.Errorf("%q is not wanted in:\n%s", word, got)
		}
	}
}

const vending, driver = "kits/vending", "testdata/registration"

func TestAScanAndOnePressOpenADeal(t *testing.T) {
	p := stage(t, vending)
	mustSay(t, p.play(t, "/start m_7Q2"), "№ 214", "[⛔ Не работает]", "[🌐 English]")
	mustSay(t, p.play(t, "[⛔ Не работает]"), "= deal opened id=5512 pipeline=call_centre stage=unsorted", "asset=214", "№ 5512")
}

func TestO03_ADoubleTapIsDoneOnce(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "[⛔ Не работает]")
	got := p.play(t, "[⛔ Не работает] (again)")
	mustSay(t, got, "* Уже принято.")
	mustNotSay(t, got, "=", "<")
}

func TestO04_APressThatComesAfterTheTextWhichAnsweredIsNotApplied(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "Съел деньги и молчит")
	got := p.play(t, "[⛔ Не работает]")
	mustSay(t, got, "* ")
	mustNotSay(t, got, "=", "<")
	if len(p.deals) != 1 {
		t.Errorf("%d deals were opened", len(p.deals))
	}
}

func TestO08_ThreeFirstMessagesAtOnceGetOneGreeting(t *testing.T) {
	p := stage(t, vending)
	said := 0
	for _, line := range []string{"привет", "у вас там", "что-то не так"} {
		out, _, _ := p.step(crm.Inbound{Kind: crm.InText, Text: line}) // no time passes between them
		said += strings.Count(out, "< Здравствуйте")
		mustNotSay(t, out, "Не узнал")
	}
	if said != 1 {
		t.Errorf("the greeting was said %d times", said)
	}
	mustSay(t, p.play(t, "ну и?"), "<")
}

func TestTypingAMachineNumberIntoNothingStartsAtTheMachine(t *testing.T) {
	p := stage(t, vending)
	got := p.play(t, "автомат 214")
	mustSay(t, got, "Кофейный автомат № 214")
	mustNotSay(t, got, "Здравствуйте")
}

func TestD01_AnAlbumIsOneAnswerWithAllItsFiles(t *testing.T) {
	p := stage(t, driver)
	got := p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(album 2)")
	if strings.Count(got, "<") != 1 {
		t.Errorf("an album is answered with:\n%s", got)
	}
	mustSay(t, got, "Шаг 3 из 6")
	if files := len(p.session.Slots["licence"].Media); files != 2 {
		t.Errorf("the licence has %d files", files)
	}
	in, _ := p.album("2", "")
	result := p.kit.Step(p.session, Input{Inbound: in[0]}, p.env())
	if !result.Hold {
		t.Error("the answer to the part of an album doesn't wait for the rest")
	}
}

func TestD01_APartOfAnAlbumThatComesAfterTheAnswerIsOfTheSameAnswer(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_nope")
	p.play(t, "/start m_7Q2", "[⛔ Не работает]")
	p.play(t, "(album 3)")
	if files := len(p.session.Slots["photos"].Media); files != 3 {
		t.Errorf("the report has %d photos", files)
	}
}

func TestD01_OnePhotoOfTwoSaysThatOneIsMissing(t *testing.T) {
	p := stage(t, driver)
	got := p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(photo)")
	mustSay(t, got, "Нужно ещё 1 фото")
	mustNotSay(t, got, "Оператор")
	mustSay(t, p.play(t, "(photo)"), "Шаг 3 из 6")
}

func TestD04_AStickerWhereAPhotoIsWantedIsExplainedAndTheThirdTimeAPersonIsOffered(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67")
	first := p.play(t, "(sticker)")
	mustSay(t, first, "Нужна фотография", "[👤 Оператор]")
	second := p.play(t, "(voice)")
	mustSay(t, second, "Права: обе стороны")
	third := p.play(t, "(sticker)")
	mustSay(t, third, "Позвать сотрудника?")
	if first == second || second == third {
		t.Error("the wording doesn't change")
	}
	if p.session.State != "licence" || p.session.Slots["phone"].Text == "" {
		t.Errorf("the state is %s, the answers %v", p.session.State, p.session.Slots)
	}
	mustSay(t, p.play(t, "[👤 Оператор]"), "= handed over role=reviewer")
}

func TestD05_AnEditedMessageIsNoticedAndNotRunAgain(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67")
	before := p.session
	mustSay(t, p.play(t, "(edit) +7 707 000-00-00"), "исправили сообщение")
	if p.session.State != before.State || p.session.Slots["phone"].Text != "+77071234567" {
		t.Errorf("the edit changed the session: %+v", p.session)
	}
}

func TestD06_TheCardOfSomebodyElseIsRefusedAndTheKeyShownAgain(t *testing.T) {
	p := stage(t, driver)
	got := p.play(t, "/start reg_x", "[▶️ Начать]", "(contact other +77071234567)")
	mustSay(t, got, "другого человека", "{📱 Отправить мой номер}")
	if _, filled := p.session.Slots["phone"]; filled {
		t.Error("the phone of somebody else was taken")
	}
}

func TestD08_WhatPeopleTypeIsShownAsTyped(t *testing.T) {
	p := stage(t, "kits/lead")
	p.lang = "ru"
	got := p.play(t, "/start", "Анна <b>&")
	mustNotSay(t, got, "<b>")
}

func TestD12_AButtonOfAFinishedDialogIsOutOfDateAndShowsWhatThereIs(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "/cancel", "(wait 2000h)")
	got := p.play(t, "[⛔ Не работает]")
	mustSay(t, got, "* Эта кнопка устарела", "< Здравствуйте")
	mustNotSay(t, got, "=")
}

func TestD19_AfterDaysAValidAnswerIsTakenAndAnotherShowsWhereOneIs(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(album 2)", "(wait 11h)", "(wait 5h)")
	p.due = time.Time{}
	mustSay(t, p.play(t, "добрый день!!!"), "Продолжить", "Заново", "Оператор")
	p.now = p.now.Add(13 * time.Hour)
	mustSay(t, p.play(t, "(photo)"), "Шаг 4 из 6")
}

func TestD20_AChangedDialogGoesOnByTheNameOfItsState(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67")
	p.session.Version = "another"
	p.session.Slots["gone"] = Value{Text: "x"}
	p.play(t, "(photo)")
	if p.session.State != "licence" || p.session.Slots["phone"].Text == "" || p.session.Version == "another" || p.session.Slots["gone"].Text != "" {
		t.Errorf("the session is %+v", p.session)
	}
	p.session.Version, p.session.State = "another", "a_state_that_is_gone"
	mustSay(t, p.play(t, "(photo)"), "Здравствуйте")
	if p.session.Slots["phone"].Text == "" {
		t.Error("a valid answer is gone")
	}
	p.session.Dialog = "a_dialog_that_is_gone"
	mustSay(t, p.play(t, "ку-ку"), "Что вам нужно?")
}

func TestD29_AVoiceMessageAtATextQuestionIsAskedToBeTyped(t *testing.T) {
	p := stage(t, vending)
	mustSay(t, p.play(t, "/start m_7Q2", "(voice)"), "Голосовое сохранили", "[⛔ Не работает]")
}

func TestW21_NumberedAnswersAreUnderstoodAsPeopleTypeThem(t *testing.T) {
	for _, answer := range []string{"3", "3.", "3)", "3️⃣", "３", "три", "третий", "Не работает"} {
		p := stage(t, vending, "channel numbered")
		mustSay(t, p.play(t, "/start m_7Q2"), "<b>3</b>", "<b>9</b> оператор")
		mustSay(t, p.play(t, answer), "problem=dead")
	}
	p := stage(t, vending, "channel numbered")
	mustSay(t, p.play(t, "214", "0"), "Здравствуйте")
	mustSay(t, p.play(t, "9"), "= handed over")
}

func TestR03_R04_RemindersComeInDaytimeAndNeverAfterTheEnd(t *testing.T) {
	p := stage(t, driver, "now 2026-05-12T22:30")
	got := p.play(t, "/start reg_x", "[▶️ Начать]", "(wait 200h)")
	mustSay(t, got, "(14 May 09:00)", "(17 May 09:00)", "= task added")
	if strings.Count(got, "(1") != 2 {
		t.Errorf("the reminders are:\n%s", got)
	}
	p.play(t, "/cancel")
	if got := p.play(t, "(wait 200h)"); got != "" || !p.due.IsZero() {
		t.Errorf("after the end comes %q, due %v", got, p.due)
	}
	result := p.kit.Step(Session{}, Input{Inbound: crm.Inbound{Kind: crm.InTimeout}}, p.env())
	if len(result.Say)+len(result.Effects) != 0 {
		t.Errorf("a timer without a dialog gives %+v", result)
	}
}

func TestATimerThatComesTooEarlyDoesNothing(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]")
	result := p.kit.Step(p.session, Input{Inbound: crm.Inbound{Kind: crm.InTimeout}}, p.env())
	if len(result.Say) != 0 || result.DueAt != p.due {
		t.Errorf("it gives %+v", result)
	}
}

func TestASignalComesInBetweenAndTheAnswersAreThereAfterwards(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "[💸 Взял деньги, не выдал]", "[💸 Вернуть деньги]", "150")
	mustSay(t, p.play(t, "(signal outcome deal=5512 machine=214)"), "[👍")
	mustSay(t, p.play(t, "(contact +77071234567)"), "refund=150", "refund_phone=+77071234567")
}

func TestASessionSurvivesJSON(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(photo)", "/start")
	stored, err := json.Marshal(p.session)
	if err != nil {
		t.Fatal(err)
	}
	var s Session
	if err := json.Unmarshal(stored, &s); err != nil {
		t.Fatal(err)
	}
	p.session = s
	mustSay(t, p.play(t, "[🆕 Начать другое]"), "Что вам нужно?")
}
