package dialogs

import (
	"strings"
	"testing"

	"govorun/crm"
)

func TestD11_AnotherStartInTheMiddleAsksAndWipesNothing(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67")
	mustSay(t, p.play(t, "/start"), "[▶️ Продолжить начатое]", "[🆕 Начать другое]")
	mustSay(t, p.play(t, "[▶️ Продолжить начатое]"), "Шаг 2 из 6")
	if p.session.Slots["phone"].Text == "" {
		t.Error("an answer is gone")
	}
	p.play(t, "/start")
	mustSay(t, p.play(t, "[🆕 Начать другое]"), "Что вам нужно?")
}

func TestD11_WhoIgnoresTheQuestionGoesOnWhereTheyAre(t *testing.T) {
	p := stage(t, driver)
	p.play(t, "/start reg_x", "[▶️ Начать]", "+7 707 123-45-67", "/start")
	p.play(t, "(photo)")
	mustSay(t, p.play(t, "(photo)"), "Шаг 3 из 6")
}

func TestD13_UnknownForgedAndForeignCodesGetTheSameAnswer(t *testing.T) {
	answers := map[string]bool{}
	for _, code := range []string{"m_unknown", "m_", "zzz", "m_7Q2x", "%%%"} {
		got := stage(t, vending).play(t, "/start "+code)
		mustSay(t, got, "Не узнал наклейку")
		answers[got] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	p := stage(t, vending)
	mustSay(t, p.play(t, "/start m_unknown", "214"), "Кофейный автомат № 214")
}

func TestD14_ATypedStartWithAnythingIsAnUnknownCode(t *testing.T) {
	for _, payload := range []string{"../../x'--", strings.Repeat("я", 200), "🙂", "m_' OR 1=1", "__", "m"} {
		mustSay(t, stage(t, vending).play(t, "/start "+payload), "Не узнал наклейку")
	}
	mustSay(t, stage(t, vending).play(t, "/start"), "Здравствуйте")
}

func TestX03_TooManyUnknownCodesSlowDownWhateverTheCode(t *testing.T) {
	kit := kitOf(t, vending)
	in := Input{Inbound: crm.Inbound{Kind: crm.InText, Command: "start", Start: "m_7Q2"}, Facts: Facts{Slowed: true, Asset: &Asset{ID: 1, Code: "214"}}}
	result := kit.Step(Session{}, in, benchEnv(kit))
	if len(result.Say) != 1 || result.Say[0].Key != "grammar.slow_down" || result.Session.Dialog != "" {
		t.Errorf("the answer is %+v", result)
	}
}

func TestD15_TheSecondScanOpensTheOwnReport(t *testing.T) {
	p := stage(t, vending)
	p.play(t, "/start m_7Q2", "[⛔ Не работает]", "[✅ Всё, спасибо]")
	got := p.play(t, "/start m_7Q2")
	mustSay(t, got, "Ваша заявка № 5512")
	mustNotSay(t, got, "deal opened")
}
