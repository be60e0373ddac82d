package dialogs

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/types"

	"govorun/dialogs/slot"
)

// TestTheReferenceOfKitsIsWhatTheParserTakes writes REFERENCE.md from the shapes that Load checks against: go test ./dialogs -run Reference -update
func TestTheReferenceOfKitsIsWhatTheParserTakes(t *testing.T) {
	golden(t, "REFERENCE.md", reference(t))
}

func TestEveryTypeOfSlotIsDescribed(t *testing.T) {
	for _, name := range slot.Types() {
		if slot.About(name) == "" {
			t.Errorf("slot.About says nothing of %s", name)
		}
	}
}

// page is Markdown that grows.
type page struct{ strings.Builder }

func (p *page) say(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// row writes a row of a table, its cells safe from the table.
func (p *page) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(cell, "|", `\|`)
	}
	p.say("| %s |", strings.Join(cells, " | "))
}

func reference(t *testing.T) string {
	var p page
	p.say("# Reference of kits\n")
	p.say("Written by `go test ./dialogs -run Reference -update` from what the program checks kits against. How it all goes together, with examples: [the language of dialogs](README.md). Commands, settings and metrics: [cmd/govorun/REFERENCE.md](../cmd/govorun/REFERENCE.md).\n")
	p.say("Files: %s. Then [types of slots](#types-of-slots), [effects](#effects), [what rules wait for](#what-rules-wait-for), [expressions](#expressions), [placeholders](#placeholders).", links(kitFiles()))
	p.say("A value may be a text, a text key (of `locales/`), an expression, a number, true or false, a duration (`30m`, `24h`, `3d`), or what the link says. **Bold** keys are needed.")
	seen := map[string]bool{"an_action": true}
	for _, s := range kitFiles() {
		p.objects(s, seen, "## ")
	}
	p.types()
	p.effects(seen)
	p.triggers()
	p.expressions()
	p.placeholders(t)
	return p.String()
}

func kitFiles() []*shape {
	return []*shape{kitShape(), pipelinesShape(), cardsShape(), rulesShape(), intakeShape(), dialogShape(), knowledgeShape()}
}

func links(shapes []*shape) string {
	var all []string
	for _, s := range shapes {
		all = append(all, link(objectOf(s)))
	}
	return strings.Join(all, ", ")
}

// objectOf is the object that a place holds, be it several of them; nil of others.
func objectOf(s *shape) *shape {
	for s != nil && s.is != formObject {
		s = s.of
	}
	return s
}

func title(s *shape) string { return strings.NewReplacer("“", "", "”", "").Replace(s.noun) }

func link(s *shape) string {
	if s.noun == "an action" {
		return "[effects](#effects)"
	}
	anchor := strings.NewReplacer(" ", "-", ".", "").Replace(strings.ToLower(title(s)))
	return "[" + title(s) + "](#" + anchor + ")"
}

// objects writes the table of an object and of those within it that have none yet.
func (p *page) objects(s *shape, seen map[string]bool, mark string) {
	o := objectOf(s)
	if o == nil || o.noun == "an action" || seen[o.def()] {
		return
	}
	seen[o.def()] = true
	p.say("\n%s%s\n\n%s\n", mark, title(o), o.doc)
	p.row("Key", "Value", "What it is")
	p.row("---", "---", "---")
	for _, f := range o.fields {
		name := "`" + f.name + "`"
		if f.need {
			name = "**" + name + "**"
		}
		p.row(name, value(f.shape), docOf(f.shape))
	}
	for _, f := range o.fields {
		for s := f.shape; s != nil; s = s.of {
			p.objects(s, seen, "### ")
			p.objects(s.or, seen, "### ")
		}
	}
}

// docOf is what a key is: of a list or a map what stands in it, when nothing else is said.
func docOf(s *shape) string {
	for s != nil {
		if s.noun == "an action" {
			return "what is done, in this order"
		}
		if s.doc != "" && s.is != formObject {
			return s.doc
		}
		if s.is == formObject {
			return s.doc
		}
		s = s.of
	}
	return ""
}

// value says what may stand at a place.
func value(s *shape) string {
	this := ""
	switch s.is {
	case formObject:
		this = link(s)
	case formMap:
		this = "by name: " + value(s.of)
	case formList:
		this = "a list: " + value(s.of)
	case formText:
		switch {
		case slices.Equal(s.words, slot.Types()):
			this = "[a type](#types-of-slots)"
		case len(s.words) > 0:
			this = "`" + strings.Join(s.words, "`, `") + "`"
		case s.noun == "a text key", s.noun == "an expression":
			this = s.noun
		default:
			this = "a text"
		}
	case formNumber:
		this = "a number"
	case formBool:
		this = "true or false"
	case formDuration:
		this = "a duration"
	}
	if s.or != nil {
		this += ", or " + value(s.or)
	}
	return this
}

