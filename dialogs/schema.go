package dialogs

import (
	"encoding/json"
	"strings"
)

// Schema gives a JSON Schema (draft 2020-12) of all files of a kit, for editors. It is made from the same shapes that Load checks
// against; the copy in schema.json is what a file may name in its first line:
//
//	# yaml-language-server: $schema=…/dialogs/schema.json#/$defs/dialog
func Schema() []byte {
	defs := map[string]any{}
	var files []any
	for _, s := range []*shape{kitShape(), pipelinesShape(), rulesShape(), cardsShape(), dialogShape(), knowledgeShape(), intakeShape()} {
		files = append(files, s.schema(defs))
	}
	written, _ := json.MarshalIndent(map[string]any{ // maps, lists and texts always can be written
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "A file of a Govorun kit",
		"oneOf":   files,
		"$defs":   defs,
	}, "", "  ")
	return append(written, '\n')
}

// schema gives the shape as JSON Schema. Objects go into defs, once each, and are referred to.
func (s *shape) schema(defs map[string]any) map[string]any {
	this := s.ownSchema(defs)
	if s.or != nil {
		this = map[string]any{"anyOf": []any{this, s.or.schema(defs)}}
	}
	if s.empty {
		this = map[string]any{"anyOf": []any{this, map[string]any{"type": "null"}}}
	}
	if s.doc != "" {
		this["description"] = s.doc
	}
	return this
}

func (s *shape) ownSchema(defs map[string]any) map[string]any {
	switch s.is {
	case formObject:
		if name := s.def(); defs[name] == nil {
			defs[name] = true // a mark, should the object ever contain itself
			defs[name] = s.objectSchema(defs)
		}
		return map[string]any{"$ref": "#/$defs/" + s.def()}
	case formMap:
		return map[string]any{"type": "object", "additionalProperties": s.of.schema(defs)}
	case formList:
		return map[string]any{"type": "array", "items": s.of.schema(defs)}
	case formNumber:
		return map[string]any{"type": "number"}
	case formBool:
		return map[string]any{"type": "boolean"}
	case formDuration:
		return map[string]any{"type": "string", "pattern": `^([0-9]+d|([0-9.]+(h|m|s))+)$`}
	}
	if len(s.words) > 0 {
		return map[string]any{"enum": s.words}
	}
	return map[string]any{"type": []string{"string", "number", "boolean"}} // 214 and yes are texts too, as written
}

func (s *shape) objectSchema(defs map[string]any) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, f := range s.fields {
		properties[f.name] = f.schema(defs)
		if f.need {
			required = append(required, f.name)
		}
	}
	result := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		result["required"] = required
	}
	if s.one {
		result["minProperties"], result["maxProperties"] = 1, 1
	}
	return result
}

// def is the name of an object among the definitions: "a card" is card, "“open_deal”" is open_deal.
func (s *shape) def() string {
	name := strings.NewReplacer("“", "", "”", "").Replace(s.noun)
	for _, article := range []string{"a ", "an "} {
		name = strings.TrimPrefix(name, article)
	}
	return strings.ReplaceAll(strings.TrimSuffix(name, ".yaml"), " ", "_")
}
