package locales

import "testing"

func TestSlipsAreLettersWrongMissingTooManyOrSwapped(t *testing.T) {
	for _, w := range []struct {
		a, b string
		most int
		want int
	}{
		{"алматы", "алматы", 2, 0}, {"алмаы", "алматы", 2, 1}, {"аламты", "алматы", 2, 1}, {"алмааты", "алматы", 2, 1}, {"олмоты", "алматы", 2, 2},
		{"москва", "алматы", 2, 3}, {"", "да", 2, 2}, {"", "нет", 2, 3}, {"нур-султан", "ош", 1, 2},
	} {
		if got := Slips(w.a, w.b, w.most); got != w.want {
			t.Errorf("%q and %q, at most %d: %d slips, want %d", w.a, w.b, w.most, got, w.want)
		}
		if got := Slips(w.b, w.a, w.most); got != w.want {
			t.Errorf("%q and %q, at most %d: %d slips, want %d", w.b, w.a, w.most, got, w.want)
		}
	}
}
