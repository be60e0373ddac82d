package dialogs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"govorun/crm"
)

func knowing(t testing.TB) *Kit {
	t.Helper()
	kit, err := Load(os.DirFS("testdata/knowing"))
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range kit.Warnings {
		t.Error(warning)
	}
	return kit
}

func TestQuestionsAreFoundWithMistakesShortAndInAnyLanguage(t *testing.T) {
	kit := knowing(t)
	for text, want := range map[string]string{
		"Когда приходят выплаты?": "payouts.when", "КОГДА ПРИХОДЯТ ВЫПЛАТЫ": "payouts.when", "выплаты когда приходят": "payouts.when",
		"когда выплаты": "payouts.when", "кагда прихадят виплаты": "payouts.when", "почему нету выплаты": "payouts.when", "через скока приходят дениги": "payouts.when",
		"Здравствуйте! Подскажите пожалуйста, когда же наконец приходят выплаты?": "payouts.when",
		"какая комисия у парка": "commission", "скок процентов берете": "commission", "какие докуметы нужны": "licence", "можно без праф?": "licence",
		"төлем қашан келеді": "payouts.when", "толем кашан келеди": "payouts.when", "акша кашан тусед": "payouts.when", "төлемдеріміз қашан келеді": "payouts.when",
		"парктин комисиясы кандай": "commission", "кандай кужат керек": "licence",
		"when do payouts come": "payouts.when", "when is the payuot?": "payouts.when", "what documents do i need": "licence", "commision?": "commission",
		"где офис в Алматы": "office.almaty", "где офис в шимкенте?": "office.shymkent", "Шымкентте кенсе кайда": "office.shymkent", "where is the office in almaty": "office.almaty",
		"где офис алма-ата": "office.almaty",
		"привет":            "", "?": "", "когда": "", "почему": "", "как дела": "", "где мой заказ": "", "что делать если попал в аварию": "", "сколько стоит бензин": "", "": "", "🙏🙏": "",
		"%%%%": "", "' OR 1=1 --": "", "_": "", "\\": "", "a": "", "почему нет": "",
	} {
		if got := kit.Find(&Known{Base: kit.Knowledge}, text, "ru", ""); got.ID != want {
			t.Errorf("%q finds %q %q, want %q", text, got.ID, got.Example, want)
		}
	}
}

func TestAnAnswerThatDependsOnTheCityGoesByTheQuestionThenByTheAsker(t *testing.T) {
	kit := knowing(t)
	for _, c := range []struct{ text, city, id, example string }{
		{"где офис", "Алматы", "office.almaty", ""},
		{"где офис", "Шымкент", "office.shymkent", ""},
		{"где офис в Шымкенте", "Алматы", "office.shymkent", ""},
		{"где офис", "", "", "Где офис? Алматы"},
		{"где офис", "Қарағанды", "", ""},
		{"где офис в Караганде", "", "", ""},
	} {
		got := kit.Find(&Known{Base: kit.Knowledge}, c.text, "ru", c.city)
		if got.ID != c.id || got.Example != c.example {
			t.Errorf("%q from %q: %q, %q; want %q, %q", c.text, c.city, got.ID, got.Example, c.id, c.example)
		}
	}
}

func TestTheLanguageOfTheQuestionIsThatOfItsAnswerAndTheTalkDecidesBetweenEqualOnes(t *testing.T) {
	kit := knowing(t)
	for text, want := range map[string]string{"төлем қашан келеді": "kk", "когда приходят выплаты": "ru", "when do payouts come": "en", "комиссия?": "ru"} {
		if got := kit.Find(&Known{Base: kit.Knowledge}, text, "ru", ""); got.Lang != want {
			t.Errorf("%q is answered in %q, want %q", text, got.Lang, want)
		}
	}
	if got := kit.Find(&Known{Base: kit.Knowledge}, "комиссия?", "kk", ""); got.Lang != "kk" {
		t.Errorf("a Kazakh talk is answered in %q", got.Lang)
	}
}

