package locales

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

func load(t testing.TB, languages []string, files map[string]string) *Catalog {
	t.Helper()
	kit := fstest.MapFS{}
	for name, data := range files {
		kit[name] = &fstest.MapFile{Data: []byte(data)}
	}
	sources := []Source{Product()}
	if files != nil {
		sources = append(sources, Source{Name: "locales", FS: kit})
	}
	c, err := Load(languages, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTextsAreFilledInInEachLanguage(t *testing.T) {
	c := load(t, ProductLanguages(), map[string]string{
		"ru.yaml": "report.ask: \"Автомат № {{.machine.code}}, {{ .machine.address }}. Что случилось?\"\nreport:\n  thanks: Спасибо\n",
		"en.yaml": "report.ask: \"Machine No. {{.machine.code}}, {{.machine.address}}. What happened?\"\nreport.thanks: Thanks\n",
		"kk.yaml": "report.ask: \"Автомат № {{.machine.code}}, {{.machine.address}}. Не болды?\"\nreport.thanks: Рахмет\n",
	})
	args := map[string]any{"machine": map[string]any{"code": "214", "address": "Abay 10"}, "step": 2, "steps": 6, "n": 5, "example": "+7"}
	for _, w := range []struct{ lang, key, want string }{
		{"ru", "report.ask", "Автомат № 214, Abay 10. Что случилось?"},
		{"en", "report.ask", "Machine No. 214, Abay 10. What happened?"},
		{"en", "report.thanks", "Thanks"},
		{"ru", "report.thanks", "Спасибо"},
		{"ru", "grammar.progress", "Шаг 2 из 6."},
		{"kk", "grammar.progress", "6 қадамның 2-қадамы."},
		{"ru-RU", "grammar.back", "⬅️ Назад"},
		{"ru", "slot.phone_wrong", "Не вижу номера: в нём 5 цифр. Пример: +7"},
		{"en", "slot.phone_wrong", "That is not a phone number: 5 digits. Example: +7"},
	} {
		got, err := c.Text(w.lang, w.key, args)
		if err != nil || got != w.want {
			t.Errorf("Text(%s, %s) = %q, %v; want %q", w.lang, w.key, got, err, w.want)
		}
	}
	if problems := c.Problems(); len(problems) > 0 {
		t.Errorf("problems: %v", problems)
	}
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	c := load(t, []string{"ru", "en"}, nil)
	for n, want := range map[any]string{1: "1 цифра.", 2: "2 цифры.", 5: "5 цифр.", 11: "11 цифр.", 21: "21 цифра.", 1.5: "1.5 цифры.", "22": "22 цифры.", int64(0): "0 цифр."} {
		got, err := c.Text("ru", "slot.phone_wrong", map[string]any{"n": n, "example": "x"})
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%v: %q, %v; want %q", n, got, err, want)
		}
	}
}

func TestAMisspeltPlaceholderIsAnErrorAndNeverShown(t *testing.T) {
	c := load(t, []string{"en"}, map[string]string{"en.yaml": "a: \"Hello {{.name}}, {{.machine.code}}\"\nb:\n  one: \"{{.n}} day {{.who}}\"\n  other: \"{{.n}} days {{.who}}\"\n"})
	for _, args := range []map[string]any{
		nil,
		{"nme": "Ann", "machine": map[string]any{"code": 1}},
		{"name": nil, "machine": map[string]any{"code": 1}},
		{"name": "Ann", "machine": map[string]any{"kode": 1}},
		{"name": "Ann", "machine": "214"},
		{"name": map[string]any{"code": 1}, "machine": map[string]any{"code": 1}},
	} {
		got, err := c.Text("en", "a", args)
		if err == nil || strings.Contains(got, "no value") || !strings.Contains(got, "…") {
			t.Errorf("Text with %v = %q, %v", args, got, err)
		}
	}
	for _, args := range []map[string]any{{"n": 2}, {"who": "x"}, {"n": "many", "who": "x"}} {
		got, err := c.Text("en", "b", args)
		if err == nil || strings.Contains(got, "no value") || !strings.Contains(got, "day") {
			t.Errorf("plural text with %v = %q, %v", args, got, err)
		}
	}
}

func TestAMissingTextFallsBackAndSaysSo(t *testing.T) {
	c := load(t, []string{"ru", "de"}, map[string]string{"ru.yaml": "only.ru: Привет\n", "de.yaml": "only.de: Hallo\n"})
	for _, w := range []struct{ lang, key, want string }{
		{"de", "only.ru", "Привет"}, {"ru", "only.de", "Hallo"}, {"de", "grammar.stale", "Эта кнопка устарела. Нажмите кнопку под последним сообщением."}, {"de", "no.such", "no.such"},
	} {
		got, err := c.Text(w.lang, w.key, nil)
		if err == nil || got != w.want {
			t.Errorf("Text(%s, %s) = %q, %v; want %q and an error", w.lang, w.key, got, err, w.want)
		}
	}
	all := fmt.Sprint(c.Problems())
	for _, want := range []string{`text "only.de" is missing in ru`, `text "only.ru" is missing in de`, "locales/de.yaml:1:1: texts in de are missing"} {
		if !strings.Contains(all, want) {
			t.Errorf("problems lack %q: %s", want, all)
		}
	}
}

func TestMistakesInFilesAreToldWithTheirPlace(t *testing.T) {
	c := load(t, []string{"ru", "en"}, map[string]string{
		"ru.yaml": "a: \"Привет, {{.name}}\"\nb: \"\"\nc:\n  one: \"{{.n}} день\"\n  other: \"{{.n}} дня\"\nd: \"{{if .x}}да{{end}}\"\ne: [1, 2]\nf: \"a < b\"\ng: \"<b>x\"\nh:\n  other: x\n  money: y\ni: \"{{.x\"\na: twice\n",
		"en.yaml": "a: \"Hello, {{.nme}}\"\nb: \"x\"\nc:\n  one: \"{{.n}} day\"\n  other: \"{{.n}} days\"\nd: \"yes\"\nf: \"a\"\ng: \"x\"\ni: \"x\"\n",
	})
	all := ""
	for _, p := range c.Problems() {
		all += p.Error() + "\n"
		if p.Fix == "" || p.Line < 1 || p.Column < 1 {
			t.Errorf("problem without place or fix: %+v", p)
		}
	}
	for _, want := range []string{
		`locales/en.yaml:1:1: text "a" has no {{.name}}, which it has in ru`,
		`locales/en.yaml:1:1: text "a" has {{.nme}}, which it doesn't have in ru`,
		`locales/ru.yaml:2:1: text "b" is empty in ru`,
		`locales/ru.yaml:3:1: text "c" has no plural form "few" in ru; write few, many, one, other`,
		`locales/ru.yaml:6:1: text "d": {{if .x}} is not a placeholder`,
		`locales/ru.yaml:7:4: "e" is not a text`,
		`locales/ru.yaml:8:1: text "f": "< b" is not a tag that can be shown`,
		`locales/ru.yaml:9:1: text "g": <b> is not closed`,
		`locales/ru.yaml:11:3: "h" mixes plural forms`,
		`locales/ru.yaml:13:1: text "i": placeholder {{.x is not closed`,
		`locales/ru.yaml:14:1: text "a" stands twice in this file`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("problems lack %q:\n%s", want, all)
		}
	}
	if file, line, column := c.Position("en", "g"); file != "locales/en.yaml" || line != 8 || column != 1 {
		t.Errorf("Position = %s:%d:%d", file, line, column)
	}
	broken := load(t, []string{"en"}, map[string]string{"en.yaml": "a: x\n  b: [\n"})
	if p := broken.Problems(); len(p) == 0 || p[0].File != "locales/en.yaml" || p[0].Line < 1 {
		t.Errorf("a broken file: %v", p)
	}
}

