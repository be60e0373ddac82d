// Package locales holds what the product and its kits say to people, in every language: texts with placeholders and plural forms,
// and lists of words that people type. It knows nothing of dialogs and channels.
//
// Message files are those of go-i18n: one YAML file for each language. A text without placeholders is answered from a table; plural
// forms are chosen by go-i18n. A placeholder without a value is an error, never "<no value>" in front of a person.
package locales

import (
	"fmt"
	"io/fs"
	"strconv"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Source is a folder of message files named <language>.yaml. Name is the folder as it is called in problems and positions.
type Source struct {
	Name string
	FS   fs.FS
}

// Catalog is every text in every language. It never changes after Load and may be used by many goroutines.
type Catalog struct {
	languages  []string
	tables     map[string]map[string]*entry // language → key → text
	fallback   []string                     // where a missing text is looked for, in order
	localizers map[string]*i18n.Localizer   // for plural forms
	matcher    language.Matcher
	problems   []Problem
}

// entry is one text of one language.
type entry struct {
	*text
	plural  map[string]*text // plural form → text; nil when there is only one
	words   []string
	at      position
	formsAt map[string]position
}

// Text returns the text of a key with its arguments filled in. Arguments are display values, already escaped for HTML; the one named n is
// the count that chooses the plural form. A missing key or argument is an error; the text beside it is the best that could be done:
// another language, the key itself, "…" for the value.
func (c *Catalog) Text(lang, key string, args map[string]any) (string, error) {
	e, ok := c.tables[lang][key]
	if !ok {
		return c.elsewhere(lang, key, args)
	}
	if e.plural == nil {
		if len(e.places) == 0 {
			return e.source, nil
		}
		filled, err := e.fill(args)
		if err != nil {
			return filled, fmt.Errorf("text %s in %s: %w", key, lang, err)
		}
		return filled, nil
	}
	return c.pluralText(lang, key, e, args)
}

// pluralText lets go-i18n choose the form by args["n"] and fill it.
func (c *Catalog) pluralText(lang, key string, e *entry, args map[string]any) (string, error) {
	n, ok := count(args["n"])
	if !ok {
		filled, _ := e.fill(args)
		return filled, fmt.Errorf("text %s in %s: no number in {{.n}}", key, lang)
	}
	filled, err := c.localizers[lang].Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: args, TemplateParser: parser{}})
	if err != nil {
		if filled == "" {
			filled, _ = e.fill(args)
		}
		return filled, fmt.Errorf("text %s in %s: %w", key, lang, err)
	}
	return filled, nil
}

// count makes of a number what go-i18n takes: an integer, or a decimal as text.
func count(n any) (any, bool) {
	switch v := n.(type) {
	case int, int8, int16, int32, int64:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case string:
		_, err := strconv.ParseFloat(v, 64)
		return v, err == nil
	}
	return nil, false
}

// elsewhere answers for a language or a key that is not there.
func (c *Catalog) elsewhere(lang, key string, args map[string]any) (string, error) {
	if _, known := c.tables[lang]; !known {
		if near := c.Match(lang); near != lang {
			return c.Text(near, key, args)
		}
	}
	for _, other := range c.fallback {
		if _, ok := c.tables[other][key]; ok && other != lang {
			filled, _ := c.Text(other, key, args)
			return filled, fmt.Errorf("text %s is missing in %s, %s taken instead", key, lang, other)
		}
	}
	return key, fmt.Errorf("text %s is missing", key)
}

// Has tells whether the key has a text in this very language.
func (c *Catalog) Has(lang, key string) bool {
	_, ok := c.tables[lang][key]
	return ok
}

// Words returns the words of a text that lists them between "|", folded as by Fold; of the default language when lang has no such text.
// The slice is shared and must not be changed.
func (c *Catalog) Words(lang, key string) []string {
	if e, ok := c.tables[lang][key]; ok {
		return e.words
	}
	for _, other := range c.fallback {
		if e, ok := c.tables[other][key]; ok {
			return e.words
		}
	}
	return nil
}

// Languages returns the languages of the kit, the default first. The slice is shared and must not be changed.
func (c *Catalog) Languages() []string { return c.languages }

// Match returns the language of the kit that is nearest to a BCP-47 tag such as "ru-KZ" or "pt_BR"; the default one when none is near.
func (c *Catalog) Match(tag string) string {
	for _, lang := range c.languages {
		if lang == tag {
			return lang
		}
	}
	wanted, err := language.Parse(tag)
	if err != nil {
		return c.languages[0]
	}
	_, i, confidence := c.matcher.Match(wanted)
	if confidence == language.No {
		return c.languages[0]
	}
	return c.languages[i]
}

// Placeholders returns the placeholders of a text in all languages together, each as its path: ["machine", "code"]. A text with plural
// forms also needs ["n"].
func (c *Catalog) Placeholders(key string) [][]string {
	var all [][]string
	for _, lang := range c.languages {
		if e, ok := c.tables[lang][key]; ok {
			all = union(all, e.placeholders())
		}
	}
	return all
}

// Position returns where a text is written: the file within its source and line and column from 1; zeros when there is no such text.
func (c *Catalog) Position(lang, key string) (file string, line, column int) {
	if e, ok := c.tables[lang][key]; ok {
		return e.at.file, e.at.line, e.at.column
	}
	return "", 0, 0
}

// Problems returns everything that is wrong with the texts, sorted by file and line; nil when all is well.
func (c *Catalog) Problems() []Problem { return c.problems }
