package locales

import (
	"fmt"
	"strconv"
	"strings"

	i18ntemplate "github.com/nicksnyder/go-i18n/v2/i18n/template"
)

// text is a message taken apart at its placeholders: parts[0] place[0] parts[1] place[1] … It is the only template language of texts:
// a standard template would print "<no value>" for a misspelt name and let a text loop.
type text struct {
	source string
	parts  []string
	places [][]string
	size   int
}

// compile reads a message; the error says what is wrong with it and how placeholders are written.
func compile(source string) (*text, error) {
	t := &text{source: source}
	rest := source
	for {
		before, after, found := strings.Cut(rest, "{{")
		t.parts = append(t.parts, before)
		t.size += len(before)
		if !found {
			return t, nil
		}
		name, tail, closed := strings.Cut(after, "}}")
		if !closed {
			return t, fmt.Errorf("placeholder {{%s is not closed", strings.TrimSpace(after))
		}
		path, err := placeholder(strings.TrimSpace(name))
		if err != nil {
			return t, err
		}
		t.places = append(t.places, path)
		t.size += 16
		rest = tail
	}
}

// placeholder reads ".machine.code" as its names.
func placeholder(name string) ([]string, error) {
	if !strings.HasPrefix(name, ".") {
		return nil, fmt.Errorf("{{%s}} is not a placeholder", name)
	}
	path := strings.Split(name[1:], ".")
	for _, part := range path {
		if part == "" || strings.ContainsFunc(part, notName) {
			return nil, fmt.Errorf("{{%s}} is not a placeholder", name)
		}
	}
	return path, nil
}

func notName(r rune) bool {
	return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// fill puts the arguments in. What has no value becomes "…", and the error names it.
func (t *text) fill(args map[string]any) (string, error) {
	if len(t.places) == 0 {
		return t.source, nil
	}
	out := make([]byte, 0, t.size+32)
	var missing error
	for i, path := range t.places {
		out = append(out, t.parts[i]...)
		var ok bool
		if out, ok = appendValue(out, lookup(args, path)); !ok {
			out = append(out, "…"...)
			if missing == nil {
				missing = fmt.Errorf("no value for {{.%s}}", strings.Join(path, "."))
			}
		}
	}
	return string(append(out, t.parts[len(t.places)]...)), missing
}

func lookup(args map[string]any, path []string) any {
	value := args[path[0]]
	for _, name := range path[1:] {
		switch m := value.(type) {
		case map[string]any:
			value = m[name]
		case map[string]string:
			s, ok := m[name]
			if !ok {
				return nil
			}
			value = s
		default:
			return nil
		}
	}
	return value
}

func appendValue(out []byte, value any) ([]byte, bool) {
	switch v := value.(type) {
	case nil:
		return out, false
	case string:
		return append(out, v...), true
	case int:
		return strconv.AppendInt(out, int64(v), 10), true
	case int64:
		return strconv.AppendInt(out, v, 10), true
	case float64:
		return strconv.AppendFloat(out, v, 'f', -1, 64), true
	case []string:
		return append(out, strings.Join(v, ", ")...), true
	case map[string]any:
		return appendValue(out, v["text"])
	case map[string]string:
		s, ok := v["text"]
		return append(out, s...), ok
	default:
		return fmt.Append(out, v), true
	}
}

// parser lets go-i18n choose the plural form and us fill it.
type parser struct{}

func (parser) Cacheable() bool { return true }

func (parser) Parse(source, _, _ string) (i18ntemplate.ParsedTemplate, error) {
	t, err := compile(source)
	return filler{t}, err
}

type filler struct{ *text }

func (f filler) Execute(args any) (string, error) {
	values, _ := args.(map[string]any)
	return f.fill(values)
}
