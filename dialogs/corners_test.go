package dialogs

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm"
)

// corners is a small kit with what the others don't use: several choices, a step that may be skipped, choices of a slot's own,
// three languages, a bank account, a question that loops back to itself.
func corners(t *testing.T) *player {
	t.Helper()
	texts := map[string]string{
		"ask.extras": "Что добавить?", "ask.note": "Пожелания?", "ask.size": "Размер?", "ask.account": "Счёт?", "ask.sum": "Сколько?",
		"say.done": "Готово: {{.extras}}, {{.size}}.", "extra.milk": "Молоко", "extra.sugar": "Сахар", "size.small": "Маленький",
		"size.large": "Большой", "sum.ten": "10 ₽", "sum.other": "Другая", "role.manager": "Менеджер", "ask.bye": "Всё?", "bye.yes": "Да, всё",
		"order.step_extras": "добавки", "order.step_size": "размер", "order.step_sum": "сумма",
	}
	var file strings.Builder
	for _, key := range sortedKeys(texts) {
		file.WriteString(key + ": \"" + texts[key] + "\"\n")
	}
	files := fstest.MapFS{
		"kit.yaml": {Data: []byte("kit: corners\nlanguages: [ru, en, kk]\nzone: Asia/Almaty\nhome: order\nhuman: manager\nresume_after: 12h\nroles: {manager: role.manager}\n" +
			"hours: {mon-fri: \"09:00-18:00\"}\n")},
		"dialogs/order.yaml": {Data: []byte(`dialog: order
start: extras
steps: [extras, size, sum]
slots:
  extras: {type: many, min: 1}
  note: {type: text, max: 100}
  size: {type: choice, options: [size.small, size.large]}
  account: {type: bank, secret: true}
  sum: {type: money, currency: RUB, min: 10, max: 500}
states:
  extras:
    ask: ask.extras
    slot: extras
    options: [{id: milk, text: extra.milk}, {id: sugar, text: extra.sugar}]
    next: note
  note: {ask: ask.note, slot: note, optional: true, next: size}
  size: {ask: ask.size, slot: size, next: sum}
  sum:
    ask: ask.sum
    slot: sum
    options: [{id: "10", text: sum.ten}, {id: other, text: sum.other, to: account}]
    next: account
  account: {ask: ask.account, slot: account, optional: true, next: bye}
  bye:
    ask: ask.bye
    options: [{id: yes, text: bye.yes, to: done}]
  done: {say: say.done, end: done}
`)},
	}
	for _, lang := range []string{"ru", "en", "kk"} {
		files["locales/"+lang+".yaml"] = &fstest.MapFile{Data: []byte(file.String())}
	}
	kit, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return newPlayer(kit)
}

func TestSeveralChoicesAreMarkedAndTakenBackUntilDone(t *testing.T) {
	p := corners(t)
	p.play(t, "/start", "[Молоко]")
	mustSay(t, p.play(t, "[Сахар]"), "~ ", "[✅ Молоко] [✅ Сахар]", "[✅ Готово]")
	mustSay(t, p.play(t, "[✅ Молоко]"), "[Молоко] [✅ Сахар]")
	mustSay(t, p.play(t, "[✅ Готово]"), "Пожелания?")
	p = corners(t)
	mustSay(t, p.play(t, "/start", "1, 2"), "Пожелания?")
	mustSay(t, p.play(t, "назад"), "[✅ Молоко] [✅ Сахар]")
	mustSay(t, p.play(t, "готово"), "Пожелания?")
}

func TestOnlyAnOptionalQuestionIsSkipped(t *testing.T) {
	p := corners(t)
	mustSay(t, p.play(t, "/start", "пропустить"), "пропустить нельзя", "Что добавить?")
	p.play(t, "[Молоко]", "[✅ Готово]")
	mustSay(t, p.play(t, "-"), "Размер?")
	mustSay(t, p.play(t, "назад"), "Пожелания?", "[⏭ Пропустить]")
	mustSay(t, p.play(t, "без сахара"), "Размер?")
	mustSay(t, p.play(t, "/back"), "[➡️ Оставить: без сахара]")
	mustSay(t, p.play(t, "[➡️ Оставить: без сахара]"), "Размер?", "[Маленький] [Большой]")
	mustSay(t, p.play(t, "большой"), "Сколько?")
	mustSay(t, p.play(t, "[10 ₽]"), "Счёт?")
	if p.session.Slots["sum"].Number != 1000 || p.session.Slots["size"].Text != "large" {
		t.Errorf("the answers are %+v", p.session.Slots)
	}
}

