package dialogs

import (
	"strings"
	"unicode/utf8"

	"govorun/locales"
)

// citySpelling is one way to write a city, folded and in one word.
type citySpelling struct{ city, spelling string }

// spellCities brings the spellings of the kit's cities to the form of questions. means is a spelling and its city.
func spellCities(means map[string]string) (list []citySpelling) {
	for _, spelling := range sortedKeys(means) {
		if folded := strings.Join(strings.Fields(foldKnown(spelling)), ""); folded != "" {
			list = append(list, citySpelling{means[spelling], folded})
		}
	}
	return list
}

// cityIn finds the city that words name, in any spelling, with an ending or a slip, and those of the words that do.
func (k *Knowledge) cityIn(words []string) (city string, spelt []string) {
	for _, fits := range []func(word, city string) bool{func(word, city string) bool { return word == city }, namesCity} {
		for _, c := range k.cities {
			for i, word := range words {
				if fits(word, c.spelling) {
					return c.city, words[i : i+1]
				}
				if i+1 < len(words) && fits(word+words[i+1], c.spelling) && !fits(words[i+1], c.spelling) {
					return c.city, words[i : i+2]
				}
			}
		}
	}
	return "", nil
}

const (
	shortestSpelling = 5 // letters of a city that may have an ending or a slip
	longSpelling     = 6 // and more letters may have two slips
	longestEnding    = 4
)

// namesCity tells whether a word is a city with an ending (в Шымкенте, Алматыда) or with a slip in it.
func namesCity(word, city string) bool {
	letters := utf8.RuneCountInString(city)
	if letters < shortestSpelling {
		return false
	}
	if rest, begins := strings.CutPrefix(word, city); begins {
		return utf8.RuneCountInString(rest) <= longestEnding
	}
	first, _ := utf8.DecodeRuneInString(word)
	own, _ := utf8.DecodeRuneInString(city)
	most := 1
	if letters > longSpelling {
		most = 2
	}
	return first == own && locales.Slips(word, city, most) <= most
}
