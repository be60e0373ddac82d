package dialogs

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"govorun/locales"
)

// Bounds of what is known: an answer is read on a phone, above the question that the dialog asks.
const (
	knownLines    = 3
	longestAnswer = 700
	longestAsked  = 120
	mostWays      = 20
)

// knowledgeShape is a file of knowledge/<language>/.
func knowledgeShape() *shape {
	return listOf("a file of knowledge", anObject("a known answer", "What the business answers at any moment of a dialog.",
		must("id", aText("“id” of a known answer", "its name, the same in all languages: payouts.when")),
		must("questions", listOf("“questions”", aText("a question", "how people ask for it; mistakes, endings and the order of words don't matter"))),
		must("answer", aText("“answer”", "what they hear, at most three lines")),
		may("shut", aText("“shut”", "what they hear instead while the business is closed")),
		may("cities", listOf("“cities” of an answer", aText("a city", "the cities of kit.yaml in which it holds; all when absent")))))
}

// readKnowledge reads what the business knows, if the kit has a folder for it: a folder for each language.
func (d *draft) readKnowledge() {
	folders, err := fs.ReadDir(d.fsys, "knowledge")
	if err != nil {
		return // a kit may have none
	}
	var answers []KnownAnswer
	for _, folder := range folders {
		lang := folder.Name()
		if !folder.IsDir() || !slices.Contains(d.kit.Languages, lang) {
			d.problems = append(d.problems, Problem{File: path.Join("knowledge", lang),
				What: "“" + lang + "” is no folder of a language of the kit", Fix: "Put files into " + knowledgeFolders(d.kit.Languages) + "."})
			continue
		}
		for _, name := range d.folder(path.Join("knowledge", lang)) {
			r, n := d.open(name, knowledgeShape(), true)
			if n == nil || !r.fits {
				d.unknown = true
				continue
			}
			for _, item := range elements(n) {
				answers = append(answers, r.knownAnswer(item, lang))
			}
		}
	}
	d.known = answers
}

func knowledgeFolders(languages []string) string {
	names := make([]string, len(languages))
	for i, lang := range languages {
		names[i] = "knowledge/" + lang + "/"
	}
	return strings.Join(names, ", ")
}

var knownID = regexp.MustCompile(`^[a-z][a-z0-9_.]{0,79}$`)

func (r *reader) knownAnswer(n *yaml.Node, lang string) KnownAnswer {
	a := KnownAnswer{ID: scalar(child(n, "id")), Lang: lang, at: r.at(n)}
	if !knownID.MatchString(a.ID) {
		r.report(child(n, "id"), "Write small Latin letters, digits, dots and _, beginning with a letter.", "“%s” is no id of an answer", a.ID)
	}
	ways := elements(child(n, "questions"))
	if len(ways) == 0 || len(ways) > mostWays {
		r.report(child(n, "questions"), "Write 1 to 20.", "answer “%s” has %d questions", a.ID, len(ways))
	}
	for _, way := range ways {
		text := strings.TrimSpace(scalar(way))
		if utf8.RuneCountInString(text) > longestAsked {
			r.report(way, "Write it as short as people ask.", "the question “%.40s…” has over 120 letters", text)
		}
		a.Questions = append(a.Questions, text)
	}
	a.Answer, a.Shut = r.knownText(child(n, "answer")), r.knownText(child(n, "shut"))
	for _, item := range elements(child(n, "cities")) {
		if city := scalar(item); slices.Contains(a.Cities, city) {
			r.report(item, "Remove one of them.", "the city “%s” is named twice", city)
		} else {
			r.knownCity(item, city)
			a.Cities = append(a.Cities, city)
		}
	}
	return a
}

// knownText reads what people hear.
func (r *reader) knownText(n *yaml.Node) string {
	text := strings.TrimSpace(scalar(n))
	switch wrong := locales.Markup(text); {
	case wrong != "":
		r.report(n, `Use only <b>, <i>, <u>, <s>, <code> and <a href="…">, closed in order; a plain “<” is &lt;.`, "%s", wrong)
	case strings.Contains(text, "{{"):
		r.report(n, "Write it out: an answer is the same for everybody.", "an answer has no placeholders")
	case strings.Count(text, "\n") >= knownLines:
		r.report(n, "Keep to three lines.", "the answer has %d lines", strings.Count(text, "\n")+1)
	case utf8.RuneCountInString(text) > longestAnswer:
		r.report(n, "Keep to 700 letters.", "the answer has %d letters", utf8.RuneCountInString(text))
	}
	return text
}

func (r *reader) knownCity(n *yaml.Node, city string) {
	if _, there := r.draft.kit.Cities[city]; !there {
		r.report(n, r.instead(city, sortedKeys(r.draft.kit.Cities), "a city of kit.yaml"), "kit.yaml has no city “%s”", city)
	}
}

// checkKnowledge reports answers that a language lacks, or that can't be told apart.
func (d *draft) checkKnowledge() {
	if d.kit.Texts == nil {
		return
	}
	d.kit.said = d.kit.commonWords()
	type key struct{ lang, id string }
	have := map[key]*KnownAnswer{}
	for i := range d.known {
		a := &d.known[i]
		if first := have[key{a.Lang, a.ID}]; first != nil {
			d.add(a.at, "Give it another id, or remove one of them.", "answer “%s” is there twice, first in %s line %d", a.ID, first.at.file, first.at.line)
			continue
		}
		have[key{a.Lang, a.ID}] = a
	}
	for i := range d.known {
		a := &d.known[i]
		if have[key{a.Lang, a.ID}] != a {
			continue
		}
		for _, lang := range d.kit.Languages {
			switch other := have[key{lang, a.ID}]; {
			case other == nil && d.unknown:
			case other == nil:
				d.add(a.at, "Add it to knowledge/"+lang+"/.", "answer “%s” is missing in the language “%s”", a.ID, lang)
			case !sameCities(a.Cities, other.Cities) && lang < a.Lang:
				d.add(a.at, "Name the same cities in every language.", "answer “%s” has other cities than in %s", a.ID, other.at.file)
			}
		}
	}
	d.checkAsked()
}

// checkAsked reports questions that nothing can be found by, and those that two answers have.
func (d *draft) checkAsked() {
	type asked struct{ lang, words string }
	first := map[asked][]*KnownAnswer{}
	for i := range d.known {
		a := &d.known[i]
		for _, text := range a.Questions {
			words := knownWords(text)
			if len(d.kit.WordsAsked(text)) == 0 {
				d.add(a.at, "Write a word that tells it from others.", "the question “%s” says nothing", text)
				continue
			}
			slices.Sort(words)
			way := asked{a.Lang, strings.Join(words, " ")}
			for _, other := range first[way] {
				if other.ID == a.ID {
					d.add(a.at, "Remove one of them: case, signs and the order of words don't matter.", "answer “%s” has the question “%s” twice", a.ID, text)
				} else if overlap(a.Cities, other.Cities) {
					d.add(a.at, "Keep it with one of them, or give them different cities.", "the question “%s” is asked for “%s” as well, in %s line %d", text, other.ID, other.at.file, other.at.line)
				}
			}
			first[way] = append(first[way], a)
		}
	}
}

func sameCities(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// overlap tells whether two answers hold in one city. One for all cities stands behind those of a city.
func overlap(a, b []string) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return slices.ContainsFunc(a, func(city string) bool { return slices.Contains(b, city) })
}
