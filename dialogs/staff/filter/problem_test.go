package filter_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"govorun/crm"
	"govorun/dialogs/staff/filter"
	"govorun/locales"
)

func product(t testing.TB) *locales.Catalog {
	t.Helper()
	texts, err := locales.Load(locales.ProductLanguages(), locales.Product())
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestMistakesAreToldWithWhatToTypeInstead(t *testing.T) {
	w := world(t, "vending", "ru")
	texts := product(t)
	for text, want := range map[string]struct{ says, suggestion string }{
		"статсу:новые":                  {"Может быть, статус?", "/my статус:новые"},
		"огрод:Алматы кофе":             {"Может быть, город?", "/my город:Алматы кофе"},
		"staus:new":                     {"Не знаю поле «staus»", "/my статус:new"},
		"gorod:Алматы":                  {"Не знаю поле «gorod». Может быть, город?", "/my город:Алматы"},
		"otvetstvennyy:Иван":            {"Может быть, кому?", "/my кому:Иван"},
		"employee:2":                    {"", ""},
		"фыва:2":                        {"Не знаю поле «фыва». Есть: город, статус, этап", ""},
		"город:Алмтаы":                  {"город: не знаю «Алмтаы». Может быть, Алматы?", "/my город:Алматы"},
		"-город:Алмтаы новые":           {"Алматы", "/my -город:Алматы новые"},
		"город:Париж":                   {"город: не знаю «Париж». Есть: ", ""},
		"кому:Иван":                     {"«Иван» подходит нескольким: Иван Петров, Иван Сидоров", ""},
		"кому:Иванну":                   {"", ""},
		"кому:Сидров":                   {"Может быть, Иван Сидоров?", "/my кому:Иван_Сидоров"},
		"этап:неразобраное":             {"Может быть, Неразобранное?", "/my этап:Неразобранное"},
		"нвоые":                         {"«нвоые»: может быть, новые?", "/my новые"},
		"город:Алматы просроченые":      {"может быть, просроченные?", "/my город:Алматы просроченные"},
		"Аламты":                        {"может быть, Алматы?", "/my Алматы"},
		"создана:31.02":                 {"создана: 31.02. Такого дня в календаре нет", ""},
		"31.02":                         {"31.02. Такого дня в календаре нет", ""},
		"создана:кофе":                  {"создана: не понял дату «кофе». Например: создана:вчера", ""},
		"создана:10.05.2020-01.05.2020": {"Конец раньше начала", ""},
		"создана:вчера в 25":            {"", ""},
		"визит:25:70":                   {"Такого времени нет", ""},
		"создана:пятница, 24.11.2026":   {"День недели и число не сходятся", ""},
		"старше:кофе":                   {"старше: не понял срок «кофе». Например: старше:3д", ""},
		"город:":                        {"город: что искать? Например: город:", ""},
		"сортировка:вес":                {"сортировка: не знаю «вес». Есть: номер", ""},
		"сортировка:ссрок":              {"Может быть, срок?", "/my сортировка:срок"},
		"телефон:12":                    {"меньше трёх цифр", ""},
		"номер:abc":                     {"«abc» не число", ""},
		"статус:открытые,в_работе":      {"нельзя смешать", ""},
		"создана:вчера,сегодня":         {"нельзя смешать", ""},
		"???":                    {"Не вижу слов", ""},
		strings.Repeat("я", 501): {"длиннее 500", ""},
		manyWords():              {"Больше 20 условий", ""},
		"номер:" + strings.Repeat("1,2,3,4,5,", 5): {"больше 20 значений", ""},
	} {
		_, p := filter.Parse(text, w)
		if want.says == "" {
			continue
		}
		if p == nil {
			t.Errorf("%q is taken, want %q", text, want.says)
			continue
		}
		said, err := texts.Text("ru", p.Key, p.Args)
		if err != nil || !strings.Contains(said, want.says) {
			t.Errorf("%q: %q %v, want %q", text, said, err, want.says)
		}
		if p.Suggestion != want.suggestion {
			t.Errorf("%q: suggestion %q, want %q", text, p.Suggestion, want.suggestion)
		}
	}
}

// manyWords are more different words than a filter may have.
func manyWords() string {
	text := ""
	for i := range 21 {
		text += "кофе" + strings.Repeat("е", i) + " "
	}
	return text
}

func TestOfSeveralPeopleOneIsChosen(t *testing.T) {
	w := world(t, "vending", "ru")
	_, p := filter.Parse("новые кому:Ивана", w)
	if p == nil || len(p.Choices) != 2 || p.Choices[0] != "/my новые кому:Иван_Петров" {
		t.Fatalf("%+v", p)
	}
	f, p := filter.Parse(strings.TrimPrefix(p.Choices[1], "/my "), w)
	if p != nil || f.Conditions[1].IDs[0] != 9 {
		t.Errorf("%+v %+v", f, p)
	}
	w.Employees = []filter.Named{{ID: 8, Name: "Иван"}, {ID: 9, Name: "Иван"}}
	_, p = filter.Parse("кому:Иван", w)
	if p == nil || len(p.Choices) != 2 || p.Choices[1] != "/my кому:#9" {
		t.Fatalf("two of one name: %+v", p)
	}
}

func TestFiltersAreWrittenInTheLanguageOfWhoAsks(t *testing.T) {
	for lang, want := range map[string]string{
		"ru": `-мои город:Алматы,Санкт-Петербург этап:В_работе старше:3д создана:прошлая_неделя срок:..пятница сегодня новые "кофе" телефон:4567 214 -сортировка:срок`,
		"en": `-mine city:Алматы,Saint_Petersburg stage:In_work older:3d created:last_week due:..Friday today new "кофе" phone:4567 214 -sort:due`,
		"kk": `-менікі қала:Алматы,Санкт-Петербург кезең:В_работе ескі:3күн ашылды:өткен_апта мерзім:..жұма бүгін жаңа "кофе" телефон:4567 214 -реті:мерзім`,
	} {
		w := world(t, "vending", lang)
		f := mustParse(t, `-owner:me город:алматы,питер stage:in_work older:3d created:last week мерзім:жұмаға дейін today new «кофе» phone:4567 214 sort:-due`, w)
		got := filter.String(f, w)
		if lang == "en" {
			want = strings.Replace(want, "city:Алматы", "city:Almaty", 1)
		}
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", lang, got, want)
		}
		if f.Conditions[0].Written != strings.Fields(want)[0] {
			t.Errorf("%s: first condition %q", lang, f.Conditions[0].Written)
		}
		less := filter.Without(f, 1)
		if len(less.Conditions) != len(f.Conditions)-1 || less.Conditions[1].Key != crm.ByStage || f.Conditions[1].Key != crm.ByCity {
			t.Errorf("without the second: %s", filter.String(less, w))
		}
	}
}

