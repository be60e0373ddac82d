package slot

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// digits rewrites the decimal digits of every script as ASCII: "٠٧" and "０７" become "07". Styled signs become plain ones.
func digits(text string) string {
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

// countDigits counts ASCII digits.
func countDigits(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			n++
		}
	}
	return n
}

// Letters of plates, codes and accounts that look the same in both scripts, in the same order.
const (
	cyrillicTwins = "АВЕКМНОРСТУХІ"
	latinTwins    = "ABEKMHOPCTYXI"
)

// twins rewrites letters of one script as their look-alikes of another.
func twins(text, from, to string) string {
	target := []rune(to)
	return strings.Map(func(r rune) rune {
		i := 0
		for _, f := range from {
			if f == r {
				return target[i]
			}
			i++
		}
		return r
	}, text)
}