func TestOutOfHoursTheAnswerMayBeAnother(t *testing.T) {
	kit := knowing(t)
	found := kit.Find(&Known{Base: kit.Knowledge}, "когда приходят выплаты", "ru", "Алматы")
	noon := time.Date(2026, 5, 12, 12, 0, 0, 0, kit.Zone)
	if said := found.Say(kit, noon); !strings.Contains(said, "того же дня") {
		t.Errorf("by day: %s", said)
	}
	if said := found.Say(kit, noon.Add(8*time.Hour)); !strings.Contains(said, "закрыта") {
		t.Errorf("by night: %s", said)
	}
}

// asker is a driver at a state of the registration.
func asker(kit *Kit, state string) (Session, Env) {
	now := time.Date(2026, 5, 12, 12, 0, 0, 0, kit.Zone)
	return Session{Dialog: "register", Version: kit.Dialogs["register"].Version, State: state, Nonce: "n", Asked: now.Add(-time.Minute)},
		Env{Now: now, Lang: "ru", Knows: true, Channel: Capabilities{Buttons: true}, NewNonce: func() string { return "m" }, NewDeal: func() crm.DealID { return 1 }}
}

func said(text string) Input { return Input{Inbound: crm.Inbound{Kind: crm.InText, Text: text}} }

func TestOnlyWhatAStepRefusesIsLookedUp(t *testing.T) {
	kit := knowing(t)
	for _, c := range []struct {
		state, text string
		needs       bool
	}{
		{"name", "Азамат", false}, {"name", "Когда", false}, {"name", "Когда приходят выплаты", false}, {"name", "Когда приходят выплаты?", true},
		{"city", "Алматы", false}, {"city", "Олматы", true}, {"phone", "+7 707 123 45 67", false}, {"phone", "Когда приходят выплаты", true},
		{"phone", "12345", true}, {"phone", "👍", false}, {"phone", "привет", false}, {"phone", "назад", false}, {"phone", "?", false},
		{"wish", "Когда приходят выплаты?", false}, {"wish", "/ask Когда приходят выплаты?", true},
	} {
		s, env := asker(kit, c.state)
		result := kit.Step(s, said(c.text), env)
		if got := len(result.Needs) == 1; got != c.needs || got && result.Needs[0].Kind != NeedAnswer {
			t.Errorf("%q at %s needs %v", c.text, c.state, result.Needs)
		}
		if env.Knows = false; len(kit.Step(s, said(c.text), env).Needs) != 0 {
			t.Errorf("%q at %s is looked up where nothing is known", c.text, c.state)
		}
	}
}

func TestAQuestionLeavesTheStepAndItsFailuresAsTheyWere(t *testing.T) {
	kit := knowing(t)
	for _, text := range []string{"Когда приходят выплаты?", "что делать если попал в аварию?", "/ask где офис"} {
		s, env := asker(kit, "phone")
		s.Failures, s.Slots = 1, map[string]Value{"name": {Text: "Азамат"}}
		in := said(text)
		in.Facts.Known = &Known{Base: kit.Knowledge}
		result := kit.Step(s, in, env)
		if got := result.Session; got.State != "phone" || got.Failures != 1 || got.Slots["name"].Text != "Азамат" || got.Nonce != "n" {
			t.Errorf("%q: the session is %+v", text, got)
		}
		if last := result.Say[len(result.Say)-1]; len(result.Say) != 2 || last.Key != "register.phone" {
			t.Errorf("%q is answered by %+v", text, result.Say)
		}
	}
}