func TestTodaySavedIsAnotherDayTomorrow(t *testing.T) {
	w := world(t, "isp", "ru")
	saved := filter.String(mustParse(t, "сегодня срок:до пятницы старше:3д", w), w)
	w.Now = w.Now.AddDate(0, 0, 1)
	if got := conditions(mustParse(t, saved, w)); got != "day26.11.26..27.11.26; due..28.11.26; created..23.11.26 12:00" {
		t.Errorf("%q became %q", saved, got)
	}
}

func TestFiltersAreSaidWithTheirDates(t *testing.T) {
	w := world(t, "vending", "ru")
	f := mustParse(t, "вчера -создана:на этой неделе просроченные город:нижний_новгород стоит:3д", w)
	want := "день: вчера, 24 ноября · не создана: с 23 ноября по 29 ноября · просроченные · город:Нижний Новгород · перешла: до 22 ноября, 12:00"
	if got := filter.Say(f, w); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFieldsOfAKitAreKeys(t *testing.T) {
	w := world(t, "isp", "ru")
	for text, want := range map[string]string{
		"тариф:100 Мбит": "", "tariff:home_100": "fieldtariff[home_100]", "kind:Интернет": "fieldkind[internet]", "kind:интернет и тв,переезд": "fieldkind[internet_tv move]",
		"budget:<500": "fieldbudget..500", "budget:400..500": "fieldbudget400..500", "budget:450": "fieldbudget450..450", "budget:400-500 новые": "", "скорость:94": "fieldspeed94..94", "speed:>=50": "fieldspeed50..",
		"provider:билайн": "", "rival:билайн": "fieldrival[билайн]", "return_on:завтра": "fieldreturn_on26.11.26..27.11.26", "act:да": "",
	} {
		f, p := filter.Parse(text, w)
		if want == "" {
			continue
		}
		if p != nil || conditions(f) != want {
			t.Errorf("%q became %q, %+v; want %q", text, conditions(f), p, want)
		}
	}
	if f := mustParse(t, "budget:<500", w); f.Conditions[0].Written != "бюджет:<500" || *f.Conditions[0].Most >= 500 {
		t.Errorf("less than 500 is written %q and means up to %v", f.Conditions[0].Written, *f.Conditions[0].Most)
	}
	if _, p := filter.Parse("act:да", w); p == nil {
		t.Error("a photo can be searched for")
	}
}

func TestTheReferenceHasAnExampleForEachKeyThatWorks(t *testing.T) {
	for _, lang := range []string{"ru", "en", "kk"} {
		w := world(t, "vending", lang)
		for _, line := range append(w.Reference(), filter.Reference(lang)...) {
			if line.Keys == "" || line.Example == "" || line.Means == "" || strings.HasPrefix(line.Means, "find.") {
				t.Errorf("%s: %+v", lang, line)
			}
			if strings.Contains(line.Example, "…") {
				continue
			}
			if _, p := filter.Parse(line.Example, w); p != nil {
				t.Errorf("%s: example %q: %s %v", lang, line.Example, p.Key, p.Args)
			}
		}
	}
}

// check wants of any text a filter that is written and read again the same, or a problem that can be said.
func check(t interface {
	Helper()
	Fatalf(string, ...any)
}, texts *locales.Catalog, w filter.World, text string) {
	t.Helper()
	f, p := filter.Parse(text, w)
	if p != nil {
		said, err := texts.Text(w.Lang, p.Key, p.Args)
		if err != nil || said == "" {
			t.Fatalf("%q: %q, %v", text, said, err)
		}
		if !utf8.ValidString(p.Suggestion) || p.Suggestion != "" && !strings.HasPrefix(p.Suggestion, "/my ") {
			t.Fatalf("%q: suggestion %q", text, p.Suggestion)
		}
		return
	}
	if len(f.Conditions) > 20 {
		t.Fatalf("%q has %d conditions", text, len(f.Conditions))
	}
	written := filter.String(f, w)
	if utf8.RuneCountInString(written) > 500 {
		return // longer names than were typed
	}
	again, p := filter.Parse(written, w)
	if p != nil {
		t.Fatalf("%q was written as %q, which is refused with %s %v", text, written, p.Key, p.Args)
	}
	if a, b := same(f), same(again); a != b {
		t.Fatalf("%q is\n%s\nwritten as %q it is\n%s", text, a, written, b)
	}
	for i := range f.Conditions {
		if f.Conditions[i].Written == "" {
			t.Fatalf("%q: condition %d is not written", text, i)
		}
		less := filter.Without(f, i)
		if again, p := filter.Parse(filter.String(less, w), w); p != nil || same(again) != same(less) {
			t.Fatalf("%q without %d is %q, which became\n%s\ninstead of\n%s", text, i, filter.String(less, w), same(again), same(less))
		}
	}
	if len(f.Conditions) > 0 && filter.Say(f, w) == "" {
		t.Fatalf("%q can't be said", text)
	}
}

// same is all of a filter in one text.
func same(f crm.Filter) string {
	all := conditions(f)
	for _, c := range f.Conditions {
		all += " | " + c.Written
	}
	return all
}

func TestAnyTextGivesAFilterOrHelp(t *testing.T) {
	texts := product(t)
	pieces := rapid.SampledFrom([]string{"город", "city", "қала", ":", ":", ":", "Алматы", "нижний", "новгород", "спб", ",", "новые", "не", "-", "сегодня", "вчера", "пятницы", "до", "с", "по", "3", "мая", "кому", "Иван", "Петров", "я", "без", "ответственного",
		"этап", "в", "работе", "статус", "все", "открытые", "закрытые", "создана", "старше", "3д", "телефон", "8", "707", "123", "45", "67", "+77071234567", "214", "№5512", "#5512", "A123BC77", "M-214", "кофе", "\"", "«", "»", "'", "sort", "due", "срок", "визит",
		"10:00", "01.05-10.05", "31.02", "<", ">", "..", "имя", "адрес", "Абая", "10", "текст", "код", "воронка", "техники", "бригада", "Юг", "2", "problem", "деньги", "_", "%", "';", "OR", "1=1--", "\x00", "\u202e", "（", "🔧", "искать", "неделя", "прошлая", "завтра"})
	worlds := []filter.World{world(t, "vending", "ru"), world(t, "vending", "en"), world(t, "isp", "ru"), world(t, "isp", "kk")}
	rapid.Check(t, func(t *rapid.T) {
		text := ""
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			text += pieces.Draw(t, "piece") + rapid.SampledFrom([]string{" ", " ", ""}).Draw(t, "gap")
		}
		check(t, texts, rapid.SampledFrom(worlds).Draw(t, "world"), text)
	})
}

