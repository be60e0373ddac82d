package filter

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// words reads what is looked for in texts. A name goes on while words begin with a capital, an address while they say nothing else.
func (r *reader) words(s *segment, c crm.Condition) *Problem {
	p := r.values(s, func(tokens []token) (int, *Problem) {
		used := 1
		for used < len(tokens) && r.goesOn(c.Key, tokens, used) {
			used++
		}
		text := textOf(tokens[:used])
		if c.Key == crm.ByAny {
			text = strings.TrimFunc(text, isNoise)
		}
		if text == "" {
			return 0, r.problem("find.no_value", "key", s.label, "example", r.example(s.key))
		}
		for _, w := range variants(c.Key, text) {
			if !slices.Contains(c.Words, w) {
				c.Words = append(c.Words, w)
			}
		}
		return used, nil
	})
	if p == nil {
		c.Not = s.not
		r.add(c, "")
	}
	return p
}

// goesOn tells whether the next word belongs to the name or the address before it.
func (r *reader) goesOn(k crm.FilterKey, tokens []token, next int) bool {
	t := tokens[next]
	if t.not || tokens[0].kind == quoted {
		return false
	}
	switch k {
	case crm.ByName:
		return unicode.IsUpper(first(t.text))
	case crm.ByAddress, crm.BySource:
		_, special := r.Book.words[locales.Fold(t.text)]
		_, date := r.Book.calendar.Span(t.text)
		return !special && (date != 0 || number(t.text)) && !(r.Book.is("not", t.text))
	}
	return false
}

// variants are a word as it was typed, and as a code if that is written otherwise.
func variants(k crm.FilterKey, text string) []string {
	if k != crm.ByAny || !strings.ContainsFunc(text, unicode.IsDigit) || strings.ContainsRune(text, ' ') {
		return []string{text}
	}
	code := plateOf(text)
	if code == "" {
		code = slot.AssetCode(text)
	}
	if code == "" || code == text {
		return []string{text}
	}
	return []string{text, code}
}

// anyWords are the words as they were typed, without the codes that variants added.
func anyWords(all []string) []string {
	var typed []string
	for i, w := range all {
		if i > 0 {
			if before := variants(crm.ByAny, all[i-1]); len(before) == 2 && before[1] == w {
				continue
			}
		}
		typed = append(typed, w)
	}
	return typed
}

// isNoise tells whether a character around a word says nothing.
func isNoise(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }

// field reads a field of the kit by its type.
func (r *reader) field(s *segment, f *field) *Problem {
	c := crm.Condition{Key: crm.ByField, Field: f.Name}
	switch f.Type {
	case "choice", "many":
		return r.named(s, &f.options, c)
	case "city":
		return r.named(s, &r.Book.cities, c)
	case "number", "money":
		return r.amounts(s, f)
	case "phone":
		return r.phone(s, c)
	case "date", "datetime", "window":
		return r.fieldDates(s, f)
	case "plate":
		return r.words(s, c)
	}
	return r.words(s, c)
}

// sort reads an order: “срок”, “-срок”, “срок наоборот”.
func (r *reader) sort(s *segment) *Problem {
	known := make([]string, 0, len(sorts))
	for _, o := range sorts {
		known = append(known, r.Book.first(r.Lang, o.name))
	}
	return r.values(s, func(tokens []token) (int, *Problem) {
		for k := min(2, len(tokens)); k > 0; k-- {
			for _, o := range sorts {
				if !r.Book.is(o.name, textOf(tokens[:k])) {
					continue
				}
				r.filter.Sort, r.filter.Desc = o.sort, s.not
				if k < len(tokens) && r.Book.is("descending", tokens[k].text) {
					r.filter.Desc, k = !s.not, k+1
				}
				return k, nil
			}
		}
		folded := locales.Fold(tokens[0].text)
		for i, o := range sorts {
			if len(nearest(folded, r.Book.values[o.name], slips(utf8.RuneCountInString(folded)))) > 0 {
				return 0, r.near(s, tokens[:1], known[i:i+1])
			}
		}
		return 0, r.unknown(s, tokens[:1], known)
	})
}

// is tells whether a text is one of the words of a value.
func (b *Book) is(name, text string) bool { return slices.Contains(b.values[name], locales.Fold(text)) }