func TestWhatNobodyKnowsIsCollectedWithoutCardNumbers(t *testing.T) {
	kit := knowing(t)
	s, env := asker(kit, "phone")
	s.Slots = map[string]Value{"city": {Text: "Шымкент"}}
	in := said("почему на карту 4400 4301 2345 6789 ничего не пришло?")
	in.Facts.Known = &Known{Base: kit.Knowledge}
	asked := kit.Step(s, in, env).Asked
	if asked == nil || strings.Contains(asked.Text, "4301") || asked.City != "Шымкент" || asked.Lang != "ru" {
		t.Errorf("collected: %+v", asked)
	}
	in.Facts.Known.Full = true
	if result := kit.Step(s, in, env); result.Asked != nil || result.Say[0].Key != "knowledge.enough" {
		t.Errorf("who asks without end is told %+v", result.Say)
	}
}

func TestStatementsAreNoQuestions(t *testing.T) {
	kit := knowing(t)
	for _, text := range []string{"не знаю", "селфи не получается", "телефон сломался", "я уже отправлял", "білмеймін", "мен жүргізушімін", "I do not know", "потом", "А123ВС02", "да"} {
		if kit.isQuestion(text) {
			t.Errorf("%q is taken for a question", text)
		}
	}
	for _, text := range []string{"куда нажимать", "а скока ждать", "можно завтра", "төлем қашан", "бола ма", "how long", "выплаты?"} {
		if !kit.isQuestion(text) {
			t.Errorf("%q is taken for no question", text)
		}
	}
}

func TestAnEmployeeWhoIsAskedSomethingIsNotAnsweredAsADriver(t *testing.T) {
	kit := knowing(t)
	s, env := asker(kit, "phone")
	env.Employee = &crm.Employee{ID: 1, Role: "clerk"}
	if needs := kit.Step(s, said("Когда приходят выплаты?"), env).Needs; len(needs) != 0 {
		t.Errorf("a clerk's answer is looked up: %v", needs)
	}
}

func TestLongTextsOfAHostilePersonAreBounded(t *testing.T) {
	kit := knowing(t)
	for _, text := range []string{strings.Repeat("ы", 4000), strings.Repeat("когда выплаты ", 300), strings.Repeat("а? ", 1300), strings.Repeat("%_'\\", 1000), strings.Repeat("😀", 2000),
		strings.Repeat("\u202e", 4000) + "?", strings.Repeat("слово"+"\u0301 ", 500) + "?"} {
		s, env := asker(kit, "phone")
		in := said(text)
		in.Facts.Known = &Known{Base: kit.Knowledge}
		result := kit.Step(s, in, env)
		if a := result.Asked; a != nil && len([]rune(a.Text)) > maxQuestion+1 {
			t.Errorf("%.20q… is collected with %d letters", text, len([]rune(a.Text)))
		}
		if words := kit.WordsAsked(text); len(words) > maxKnownWords || slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "%_'\\") }) {
			t.Errorf("%.20q… looks for %q", text, words)
		}
	}
	if got := kit.Find(&Known{Base: kit.Knowledge}, strings.Repeat("ла ", 1500)+"когда приходят выплаты?", "ru", ""); got.ID != "payouts.when" {
		t.Errorf("the question at the end of a long text finds %q", got.ID)
	}
}

