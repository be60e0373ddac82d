// Package filter is the language in which employees pick deals: “/my город:Алматы этап:ремонт старше:3д -кому:я кофе”. It reads what was
// typed into a crm.Filter, writes a filter back, and says it in words.
//
// Keys and values are understood in Russian, English and Kazakh whatever the language of whoever asks; what is written back is in theirs.
// Any text gives a filter or a Problem that says what to type instead. The package is pure: it knows names, not deals.
package filter

import (
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/locales"
)

// Limits of one filter: what is longer was not typed by a person.
const (
	maxText       = 500 // characters
	maxConditions = 20
	maxValues     = 20 // of one condition
	maxChoices    = 5  // readings that are offered when a name fits several
)

// Named is an employee or a crew.
type Named struct {
	ID   int64
	Name string
}

// World is what a filter may speak of. Now is in the zone of whoever asks, Command the command that is being given: suggestions begin with it.
type World struct {
	Book      *Book
	Me        crm.EmployeeID
	Employees []Named
	Crews     []Named
	Now       time.Time
	Lang      string
	Command   string
}

// Problem says why a text is no filter: a text key of locales with its arguments, which are plain and not escaped. Suggestion is a whole
// corrected command, empty when there is none; Choices are whole commands when the text may be read in several ways.
type Problem struct {
	Key        string
	Args       map[string]any
	Suggestion string
	Choices    []string
}

// Parse reads the arguments of a command as a filter. It adds nothing that wasn't said: neither an owner nor “open”.
func Parse(text string, w World) (crm.Filter, *Problem) {
	text, _ = locales.Clean(text)
	r := &reader{World: w, text: text}
	if len([]rune(text)) > maxText {
		return crm.Filter{}, r.problem("find.too_long", "max", maxText)
	}
	r.tokens = lex(text)
	if p := r.read(); p != nil {
		return crm.Filter{}, p
	}
	if len(r.filter.Conditions) > maxConditions {
		return crm.Filter{}, r.problem("find.too_many", "max", maxConditions)
	}
	return r.filter, nil
}

// Without returns the filter without its condition number i, counted from zero.
func Without(f crm.Filter, i int) crm.Filter {
	if i >= 0 && i < len(f.Conditions) {
		f.Conditions = slices.Delete(slices.Clone(f.Conditions), i, i+1)
	}
	return f
}

// String writes a filter as the arguments of a command, in the language of whoever asks. Parse reads the same filter from it; days stay
// relative, so that “today” will be another day tomorrow.
func String(f crm.Filter, w World) string {
	plain := join(f, w, false)
	if same, p := Parse(plain, w); p == nil && slices.EqualFunc(same.Conditions, f.Conditions, func(a, b crm.Condition) bool { return a.Written == b.Written && a.Key == b.Key }) {
		return plain
	}
	return join(f, w, true) // words that mean something together are kept apart
}

// join writes conditions one after another; careful gives every bare word its key.
func join(f crm.Filter, w World, careful bool) string {
	var all []string
	for _, c := range f.Conditions {
		if c.Written == "" {
			c.Written = write(c, w)
		}
		if careful {
			c.Written = w.Book.careful(c, w.Lang)
		}
		all = append(all, c.Written)
	}
	if s := writeSort(f, w); s != "" {
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// careful writes a condition with its key, so that no neighbour changes its meaning.
func (b *Book) careful(c crm.Condition, lang string) string {
	bare := strings.TrimPrefix(c.Written, "-")
	name := ""
	switch {
	case c.Key == crm.ByAny:
		return sign(c.Not) + b.keyed(lang, "any", anyWords(c.Words))
	case c.Key == crm.ByDay:
		name = "day"
	case c.Key == crm.ByStatus && !strings.HasPrefix(bare, b.label(lang, "status")+":"), c.Key == crm.ByStage && bare == b.special(lang, "new"):
		name = "status"
	}
	if name == "" {
		return c.Written
	}
	return sign(c.Not) + b.label(lang, name) + ":" + bare
}
