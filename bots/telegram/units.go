package telegram

import "strings"

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

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), part)
}
