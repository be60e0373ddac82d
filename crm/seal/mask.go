package seal

import "unicode/utf8"

// Hidden stands for a secret of which nothing is shown.
const Hidden = "•••••"

// shownEnds is how many letters of an account or phone number are shown at each end.
const shownEnds = 4

// Ends is the mask of a number that people tell from others by its ends: "KZ86 ···0100". One that is too short shows nothing.
func Ends(number string) string {
	n := utf8.RuneCountInString(number)
	if n < 3*shownEnds {
		return Hidden
	}
	letters := []rune(number)
	return string(letters[:shownEnds]) + " ···" + string(letters[n-shownEnds:])
}