func (p *page) types() {
	p.say("\n## Types of slots\n")
	p.row("Type", "Takes", "Expressions see")
	p.row("---", "---", "---")
	for _, name := range slot.Types() {
		p.row("[`"+name+"`](docs/"+guidePage(name)+")", slot.About(name), seenAs(slotMember(name)))
	}
}

// guidePage is where the guide shows a type.
func guidePage(name string) string {
	if name == "window" {
		return "visits.md"
	}
	return "answers.md"
}

// seenAs is a value in words.
func seenAs(m member) string {
	switch {
	case m.members != nil:
		return "its " + "`" + strings.Join(m.members.names(), "`, `") + "`"
	case m.free && m.kind == fieldsMember.kind:
		return "fields by name"
	case m.kind == types.String:
		return "a text"
	case m.kind == types.Float64:
		return "a number"
	case m.kind == types.Int:
		return "a whole number"
	case m.kind == types.Bool:
		return "true or false"
	case m.kind == timeMember.kind:
		return "a time"
	case m.kind == durationMember.kind:
		return "a duration"
	case m.kind == listMember.kind || m.kind == wordsMember.kind:
		return "a list"
	}
	return "anything"
}

func (p *page) effects(seen map[string]bool) {
	action := actionsShape().of
	p.say("\n## Effects\n\n`do` of states, options, answers, timeouts, cards and rules is a list of these, each exactly one thing, done in order.\n")
	p.row("Effect", "Value", "What it does")
	p.row("---", "---", "---")
	for _, f := range action.fields {
		p.row("`"+f.name+"`", value(f.shape), docOf(f.shape))
	}
	for _, f := range action.fields {
		for s := f.shape; s != nil; s = s.of {
			p.objects(s, seen, "### ")
			p.objects(s.or, seen, "### ")
		}
	}
}

func (p *page) triggers() {
	p.say("\n## What rules wait for\n")
	p.row("`when`", "The rule fires when")
	p.row("---", "---")
	for _, trigger := range triggers {
		p.row("`"+string(trigger.kind)+"`", trigger.doc)
	}
}

func (p *page) expressions() {
	p.say("\n## Expressions\n\nThe language is [expr](https://expr-lang.org). Functions: `%s`, `figures(sum, lang)`. A comparison with nothing is false.\n", strings.Join(exprBuiltins[:], "`, `"))
	p.row("Name", "What it is", "Where")
	p.row("---", "---", "---")
	places := []struct {
		name string
		env  exprEnv
	}{{"dialogs", baseEnv()}, {"cards", cardEnv()}, {"pipelines and rules", ruleEnv()}}
	all := map[string]member{}
	for _, place := range places {
		for name, m := range place.env {
			all[name] = m
		}
	}
	for _, name := range sortedKeys(all) {
		var where []string
		for _, place := range places {
			if _, is := place.env[name]; is {
				where = append(where, place.name)
			}
		}
		shown := strings.Join(where, ", ")
		if len(where) == len(places) {
			shown = "everywhere"
		}
		p.row("`"+name+"`", seenAs(all[name]), shown)
	}
	p.say("\nDialogs see their slots by name, too: `nil` while empty.")
}

func (p *page) placeholders(t *testing.T) {
	t.Helper()
	p.say("\n## Placeholders\n\nTexts show `{{.name}}`; `check` knows every one that exists at a place.\n")
	p.row("Texts of", "Placeholders")
	p.row("---", "---")
	for _, place := range []struct {
		name string
		env  exprEnv
	}{
		{"dialogs", dialogTexts(nil)}, {"cards", cardTexts()}, {"rules and stages", ruleTexts()}, {"visits", visitTexts()}, {"documents", documentTexts()},
	} {
		var names []string
		for _, name := range place.env.names() {
			if m := place.env[name]; m.members != nil {
				for _, inner := range m.members.names() {
					names = append(names, "`"+name+"."+inner+"`")
				}
				continue
			}
			names = append(names, "`"+name+"`")
		}
		slices.Sort(names)
		p.row(place.name, strings.Join(names, " "))
	}
	p.say("\nDialogs show their slots, too, and what `args` of the state adds; `fields.…` are the fields of a deal or contact.")
}