// broken is the kit with other files of knowledge.
func broken(t *testing.T, files map[string]string) Problems {
	t.Helper()
	kit := fstest.MapFS{}
	for _, name := range []string{"kit.yaml", "pipelines.yaml", "dialogs/home.yaml", "dialogs/register.yaml", "locales/ru.yaml", "locales/kk.yaml", "locales/en.yaml"} {
		data, err := os.ReadFile("testdata/knowing/" + name)
		if err != nil {
			t.Fatal(err)
		}
		kit[name] = &fstest.MapFile{Data: data}
	}
	for name, text := range files {
		kit["knowledge/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	_, err := Load(kit)
	var problems Problems
	if errors.As(err, &problems); len(problems) == 0 {
		t.Fatalf("nothing is wrong with %v", files)
	}
	return problems
}

func TestEveryMistakeInFilesOfKnowledgeIsTold(t *testing.T) {
	good := "- id: one\n  questions: [%s]\n  answer: Yes.\n"
	all := func(ru string) map[string]string {
		return map[string]string{"ru/a.yaml": ru, "kk/a.yaml": fmt.Sprintf(good, "Жұмыс қалай"), "en/a.yaml": fmt.Sprintf(good, "Any work")}
	}
	for ru, want := range map[string]string{
		"- id: two\n  questions: [Работа есть]\n  answer: Да.\n":                                                        "missing in the language “ru”",
		"- id: one\n  questions: [Работа есть]\n  cities: [Москва]\n  answer: Да.\n":                                    "has no city “Москва”",
		"- id: one\n  questions: [Работа есть]\n  cities: [Алматы]\n  answer: Да.\n":                                    "other cities than in",
		"- id: one\n  questions: [Работа есть, есть работа?]\n  answer: Да.\n":                                          "has the question “есть работа?” twice",
		"- id: one\n  questions: [Работа есть]\n  answer: Да.\n- id: one\n  questions: [Другое дело]\n  answer: Да.\n":  "is there twice",
		"- id: one\n  questions: [Работа есть]\n  answer: Да.\n- id: two\n  questions: [работа есть]\n  answer: Нет.\n": "is asked for “one” as well",
		"- id: one\n  questions: [Работа есть]\n  answer: |\n    a\n    b\n    c\n    d\n":                              "has 4 lines",
		"- id: one\n  questions: [Работа есть]\n  answer: <b>Да\n":                                                      "is not closed",
		"- id: one\n  questions: [Работа есть]\n  answer: Да {{.contact.name}}\n":                                       "no placeholders",
		"- id: one\n  questions: [Как?]\n  answer: Да.\n":                                                               "says nothing",
		"- id: One\n  questions: [Работа есть]\n  answer: Да.\n":                                                        "is no id of an answer",
		"- id: one\n  questions: []\n  answer: Да.\n":                                                                   "has 0 questions",
		"- id: one\n  question: [Работа есть]\n  answer: Да.\n":                                                         "has no key “question”",
		"one:\n  questions: [Работа есть]\n":                                                                            "can't be keys and values",
		"- id: one\n  questions: [Работа есть]\n  answer: " + strings.Repeat("о", 701) + "\n":                           "has 701 letters",
		"- id: one\n  questions: [Работа " + strings.Repeat("о", 120) + "]\n  answer: Да.\n":                            "over 120 letters",
	} {
		problems := broken(t, all(ru))
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("%q\ngives %v,\nwant %q", ru, problems, want)
		}
		for _, p := range problems {
			if p.File == "" || p.Line == 0 || p.Fix == "" {
				t.Errorf("%+v lacks its place or its fix", p)
			}
		}
	}
	if problems := broken(t, map[string]string{"de/a.yaml": fmt.Sprintf(good, "Arbeit")}); !strings.Contains(problems.Error(), "no folder of a language of the kit") {
		t.Errorf("a language that the kit hasn't: %v", problems)
	}
}

func TestAKitWithoutKnowledgeAsksForNothing(t *testing.T) {
	kit := registration(t)
	if kit.Knowledge != nil {
		t.Errorf("it knows %v", kit.Knowledge)
	}
}

func FuzzQuestions(f *testing.F) {
	kit := knowing(f)
	for _, seed := range []string{"когда выплаты?", "", "%", "👍", "'", "ёжик ҚАЗАҚ", "\xff\xfe", "?" + strings.Repeat("a", 400)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, env := asker(kit, "phone")
		in := said(text)
		in.Facts.Known = &Known{Base: kit.Knowledge}
		if got := kit.Step(s, in, env).Session; got.Dialog == "" && text != "" && len(got.Slots) > 0 {
			t.Errorf("%q lost the step: %+v", text, got)
		}
		for _, word := range kit.WordsAsked(text) {
			if word == "" || len([]rune(word)) > longestWord {
				t.Errorf("%q has the word %q", text, word)
			}
		}
	})
}
