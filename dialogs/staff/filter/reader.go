package filter

import (
	"reflect"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/locales"
)

// reader reads the tokens of one text.
type reader struct {
	World
	text   string
	tokens []token
	filter crm.Filter
	idle   bool // words were read that say nothing, such as "show"

	bareUpTo int // how many conditions there were when the last bare one was read
}

// segment is a key with all that follows up to the next one; used is how many of the tokens belong to it.
type segment struct {
	key    string // of keys, or "field:<name>"
	label  string // the key in the language of whoever asks
	not    bool
	tokens []token
	used   int
	end    int // where the key ends in the text
}

// longestKey is how many words a key has at most: "on stage since".
const longestKey = 3

// read makes conditions of all tokens.
func (r *reader) read() *Problem {
	var bare []token
	for i := 0; i < len(r.tokens); {
		n := r.keyAt(i)
		if n == 0 {
			bare = append(bare, r.tokens[i])
			i++
			continue
		}
		s := &segment{not: r.tokens[i].not, end: r.tokens[i+n].to}
		if last := len(bare) - 1; last >= 0 && bare[last].kind == word && r.Book.is("not", bare[last].text) {
			s.not, bare = !s.not, bare[:last]
		}
		if p := r.bare(bare); p != nil {
			return p
		}
		bare = nil
		r.bareUpTo = -1
		if p := r.keyed(s, r.tokens[i:i+n]); p != nil {
			return p
		}
		i += n + 1
		end := i
		for end < len(r.tokens) && r.keyAt(end) == 0 {
			end++
		}
		s.tokens = r.tokens[i:end]
		if p := r.segment(s); p != nil {
			return p
		}
		i += s.used
	}
	if p := r.bare(bare); p != nil {
		return p
	}
	if len(r.filter.Conditions) == 0 && r.filter.Sort == "" && !r.idle && r.text != "" {
		return r.problem("find.no_words", "example", r.example("any"))
	}
	return nil
}

// keyAt tells how many tokens from i on are a key: words before a colon.
func (r *reader) keyAt(i int) int {
	for n := min(longestKey, len(r.tokens)-i-1); n > 0; n-- {
		words := r.tokens[i : i+n]
		if r.tokens[i+n].kind != colon || slices.ContainsFunc(words, func(t token) bool { return t.kind == colon || t.kind == comma || n > 1 && t.kind != word }) {
			continue
		}
		if n == 1 && !number(words[0].text) {
			return 1
		}
		if _, known := r.Book.keys[locales.Fold(textOf(words))]; known {
			return n
		}
	}
	return 0
}

func number(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// keyed finds the key that was typed.
func (r *reader) keyed(s *segment, typed []token) *Problem {
	text := textOf(typed)
	name, known := r.Book.keys[locales.Fold(text)]
	if !known {
		return r.unknownKey(typed, text)
	}
	s.key, s.label = name, r.Book.label(r.Lang, name)
	return nil
}

// unmarked reads a key that was typed without its colon, when what follows is surely its value: “визит завтра”, “автомат 214”. It tells how many
// tokens that was.
func (r *reader) unmarked(tokens []token, not bool) int {
	for n := min(longestKey, len(tokens)-1); n > 0; n-- {
		k := keyOf(r.Book.keys[locales.Fold(textOf(tokens[:n]))])
		if k == nil || k.reads == asWords || k.reads == asOwner || tokens[n].kind != word || slices.ContainsFunc(tokens[:n], func(t token) bool { return t.kind != word }) {
			continue
		}
		before := r.filter
		s := &segment{key: k.name, label: r.Book.label(r.Lang, k.name), not: not, tokens: tokens[n:]}
		if p := r.valuesOf(s, k); p == nil {
			return n + s.used
		}
		r.filter = before
	}
	return 0
}

// segment reads the values of a key.
func (r *reader) segment(s *segment) *Problem {
	for len(s.tokens) > 0 && s.tokens[0].kind == colon { // two colons
		s.tokens, s.used = s.tokens[1:], s.used+1
	}
	skipped := s.used
	if name, ok := strings.CutPrefix(s.key, "field:"); ok {
		p := r.field(s, r.Book.fields[name])
		s.used += skipped
		return p
	}
	s.used = 0
	p := r.valuesOf(s, keyOf(s.key))
	s.used += skipped
	return p
}

func (r *reader) valuesOf(s *segment, k *key) *Problem {
	switch k.reads {
	case asCity:
		return r.named(s, &r.Book.cities, crm.Condition{Key: crm.ByCity})
	case asPipeline:
		return r.named(s, &r.Book.pipelines, crm.Condition{Key: crm.ByPipeline})
	case asStage:
		return r.stage(s)
	case asOwner, asCrew:
		return r.people(s, k)
	case asNumber:
		return r.number(s)
	case asPhone:
		return r.phone(s, crm.Condition{Key: crm.ByPhone})
	case asCode:
		return r.code(s)
	case asDates:
		return r.dates(s, k)
	case asAge:
		return r.age(s, k)
	case asSort:
		return r.sort(s)
	}
	return r.words(s, crm.Condition{Key: k.by})
}

// values gives the values of a key one after another to take, which tells how many of the tokens it needed. Commas part values; the last
// one ends where take says.
func (r *reader) values(s *segment, take func([]token) (int, *Problem)) *Problem {
	count := 0
	for i := 0; i < len(s.tokens); {
		if s.tokens[i].kind != word && s.tokens[i].kind != quoted {
			i++ // a comma too many
			continue
		}
		end := i + 1
		for s.tokens[i].kind == word && end < len(s.tokens) && s.tokens[end].kind == word {
			end++
		}
		if count == 0 && s.tokens[i].not {
			s.not = !s.not
		}
		if count++; count > maxValues {
			return r.problem("find.too_many_values", "key", s.label, "max", maxValues)
		}
		used, p := take(s.tokens[i:end])
		if p != nil {
			return p
		}
		s.used = i + used
		if i+used < end || end >= len(s.tokens) || s.tokens[end].kind != comma {
			break
		}
		i = end
	}
	if count == 0 {
		return r.problem("find.no_value", "key", s.label, "example", r.example(s.key))
	}
	return nil
}

// add keeps a condition unless it is there already; written is how it is written when its values don't say.
func (r *reader) add(c crm.Condition, written string) {
	c.Written = written
	if written == "" {
		c.Written = write(c, r.World)
	}
	there := func(have crm.Condition) bool {
		alike := have.Key == c.Key && have.Written == c.Written
		have.Written = c.Written // the same may be written in other ways
		return alike || reflect.DeepEqual(have, c)
	}
	if !slices.ContainsFunc(r.filter.Conditions, there) {
		r.filter.Conditions = append(r.filter.Conditions, c)
	}
}
