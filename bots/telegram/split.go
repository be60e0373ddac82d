package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Split cuts an HTML text of our few tags into parts of at most limit UTF-16 units, in which Telegram counts what is seen: tags
// are not seen, &amp; is one letter. It cuts after a paragraph, else a line, else a word, and never inside a tag, an entity or a letter;
// tags that are open at a cut are closed there and opened again in the next part. Space around a cut is dropped.
func Split(html string, limit int) []string {
	if len(html) <= limit {
		return []string{html}
	}
	s := splitter{text: html, limit: max(limit, 2)}
	for s.at < len(html) {
		s.part()
	}
	if len(s.parts) == 0 {
		return []string{strings.TrimSpace(html)}
	}
	return s.parts
}

// maxTag bounds the search for the end of a tag; links are shorter.
const maxTag = 4 << 10

type splitter struct {
	text  string
	limit int
	at    int
	open  []string // raw tags open at at
	parts []string
}

// cut is a place where a part may end. The higher its rank, the better the place.
type cut struct {
	at, units, rank int
	open            []string
}

// part takes the longest part that ends well.
func (s *splitter) part() {
	s.skipSpace()
	if s.at == len(s.text) {
		return
	}
	start, opening := s.at, strings.Join(s.open, "")
	open, units, at := s.open, 0, s.at
	var best cut
	for at < len(s.text) {
		t := nextToken(s.text[at:])
		if units+t.units > s.limit {
			break
		}
		if t.units > 0 {
			units += t.units
		} else {
			open = follow(open, t.raw)
		}
		at += len(t.raw)
		if rank := s.rank(at); rank >= best.rank || units-best.units > s.limit/2 {
			best = cut{at: at, units: units, rank: rank, open: open}
		}
	}
	end := cut{at: at, open: open}
	if at < len(s.text) && best.at > start {
		end = best
	}
	if end.at == start { // one token larger than the limit: never with limits of Telegram
		end.at = start + len(nextToken(s.text[start:]).raw)
	}
	for end.at < len(s.text) { // what is closed right after the cut needs not be opened again
		t := nextToken(s.text[end.at:])
		if !strings.HasPrefix(t.raw, "</") || t.units > 0 {
			break
		}
		end.at, end.open = end.at+len(t.raw), follow(end.open, t.raw)
	}
	body := strings.TrimRightFunc(s.text[start:end.at], unicode.IsSpace)
	s.at, s.open = end.at, end.open
	if visible(body) {
		s.parts = append(s.parts, opening+body+closing(end.open))
	}
}

// rank says how well a part would end at a byte: 4 between paragraphs, 3 between lines, 2 between words, 1 between letters, 0
// where one sign consists of several letters.
func (s *splitter) rank(at int) int {
	before, after := s.text[:at], s.text[at:]
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	switch {
	case strings.HasSuffix(before, "\n\n") || strings.HasPrefix(after, "\n\n") || last == '\n' && next == '\n':
		return 4
	case last == '\n' || next == '\n':
		return 3
	case unicode.IsSpace(last) || unicode.IsSpace(next):
		return 2
	case last == '\u200d' || joins(next):
		return 0
	}
	return 1
}

// joins tells letters that belong to the one before: accents, joiners, colours of skin.
func joins(r rune) bool {
	return r == '\u200d' || unicode.Is(unicode.M, r) || r >= 0x1f3fb && r <= 0x1f3ff
}

// skipSpace drops space at the beginning of a part.
func (s *splitter) skipSpace() {
	for s.at < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[s.at:])
		if !unicode.IsSpace(r) {
			return
		}
		s.at += size
	}
}

// token is a tag (no units), an entity or a letter.
type token struct {
	raw   string
	units int
}

func nextToken(text string) token {
	switch text[0] {
	case '<':
		if end := strings.IndexByte(text[:min(len(text), maxTag)], '>'); end > 1 && isTag(text[1:end]) {
			return token{raw: text[:end+1]}
		}
	case '&':
		if end := strings.IndexByte(text[:min(len(text), 12)], ';'); end > 1 && isEntity(text[1:end]) {
			units := 1
			if text[1] == '#' {
				units = 2 // by its number it may be a letter of two
			}
			return token{raw: text[:end+1], units: units}
		}
	}
	r, size := utf8.DecodeRuneInString(text)
	return token{raw: text[:size], units: width(r)}
}

func isTag(inside string) bool {
	name := strings.TrimPrefix(inside, "/")
	return name != "" && word(name) != "" && !strings.ContainsRune(inside, '<')
}

func isEntity(inside string) bool {
	return word(strings.TrimPrefix(inside, "#")) == strings.TrimPrefix(inside, "#") && inside != "#"
}

// follow returns the open tags after a tag. It copies: cuts remember earlier ones.
func follow(open []string, tag string) []string {
	if !strings.HasPrefix(tag, "</") {
		return append(open[:len(open):len(open)], tag)
	}
	if len(open) > 0 && word(open[len(open)-1][1:]) == word(tag[2:]) {
		return open[: len(open)-1 : len(open)-1]
	}
	return open
}

func closing(open []string) string {
	var tags strings.Builder
	for i := len(open) - 1; i >= 0; i-- {
		tags.WriteString("</" + word(open[i][1:]) + ">")
	}
	return tags.String()
}

// visible tells whether a part shows anything: Telegram refuses one that does not.
func visible(html string) bool {
	for html != "" {
		t := nextToken(html)
		if t.units > 0 && strings.TrimSpace(t.raw) != "" {
			return true
		}
		html = html[len(t.raw):]
	}
	return false
}

// word gives the Latin letters, digits and _ with which a text starts.
func word(text string) string {
	return text[:len(text)-len(strings.TrimLeft(text, wordLetters))]
}

const wordLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
