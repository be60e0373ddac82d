package filter

import (
	"strings"

	"govorun/locales"
)

// Line is one line of the reference: what may be typed, an example of it, and what it means.
type Line struct {
	Keys    string
	Example string
	Means   string
}

// Reference lists the keys of the language and the words that stand by themselves, in a language of the product.
func Reference(lang string) []Line {
	b := &Book{texts: product(), product: product()}
	return reference(World{Book: b, Lang: product().Match(lang)})
}

// Reference lists the keys with examples that have an answer in this kit: its cities, stages and crews.
func (w World) Reference() []Line { return reference(w) }

func reference(w World) []Line {
	var lines []Line
	for _, k := range keys {
		lines = append(lines, Line{Keys: strings.Join(wordsOf(w.Book.in(w.Lang), w.Lang, k.name, 3), ", "), Example: w.Book.example(w, k.name),
			Means: w.Book.say(w.Lang, "find."+k.name+"_means", nil)})
	}
	var all []string
	for _, name := range specials {
		all = append(all, w.Book.first(w.Lang, name))
	}
	return append(lines, Line{Keys: strings.Join(all, ", "), Example: w.Book.first(w.Lang, "new"), Means: w.Book.say(w.Lang, "find.words_means", nil)})
}

// wordsOf are the first words of a list as they are written.
func wordsOf(texts *locales.Catalog, lang, name string, most int) []string {
	text, _ := texts.Text(lang, "find."+name+"_words", nil)
	words := strings.Split(text, "|")
	return words[:min(most, len(words))]
}

// example is a key with a value that the kit has.
func (b *Book) example(w World, name string) string {
	value := ""
	switch name {
	case "city":
		value = nameAt(&b.cities, w.Lang)
	case "stage":
		value = nameAt(&b.stages, w.Lang)
	case "pipeline":
		value = nameAt(&b.pipelines, w.Lang)
	case "crew":
		if len(w.Crews) > 0 {
			value = quoteName(w.Crews[0].Name)
		}
	default:
		if strings.HasPrefix(name, "field:") {
			return b.label(w.Lang, name) + ":…"
		}
		return b.say(w.Lang, "find."+name+"_example", nil)
	}
	if value == "" {
		value = "…"
	}
	return b.label(w.Lang, name) + ":" + value
}

// nameAt is the name of the first thing.
func nameAt(n *names, lang string) string {
	if len(n.ids) == 0 {
		return ""
	}
	return quoteName(n.text(0, lang))
}
