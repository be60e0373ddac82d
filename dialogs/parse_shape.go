package dialogs

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// form is the form of a YAML value.
type form string

const (
	formText     form = "text"     // any scalar, as written: 087011234567 stays 087011234567
	formNumber   form = "number"   // 12 or 12.5
	formBool     form = "bool"     // true, false
	formDuration form = "duration" // 30m, 24h, 3d
	formObject   form = "object"   // keys known beforehand: fields
	formMap      form = "map"      // keys of the kit's choosing, all values of one shape: of
	formList     form = "list"     // of
)

// shape describes what a place in a kit's file may hold. The parser checks files against it before reading them, and the JSON
// Schema for editors is made from it, so that the two can't differ.
type shape struct {
	is     form
	noun   string   // how a problem calls it: "a state"
	doc    string   // what an editor shows
	words  []string // the only texts allowed
	fields []field
	of     *shape
	or     *shape // what else it may be, of another YAML kind
	empty  bool   // may be left empty
	one    bool   // an object with exactly one of its fields
}

// field is one key of an object.
type field struct {
	name string
	*shape
	need bool
}

// fit reports everything in a node that its shape doesn't allow, and says whether nothing was.
func (r *reader) fit(n *yaml.Node, s *shape) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.report(n, "Write the value out.", "a kit's files use no anchors and aliases")
		return false
	}
	if s.or != nil && n.Kind != s.kind() && n.Kind == s.or.kind() {
		s = s.or
	}
	if isEmpty(n) {
		if !s.empty {
			r.report(n, "Write "+s.wanted()+", or remove the key.", "%s is empty", s.noun)
		}
		return s.empty
	}
	if n.Kind != s.kind() {
		r.report(n, "Write "+s.wanted()+".", "%s can't be %s", s.noun, kindName(n))
		return false
	}
	switch s.is {
	case formObject:
		return r.fitObject(n, s)
	case formMap:
		return r.fitMap(n, s)
	case formList:
		ok := true
		for _, item := range n.Content {
			ok = r.fit(item, s.of) && ok
		}
		return ok
	}
	return r.fitScalar(n, s)
}

func (r *reader) fitObject(n *yaml.Node, s *shape) bool {
	ok := r.noDuplicates(n, s)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := slices.IndexFunc(s.fields, func(f field) bool { return f.name == key.Value })
		if at < 0 {
			r.report(key, r.instead(key.Value, s.names(), "one of "+quoted(s.names())), "%s has no key “%s”", s.noun, key.Value)
			ok = false
			continue
		}
		seen[key.Value] = true
		ok = r.fit(value, s.fields[at].shape) && ok
	}
	for _, f := range s.fields {
		if f.need && !seen[f.name] {
			r.report(n, fmt.Sprintf("Add “%s: …”: %s.", f.name, f.doc), "%s needs “%s”", s.noun, f.name)
			ok = false
		}
	}
	if s.one && len(n.Content) != 2 {
		r.report(n, "Give each its own line in the list.", "%s has exactly one key, this has %d", s.noun, len(n.Content)/2)
		ok = false
	}
	return ok
}

func (r *reader) fitMap(n *yaml.Node, s *shape) bool {
	ok := r.noDuplicates(n, s)
	for i := 1; i < len(n.Content); i += 2 {
		ok = r.fit(n.Content[i], s.of) && ok
	}
	return ok
}

func (r *reader) noDuplicates(n *yaml.Node, s *shape) bool {
	ok, lines := true, map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch first, twice := lines[key.Value]; {
		case key.Kind != yaml.ScalarNode || key.Value == "":
			r.report(key, "Write a word.", "a key of %s can't be %s", s.noun, kindName(key))
			ok = false
		case twice:
			r.report(key, "Remove one of them.", "%s has the key “%s” twice, first in line %d", s.noun, key.Value, first)
			ok = false
		default:
			lines[key.Value] = key.Line
		}
	}
	return ok
}

func (r *reader) fitScalar(n *yaml.Node, s *shape) bool {
	ok := true
	switch s.is {
	case formNumber:
		_, err := strconv.ParseFloat(n.Value, 64)
		ok = err == nil && n.ShortTag() != "!!str"
	case formBool:
		ok = n.Value == "true" || n.Value == "false"
	case formDuration:
		_, err := parseDuration(n.Value)
		ok = err == nil
	}
	if !ok {
		r.report(n, "Write "+s.wanted()+".", "%s can't be “%s”", s.noun, n.Value)
		return false
	}
	if len(s.words) > 0 && !slices.Contains(s.words, n.Value) {
		r.report(n, r.instead(n.Value, s.words, quoted(s.words)), "%s can't be “%s”", s.noun, n.Value)
		return false
	}
	return true
}

// instead words a fix: the nearest candidate, else the alternatives.
func (r *reader) instead(word string, candidates []string, otherwise string) string {
	if best := suggest(word, candidates); best != "" {
		return "Write “" + best + "”."
	}
	return "Write " + otherwise + "."
}

func (s *shape) names() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

func (s *shape) kind() yaml.Kind {
	switch s.is {
	case formObject, formMap:
		return yaml.MappingNode
	case formList:
		return yaml.SequenceNode
	}
	return yaml.ScalarNode
}

// wanted says in words what the shape takes.
func (s *shape) wanted() string {
	this := map[form]string{
		formText: "a text", formNumber: "a number", formBool: "true or false",
		formDuration: "a duration such as 30m, 24h or 3d", formObject: "keys and values", formMap: "names and values", formList: "a list",
	}[s.is]
	if len(s.words) > 0 {
		this = quoted(s.words)
	}
	if s.or != nil {
		return this + " or " + s.or.wanted()
	}
	return this
}

func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && strings.TrimSpace(n.Value) == "" || n.ShortTag() == "!!null"
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return "“" + n.Value + "”"
	}
	return "an alias"
}

// sortedKeys gives the keys of a map in a stable order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
