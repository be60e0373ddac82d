package seal

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is ‹sealed:KZ86 ···0100:k2:BASE64›. The mask comes first, so that a text that is cut off shows the mask and nothing else.
const (
	opening = "‹sealed:"
	closing = "›"
)

// parts are what a token is made of. Of one that was cut off the body is empty.
type parts struct {
	mask, body string
	key        int64
}

// parse reads the token at the beginning of a text and gives its length, 0 when there is none. A token that ends with the text, or in the middle
// of it, was cut off by somebody who shortened the text.
func parse(text string) (p parts, n int) {
	rest, ok := strings.CutPrefix(text, opening)
	if !ok {
		return p, 0
	}
	end := strings.IndexAny(rest, ":›‹\n")
	if end < 0 || rest[end] != ':' {
		if end < 0 {
			end = len(rest)
		}
		p.mask = rest[:end]
		return p, len(opening) + end
	}
	p.mask, rest = rest[:end], rest[end+1:]
	n = len(opening) + end + 1
	length := strings.IndexFunc(rest, func(c rune) bool { return !inBody(c) })
	if length < 0 {
		return p, n + len(rest)
	}
	key, body, ok := strings.Cut(rest[:length], ":")
	id, err := strconv.ParseInt(strings.TrimPrefix(key, "k"), 10, 64)
	if !strings.HasPrefix(rest[length:], closing) {
		return p, n + length
	}
	if ok && err == nil && strings.HasPrefix(key, "k") {
		p.key, p.body = id, body
	}
	return p, n + length + len(closing)
}

// inBody tells whether a letter may stand behind the mask of a token.
func inBody(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == ':'
}

// replace puts something in the place of every token of a text. A text without one costs a search.
func replace(text string, with func(parts) string) string {
	at := strings.Index(text, opening)
	if at < 0 {
		return text
	}
	var b strings.Builder
	for at >= 0 {
		b.WriteString(text[:at])
		p, n := parse(text[at:])
		b.WriteString(with(p))
		text = text[at+n:]
		at = strings.Index(text, opening)
	}
	b.WriteString(text)
	return b.String()
}

// Masked puts the mask of every token in a text in its place. It is for whatever leaves by another way than the outbox.
func Masked(text string) string {
	return replace(text, func(p parts) string { return p.mask })
}

// Sealed tells whether a text is a token.
func Sealed(text string) bool {
	if !strings.HasPrefix(text, opening) {
		return false
	}
	p, n := parse(text)
	return n == len(text) && p.body != ""
}

// Holds tells whether there is a token, or the beginning of one, in a text.
func Holds(text string) bool { return strings.Contains(text, opening) }

// Clean takes the mark of tokens out of what people typed, so that nobody can write one; also where letters that nobody sees stand in between, which
// are taken out of answers later.
func Clean(text string) string {
	if !strings.Contains(text, opening[:len("‹")]) {
		return text
	}
	for at, end := begun(text); end > 0; at, end = begun(text) { // taking one out may make another
		text = text[:at] + text[end:]
	}
	return text
}

// begun finds the first mark of a token; end is 0 when there is none.
func begun(text string) (at, end int) {
	first := opening[:len("‹")]
	for at := strings.Index(text, first); at >= 0; {
		rest := opening[len(first):]
		for i, c := range text[at+len(first):] {
			if unseen(c) {
				continue
			}
			if !strings.HasPrefix(rest, string(c)) {
				break
			}
			if rest = rest[len(string(c)):]; rest == "" {
				return at, at + len(first) + i + len(string(c))
			}
		}
		next := strings.Index(text[at+len(first):], first)
		if next < 0 {
			return 0, 0
		}
		at += len(first) + next
	}
	return 0, 0
}

// unseen tells whether a letter may be dropped from an answer because nobody sees it.
func unseen(c rune) bool {
	return c == utf8.RuneError || unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) || c == '\u2800'
}
