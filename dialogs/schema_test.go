package dialogs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"
)

func TestTheSchemaForEditorsIsWhatTheParserTakes(t *testing.T) {
	golden(t, "schema.json", string(Schema()))
}

func TestEveryObjectOfTheSchemaHasItsOwnName(t *testing.T) {
	fields := map[string]string{}
	var walk func(s *shape)
	walk = func(s *shape) {
		if s == nil {
			return
		}
		if s.is == formObject {
			if names := fmt.Sprint(s.names()); fields[s.def()] == "" {
				fields[s.def()] = names
			} else if fields[s.def()] != names {
				t.Errorf("%s names two objects: %s and %s", s.def(), fields[s.def()], names)
			}
		}
		for _, f := range s.fields {
			walk(f.shape)
			if f.doc == "" && f.or == nil && f.of == nil {
				t.Errorf("%s of %s is not described", f.name, s.noun)
			}
		}
		walk(s.of)
		walk(s.or)
	}
	for _, s := range []*shape{kitShape(), pipelinesShape(), rulesShape(), cardsShape(), dialogShape(), knowledgeShape(), intakeShape()} {
		walk(s)
	}
}

// validator knows the part of JSON Schema that Schema uses.
type validator struct{ defs map[string]any }

// wrong gives the first place where a value doesn't follow a schema, "" when it does.
func (v validator) wrong(at string, schema map[string]any, value any) string {
	if ref, ok := schema["$ref"].(string); ok {
		return v.wrong(at, v.defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any), value)
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if choices, ok := schema[word].([]any); ok {
			return v.fitsOne(at, choices, value)
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, value) {
		return fmt.Sprintf("%s: %v is none of %v", at, value, enum)
	}
	switch value := value.(type) {
	case map[string]any:
		return v.wrongObject(at, schema, value)
	case []any:
		items, ok := schema["items"].(map[string]any)
		if !ok {
			return at + ": a list"
		}
		for i, item := range value {
			if wrong := v.wrong(fmt.Sprintf("%s[%d]", at, i), items, item); wrong != "" {
				return wrong
			}
		}
		return ""
	}
	if kind := schema["type"]; kind == "object" || kind == "array" || kind == "null" && value != nil || value == nil && kind != "null" {
		return fmt.Sprintf("%s: %v is no %v", at, value, kind)
	}
	return ""
}

func (v validator) fitsOne(at string, choices []any, value any) string {
	var all []string
	for _, choice := range choices {
		wrong := v.wrong(at, choice.(map[string]any), value)
		if wrong == "" {
			return ""
		}
		all = append(all, wrong)
	}
	return strings.Join(all, "; ")
}

func (v validator) wrongObject(at string, schema map[string]any, value map[string]any) string {
	properties, _ := schema["properties"].(map[string]any)
	more, open := schema["additionalProperties"].(map[string]any)
	if properties == nil && !open {
		return at + ": keys and values"
	}
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := value[name.(string)]; !ok {
			return fmt.Sprintf("%s: lacks %s", at, name)
		}
	}
	for key, inner := range value {
		under, known := properties[key].(map[string]any)
		if !known && !open {
			return fmt.Sprintf("%s: unknown %s", at, key)
		}
		if !known {
			under = more
		}
		if wrong := v.wrong(at+"."+key, under, inner); wrong != "" {
			return wrong
		}
	}
	return ""
}

func TestKitsFollowTheSchema(t *testing.T) {
	data, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	v := validator{schema["$defs"].(map[string]any)}
	for folder, good := range map[string]bool{"testdata/registration": true, "testdata/broken": false} {
		files, _ := filepath.Glob(folder + "/*.yaml")
		more, _ := filepath.Glob(folder + "/dialogs/*.yaml")
		complaints := 0
		for _, file := range append(files, more...) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := yaml.Unmarshal(data, &value); err != nil {
				continue // broken on purpose
			}
			if wrong := v.wrong(file, schema, value); wrong != "" {
				complaints++
				if good {
					t.Error(wrong)
				}
			}
		}
		if !good && complaints < 2 {
			t.Errorf("the schema finds only %d bad files in %s", complaints, folder)
		}
	}
}
