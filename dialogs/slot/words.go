package slot

import (
	"sync"

	"govorun/dialogs/dates"
	"govorun/locales"
)

// vocabulary is what parsers know of languages: every language of the product at once, because people mix them. It is read from the
// product's own texts, so a translator corrects it there.
type vocabulary struct {
	texts    *locales.Catalog
	numbers  map[string]int // один, one, бір
	ordinals map[string]int // первый, first, бірінші
	and      map[string]bool
	all      map[string]bool
	option   map[string]bool // words before the number of an option
	calendar *dates.Calendar
}

// vocabularyOf reads the vocabulary once; it never changes afterwards.
var vocabularyOf = sync.OnceValue(func() *vocabulary {
	texts, err := locales.Load([]string{"en", "ru", "kk"}, locales.Product()) // English for a kit in a language that the product doesn't speak
	if err != nil {
		panic("the product's own texts can't be read: " + err.Error()) // they are part of the binary and tested
	}
	v := &vocabulary{texts: texts, numbers: map[string]int{}, ordinals: map[string]int{}, and: map[string]bool{}, all: map[string]bool{}, option: map[string]bool{}}
	for _, lang := range texts.Languages() {
		v.numberList(v.numbers, lang, "number.words")
		v.numberList(v.numbers, lang, "number.forms")
		v.numberList(v.ordinals, lang, "number.ordinals")
		v.set(v.and, lang, "number.and_words")
		v.set(v.all, lang, "number.all_words")
		v.set(v.option, lang, "number.option_words")
	}
	v.calendar = dates.New(texts)
	return v
})

// numberList reads groups of forms: the first group means 0, the second 1 and so on.
func (v *vocabulary) numberList(into map[string]int, lang, key string) {
	for n, group := range v.texts.Groups(lang, key) {
		for _, form := range group {
			into[form] = n
		}
	}
}

func (v *vocabulary) set(into map[string]bool, lang, key string) {
	for _, word := range v.texts.Words(lang, key) {
		into[word] = true
	}
}

// say returns a text of the product in the language of the spec.
func say(spec Spec, key string, args map[string]any) string {
	texts := vocabularyOf().texts
	text, _ := texts.Text(texts.Match(spec.Lang), key, args)
	return text
}
