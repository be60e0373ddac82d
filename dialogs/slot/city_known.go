package slot

import (
	"slices"
	"strings"
	"unicode/utf8"

	"govorun/locales"
)

// City is a city of the kit: its name, which is what a slot keeps whatever was typed; what it is called in a language, where that differs; and
// other ways to write it, in any alphabet.
type City struct {
	Name  string
	Names map[string]string
	Also  []string
}

// In is what a city is called in a language.
func (c City) In(lang string) string {
	if name := c.Names[lang]; name != "" {
		return name
	}
	return c.Name
}

const (
	// shortestCity is how many letters of the beginning of a name are enough to mean it, when no other city begins so.
	shortestCity = 4
	// alikeCity is how many of their trigrams two names must share, of 1, for one to be offered for the other.
	alikeCity = 0.3
)

// FoldCity brings the ways to write the name of a city to one form, to be compared: letters only, without “г.” or “city”.
func FoldCity(text string) string { return foldCity(text) }

// FindCity finds the one city that a text means: by any of its spellings, an unmistakable beginning, or with few slips of the keyboard. Near are
// those it may be when it isn't one: several, or the one that looks like it.
func FindCity(cities []City, text string) (found *City, near []*City) {
	name := foldCity(text)
	if name == "" || utf8.RuneCountInString(name) > 60 || strings.ContainsAny(name, "0123456789") {
		return nil, nil
	}
	same := func(spelling string) bool { return spelling == name }
	begins := func(spelling string) bool {
		return utf8.RuneCountInString(name) >= shortestCity && strings.HasPrefix(spelling, name)
	}
	for _, fits := range []func(string) bool{same, begins} {
		if got := fitting(cities, fits); len(got) == 1 {
			return got[0], nil
		} else if len(got) > 1 {
			return nil, got
		}
	}
	most := slips(name)
	for n := 1; n <= most; n++ {
		if got := fitting(cities, func(spelling string) bool { return sameStart(name, spelling) && locales.Slips(name, spelling, n) == n }); len(got) == 1 {
			return got[0], nil
		} else if len(got) > 1 {
			return nil, got
		}
	}
	best := alikeCity
	for i := range cities {
		for _, spelling := range cities[i].spellings() {
			if like := alike(name, spelling); like > best {
				best, near = like, []*City{&cities[i]}
			}
		}
	}
	return nil, near
}

// parseKnownCity takes a city of the kit, and keeps it by its name. Elsewhere lets a city be that the kit doesn't know.
func parseKnownCity(spec Spec, given Given) (Value, *Wrong) {
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	found, near := FindCity(spec.Cities, text)
	switch {
	case found != nil:
		return Value{Text: found.Name, Flags: flags}, nil
	case len(near) > 1:
		names := make([]string, min(len(near), 4))
		for i := range names {
			names[i] = near[i].In(spec.Lang)
		}
		return Value{}, wrong("slot.city_ambiguous", "cities", strings.Join(names, ", "), "example", names[0])
	case spec.Elsewhere:
		return parseName(spec, Given{Text: text})
	case len(near) == 1:
		return Value{}, wrong("slot.city_near", "example", near[0].In(spec.Lang))
	}
	return Value{}, wrong("slot.city_wrong", "example", spec.Cities[0].In(spec.Lang))
}

func (c City) spellings() []string {
	all := []string{foldCity(c.Name)}
	for _, s := range c.Names {
		all = append(all, foldCity(s))
	}
	for _, s := range c.Also {
		all = append(all, foldCity(s))
	}
	return all
}

// showCity names a city in the language of whoever reads.
func showCity(spec Spec, v Value) any {
	for _, c := range spec.Cities {
		if c.Name == v.Text {
			return c.In(spec.Lang)
		}
	}
	return showChoice(spec, v)
}

// fitting are the cities with a spelling that fits.
func fitting(cities []City, fits func(string) bool) (list []*City) {
	for i := range cities {
		if slices.ContainsFunc(cities[i].spellings(), fits) {
			list = append(list, &cities[i])
		}
	}
	return list
}

// slips is how many slips of the keyboard are forgiven in a name: none in three letters, one in up to six, two beyond.
func slips(name string) int {
	switch n := utf8.RuneCountInString(name); {
	case n > 6:
		return 2
	case n > 3:
		return 1
	}
	return 0
}

// sameStart tells whether two names begin with one letter: Томск is no slip of Омск.
func sameStart(a, b string) bool {
	x, _ := utf8.DecodeRuneInString(a)
	y, _ := utf8.DecodeRuneInString(b)
	return x == y
}

// alike is the part of their trigrams that two names share.
func alike(a, b string) float64 {
	x, y := trigrams(a), trigrams(b)
	shared := 0
	for t := range x {
		if y[t] {
			shared++
		}
	}
	return float64(shared) / float64(max(1, len(x)+len(y)-shared))
}

func trigrams(name string) map[string]bool {
	runes := []rune("  " + name + " ")
	set := make(map[string]bool, len(runes))
	for i := 0; i+3 <= len(runes); i++ {
		set[string(runes[i:i+3])] = true
	}
	return set
}