func TestX07HostileTextsAreOnlyText(t *testing.T) {
	texts := product(t)
	w := world(t, "vending", "ru")
	for _, text := range []string{"status:new' OR 1=1--", "city:%", "_", "\"", ";", "employee:2", strings.Repeat("(", 300), "a\x00b", "name:%_", "\xff\xfe", "''", "город:\"", ":::", "-", "--", "-:", "a:b:c:d", "text:" + strings.Repeat("\\", 100)} {
		check(t, texts, w, text)
	}
	f := mustParse(t, "name:%_' кофе%", w)
	if f.Conditions[0].Words[0] != "%_'" || f.Conditions[1].Words[0] != "кофе" {
		t.Errorf("%v", f.Conditions)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"new", "город:Алматы статус:в_работе", `city:Алматы stage:install,repair older:3d -owner:me "кофе" sort:due`, "+7 (707) 123-45-67", "№5512", "кому:Иван", "без ответственного", "с 1 по 10 мая", "status:new' OR 1=1--",
		"город:%", "\xff:", "a\x00b", "«»", "-:-,", "жұмаға дейін", "код:А 123 ВС 77", "создана:01.05-10.05,вчера", "искать:\"a b\""} {
		f.Add(seed)
	}
	texts := product(f)
	w := world(f, "vending", "ru")
	f.Fuzz(func(t *testing.T, text string) { check(t, texts, w, text) })
}

