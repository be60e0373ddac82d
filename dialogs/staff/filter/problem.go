package filter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"govorun/locales"
)

// problem makes a Problem of a key and pairs of argument names and values.
func (r *reader) problem(key string, pairs ...any) *Problem {
	p := &Problem{Key: key, Args: map[string]any{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		p.Args[pairs[i].(string)] = pairs[i+1]
	}
	return p
}

// command is the whole command with other words in the place of some that were typed.
func (r *reader) command(from, to int, instead string) string {
	return "/" + r.name() + " " + strings.TrimSpace(r.text[:from]+instead+r.text[to:])
}

func (r *reader) name() string {
	if r.Command == "" {
		return "deals"
	}
	return r.Command
}

// instead offers commands with each of these words in the place of some tokens: as the suggestion when it is one, else as choices.
func (r *reader) instead(p *Problem, tokens []token, words []string) *Problem {
	from, to := tokens[0].from, tokens[len(tokens)-1].to
	if tokens[0].not {
		for strings.ContainsRune(minuses, first(r.text[from:])) {
			from += len(string(first(r.text[from:])))
		}
	}
	for _, w := range words {
		p.Choices = append(p.Choices, r.command(from, to, w))
	}
	p.Choices = p.Choices[:min(len(p.Choices), maxChoices)]
	if len(p.Choices) == 1 {
		p.Suggestion, p.Choices = p.Choices[0], nil
	}
	return p
}

func first(text string) rune {
	for _, c := range text {
		return c
	}
	return 0
}

// unknownKey lists the known keys, and the one that is probably meant.
func (r *reader) unknownKey(typed []token, text string) *Problem {
	var near []string
	for _, name := range r.Book.nearKeys(text) {
		if label := r.Book.label(r.Lang, name); !slices.Contains(near, label) {
			near = append(near, label)
		}
	}
	known := r.known()
	if len(near) == 0 {
		return r.problem("find.unknown_key", "key", text, "known", known)
	}
	p := r.problem("find.key_near", "key", text, "near", strings.Join(near, ", "), "known", known)
	return r.instead(p, typed, near)
}

// nearKeys names the keys that are a few slips away, or that sound so when typed in another alphabet.
func (b *Book) nearKeys(typed string) (found []string) {
	folded := locales.Fold(typed)
	for _, w := range nearest(folded, sortedKeys(b.keys), slips(utf8.RuneCountInString(folded))) {
		found = append(found, b.keys[w])
	}
	if len(found) > 0 {
		return found
	}
	sounding := map[string][]string{}
	for _, w := range sortedKeys(b.keys) {
		sounding[fold(w)] = append(sounding[fold(w)], b.keys[w])
	}
	folded = fold(typed)
	for _, w := range nearest(folded, sortedKeys(sounding), slips(len(folded))) {
		found = append(found, sounding[w]...)
	}
	return found
}

// keysShown is how many keys are told to who typed an unknown one, and fieldsShown how many of them are the kit's own.
const keysShown, fieldsShown = 12, 3

// known lists the first keys, and fields of the kit that have a word in the language of whoever asks.
func (r *reader) known() string {
	var all, fields []string
	for _, k := range keys {
		all = append(all, r.Book.label(r.Lang, k.name))
	}
	for _, name := range r.Book.named {
		if !r.Book.texts.Has(r.Lang, "find.field_"+name+"_words") || len(fields) == fieldsShown {
			continue
		}
		if label := r.Book.label(r.Lang, "field:"+name); !slices.Contains(all, label) {
			fields = append(fields, label)
		}
	}
	return strings.Join(append(all[:keysShown-len(fields)], fields...), ", ")
}

// example is something that may stand behind a key.
func (r *reader) example(name string) string { return r.Book.example(r.World, name) }
