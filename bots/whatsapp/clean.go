package whatsapp

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a text fit to store: Postgres refuses NUL bytes and broken UTF-8, and nothing is endless. Everything else is kept as typed.
func clean(text string, runes int) string {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
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

// fileName makes the name that a sender gave to a file harmless: no folders, no control characters, nothing that turns the direction of
// writing. It is shown to people and never used as a path.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, clean(name, 4*maxName))
	name = strings.TrimSpace(path.Base("/" + strings.ReplaceAll(name, `\`, "/")))
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

// shorten cuts a text to a number of characters.
func shorten(text string, runes int) string {
	if len(text) <= runes {
		return text
	}
	for at := range text {
		if runes--; runes < 0 {
			return text[:at]
		}
	}
	return text
}
