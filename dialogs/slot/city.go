package slot

import (
	"strings"
	"unicode/utf8"

	"govorun/locales"
)

// parseCity takes a city of the kit or of the options: by its number, its name, or a name with slips of the keyboard. Without either any
// name will do.
func parseCity(spec Spec, given Given) (Value, *Wrong) {
	if len(spec.Cities) > 0 && len(spec.Options) == 0 {
		return parseKnownCity(spec, given)
	}
	text, flags, w := typed(given)
	if w != nil {
		return Value{}, w
	}
	if len(spec.Options) == 0 {
		return parseName(spec, Given{Text: text})
	}
	id, w := pick(spec.Options, text)
	if w == nil {
		return Value{Text: id, Flags: flags}, nil
	}
	if w.Key == "slot.choice_number" {
		return Value{}, w
	}
	near := nearest(spec.Options, text)
	switch len(near) {
	case 1:
		return Value{Text: near[0].ID, Flags: flags}, nil
	case 0:
		return Value{}, wrong("slot.city_wrong", "example", spec.Options[0].Text)
	}
	names := make([]string, min(len(near), 4))
	for i := range names {
		names[i] = near[i].Text
	}
	return Value{}, wrong("slot.city_ambiguous", "cities", strings.Join(names, ", "), "example", near[0].Text)
}

// nearest returns the options with the fewest slips, if those are few enough for the length of the name: none for three letters, one for
// up to six, two beyond. Words before a name ("г.", "город") don't count.
func nearest(options []Option, text string) []Option {
	name := foldCity(text)
	if name == "" || utf8.RuneCountInString(name) > 60 {
		return nil
	}
	best := slips(name)
	var near []Option
	for _, o := range options {
		d := locales.Slips(name, foldCity(o.Text), best)
		if d < best {
			near, best = nil, d
		}
		if d == best {
			near = append(near, o)
		}
	}
	return near
}

// kazakh replaces letters by what people without them on the keyboard type.
var kazakh = strings.NewReplacer("ә", "а", "ғ", "г", "қ", "к", "ң", "н", "ө", "о", "ұ", "у", "ү", "у", "һ", "х", "і", "и", "ь", "", "ъ", "")

func foldCity(text string) string {
	words := strings.Fields(kazakh.Replace(locales.Fold(text)))
	for len(words) > 1 && (words[0] == "г" || words[0] == "город" || words[0] == "city" || words[0] == "каласы") {
		words = words[1:]
	}
	return strings.Join(words, "")
}