func BenchmarkParse(b *testing.B) {
	w := world(b, "vending", "ru")
	b.ReportAllocs()
	for b.Loop() {
		if _, p := filter.Parse(`город:Алматы этап:repair старше:3д -кому:я "кофе" до пятницы сортировка:срок`, w); p != nil {
			b.Fatal(p)
		}
	}
}

func TestAnUnknownKeyIsAnsweredByFewKeysInTheLanguageOfWhoAsks(t *testing.T) {
	for _, lang := range []string{"ru", "en", "kk"} {
		for _, kit := range []string{"vending", "isp"} {
			w := world(t, kit, lang)
			_, p := filter.Parse("фыва:2", w)
			if p == nil {
				t.Fatal("the key is taken")
			}
			known := strings.Split(p.Args["known"].(string), ", ")
			if len(known) > 12 {
				t.Errorf("%s in %s: %d keys are told: %v", kit, lang, len(known), known)
			}
			for _, k := range known {
				if lang != "en" && strings.ContainsAny(k, "abcdefghijklmnopqrstuvwxyz") {
					t.Errorf("%s in %s: %q is told", kit, lang, k)
				}
			}
		}
	}
}

func TestWordsInQuotesAreLookedForWhereverFreeWordsAre(t *testing.T) {
	w := world(t, "vending", "ru")
	bare, quoted := mustParse(t, "вокзал", w), mustParse(t, "«вокзал»", w)
	if bare.Conditions[0].Key != quoted.Conditions[0].Key {
		t.Errorf("bare: %+v, in quotes: %+v", bare, quoted)
	}
	for _, text := range []string{`"новые"`, `"сегодня"`, `-"Алматы"`, `"город","мои"`, `"214"`, `"M-214"`, `новые "завтра"`, "текст:кофе"} {
		f := mustParse(t, text, w)
		if again := mustParse(t, filter.String(f, w), w); conditions(again) != conditions(f) {
			t.Errorf("%q became %s and is read again as %s", text, conditions(f), conditions(again))
		}
	}
	if _, p := filter.Parse(`"???"`, w); p == nil {
		t.Error("signs in quotes are looked for")
	}
}
