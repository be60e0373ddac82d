package locales

import (
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFoldBringsWhatPeopleTypeToOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"Назад": "назад", "  ⬅️ Назад ": "назад", "ВСЁ!": "все", "1️⃣": "1", "１": "1", "1.": "1", "?": "?", " - ": "-", "👍": "👍",
		"Взял деньги,\nне выдал": "взял деньги не выдал", "на\u200bзад": "назад", "M-214": "m 214", "Йод": "йод", "": "", "қайта": "қайта", "a  b": "a b",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := Fold(rapid.String().Draw(t, "text"))
		if twice := Fold(once); twice != once {
			t.Fatalf("%q became %q", once, twice)
		}
	})
}

func TestD08InvisibleCharactersAreDroppedAndReported(t *testing.T) {
	for text, want := range map[string]struct {
		clean     string
		invisible bool
	}{
		"  Иван ":           {"Иван", false},
		"И\u200bван\u202e":  {"Иван", true},
		"a\x00b":            {"ab", true},
		"a\xffb":            {"ab", true},
		"👨‍👩‍👧 ok":          {"👨‍👩‍👧 ok", false},
		"1️⃣ ❤️":            {"1️⃣ ❤️", false},
		"a\u200db":          {"ab", true},
		"line\r\nline\ttab": {"line\nline tab", false},
		"\u2066x\u2069":     {"x", true},
	} {
		clean, invisible := Clean(text)
		if clean != want.clean || invisible != want.invisible {
			t.Errorf("Clean(%q) = %q, %v; want %q, %v", text, clean, invisible, want.clean, want.invisible)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		clean, _ := Clean(text)
		if again, invisible := Clean(clean); again != clean || invisible || !utf8.ValidString(clean) {
			t.Fatalf("%q became %q (%v)", clean, again, invisible)
		}
	})
}
