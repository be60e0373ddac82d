package locales

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Problem is one mistake in a message file: where it is, what is wrong, and what to write instead.
type Problem struct {
	File         string
	Line, Column int
	What, Fix    string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s; %s", p.File, p.Line, p.Column, p.What, p.Fix)
}

// check compares the languages with each other and adds what is wrong.
func (c *Catalog) check(sources []Source) {
	c.checkFiles(sources)
	for _, lang := range c.languages {
		needed := pluralForms(lang)
		for key, e := range c.tables[lang] {
			c.checkEmpty(lang, key, e)
			c.checkForms(lang, key, e, needed)
			c.checkMarkup(key, e)
		}
	}
	for key, first := range c.keys() {
		c.checkLanguages(key, first)
	}
	slices.SortFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.What, b.What))
	})
}

// checkFiles names whole files that are missing: one problem, not one for each text.
func (c *Catalog) checkFiles(sources []Source) {
	for i, source := range sources {
		for _, lang := range c.languages {
			if _, err := fs.Stat(source.FS, lang+".yaml"); err == nil {
				continue
			}
			file := path.Join(source.Name, lang+".yaml")
			fix := "add it with all texts, or remove " + lang + " from the languages of the kit"
			if i == 0 && len(sources) > 1 { // the product doesn't speak it: the kit has to
				last := sources[len(sources)-1]
				file = path.Join(last.Name, lang+".yaml")
				if c.complete(lang, source) {
					continue
				}
				fix = "translate the product's own texts (grammar.*, slot.*, staff.*, numbered.*, menu.*, date.*, number.*) in this file"
			}
			c.problems = append(c.problems, Problem{File: file, Line: 1, Column: 1, What: fmt.Sprintf("texts in %s are missing", lang), Fix: fix})
		}
	}
}

// complete tells whether other sources have every text of this one in the language.
func (c *Catalog) complete(lang string, source Source) bool {
	for _, table := range c.tables {
		for key, e := range table {
			if strings.HasPrefix(e.at.file, source.Name+"/") && !c.Has(lang, key) {
				return false
			}
		}
	}
	return true
}

// keys returns every key with the first language that has it.
func (c *Catalog) keys() map[string]string {
	keys := map[string]string{}
	for _, lang := range c.languages {
		for key := range c.tables[lang] {
			if _, seen := keys[key]; !seen {
				keys[key] = lang
			}
		}
	}
	return keys
}

// checkLanguages compares one text in all languages: it is there, with the same placeholders.
func (c *Catalog) checkLanguages(key, first string) {
	model := c.tables[first][key]
	for _, lang := range c.languages {
		e, ok := c.tables[lang][key]
		if !ok {
			if c.speaks(lang, path.Dir(model.at.file)) {
				file := path.Join(path.Dir(model.at.file), lang+".yaml")
				c.problem(model.at, fmt.Sprintf("text %q is missing in %s", key, lang), fmt.Sprintf("add it to %s", file))
			}
			continue
		}
		for _, place := range difference(model.placeholders(), e.placeholders()) {
			c.problem(e.at, fmt.Sprintf("text %q has no {{.%s}}, which it has in %s", key, place, first), "use the same placeholders in every language")
		}
		for _, place := range difference(e.placeholders(), model.placeholders()) {
			c.problem(e.at, fmt.Sprintf("text %q has {{.%s}}, which it doesn't have in %s", key, place, first), "use the same placeholders in every language")
		}
	}
}

// speaks tells whether a source has a file in the language; if not, checkFiles has said so.
func (c *Catalog) speaks(lang, source string) bool {
	for _, e := range c.tables[lang] {
		if path.Dir(e.at.file) == source {
			return true
		}
	}
	return false
}

func difference(all, without [][]string) []string {
	var rest []string
	for _, p := range all {
		if !slices.ContainsFunc(without, func(q []string) bool { return slices.Equal(p, q) }) {
			rest = append(rest, strings.Join(p, "."))
		}
	}
	return rest
}

func (c *Catalog) checkEmpty(lang, key string, e *entry) {
	for form, t := range e.variants() {
		if strings.TrimSpace(t.source) == "" {
			c.problem(e.formsAt[form], fmt.Sprintf("text %q is empty in %s", key, lang), "write the text")
		}
	}
}

// checkForms compares the plural forms with those that the language has.
func (c *Catalog) checkForms(lang, key string, e *entry, needed []string) {
	if e.plural == nil {
		if len(needed) > 1 && c.pluralElsewhere(key) {
			c.problem(e.at, fmt.Sprintf("text %q has no plural forms in %s", key, lang), "write "+strings.Join(needed, ", "))
		}
		return
	}
	for _, form := range needed {
		if e.plural[form] == nil {
			c.problem(e.at, fmt.Sprintf("text %q has no plural form %q in %s", key, form, lang), "write "+strings.Join(needed, ", "))
		}
	}
	for form := range e.plural {
		if !slices.Contains(needed, form) {
			c.problem(e.formsAt[form], fmt.Sprintf("text %q has the plural form %q, which %s doesn't have", key, form, lang), "write "+strings.Join(needed, ", "))
		}
	}
}

func (c *Catalog) pluralElsewhere(key string) bool {
	return slices.ContainsFunc(c.languages, func(lang string) bool { e, ok := c.tables[lang][key]; return ok && e.plural != nil })
}

// variants returns the forms of a text, "other" alone when it has no plurals.
func (e *entry) variants() map[string]*text {
	if e.plural != nil {
		return e.plural
	}
	return map[string]*text{"other": e.text}
}

func (c *Catalog) problem(at position, what, fix string) {
	c.problems = append(c.problems, Problem{File: at.file, Line: at.line, Column: at.column, What: what, Fix: fix})
}

// pluralForms asks go-i18n which forms a language has: for whole numbers, and for a decimal.
func pluralForms(lang string) []string {
	tag := language.Make(lang)
	bundle := i18n.NewBundle(tag)
	bundle.MustAddMessages(tag, &i18n.Message{ID: "form", Zero: "zero", One: "one", Two: "two", Few: "few", Many: "many", Other: "other"})
	localizer := i18n.NewLocalizer(bundle, lang)
	found := map[string]bool{}
	for n := range 201 {
		found[localizer.MustLocalize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: n})] = true
	}
	found[localizer.MustLocalize(&i18n.LocalizeConfig{MessageID: "form", PluralCount: "1.5"})] = true
	return slices.Sorted(maps.Keys(found))
}