func TestD10_AFullCardNumberIsMaskedAndThePersonTold(t *testing.T) {
	p := corners(t)
	p.play(t, "/start", "[Молоко]", "[✅ Готово]", "-", "1", "[10 ₽]")
	got := p.play(t, "4111 1111 1111 1111")
	mustSay(t, got, "Удалите")
	mustNotSay(t, got, "4111 1111 1111 1111", "4111111111111111")
}

func TestD17_OfThreeLanguagesOneIsChosen(t *testing.T) {
	p := corners(t)
	p.play(t, "/start", "[Молоко]", "[✅ Готово]")
	mustSay(t, p.play(t, "/lang"), "Выберите язык", "[Русский]", "[English]")
	p.play(t, "[English]")
	if p.lang != "en" || p.session.State != "note" {
		t.Errorf("language %s at %s", p.lang, p.session.State)
	}
}

func TestD19_TheCardAfterASilenceSaysWhatIsDoneAndWhatIsLeft(t *testing.T) {
	p := corners(t)
	p.play(t, "/start", "[Молоко]", "[✅ Готово]", "-", "(wait 30h)")
	got := p.play(t, "что у нас тут")
	mustSay(t, got, "Вы на шаге 2 из 3", "Уже есть: добавки", "Осталось: размер, сумма", "[▶️ Продолжить]", "[🔄 Заново]", "[👤 Оператор]")
	mustSay(t, p.play(t, "продолжим"), "Размер?")
	p.play(t, "(wait 30h)", "что у нас тут")
	mustSay(t, p.play(t, "большой"), "Сколько?")
}

func TestAfterHoursThePersonIsToldWhenSomebodyComes(t *testing.T) {
	p := corners(t)
	mustSay(t, p.play(t, "/start", "оператор"), "Передал разговор")
	if err := p.scene("now 2026-05-15T19:00"); err != nil { // a Friday evening
		t.Fatal(err)
	}
	mustSay(t, p.play(t, "оператор"), "нерабочее время", "09:00")
}

func TestW21_OnChannelsWithoutButtonsZeroGoesBackAndADashSkips(t *testing.T) {
	p := corners(t)
	if err := p.scene("channel numbered"); err != nil {
		t.Fatal(err)
	}
	mustSay(t, p.play(t, "/start"), "< <b>1</b> Молоко", "<b>9</b>")
	mustNotSay(t, p.play(t, "помощь"), "0</b> назад")
	mustSay(t, p.play(t, "1 и 2"), "Пожелания?", "«-»", "<b>0</b>")
	mustSay(t, p.play(t, "0"), "✅ Молоко", "<b>3</b> ✅ Готово")
	mustSay(t, p.play(t, "3"), "Пожелания?")
	mustSay(t, p.play(t, "-"), "Размер?")
	mustSay(t, p.play(t, "0"), "Пожелания?")
	p.play(t, "-")
	mustSay(t, p.play(t, "1 и 2"), "Подходит несколько вариантов")
	mustSay(t, p.play(t, "11"), "Размер?")
	mustSay(t, p.play(t, "2"), "Сколько?")
	p.play(t, "11") // a sum, not the first option twice
	if p.session.Slots["sum"].Number != 1100 {
		t.Errorf("the sum is %+v", p.session.Slots["sum"])
	}
}

func TestW21_ANumberThatNoOptionHasIsNoAnswerInOnesOwnWords(t *testing.T) {
	for text, want := range map[string]int{"11": 11, "１２": 12, "7.": 7, "2": 2, "112": 0, "11 раз": 0, "": 0} {
		if got := smallNumber(text); got != want {
			t.Errorf("%q is read as %d, want %d", text, got, want)
		}
	}
}

