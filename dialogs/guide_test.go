package dialogs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"govorun/dialogs/slot"
)

// learned is what the examples of the guide show: keys as "object.key", and words of places that take only some.
type learned map[string]bool

// learn follows a file along its shape.
func (l learned) learn(s *shape, n *yaml.Node) {
	if s.or != nil && n.Kind != s.kind() && n.Kind == s.or.kind() {
		s = s.or
	}
	switch {
	case s.is == formObject && n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			for _, f := range s.fields {
				if f.name == n.Content[i].Value {
					l[s.def()+"."+f.name] = true
					l.learn(f.shape, n.Content[i+1])
				}
			}
		}
	case s.is == formMap && n.Kind == yaml.MappingNode:
		for i := 1; i < len(n.Content); i += 2 {
			l.learn(s.of, n.Content[i])
		}
	case s.is == formList && n.Kind == yaml.SequenceNode:
		for _, item := range n.Content {
			l.learn(s.of, item)
		}
	case n.Kind == yaml.ScalarNode && slices.Contains(s.words, n.Value):
		l["type "+n.Value] = true
	}
}

// shapeOf is the shape of a file of a kit, nil of texts.
func shapeOf(file string) *shape {
	switch {
	case path.Dir(file) == "dialogs":
		return dialogShape()
	case strings.HasPrefix(file, "knowledge/"):
		return knowledgeShape()
	}
	return map[string]*shape{"kit.yaml": kitShape(), "pipelines.yaml": pipelinesShape(), "rules.yaml": rulesShape(), "cards.yaml": cardsShape(), "intake.yaml": intakeShape()}[file]
}

// wayRound are keys that another place of the language shows: an answer has the same keys as a slot, a field and a line of a form, an owner those of
// “assign”, and dialogs that the program itself makes use the last three.
var wayRound = []string{"field.", "field_of_a_form.", "owner.", "assign.", "task_of_a_reminder.", "replace.", "hand_back.", "ask_back.", "action.replace", "action.hand_back", "action.ask_back"}

// TestTheGuideHasAnExampleOfEverything: of every key of every file, and of every type of slot.
func TestTheGuideHasAnExampleOfEverything(t *testing.T) {
	pages, _ := filepath.Glob("docs/*.md") // the pattern is valid
	shown := learned{}
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			files := regexp.MustCompile(`(?m)^# ([a-z_/.]+\.yaml)\n`).FindAllStringSubmatchIndex(block[1], -1)
			for i, at := range files {
				end := len(block[1])
				if i+1 < len(files) {
					end = files[i+1][0]
				}
				var node yaml.Node
				if err := yaml.Unmarshal([]byte(block[1][at[1]:end]), &node); err != nil || len(node.Content) == 0 {
					continue // texts, or what the test of the examples complains of
				}
				if s := shapeOf(block[1][at[2]:at[3]]); s != nil {
					shown.learn(s, node.Content[0])
				}
			}
		}
	}
	var missing []string
	seen := map[string]bool{}
	var walk func(s *shape)
	walk = func(s *shape) {
		if s == nil || s.is == formObject && seen[s.def()] {
			return
		}
		if s.is == formObject {
			seen[s.def()] = true
		}
		for _, f := range s.fields {
			key := s.def() + "." + f.name
			if !shown[key] && !slices.ContainsFunc(wayRound, func(way string) bool { return strings.HasPrefix(key, way) }) {
				missing = append(missing, key)
			}
			walk(f.shape)
		}
		walk(s.of)
		walk(s.or)
	}
	for _, s := range []*shape{kitShape(), pipelinesShape(), rulesShape(), cardsShape(), dialogShape(), knowledgeShape(), intakeShape()} {
		walk(s)
	}
	for _, name := range slot.Types() {
		if !shown["type "+name] {
			missing = append(missing, "type "+name)
		}
	}
	if len(missing) > 0 {
		t.Errorf("the guide (dialogs/docs) has no example of %s", strings.Join(missing, ", "))
	}
}
