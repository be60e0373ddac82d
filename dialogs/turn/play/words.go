package play

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// words are the parts of a line: plain ones in order, and values with a name.
type words struct {
	plain  []string
	values map[string]string
}

// wordsOf splits a line at spaces that are not between quotes, and drops the quotes.
func wordsOf(line string) *words {
	inside := false
	w := &words{values: map[string]string{}}
	for _, word := range strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			inside = !inside
		}
		return r == ' ' && !inside
	}) {
		word = strings.ReplaceAll(word, `"`, "")
		if name, value, ok := strings.Cut(word, "="); ok {
			w.values[name] = value
		} else {
			w.plain = append(w.plain, word)
		}
	}
	return w
}

// next takes the next plain word, empty when there is none.
func (w *words) next() string {
	if len(w.plain) == 0 {
		return ""
	}
	word := w.plain[0]
	w.plain = w.plain[1:]
	return word
}

// has takes a plain word, wherever it stands.
func (w *words) has(word string) bool {
	i := slices.Index(w.plain, word)
	if i >= 0 {
		w.plain = slices.Delete(w.plain, i, i+1)
	}
	return i >= 0
}

// value takes a value with a name.
func (w *words) value(name, otherwise string) string {
	value, ok := w.values[name]
	if !ok {
		return otherwise
	}
	delete(w.values, name)
	return value
}

// left is an error about what nobody took.
func (w *words) left() error {
	if unknown := append(w.plain, slices.Sorted(maps.Keys(w.values))...); len(unknown) > 0 {
		return fmt.Errorf("nothing is known of %s", strings.Join(unknown, ", "))
	}
	return nil
}