func TestAKitOverridesTheProduct(t *testing.T) {
	c := load(t, []string{"ru"}, map[string]string{"ru.yaml": "grammar.back: \"👈 Обратно\"\nanswer: no\nphone: 087011234567\n"})
	for key, want := range map[string]string{"grammar.back": "👈 Обратно", "answer": "no", "phone": "087011234567"} {
		if got, err := c.Text("ru", key, nil); err != nil || got != want {
			t.Errorf("%s = %q, %v", key, got, err)
		}
	}
}

func TestTagsFindTheNearestLanguageOfTheKit(t *testing.T) {
	c := load(t, []string{"ru", "en", "kk"}, nil)
	for tag, want := range map[string]string{"": "ru", "ru-KZ": "ru", "en-GB": "en", "en_US": "en", "kk-KZ": "kk", "ja": "ru", "x!": "ru", "kk": "kk"} {
		if got := c.Match(tag); got != want {
			t.Errorf("Match(%q) = %s, want %s", tag, got, want)
		}
	}
	if _, err := Load([]string{"not a tag"}, Product()); err == nil {
		t.Error("a language that is none was loaded")
	}
	if _, err := Load(nil, Product()); err == nil {
		t.Error("no language was loaded")
	}
}

func TestPlaceholdersAreTheUnionOverLanguages(t *testing.T) {
	c := load(t, []string{"ru", "en"}, map[string]string{"ru.yaml": "a: \"{{.x}} {{.m.code}}\"\n", "en.yaml": "a: \"{{.m.code}} {{.y}}\"\n"})
	if got := fmt.Sprint(c.Placeholders("a")); got != "[[x] [m code] [y]]" {
		t.Error(got)
	}
	if got := fmt.Sprint(c.Placeholders("slot.phone_wrong")); got != "[[n] [example]]" {
		t.Error(got)
	}
}

func TestManyGoroutinesMayAskAtOnce(t *testing.T) {
	c := load(t, []string{"ru", "en"}, nil)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for n := range 50 {
				got, err := c.Text([]string{"ru", "en"}[i%2], "slot.photos_more", map[string]any{"n": n})
				if err != nil || !strings.Contains(got, fmt.Sprint(n)) {
					t.Errorf("%d: %q, %v", n, got, err)
				}
			}
		})
	}
	wait.Wait()
}

func TestAPlainTextCostsNoAllocation(t *testing.T) {
	c := load(t, []string{"ru", "en"}, nil)
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Text("en", "grammar.stale", nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkText(b *testing.B) {
	c := load(b, []string{"ru", "en"}, nil)
	args := map[string]any{"step": 2, "steps": 6, "n": 5, "example": "+7 707 123-45-67"}
	for _, key := range []string{"grammar.stale", "grammar.progress", "slot.phone_wrong"} {
		b.Run(key, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Text("ru", key, args); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
