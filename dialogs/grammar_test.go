package dialogs

import "testing"

func TestD17_TheLanguageChangesAndTheSameQuestionStands(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67")
	mustSay(t, p.play(t, "/lang"), "Step 2 of 6")
	mustSay(t, p.play(t, "язык"), "Шаг 2 из 6")
	mustSay(t, p.play(t, "/lang en"), "Step 2 of 6")
	if p.lang != "en" || p.session.Slots["phone"].Text == "" {
		t.Errorf("language %s, answers %v", p.lang, p.session.Slots)
	}
}

func TestD18_BackIsPredictableAndLosesNoLaterAnswer(t *testing.T) {
	p := stage(t, driver)
	mustSay(t, p.play(t, "/start reg_x", "назад"), "назад некуда")
	p.play(t, "[▶️ Начать]", "+7 707 123-45-67", "(album 2)", "(photo)")
	mustSay(t, p.play(t, "назад"), "Шаг 3 из 6")
	got := p.play(t, "/back")
	mustSay(t, got, "Шаг 2 из 6", "Оставить")
	if len(p.session.Slots["certificate"].Media) != 1 {
		t.Error("a later answer is gone")
	}
}

func TestBackEndsWhereOthersHaveBeenTold(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "[⛔ Не работает]")
	got := p.play(t, "назад")
	mustSay(t, got, "№ 5512")
	mustNotSay(t, got, "deal opened")
}

func TestD27_WordsForAPersonAndForStopWorkInEveryLanguage(t *testing.T) {
	for _, word := range []string{"оператор", "Человек!", "operator", "ничего не работает!!!"} {
		p := stage(t, vending)
		mustSay(t, p.play(t, "/start m_7Q2", word), "= handed over role=manager")
		if p.session.State != "problem" {
			t.Errorf("after %q the dialog stands at %q", word, p.session.State)
		}
	}
	for _, word := range []string{"стоп", "STOP", "/stop", "отмена."} {
		p := stage(t, vending)
		p.play(t, "/start m_7Q2", word)
		if p.session.Dialog != "" {
			t.Errorf("after %q the dialog goes on", word)
		}
	}
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "стоп машина не работает")
	if len(p.deals) != 1 {
		t.Error("a comment that begins with a word of the grammar was not taken")
	}
}

func TestCancelAsksOnceWhenMuchWouldBeLost(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "(album 2)")
	mustSay(t, p.play(t, "отмена"), "Прервать?")
	mustSay(t, p.play(t, "нет"), "Шаг 3 из 6")
	p.play(t, "/cancel")
	mustSay(t, p.play(t, "да"), "= recorded dialog_cancelled", "прервали")
	if p.session.Dialog != "" {
		t.Error("the dialog goes on")
	}
}

func TestRestartKeepsWhatTheLinkGave(t *testing.T) {
	p := stage(t, vending)
	mustSay(t, p.play(t, "/start m_7Q2", "[📍 Это не тот автомат]", "назад", "/restart"), "Какой автомат?")
	p = stage(t, vending)
	mustSay(t, p.play(t, "/start m_7Q2", "/restart"), "№ 214")
}
