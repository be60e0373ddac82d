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
	folded := locales.Fold(text)
	var near []string
	for _, w := range nearest(folded, sortedKeys(r.Book.keys), slips(utf8.RuneCountInString(folded))) {
		if label := r.Book.label(r.Lang, r.Book.keys[w]); !slices.Contains(near, label) {
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

// known lists the keys in the language of whoever asks.
func (r *reader) known() string {
	var all []string
	for _, k := range keys {
		all = append(all, r.Book.label(r.Lang, k.name))
	}
	for _, name := range r.Book.named {
		if label := r.Book.label(r.Lang, "field:"+name); !strings.HasPrefix(label, "field_") && !slices.Contains(all, label) {
			all = append(all, label)
		}
	}
	return strings.Join(all, ", ")
}

// example is something that may stand behind a key.
func (r *reader) example(name string) string { return r.Book.example(r.World, name) }
