package filter

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"govorun/crm"
	"govorun/dialogs"
	"govorun/dialogs/dates"
	"govorun/locales"
)

// Book is what filters of a kit may name: keys, stages, cities, fields. It never changes after NewBook and may be used by many goroutines.
type Book struct {
	texts     *locales.Catalog // of the kit
	product   *locales.Catalog // every language of the product
	calendar  *dates.Calendar
	languages []string
	keys      map[string]string   // folded word → name of a key, "field:<name>" for a field
	words     map[string]string   // folded word or phrase → what it means by itself
	values    map[string][]string // meaning of a value ("me", "nobody", "sort_due", "not", "ignore", "descending") → its folded words
	pipelines names
	stages    names
	places    []crm.Stage // of each stage
	fresh     []crm.Stage // where deals begin
	cities    names
	fields    map[string]*field
	named     []string // fields by name, sorted
}

// field is a field of deals that may be filtered by.
type field struct {
	dialogs.Field
	options names
}

// product reads the texts of the product once.
var product = sync.OnceValue(func() *locales.Catalog {
	texts, err := locales.Load([]string{"en", "ru", "kk"}, locales.Product()) // English for a kit in a language that the product doesn't speak
	if err != nil {
		panic("the product's own texts can't be read: " + err.Error()) // they are part of the binary and tested
	}
	return texts
})

// NewBook collects the names of a kit.
func NewBook(kit *dialogs.Kit) *Book {
	b := &Book{texts: kit.Texts, product: product(), keys: map[string]string{}, words: map[string]string{}, values: map[string][]string{}, fields: map[string]*field{}}
	b.calendar = dates.New(b.product)
	b.languages = slices.Clone(kit.Languages)
	for _, lang := range b.product.Languages() {
		if !slices.Contains(b.languages, lang) {
			b.languages = append(b.languages, lang)
		}
	}
	for _, n := range []*names{&b.pipelines, &b.stages} {
		n.languages = kit.Languages
	}
	b.readWords()
	b.readPipelines(kit)
	b.readCities(kit)
	b.readFields(kit)
	return b
}

// in is the catalog that speaks a language.
func (b *Book) in(lang string) *locales.Catalog {
	if slices.Contains(b.texts.Languages(), lang) {
		return b.texts
	}
	return b.product
}

func (b *Book) say(lang, key string, args map[string]any) string {
	texts := b.in(lang)
	text, _ := texts.Text(texts.Match(lang), key, args)
	return text
}

// first is the first word of a list: how the product itself writes it.
func (b *Book) first(lang, name string) string {
	word, _, _ := strings.Cut(b.say(lang, "find."+name+"_words", nil), "|")
	return word
}

// readWords reads the words of keys, the words that stand by themselves, and those of values.
func (b *Book) readWords() {
	each := func(name string, take func(folded string)) {
		for _, lang := range b.languages {
			for _, w := range b.in(lang).Words(lang, "find."+name+"_words") {
				take(w)
			}
		}
	}
	for _, k := range keys {
		each(k.name, func(w string) { setNew(b.keys, w, k.name) })
		setNew(b.keys, k.name, k.name)
	}
	for _, name := range specials {
		each(name, func(w string) { setNew(b.words, w, name) })
	}
	for _, name := range valueWords {
		each(name, func(w string) { b.values[name] = append(b.values[name], w) })
	}
}

func setNew(m map[string]string, key, value string) {
	if _, there := m[key]; !there {
		m[key] = value
	}
}

// translations are a text of the kit in all its languages.
func (b *Book) translations(key string) map[string]string {
	texts := map[string]string{}
	for _, lang := range b.texts.Languages() {
		if b.texts.Has(lang, key) {
			texts[lang], _ = b.texts.Text(lang, key, nil)
		}
	}
	return texts
}

func (b *Book) readPipelines(kit *dialogs.Kit) {
	for _, name := range sortedKeys(kit.Pipelines) {
		p := kit.Pipelines[name]
		b.pipelines.add(name, b.translations(p.Key))
		for i, s := range p.Stages {
			place := crm.Stage{Pipeline: name, Stage: s.Name}
			b.places = append(b.places, place)
			b.stages.add(s.Name, b.translations(s.Key), name+" "+s.Name)
			if i == 0 {
				b.fresh = append(b.fresh, place)
			}
		}
	}
}

func (b *Book) readCities(kit *dialogs.Kit) {
	for _, city := range sortedKeys(kit.Cities) {
		b.cities.add(city, kit.Cities[city].Names, kit.Cities[city].Also...)
	}
}

// readFields takes the fields that may be searched: no secrets, no files. A field is called by its name, by the kit's own word for it
// (find.field_<name>_words), by its question, and by a long word of the question that no other field has.
func (b *Book) readFields(kit *dialogs.Kit) {
	words := map[string][]string{} // word of a question → fields
	for _, name := range sortedKeys(kit.Fields) {
		f := kit.Fields[name]
		if f.Secret || slices.Contains([]string{"photo", "photos", "file", "location", "contact", "bank"}, f.Type) {
			continue
		}
		one := &field{Field: *f, options: names{languages: kit.Languages}}
		for _, key := range f.Options {
			one.options.add(key[strings.LastIndexByte(key, '.')+1:], b.translations(key))
		}
		b.fields[name], b.named = one, append(b.named, name)
		setNew(b.keys, locales.Fold(name), "field:"+name)
		setNew(b.keys, locales.Fold("field "+name), "field:"+name)
		for _, lang := range b.texts.Languages() {
			if b.texts.Has(lang, "find.field_"+name+"_words") {
				for _, w := range b.texts.Words(lang, "find.field_"+name+"_words") {
					setNew(b.keys, w, "field:"+name)
				}
			}
			if name == "address" && !hasAssets(kit) { // there are no other addresses
				for _, w := range b.in(lang).Words(lang, "find.address_words") {
					b.keys[w] = "field:address"
				}
				b.keys[name] = "field:address"
			}
			for _, w := range questionWords(b.texts, lang, f.Ask) {
				if !slices.Contains(words[w], name) {
					words[w] = append(words[w], name)
				}
			}
		}
	}
	for _, w := range sortedKeys(words) {
		if len(words[w]) == 1 {
			setNew(b.keys, w, "field:"+words[w][0])
		}
	}
}

// shortestWord is how many letters a word of a question has that may stand for its field.
const shortestWord = 4

// questionWords are the first sentence of a question and its longer words, folded, without what is filled in.
func questionWords(texts *locales.Catalog, lang, key string) []string {
	text, _ := texts.Text(lang, key, nil)
	if _, rest, cut := strings.Cut(text, ":"); cut {
		text = rest // "№ …: what happened?"
	}
	text, _, _ = strings.Cut(text, "?")
	all := []string{locales.Fold(text)}
	for _, w := range strings.Fields(locales.Fold(text)) {
		if utf8.RuneCountInString(w) >= shortestWord {
			all = append(all, w)
		}
	}
	return all
}

// hasAssets tells whether a kit knows machines and the like, which have addresses of their own.
func hasAssets(kit *dialogs.Kit) bool {
	for _, d := range kit.Dialogs {
		for _, s := range d.Slots {
			if s.Type == "asset" {
				return true
			}
		}
	}
	return false
}
