package telegram

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a text fit to store: Postgres refuses NUL bytes and broken UTF-8, and nothing is endless. Everything else,
// invisible letters too, is kept as typed: people who review see what was sent.
func clean(text string, runes int) string {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	}
	if len(text) <= runes {
		return text
	}
	return shorten(text, runes)
}

// line is clean for what stands within a line, such as a name: what would break the line or steer a terminal becomes a space.
func line(text string, runes int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, clean(text, 2*runes))
	return clean(strings.TrimSpace(text), runes)
}

// cutUnits cuts a text to a number of UTF-16 units, in which Telegram counts, never inside a letter.
func cutUnits(text string, units int) string {
	if len(text) <= units {
		return text
	}
	for at, r := range text {
		if units -= width(r); units < 0 {
			return text[:at]
		}
	}
	return text
}

// width is the number of UTF-16 units of a letter.
func width(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}

// fileName makes the name that a sender gave to a file harmless: no folders, no control characters, nothing that turns the
// direction of writing. It is shown to people and never used as a path.
func fileName(name string) string {
	name = clean(name, 4*maxName)
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	name = path.Base("/" + strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(name)
	if strings.Trim(name, "./ ") == "" {
		return ""
	}
	if utf8.RuneCountInString(name) <= maxFileName {
		return name
	}
	ending := path.Ext(name)
	if utf8.RuneCountInString(ending) > 10 {
		ending = ""
	}
	return shorten(strings.TrimSuffix(name, ending), maxFileName-utf8.RuneCountInString(ending)) + ending
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), part)
}
