package letters

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLinesFitAndNoLetterIsLost(t *testing.T) {
	face, err := Plain(20)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([а-яәқғ]{1,30} ?){0,12}`).Draw(t, "text")
		wide := rapid.IntRange(20, 400).Draw(t, "wide")
		lines := face.Wrap(text, wide)
		if got, want := strings.Join(lines, ""), strings.ReplaceAll(text, " ", ""); strings.ReplaceAll(got, " ", "") != want {
			t.Fatalf("%q became %q", text, lines)
		}
		if face.Widest(lines...) > wide {
			t.Fatalf("%q: %q is wider than %d", text, lines, wide)
		}
		if cut := face.Cut(text, wide); face.Width(cut) > wide {
			t.Fatalf("%q is %d wide, more than %d", cut, face.Width(cut), wide)
		}
	})
}

func TestKazakhLettersHaveShapes(t *testing.T) {
	face, err := Bold(20)
	if err != nil {
		t.Fatal(err)
	}
	for _, letter := range "ӘәҒғҚқҢңӨөҰұҮүҺһІі₸№→✓" {
		if _, ok := face.GlyphAdvance(letter); !ok {
			t.Errorf("%q has no shape", letter)
		}
	}
}
