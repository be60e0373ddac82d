package locales

import (
	"strings"
	"testing"
)

func TestEveryLanguageOfTheProductIsComplete(t *testing.T) {
	c := load(t, ProductLanguages(), nil)
	for _, p := range c.Problems() {
		t.Error(p)
	}
	if len(c.keys()) < 150 {
		t.Errorf("only %d texts were read", len(c.keys()))
	}
	for _, lang := range c.Languages() {
		for key, e := range c.tables[lang] {
			for form, text := range e.variants() {
				if strings.Count(text.source, "\n") > 2 || len([]rune(text.source)) > 220 && !strings.HasSuffix(key, "_words") && !strings.HasPrefix(key, "number.") && !strings.HasPrefix(key, "date.") {
					t.Errorf("%s in %s (%s) is a wall of text", key, lang, form)
				}
				if strings.TrimSpace(text.source) != text.source {
					t.Errorf("%s in %s has spaces around", key, lang)
				}
			}
		}
	}
}

func TestListsOfTheCalendarHaveTheSameLengthInEachLanguage(t *testing.T) {
	c := load(t, ProductLanguages(), nil)
	for key, want := range map[string]int{
		"date.months": 12, "date.month_forms": 12, "date.weekdays": 7, "date.weekday_forms": 7, "number.words": 11, "number.forms": 11, "number.ordinals": 11,
	} {
		for _, lang := range c.Languages() {
			text, err := c.Text(lang, key, nil)
			if got := len(strings.Split(text, "|")); err != nil || got != want {
				t.Errorf("%s in %s has %d parts, want %d (%v)", key, lang, got, want, err)
			}
		}
	}
}

func TestWordsOfTheGrammarMeanOneThingEach(t *testing.T) {
	c := load(t, ProductLanguages(), nil)
	for _, lang := range c.Languages() {
		seen := map[string]string{}
		for _, key := range []string{"back", "cancel", "restart", "help", "language", "human", "skip", "continue"} {
			words := c.Words(lang, "grammar."+key+"_words")
			if len(words) < 2 {
				t.Errorf("%s has few words in %s: %v", key, lang, words)
			}
			for _, word := range words {
				if other := seen[word]; other != "" {
					t.Errorf("%q is %s and %s in %s", word, other, key, lang)
				}
				seen[word] = key
				if Fold(word) != word {
					t.Errorf("%q is not folded", word)
				}
			}
		}
	}
}

func TestErrorsOfSlotsSayWhatIsWrongAndWhatToDo(t *testing.T) {
	c := load(t, ProductLanguages(), nil)
	for _, lang := range c.Languages() {
		for key, e := range c.tables[lang] {
			if !strings.HasPrefix(key, "slot.") {
				continue
			}
			for _, text := range e.variants() {
				if sentences := strings.Count(text.source, ". ") + strings.Count(text.source, "? "); sentences < 1 {
					t.Errorf("%s in %s is one sentence: %s", key, lang, text.source)
				}
			}
		}
	}
}
