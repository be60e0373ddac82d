package dialogs

import (
	"html"
	"slices"
	"strings"
)

// number writes the options as numbered text, and below them what always may be sent: 0 back, 9 a person, "-" to skip.
func (k *Kit) number(text *strings.Builder, s *Say, lang string) {
	list := make([]*Option, 0, len(s.Options))
	for i := range s.Options {
		if !ofGrammar(s.Options[i].ID) || s.Options[i].ID == ":human" && s.Options[i].Key != "grammar.human" {
			list = append(list, &s.Options[i])
		}
	}
	for i, option := range list {
		separator := "\n"
		if i > 0 && len(list) > maxOptions {
			separator = " · "
		}
		text.WriteString(separator)
		text.WriteString(k.words(lang, "numbered.option", map[string]any{"n": i + 1, "text": html.EscapeString(k.labelOf(option, lang))}))
	}
	offers := func(id string) bool { return slices.ContainsFunc(s.Options, func(o Option) bool { return o.ID == id }) }
	if offers(":skip") {
		text.WriteString("\n" + k.words(lang, "numbered.skip", nil))
	}
	footer := "numbered.keys"
	if len(list) > 0 {
		footer = "numbered.footer"
	}
	text.WriteString("\n" + k.words(lang, footer+numberedKeys(offers(":back"), len(list) < 9, len(list) > 0), nil))
}

// numberedKeys is the ending of the footer's key: which of back and human are reached by a digit.
func numberedKeys(back, human, options bool) string {
	switch {
	case back && human:
		return ""
	case back:
		return "_back"
	case human || !options:
		return "_human"
	}
	return "_plain"
}
