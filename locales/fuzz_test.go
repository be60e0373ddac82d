package locales

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode"
	"unicode/utf8"
)

func FuzzFoldingTwiceIsFoldingOnce(f *testing.F) {
	for _, seed := range []string{"Ещё РАЗ!", "１️⃣", "№ 5", "👍", "İstanbul", "é", "\xff", "\u202eпривет", "Қазақ тілі", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨\u200d👩\u200d👧", "٠٧", "ﬁ", "ǅ", "㎏"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := Fold(text)
		if again := Fold(once); again != once {
			t.Fatalf("%q folds to %q, and then to %q", text, once, again)
		}
		clean, invisible := Clean(text)
		if again, _ := Clean(clean); again != clean {
			t.Fatalf("%q is cleaned to %q, and then to %q", text, clean, again)
		}
		if !utf8.ValidString(clean) || strings.ContainsAny(clean, "\x00\u200b\u202e") || !invisible && strings.ContainsAny(text, "\x00\u200b\u202e") {
			t.Fatalf("%q is cleaned to %q (%v)", text, clean, invisible)
		}
		digits := OnlyDigits(text)
		if strings.Trim(digits, "0123456789") != "" || OnlyDigits(digits) != digits {
			t.Fatalf("the digits of %q are %q", text, digits)
		}
		if strings.ContainsFunc(Digits(text), func(r rune) bool { return unicode.Is(unicode.Nd, r) && r > '9' }) {
			t.Fatalf("foreign digits are left in %q", Digits(text))
		}
		if n := Slips(once, digits, 5); n < 0 || Slips(once, once, 5) != 0 {
			t.Fatalf("%d slips between %q and %q", n, once, digits)
		}
	})
}

func FuzzATextIsFilledWhole(f *testing.F) {
	for _, seed := range []string{"Привет, {{.name}}!", "{{.machine.code}} {{ .n }}", "{{", "}}", "{{.}}", "{{..a}}", "{{range .x}}{{end}}", "{{.a}}{{.b", "{{{.a}}}", "\xff{{.é}}"} {
		f.Add(seed, "Анна {{.name}}")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		compiled, err := compile(source)
		if err != nil {
			if !strings.Contains(err.Error(), "{{") {
				t.Fatalf("%q is refused by %v", source, err)
			}
			return
		}
		args := map[string]any{}
		for _, path := range compiled.places {
			put(args, path, "*")
		}
		plain, err := compiled.fill(args)
		if err != nil || strings.Contains(plain, "{{") && !strings.Contains(source, "{{{") || len(plain) > len(source) {
			t.Fatalf("%q is filled as %q, %v", source, plain, err)
		}
		if len(compiled.places) == 0 {
			if plain != source {
				t.Fatalf("%q became %q", source, plain)
			}
			return
		}
		for _, path := range compiled.places {
			put(args, path, value)
		}
		if got, err := compiled.fill(args); err != nil || strings.Count(got, value) < 1 {
			t.Fatalf("%q is not in %q, %v", value, got, err)
		}
		if got, err := compiled.fill(nil); err == nil || !strings.Contains(got, "…") || !strings.Contains(err.Error(), "no value") {
			t.Fatalf("without values %q is %q, %v", source, got, err)
		}
	})
}

// put gives a placeholder a value, unless a shorter one has it already: text stands for {{.machine}} beside {{.machine.code}}.
func put(args map[string]any, path []string, value string) {
	for _, name := range path {
		inner, is := args[name].(map[string]any)
		if !is {
			inner = map[string]any{}
			args[name] = inner
		}
		args = inner
	}
	args["text"] = value
}

// FuzzTextTables reads any file as the Russian texts of a kit.
func FuzzTextTables(f *testing.F) {
	for _, seed := range []string{"hello: Привет\nphotos:\n  one: '{{.n}} фото'\n  few: '{{.n}} фото'\n  other: фото\n", "", "- a\n", "a: &a [*a]\n", "a: {b: {c: d}}\n", "a: 'x'\na: 'y'\n", "a: <b>x\n", "a: '{{.b'\n",
		"? [a]\n: b\n", "a: !!binary x\n", "a: |\n  x\n", "one: x\nother: y\n", "a.b: x\na: {b: y}\n", "\xff\xfe", "a: {other: null}", "a: 1\nb: true\nc: 2026-11-22\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		catalog, err := Load([]string{"ru"}, Source{Name: "kit", FS: fstest.MapFS{"ru.yaml": {Data: data}}})
		if err != nil {
			if !strings.Contains(err.Error(), "kit in ru") {
				t.Fatalf("refused without its place: %v", err)
			}
			return
		}
		for _, p := range catalog.Problems() {
			if p.What == "" || p.Line < 0 || p.Column < 0 || !strings.HasSuffix(p.File, "ru.yaml") {
				t.Fatalf("a problem without its place or its words: %+v", p)
			}
		}
		for key := range catalog.tables["ru"] {
			if text, _ := catalog.Text("ru", key, map[string]any{"n": 3}); !utf8.ValidString(text) && utf8.Valid(data) {
				t.Fatalf("text %q is %q", key, text)
			}
		}
	})
}
