package dialogs

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/locales"
)

// maxLines is what one text may have: three lines and a question.
const maxLines = 4

// checkTexts reports texts that are missing, that show what isn't there, and (as a warning) that are long or unused.
func (d *draft) checkTexts() {
	if d.kit.Texts == nil {
		return
	}
	for _, p := range d.kit.Texts.Problems() {
		d.problems = append(d.problems, Problem{File: p.File, Line: p.Line, Column: p.Column, What: strings.TrimSuffix(p.What, "."), Fix: sentence(p.Fix)})
	}
	for _, lang := range sortedKeys(d.kit.raw) {
		if !slices.Contains(d.kit.Languages, lang) {
			d.problems = append(d.problems, Problem{File: "locales/" + lang + ".yaml", What: "kit.yaml doesn't name the language “" + lang + "”", Fix: "Add it to “languages”, or remove the file."})
		}
	}
	for _, u := range d.texts {
		if d.checkKey(u) {
			d.checkPlaceholders(u)
		}
	}
	d.checkRawTexts()
}

// sentence makes a sentence of a phrase.
func sentence(phrase string) string {
	first, size := utf8.DecodeRuneInString(phrase)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(phrase[size:], ".") + "."
}

// checkKey reports a key without text, and says whether there is one. A text that only some languages lack is the catalog's matter.
func (d *draft) checkKey(u textUse) bool {
	for _, lang := range d.kit.Languages {
		if d.kit.Texts.Has(lang, u.key) {
			return true
		}
	}
	keys := map[string]bool{}
	for _, lang := range d.kit.Languages {
		for key := range d.kit.raw[lang] {
			keys[key] = true
		}
	}
	fix := "Add it to locales/" + strings.Join(d.kit.Languages, ".yaml and locales/") + ".yaml."
	if best := suggest(u.key, sortedKeys(keys)); best != "" {
		fix = "Write “" + best + "”, or add it to locales/" + strings.Join(d.kit.Languages, ".yaml and locales/") + ".yaml."
	}
	d.add(u.place, fix, "%s uses the text “%s”, which does not exist", u.who, u.key)
	return false
}

// checkPlaceholders reports what a text shows and its place doesn't have.
func (d *draft) checkPlaceholders(u textUse) {
	for _, path := range d.kit.Texts.Placeholders(u.key) {
		if fix := u.shown.instead(path); fix != "" {
			d.add(u.place, fix, "text “%s” shows {{.%s}}, which %s does not have", u.key, strings.Join(path, "."), u.who)
		}
	}
}

// instead says what to write for a placeholder's path that doesn't lead to a plain value, "" when it does.
func (e exprEnv) instead(path []string) string {
	prefix := ""
	for i, name := range path {
		m, known := e[name]
		switch {
		case m.free:
			return ""
		case !known && suggest(name, e.names()) != "":
			return "Write {{." + prefix + suggest(name, e.names()) + "}}."
		case !known:
			return e.offer(prefix)
		case i == len(path)-1 && m.members != nil:
			return m.members.offer(prefix + name + ".")
		}
		prefix, e = prefix+name+".", m.members
	}
	return ""
}

// offer lists what can be shown under a prefix.
func (e exprEnv) offer(prefix string) string {
	names := e.names()
	for i := range names {
		names[i] = prefix + names[i]
	}
	if len(names) == 0 {
		return "It can show nothing."
	}
	return "It can show " + quoted(names) + "."
}

// checkRawTexts warns of long texts, and of texts that nothing uses.
func (d *draft) checkRawTexts() {
	used := d.productKeys()
	for _, u := range d.texts {
		used[u.key] = true
	}
	for _, definition := range d.kit.Dialogs {
		for _, step := range definition.Steps {
			used[definition.Name+".step_"+step] = true // the names of counted steps: see stepNames
		}
	}
	long := map[string]bool{} // templates of documents
	for _, c := range d.kit.Consents {
		long[c.Key] = c.Document()
	}
	for i, lang := range d.kit.Languages {
		for _, key := range sortedKeys(d.kit.raw[lang]) {
			text := d.kit.raw[lang][key]
			if i == 0 && !used[key] && !strings.HasPrefix(key, fieldNames) && !strings.HasSuffix(key, toldSuffix) {
				d.warn(text.place, "Remove it from every language, or use it.", "nothing uses the text “%s”", key)
			}
			for _, form := range text.forms {
				if lines := strings.Count(strings.TrimSpace(form), "\n") + 1; lines > maxLines && !long[key] {
					d.warn(text.place, "Keep to three lines and a question.", "the text “%s” has %d lines", key, lines)
				}
			}
		}
	}
}

// productKeys gives the keys of the product's own texts, which a kit may override without using them itself.
func (d *draft) productKeys() map[string]bool {
	keys := map[string]bool{}
	product := &draft{kit: &Kit{files: files{}, raw: rawTexts{}}, fsys: locales.Product().FS}
	names := product.folder(".")
	if len(names) == 0 {
		return keys
	}
	if r, n := product.open(names[0], nil, true); n != nil { // every language has the same keys
		r.texts(n)
	}
	for _, texts := range product.kit.raw {
		for key := range texts {
			keys[key] = true
		}
	}
	return keys
}
