package filter

import (
	"strings"

	"govorun/locales"
)

// sounds are Latin spellings of Cyrillic letters, Russian and Kazakh: names are the same whichever alphabet they are typed in.
var sounds = strings.NewReplacer("а", "a", "б", "b", "в", "v", "г", "g", "д", "d", "е", "e", "ж", "zh", "з", "z", "и", "i", "й", "y", "к", "k", "л", "l", "м", "m",
	"н", "n", "о", "o", "п", "p", "р", "r", "с", "s", "т", "t", "у", "u", "ф", "f", "х", "kh", "ц", "ts", "ч", "ch", "ш", "sh", "щ", "sch", "ъ", "", "ы", "y", "ь", "",
	"э", "e", "ю", "yu", "я", "ya", "ә", "a", "ғ", "g", "қ", "k", "ң", "n", "ө", "o", "ұ", "u", "ү", "u", "һ", "h", "і", "i")

// fold brings a name to the form in which names are compared: case, ё, spaces, hyphens, underscores and the alphabet don't count.
func fold(name string) string { return sounds.Replace(locales.Fold(name)) }
