package dialogs

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"govorun/locales"
)

const (
	// maxQuestion is how many letters of a text are taken for a question, of a longer one those before its last question mark.
	maxQuestion = 300
	// maxKnownWords is how many words of it are looked for.
	maxKnownWords = 16
	// longestWord bounds a word, in letters: a longer one is none.
	longestWord = 40
)

// kazakh gives the Russian letters that people type for Kazakh ones on a phone without them.
var kazakh = strings.NewReplacer("ә", "а", "і", "и", "ң", "н", "ғ", "г", "ү", "у", "ұ", "у", "қ", "к", "ө", "о", "һ", "х", "ь", "", "ъ", "")

// foldKnown brings a question to one form: as locales.Fold, and Kazakh letters as their Russian neighbours.
func foldKnown(text string) string { return kazakh.Replace(locales.Fold(text)) }

// knownWords are the folded words of a text, each once, in their order. Signs and emoji are none.
func knownWords(text string) []string {
	var words []string
	for _, word := range strings.Fields(foldKnown(text)) {
		plain := !strings.ContainsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if plain && utf8.RuneCountInString(word) <= longestWord && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// essence is the part of a text that is looked up: of a long one what stands before its last question mark, else its beginning.
func essence(text string) string {
	text, _ = locales.Clean(text)
	runes := []rune(text)
	if len(runes) <= maxQuestion {
		return text
	}
	if last := strings.LastIndexByte(text, '?'); last >= 0 {
		runes = runes[:utf8.RuneCountInString(text[:last])+1]
		return string(runes[max(0, len(runes)-maxQuestion):])
	}
	return string(runes[:maxQuestion]) + "…"
}

// WordsAsked are the words of a text that are worth looking up, none when it says nothing: a greeting, an emoji, signs.
func (k *Kit) WordsAsked(text string) []string {
	words := slices.DeleteFunc(knownWords(essence(text)), func(w string) bool { return k.said.small[w] })
	if !slices.ContainsFunc(words, func(w string) bool { return !k.said.asking[w] && utf8.RuneCountInString(w) > 1 }) {
		return nil
	}
	return words[:min(len(words), maxKnownWords)]
}

// sought are the words of a question by which a base is searched: those that only ask stand in too many.
func (k *Kit) sought(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return k.said.asking[w] })
}

// commonWords are the folded words that say little by themselves, in all languages of a kit.
type commonWords struct{ small, asking map[string]bool }

func (k *Kit) commonWords() commonWords {
	list := func(key string) map[string]bool {
		words := map[string]bool{}
		for _, lang := range k.Languages {
			for _, word := range k.Texts.Words(lang, key) {
				words[foldKnown(word)] = true
			}
		}
		return words
	}
	return commonWords{list("knowledge.small_words"), list("knowledge.question_words")}
}

// isQuestion tells whether a text looks like a question: of several words, with a question mark or one of the words that ask.
func (k *Kit) isQuestion(text string) bool {
	words := knownWords(essence(text))
	switch marked := strings.ContainsAny(text, "?？"); {
	case len(words) == 0:
		return false
	case len(words) == 1:
		return marked && utf8.RuneCountInString(words[0]) >= shortestAlone
	case marked:
		return true
	}
	return slices.ContainsFunc(words, func(w string) bool { return k.said.asking[w] })
}

// shortestAlone is how many letters a question of one word has at least.
const shortestAlone = 4
