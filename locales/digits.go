package locales

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Digits rewrites the decimal digits of every script as ASCII: "٠٧" and "０７" become "07". Styled signs become plain ones.
func Digits(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 && (r < 'А' || r > 'я') }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.IsDigit(r) {
			return r
		}
		// Unicode keeps the ten digits of a script together, beginning with zero: count back to the one that isn't a digit.
		for zero := r; ; zero-- {
			if r-zero == 9 || !unicode.IsDigit(zero-1) {
				return '0' + (r - zero)
			}
		}
	}, norm.NFKC.String(strings.ReplaceAll(text, "№", " "))) // NFKC makes "No" of it
}

// OnlyDigits leaves the digits of a text, of any script, as ASCII.
func OnlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, Digits(text))
}
