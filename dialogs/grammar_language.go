package dialogs

import (
	"slices"

	"govorun/locales"
)

// chooseLanguage changes to the other of two languages at once, or asks which.
func (t *step) chooseLanguage() bool {
	if t.in.Command != "" && t.in.Args != "" {
		if t.speak(locales.Fold(t.in.Args)) {
			return true
		}
	}
	if other := t.otherLanguage(); other != "" {
		return t.speak(other)
	}
	t.pend("language", "grammar.language_ask", nil)
	return true
}

// speak changes the language and puts the open question in it; false for a language that the kit doesn't have.
func (t *step) speak(lang string) bool {
	if !slices.Contains(t.kit.Languages, lang) {
		return false
	}
	t.lang, t.env.Lang, t.out.Lang, t.contact.Lang = lang, lang, lang, lang
	t.vars = nil
	st := t.state()
	if st == nil {
		t.tell("grammar.language_set", nil)
		return true
	}
	t.s.Pending, t.s.Switch = "", nil
	t.prompt(st)
	t.out.Edit = t.in.Press != nil
	return true
}

// languageOption offers the other language when there are two, else the list.
func (t *step) languageOption() Option {
	if other := t.otherLanguage(); other != "" {
		name, _ := t.kit.Texts.Text(other, "grammar.language_name", nil)
		return Option{ID: ":lang", Text: "🌐 " + name}
	}
	return Option{ID: ":lang", Key: "grammar.language"}
}

// otherLanguage is the second of two languages, empty when there are more or one.
func (t *step) otherLanguage() string {
	if len(t.kit.Languages) != 2 {
		return ""
	}
	if t.kit.Languages[0] == t.lang {
		return t.kit.Languages[1]
	}
	return t.kit.Languages[0]
}

// firstPrompt tells whether nothing was answered and nothing done yet: then the language is offered.
func (t *step) firstPrompt() bool {
	return len(t.kit.Languages) > 1 && len(t.s.Trail) == 0 && t.s.Deal == 0 && !t.canGoBack()
}
