package locales

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Load reads the texts of the sources in these languages, the first being the default; later sources override earlier ones.
// Mistakes in the files are no error: they are listed by Problems. The error is about languages that are none, or files that can't be read.
func Load(languages []string, sources ...Source) (*Catalog, error) {
	if len(languages) == 0 {
		return nil, errors.New("load texts: no language is named")
	}
	c := &Catalog{
		languages:  slices.Clone(languages),
		tables:     map[string]map[string]*entry{},
		fallback:   slices.Clone(languages),
		localizers: map[string]*i18n.Localizer{},
	}
	if !slices.Contains(languages, "en") {
		c.fallback = append(c.fallback, "en")
	}
	tags := make([]language.Tag, 0, len(languages))
	for _, lang := range c.fallback {
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("load texts: %q is not a language tag such as ru, en or kk: %w", lang, err)
		}
		if err := c.load(lang, tag, sources); err != nil {
			return nil, err
		}
		tags = append(tags, tag)
	}
	c.matcher = language.NewMatcher(tags[:len(languages)])
	c.check(sources)
	return c, nil
}

// load reads one language of every source.
func (c *Catalog) load(lang string, tag language.Tag, sources []Source) error {
	table := map[string]*entry{}
	bundle := i18n.NewBundle(tag)
	for _, source := range sources {
		data, err := fs.ReadFile(source.FS, lang+".yaml")
		if errors.Is(err, fs.ErrNotExist) {
			continue // said by check, as a problem
		}
		if err != nil {
			return fmt.Errorf("load texts of %s in %s: %w", source.Name, lang, err)
		}
		f := source.read(lang, data)
		maps.Copy(table, f.entries)
		if err := bundle.AddMessages(tag, f.messages...); err != nil {
			return fmt.Errorf("load texts of %s in %s: %w", source.Name, lang, err)
		}
		if slices.Contains(c.languages, lang) {
			c.problems = append(c.problems, f.problems...)
		}
	}
	c.tables[lang] = table
	c.localizers[lang] = i18n.NewLocalizer(bundle, lang)
	return nil
}

// compiled is a message file with its texts ready to be filled in.
type compiled struct {
	*file
	entries map[string]*entry
}

// read takes one language of the source apart. The product's own are taken apart once: every kit has them.
func (s Source) read(lang string, data []byte) compiled {
	if s.FS == Product().FS {
		if known, ok := productFiles()[lang]; ok {
			return known
		}
	}
	return readCompiled(path.Join(s.Name, lang+".yaml"), data)
}

// readCompiled takes a message file apart and compiles its texts.
func readCompiled(name string, data []byte) compiled {
	f := readFile(name, data)
	c := compiled{f, make(map[string]*entry, len(f.messages))}
	for _, m := range f.messages {
		c.entries[m.ID] = f.entry(m)
	}
	return c
}

// productFiles are the product's own files by language.
var productFiles = sync.OnceValue(func() map[string]compiled {
	files := map[string]compiled{}
	for _, lang := range ProductLanguages() {
		if data, err := product.ReadFile(lang + ".yaml"); err == nil {
			files[lang] = readCompiled(path.Join(Product().Name, lang+".yaml"), data)
		}
	}
	return files
})

// entry compiles one message; what is broken in it becomes a problem of the file and stays visible as it was written.
func (f *file) entry(m *i18n.Message) *entry {
	e := &entry{at: f.at[m.ID], formsAt: map[string]position{}}
	variants := map[string]string{"zero": m.Zero, "one": m.One, "two": m.Two, "few": m.Few, "many": m.Many, "other": m.Other}
	plural := map[string]*text{}
	for _, form := range []string{"zero", "one", "two", "few", "many", "other"} {
		at, written := f.at[m.ID+"."+form]
		if !written {
			at = e.at
		}
		if variants[form] == "" && !written && (form != "other" || len(plural) > 0) {
			continue
		}
		t, err := compile(variants[form])
		if err != nil {
			f.problems = append(f.problems, Problem{File: at.file, Line: at.line, Column: at.column,
				What: fmt.Sprintf("text %q: %v", m.ID, err), Fix: "write placeholders as {{.name}} or {{.machine.code}}"})
			t = &text{source: variants[form], parts: []string{variants[form]}}
		}
		plural[form], e.formsAt[form] = t, at
		e.text = t
	}
	if len(plural) > 1 || plural["other"] == nil {
		e.plural = plural
	}
	for word := range strings.SplitSeq(e.source, "|") {
		if word = Fold(word); word != "" {
			e.words = append(e.words, word)
		}
	}
	return e
}

// placeholders lists the paths of all forms of a text.
func (e *entry) placeholders() [][]string {
	if e.plural == nil {
		return union(nil, e.places)
	}
	all := [][]string{{"n"}}
	for _, form := range []string{"zero", "one", "two", "few", "many", "other"} {
		if t := e.plural[form]; t != nil {
			all = union(all, t.places)
		}
	}
	return all
}

// union adds the paths that are not there yet.
func union(all, more [][]string) [][]string {
	for _, path := range more {
		if !slices.ContainsFunc(all, func(have []string) bool { return slices.Equal(have, path) }) {
			all = append(all, path)
		}
	}
	return all
}
