package locales

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"go.yaml.in/yaml/v4"
)

// position is a place in a message file, counted from 1.
type position struct {
	file         string
	line, column int
}

// file is one message file: its texts, and where each key stands.
type file struct {
	name     string
	messages []*i18n.Message
	at       map[string]position // keys, and keys with their plural form: "photos.few"
	problems []Problem
}

// forms are the names that go-i18n reserves inside a message.
var forms = map[string]bool{
	"zero": true, "one": true, "two": true, "few": true, "many": true, "other": true,
	"id": true, "description": true, "hash": true, "leftdelim": true, "rightdelim": true, "translation": true,
}

// readFile takes a message file apart. A file that can't be read at all has no messages and one problem.
func readFile(name string, data []byte) *file {
	f := &file{name: name, at: map[string]position{}}
	messages, err := i18n.ParseMessageBytes(data, f.unmarshal)
	if err != nil && len(f.problems) == 0 {
		f.broken(err)
	}
	f.messages = messages
	return f
}

// unmarshal is the YAML reader that go-i18n calls: it keeps positions, and takes every scalar as the text it was written as
// (plain YAML would make a float of 087011234567 and a boolean of "no").
func (f *file) unmarshal(data []byte, into any) error {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		f.broken(err)
		return err
	}
	tree := map[string]any{}
	if len(root.Content) > 0 {
		if root.Content[0].Kind != yaml.MappingNode {
			f.problem(root.Content[0], "a message file is a list of keys with texts", `write lines such as  report.ask: "What happened?"`)
		} else {
			tree = f.mapping(root.Content[0], "")
		}
	}
	*into.(*any) = tree
	return nil
}

func (f *file) mapping(node *yaml.Node, prefix string) map[string]any {
	tree := make(map[string]any, len(node.Content)/2)
	reserved, other := 0, 0
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		path := prefix + key.Value
		if _, twice := f.at[path]; twice {
			f.problem(key, fmt.Sprintf("text %q stands twice in this file", path), "remove one of them")
			continue
		}
		if prefix == "" && forms[strings.ToLower(key.Value)] && value.Kind == yaml.ScalarNode {
			f.problem(key, fmt.Sprintf("%q is a plural form, and of no text", path), fmt.Sprintf("write it below the key of its text, such as  photos:  and in the next line  %s: …", path))
			continue
		}
		switch value.Kind {
		case yaml.ScalarNode:
			tree[key.Value] = value.Value
		case yaml.MappingNode:
			tree[key.Value] = f.mapping(value, path+".")
		default: // a list, or an alias, which could lead into itself
			f.problem(value, fmt.Sprintf("%q is not a text", path), `write one text; words are separated by "|"`)
			continue
		}
		f.at[path] = position{f.name, key.Line, key.Column}
		if forms[strings.ToLower(key.Value)] && value.Kind == yaml.ScalarNode && prefix != "" {
			reserved++
		} else {
			other++
		}
	}
	if reserved > 0 && other > 0 {
		f.problem(node, fmt.Sprintf("%q mixes plural forms (one, few, many, other) with keys of texts", strings.TrimSuffix(prefix, ".")),
			fmt.Sprintf("write the texts as whole keys: %sother: …", prefix))
		return map[string]any{}
	}
	return tree
}

func (f *file) problem(node *yaml.Node, what, fix string) {
	f.problems = append(f.problems, Problem{File: f.name, Line: node.Line, Column: node.Column, What: what, Fix: fix})
}

// broken keeps a syntax error of the whole file, with its place when the reader knows it.
func (f *file) broken(err error) {
	p := Problem{File: f.name, Line: 1, Column: 1, What: err.Error(), Fix: `write each text as  key: "text", in one line`}
	var syntax *yaml.LoadError
	if errors.As(err, &syntax) {
		p.Line, p.Column, p.What = syntax.Mark.Line, syntax.Mark.Column, syntax.Message
	}
	f.problems = append(f.problems, p)
}
