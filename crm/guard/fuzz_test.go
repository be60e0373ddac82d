package guard

import (
	"strings"
	"testing"
)

func FuzzPrintsTellWordsAndNothingElse(f *testing.F) {
	for _, seed := range []string{"Добрый день, Анна!", "<b>Скидка 10%</b> до 5 мая", "", "!!!", "&amp; <", "ÀÉ", "\xff", "İ"} {
		f.Add(seed, "Анна")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		print := Print(text, name)
		if again := Print("  "+text+" ,.! ", name); again != print {
			t.Fatalf("signs around %q make another text of it", text)
		}
		if print != Print(text, name, name) {
			t.Fatalf("a name told twice changes %q", text)
		}
		if len(words(markup.ReplaceAllString(text, " "))) == 0 != (print == 0) {
			t.Fatalf("%q has the print %d", text, print)
		}
		if strings.Contains(text, "<") {
			return // a tag may begin here and end behind
		}
		if got := Print(text + " 17"); got != Print(text+" 4") || got == Print(text+" x") {
			t.Fatalf("%q: numbers are not any number, or a word is one", text)
		}
	})
}
