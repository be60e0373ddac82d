package bots

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNameRead = 1024 // characters of a file's name that are looked at
	maxFileName = 120  // characters, leaves room for a prefix on every file system
	maxEnding   = 10   // characters of what still counts as the ending of a file's name
)

// Clean makes a text fit to store, of so many characters at most: Postgres refuses NUL bytes and broken UTF-8, and nothing is
// endless. Everything else, invisible letters too, is kept as typed: people who review see what was sent.
func Clean(text string, runes int) string {
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "")
	}
	return Shorten(text, runes)
}

// Line is Clean for what stands within a line, such as a name: what would break the line or steer a terminal becomes a space.
func Line(text string, runes int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, Clean(text, 2*runes))
	return Clean(strings.TrimSpace(text), runes)
}

// FileName makes the name that a sender gave to a file harmless: no folders, no control characters, nothing that turns the
// direction of writing, 120 characters at most. It is shown to people and never used as a path; empty when nothing is left.
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, Clean(name, maxNameRead))
	name = strings.TrimSpace(path.Base("/" + strings.ReplaceAll(name, `\`, "/")))
	if strings.Trim(name, "./ ") == "" {
		return ""
	}
	if utf8.RuneCountInString(name) <= maxFileName {
		return name
	}
	ending := path.Ext(name)
	if utf8.RuneCountInString(ending) > maxEnding {
		ending = ""
	}
	return Shorten(strings.TrimSuffix(name, ending), maxFileName-utf8.RuneCountInString(ending)) + ending
}

// Shorten cuts a text to a number of characters.
func Shorten(text string, runes int) string {
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
