package filter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/locales"
)

// Words that may be mistyped: shorter ones are too near to anything.
const (
	shortestSlip = 5
	longSlip     = 9
)

// slip finds the special word or the city that is meant by a mistyped one.
func (r *reader) slip(tokens []token, w string) *Problem {
	length := utf8.RuneCountInString(w)
	if length < shortestSlip || strings.ContainsFunc(w, func(c rune) bool { return !unicode.IsLetter(c) }) {
		return nil
	}
	most := 1
	if length >= longSlip {
		most = 2
	}
	var near []string
	for _, k := range nearest(locales.Fold(w), sortedKeys(r.Book.words), most) {
		near = append(near, r.Book.special(r.Lang, r.Book.words[k]))
	}
	for _, k := range nearest(fold(w), sortedKeys(r.Book.cities.index), most) {
		near = append(near, quoteName(r.Book.cities.text(r.Book.cities.index[k][0], r.Lang)))
	}
	slices.Sort(near)
	near = slices.Compact(near)
	if len(near) == 0 {
		return nil
	}
	p := r.problem("find.word_near", "word", w, "near", strings.Join(near, ", "))
	return r.instead(p, tokens, near)
}
