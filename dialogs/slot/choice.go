package slot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"govorun/locales"
)

// shortestPrefix is how many characters of an option's beginning are enough to mean it, when nothing else begins so.
const shortestPrefix = 4

// parseChoice takes the id of an option, its text in any case and without emoji, its number in any form, or an unmistakable beginning.
func parseChoice(spec Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		if w.Key == "slot.text_wanted" || w.Key == "slot.text_empty" {
			w = wrong("slot.choice_wrong")
		}
		return Value{}, w
	}
	id, w := pick(spec.Options, text)
	return Value{Text: id}, w
}

func showChoice(spec Spec, v Value) any {
	for _, o := range spec.Options {
		if o.ID == v.Text {
			return o.Text
		}
	}
	return v.Text
}

// pick finds the one option that a text means.
func pick(options []Option, text string) (string, *Wrong) {
	for _, o := range options {
		if o.ID == text {
			return o.ID, nil
		}
	}
	folded := locales.Fold(text)
	if id, ok := named(options, folded); ok {
		return id, nil
	}
	numbers := numbersIn(text)
	switch {
	case len(numbers) == 1 && numbers[0] >= 1 && numbers[0] <= len(options):
		return options[numbers[0]-1].ID, nil
	case len(numbers) == 1 && len(options) > 0:
		return "", wrong("slot.choice_number", "number", numbers[0], "max", len(options))
	case slices.ContainsFunc(numbers, func(n int) bool { return n < 1 || n > len(options) }):
		return "", wrong("slot.choice_wrong") // the number of an account, not of options
	case len(numbers) > 1:
		return "", wrong("slot.choice_ambiguous", "example", strconv.Itoa(min(max(numbers[0], 1), max(len(options), 1))))
	}
	return beginning(options, folded)
}

// named finds the option whose text or id this is.
func named(options []Option, folded string) (string, bool) {
	for _, o := range options {
		if locales.Fold(o.Text) == folded {
			return o.ID, true
		}
	}
	for _, o := range options {
		if strings.EqualFold(o.ID, folded) {
			return o.ID, true
		}
	}
	return "", false
}

// beginning finds the one option that begins with the text.
func beginning(options []Option, folded string) (string, *Wrong) {
	if utf8.RuneCountInString(folded) < shortestPrefix {
		return "", wrong("slot.choice_wrong")
	}
	found := -1
	for i, o := range options {
		if !strings.HasPrefix(locales.Fold(o.Text), folded) {
			continue
		}
		if found >= 0 {
			return "", wrong("slot.choice_ambiguous", "example", strconv.Itoa(found+1))
		}
		found = i
	}
	if found < 0 {
		return "", wrong("slot.choice_wrong")
	}
	return options[found].ID, nil
}

// numbersIn reads a text of nothing but numbers, in digits or words, and words that may stand around them: "1", "1.", "1️⃣", "первый",
// "option two", "1 и 2". It gives nothing when anything else is in it.
func numbersIn(text string) []int {
	words := vocabularyOf()
	var numbers []int
	for _, word := range strings.Fields(locales.Fold(strings.ReplaceAll(text, "🔟", " 10 "))) {
		if n, err := strconv.Atoi(digits(word)); err == nil {
			numbers = append(numbers, n)
		} else if n, ok := words.numbers[word]; ok {
			numbers = append(numbers, n)
		} else if n, ok := words.ordinals[word]; ok {
			numbers = append(numbers, n)
		} else if !words.and[word] && !words.option[word] {
			return nil
		}
	}
	return slices.Compact(numbers)
}

// span is a run of options: "1-3".
var span = regexp.MustCompile(`^\s*(\d{1,3})\s*[-–—]\s*(\d{1,3})\s*$`)

// parseMany takes numbers, ids or texts of options, separated by commas, lines or "and"; "1-3"; "all". The ids keep the order of the options.
func parseMany(spec Spec, given Given) (Value, *Wrong) {
	text, _, w := typed(given)
	if w != nil {
		if w.Key == "slot.text_wanted" || w.Key == "slot.text_empty" {
			w = wrong("slot.many_wrong")
		}
		return Value{}, w
	}
	chosen, w := pickMany(spec.Options, text)
	if w != nil {
		return Value{}, w
	}
	var many []string
	for _, o := range spec.Options {
		if chosen[o.ID] {
			many = append(many, o.ID)
		}
	}
	switch {
	case len(many) == 0:
		return Value{}, wrong("slot.many_wrong")
	case len(many) < int(spec.Min):
		return Value{}, wrong("slot.many_few", "min", int(spec.Min))
	case spec.Max > 0 && len(many) > int(spec.Max):
		return Value{}, wrong("slot.many_much", "max", int(spec.Max))
	}
	return Value{Many: many}, nil
}

func pickMany(options []Option, text string) (map[string]bool, *Wrong) {
	chosen := map[string]bool{}
	if id, w := pick(options, text); w == nil {
		chosen[id] = true
		return chosen, nil
	}
	if vocabularyOf().all[locales.Fold(text)] {
		for _, o := range options {
			chosen[o.ID] = true
		}
		return chosen, nil
	}
	numbers := numbersIn(text)
	if m := span.FindStringSubmatch(text); m != nil {
		from, _ := strconv.Atoi(m[1])
		to, _ := strconv.Atoi(m[2])
		if from > to {
			return nil, wrong("slot.many_wrong")
		}
		for numbers = nil; from <= to; from++ {
			numbers = append(numbers, from)
		}
	}
	for _, n := range numbers {
		if n < 1 || n > len(options) {
			return nil, wrong("slot.choice_number", "number", n, "max", len(options))
		}
		chosen[options[n-1].ID] = true
	}
	if len(numbers) > 0 {
		return chosen, nil
	}
	return pickTexts(options, text)
}

// pickTexts reads texts of options, of which each may hold a comma itself: the longest run of pieces that means an option is taken.
func pickTexts(options []Option, text string) (map[string]bool, *Wrong) {
	chosen := map[string]bool{}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' })
	for i := 0; i < len(pieces); {
		taken := 0
		for j := min(len(pieces), i+4); j > i && taken == 0; j-- {
			if id, w := pick(options, strings.TrimSpace(strings.Join(pieces[i:j], ","))); w == nil {
				chosen[id] = true
				taken = j - i
			}
		}
		if taken == 0 {
			return nil, wrong("slot.many_wrong")
		}
		i += taken
	}
	return chosen, nil
}

func showMany(spec Spec, v Value) any {
	texts := make([]string, len(v.Many))
	for i, id := range v.Many {
		texts[i] = showChoice(spec, Value{Text: id}).(string)
	}
	return strings.Join(texts, ", ")
}

// Meant tells which of the labels a text is, by its number in any form or word for word, counted from 0; -1 when it is none of them. several
// is true when it names more than one.
func Meant(labels []string, text string) (at int, several bool) {
	folded := locales.Fold(text)
	if i := slices.IndexFunc(labels, func(label string) bool { return locales.Fold(label) == folded }); i >= 0 {
		return i, false
	}
	numbers := numbersIn(text)
	if len(numbers) == 0 || slices.ContainsFunc(numbers, func(n int) bool { return n < 1 || n > len(labels) }) {
		return -1, false
	}
	if len(numbers) > 1 {
		return -1, true
	}
	return numbers[0] - 1, false
}

// Counts tells whether a text is nothing but numbers, in any form.
func Counts(text string) bool { return len(numbersIn(text)) > 0 }