func TestManyOptionsAreListedCompactlyWithoutButtons(t *testing.T) {
	kit := kitOnce(t, vending)
	options := make([]Option, 8)
	for i := range options {
		options[i] = Option{ID: string(rune('a' + i)), Text: "<" + string(rune('A'+i)) + ">"}
	}
	got := kit.Render([]Say{{Key: "home.welcome", Nonce: "n", Options: options}}, Env{Lang: "ru"})
	mustSay(t, got.Text, "<b>1</b> &lt;A&gt; · <b>2</b> &lt;B&gt;", "<b>9</b>")
	if strings.Count(got.Text, "\n") > 5 || strings.Contains(got.Plain(), "<b>") {
		t.Errorf("it is rendered as\n%s\n%s", got.Text, got.Plain())
	}
}

func TestX16_NothingThatPeopleTypeBecomesMarkup(t *testing.T) {
	kit := kitOnce(t, "kits/lead")
	name := `<a href="x">&`
	got := kit.Render([]Say{{Key: "lead.phone", Args: map[string]any{"name": name}}}, Env{Lang: "ru", Channel: Capabilities{Buttons: true}})
	mustSay(t, got.Text, "&lt;a href=")
	mustNotSay(t, got.Text, "<a")
	mustSay(t, got.Plain(), name)
}

func TestShortButtonsStandTwoInARowAndTheGrammarInTheLast(t *testing.T) {
	kit := kitOnce(t, vending)
	say := []Say{{Key: "home.welcome", Nonce: "n", Options: []Option{
		{ID: "a", Text: "Да"}, {ID: ":back", Key: "grammar.back"}, {ID: "b", Text: "Нет"}, {ID: "c", Text: "Очень длинная надпись"}, {ID: "d", Text: "Ещё"},
		{ID: ":human", Key: "grammar.human"},
	}}}
	got := kit.Render(say, Env{Lang: "ru", Channel: Capabilities{Buttons: true}})
	if len(got.Buttons) != 4 || len(got.Buttons[0]) != 2 || len(got.Buttons[1]) != 1 || got.Buttons[3][1].Data != "n::human" {
		t.Errorf("the buttons are %v", got.Buttons)
	}
}

func TestNeedsNameWhatATextOrALinkMayMean(t *testing.T) {
	kit := kitOnce(t, vending)
	for _, c := range []struct {
		in   crm.Inbound
		want Need
	}{
		{crm.Inbound{Kind: crm.InText, Text: "автомат 214"}, Need{Kind: NeedAssetByCode, Asset: "machine", Text: "214"}},
		{crm.Inbound{Kind: crm.InText, Command: "start", Start: "m_7Q2_x"}, Need{Kind: NeedAssetByLink, Asset: "machine", Text: "7Q2_x"}},
		{crm.Inbound{Kind: crm.InText, Text: "привет"}, Need{}},
		{crm.Inbound{Kind: crm.InText, Command: "start", Start: "z_1"}, Need{}},
		{crm.Inbound{Kind: crm.InMedia, Text: "214"}, Need{}},
	} {
		var got Need
		if needs := kit.Needs(Session{}, c.in, "ru"); len(needs) > 0 {
			got = needs[0]
		}
		if got != c.want {
			t.Errorf("%+v needs %+v instead of %+v", c.in, got, c.want)
		}
	}
}

func TestTheTerminalHoldsATalk(t *testing.T) {
	var out strings.Builder
	in := strings.NewReader("привет\n:effects\n1\n:photo\n:numbered\nпомощь\n:lang en\n:wait 31m\n:oops\n:quit\n")
	if err := Talk(context.Background(), kitOnce(t, vending), "", "ru", in, &out); err != nil {
		t.Fatal(err)
	}
	mustSay(t, out.String(), "Здравствуйте", "? nobody can do (oops)", "Write as the person would")
	if err := Talk(context.Background(), kitOnce(t, vending), "nothing", "ru", in, &out); err == nil || !strings.Contains(err.Error(), "report") {
		t.Errorf("an unknown dialog gives %v", err)
	}
}
