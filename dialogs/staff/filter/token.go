package filter

import (
	"strings"
	"unicode"
)

// kind is what a token is.
type kind int

const (
	word kind = iota
	quoted
	colon
	comma
)

// token is a piece of what was typed; from and to are its bytes in the text.
type token struct {
	kind     kind
	text     string
	not      bool // a minus stood before it
	from, to int
}

// Quotes of all kinds; the single ones only count where a word begins.
const (
	quotes     = "\"“”„‟«»″＂‹›"
	apostrophe = "'‘’‚`´"
	colons     = ":：﹕="
	commas     = ",，、;；"
	minuses    = "-−–—!"
)

// lex takes a text apart.
func lex(text string) []token {
	var tokens []token
	for i := 0; i < len(text); {
		r, size := decode(text[i:])
		switch {
		case unicode.IsSpace(r):
			i += size
		case strings.ContainsRune(commas, r):
			tokens, i = append(tokens, token{kind: comma, text: ",", from: i, to: i + size}), i+size
		case strings.ContainsRune(colons, r):
			tokens, i = append(tokens, token{kind: colon, text: ":", from: i, to: i + size}), i+size
		default:
			t := piece(text, i)
			if t.text != "" {
				tokens = append(tokens, t)
			}
			i = t.to
		}
	}
	return tokens
}

func decode(text string) (rune, int) {
	for _, r := range text {
		return r, len(string(r))
	}
	return 0, 1
}

// piece reads a word or what stands in quotes, with a minus before it.
func piece(text string, start int) token {
	t := token{from: start}
	i := start
	for {
		r, size := decode(text[i:])
		if i >= len(text) || !strings.ContainsRune(minuses, r) {
			break
		}
		t.not = true
		i += size
	}
	r, size := decode(text[i:])
	single := strings.ContainsRune(apostrophe, r)
	if i < len(text) && (strings.ContainsRune(quotes, r) || single && strings.ContainsAny(text[i+size:], apostrophe)) {
		t.kind = quoted
		i += size
		closing := quotes
		if single {
			closing = apostrophe
		}
		end := strings.IndexAny(text[i:], closing)
		if end < 0 {
			t.text, t.to = clean(text[i:]), len(text)
			return t
		}
		_, size = decode(text[i+end:])
		t.text, t.to = clean(text[i:i+end]), i+end+size
		return t
	}
	from := i
	for i < len(text) {
		r, size := decode(text[i:])
		if unicode.IsSpace(r) || strings.ContainsRune(quotes, r) || strings.ContainsRune(commas, r) || parts(text, from, i, r) {
			break
		}
		i += size
	}
	t.text, t.to = text[from:i], i
	return t
}

// parts tells whether a colon ends the word: not in 10:00, and not after a sign of comparison.
func parts(text string, from, i int, r rune) bool {
	if !strings.ContainsRune(colons, r) {
		return false
	}
	before, after := text[i-1:i], ""
	if i == from {
		before = ""
	}
	if i+1 < len(text) {
		after = text[i+1 : i+2]
	}
	if r == '=' && (before == "<" || before == ">") {
		return false
	}
	return r != ':' || !digit(before) || !digit(after)
}

func digit(s string) bool { return s >= "0" && s <= "9" }

// clean takes other quotes out of what stands in quotes, and spaces around.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune(quotes, r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// text joins the texts of tokens as they would be typed.
func textOf(tokens []token) string {
	words := make([]string, 0, len(tokens))
	for _, t := range tokens {
		words = append(words, t.text)
	}
	return strings.Join(words, " ")
}
