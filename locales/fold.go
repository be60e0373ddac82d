package locales

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold brings what people type to one form, so that it can be compared: lower case, ё as е, full-width and keycap digits as plain ones,
// without emoji, invisible characters and punctuation, one space between words. Text of nothing but such signs ("?", "👍") is only trimmed.
func Fold(text string) string {
	if plain(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range text {
		folded, known := quick(r)
		if !known {
			return foldAny(text)
		}
		gap = write(&b, folded, gap)
	}
	return orTrimmed(&b, text)
}

// What becomes of one character: itself in lower case, a space between words, or nothing.
const (
	between rune = -1
	nothing rune = -2
)

// write adds a folded character, with a space before it when one is due; it tells whether one is due next.
func write(b *strings.Builder, r rune, gap bool) bool {
	switch r {
	case nothing:
		return gap
	case between:
		return b.Len() > 0
	}
	if gap {
		b.WriteByte(' ')
	}
	b.WriteRune(r)
	return false
}

func orTrimmed(b *strings.Builder, text string) string {
	if b.Len() == 0 {
		return strings.ToLower(strings.TrimSpace(text))
	}
	return b.String()
}

// quick folds the characters that nearly all answers consist of; those that stand for others, or join with their neighbours, it doesn't know.
func quick(r rune) (rune, bool) {
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'а' && r <= 'я':
		return r, true
	case r >= 'A' && r <= 'Z', r >= 'А' && r <= 'Я':
		return r + 0x20, true
	case r == 'ё', r == 'Ё':
		return 'е', true
	case r < 0x80, r == '«', r == '»', r >= '\u2010' && r <= '\u2023', r == '№', r == '₽', r == '₸', r >= 0x2600 && r <= 0x27bf, r >= 0x1f300 && r <= 0x1faff:
		return between, true
	case r == '\ufe0f', r == '\u20e3', r >= '\u200b' && r <= '\u200f':
		return nothing, true
	case r >= 'Ѐ' && r <= 'ԯ' && unicode.IsLetter(r):
		return unicode.ToLower(r), true
	}
	return 0, false
}

// foldAny folds any characters, composed and decomposed.
func foldAny(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	gap := false
	for _, r := range norm.NFKC.String(strings.ReplaceAll(text, "№", " ")) { // NFKC makes "No" of it
		folded, known := quick(r)
		switch {
		case known:
		case unicode.IsLetter(r), unicode.IsDigit(r):
			folded = unicode.ToLower(r)
		case unicode.In(r, unicode.M, unicode.Cf):
			folded = nothing // accents left over, direction marks
		default:
			folded = between
		}
		gap = write(&b, folded, gap)
	}
	return orTrimmed(&b, text)
}

// plain tells whether the text is already folded, which costs nothing for most answers.
func plain(text string) bool {
	letters := false
	for i, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r >= 'а' && r <= 'я':
			letters = true
		case r == ' ' && letters && i+1 < len(text) && text[i+1] != ' ':
		default:
			return false
		}
	}
	return letters
}

// Clean removes what can't be seen from a text: zero-width and direction marks, control characters except line breaks, broken UTF-8.
// It trims spaces around and reports whether anything invisible was dropped. Joiners inside emoji stay.
func Clean(text string) (clean string, invisible bool) {
	if !strings.ContainsFunc(text, suspect) {
		return strings.TrimSpace(text), false
	}
	var b strings.Builder
	b.Grow(len(text))
	var last rune
	for i, r := range text {
		switch {
		case r == utf8.RuneError:
			invisible = true
			continue
		case r == '\u200d' && symbol(last) && joins(text[i:]), r == '\ufe0f' && symbol(last), r >= 0xe0020 && r <= 0xe007f && last > 0x1f000:
		case r == '\t', r == '\u00a0':
			r = ' '
		case r == '\r':
			continue
		case r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u3164' || r == '\u2800' || r == '\ufe0f' || r == '\u2028' || r == '\u2029'):
			invisible = true
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return strings.TrimSpace(b.String()), invisible
}

// suspect tells whether a character needs a closer look; those that nearly all texts consist of don't.
func suspect(r rune) bool {
	return (r < ' ' && r != '\n') || r == 0x7f || (r > 0x7f && r < 'Ѐ') || r > 'ԯ'
}

// joins tells whether the joiner that text begins with stands before another part of an emoji.
func joins(text string) bool {
	_, size := utf8.DecodeRuneInString(text)
	next, _ := utf8.DecodeRuneInString(text[size:])
	return next != utf8.RuneError && unicode.Is(unicode.So, next) // a broken byte is dropped, and joins nothing
}

// symbol tells whether a variation selector after r makes an emoji of it: "1️⃣", "❤️".
func symbol(r rune) bool {
	return r == '\ufe0f' || unicode.Is(unicode.Sk, r) || unicode.Is(unicode.So, r) || unicode.Is(unicode.Sm, r) || unicode.Is(unicode.Po, r) || unicode.IsDigit(r) || r == '‼' || r == '〰'
}
