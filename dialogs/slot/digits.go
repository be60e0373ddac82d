package slot

import (
	"strings"

	"govorun/locales"
)

// digits rewrites the decimal digits of every script as ASCII.
func digits(text string) string { return locales.Digits(text) }

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
