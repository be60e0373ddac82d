package dialogs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"
)

// Retention says how long something is kept: the files and fields that Of names, of deals that have stood or been closed for that long. Exactly one of
// Stage, Status and Messages is set; Status is won, lost, closed, or idle for open deals that nobody changed. Messages are whole talks of people
// without an open deal. Basis is what the kit says, for the act of deletion.
type Retention struct {
	Name     string
	Basis    string
	After    time.Duration
	Of       []string
	Pipeline string
	Stage    string
	Status   string
	Messages bool
	at       place
	names    []place // of Of
}

// keptMessages is the word of Of that means talks.
const keptMessages = "messages"

// shortestKept is less than anybody means: what goes a day after it came was never there for those who check it.
const shortestKept = 24 * time.Hour

func retentionShape() *shape {
	in := func(name, doc string) field { return may(name, aText("“"+name+"”", doc)) }
	return mapOf("“retention”", "how long something is kept, by a name of the rule",
		anObject("a rule of retention", "What is removed by itself, with an act of deletion.",
			must("after", aPeriod("“after”", "how long it is kept: 30d")),
			must("of", listOf("“of”", aText("a name", "names of attached files and of fields of deals; or only messages, for talks of people without an open deal"))),
			may("when", anObject("“when” of a rule of retention", "Of which deals, and since when it counts: exactly one of these.",
				in("stage", "pipeline.stage: since they entered it"), in("lost", "a pipeline: since they were lost"), in("won", "a pipeline: since they were won"),
				in("closed", "a pipeline: since they were closed either way"), in("idle", "a pipeline: open deals, since anything of them changed")))))
}

// retention reads how long what is kept.
func (r *reader) retention(n *yaml.Node) {
	for key, node := range pairs(child(n, "retention")) {
		rule := &Retention{Name: key.Value, After: spanOf(child(node, "after")), at: r.at(key)}
		who := "retention “" + key.Value + "”"
		if r.fits && rule.After < shortestKept {
			r.report(child(node, "after"), "Write at least 1d.", "%s keeps things for %s", who, rule.After)
		}
		for _, item := range elements(child(node, "of")) {
			rule.Of, rule.names = append(rule.Of, scalar(item)), append(rule.names, r.at(item))
		}
		rule.Messages = slices.Contains(rule.Of, keptMessages)
		r.kept(child(node, "when"), rule, node, who)
		rule.Basis = fmt.Sprintf("%s: %s, %s after %s", rule.Name, strings.Join(rule.Of, ", "), rule.since(), scalar(child(node, "after")))
		r.draft.kit.Retention = append(r.draft.kit.Retention, rule)
	}
}

// kept reads of which deals a rule is.
func (r *reader) kept(when *yaml.Node, rule *Retention, node *yaml.Node, who string) {
	found := 0
	for key, v := range pairs(when) {
		found++
		if key.Value == "stage" {
			at := r.place(v, who+" waits for")
			rule.Pipeline, rule.Stage = at.Pipeline, at.Stage
			continue
		}
		rule.Status, rule.Pipeline = key.Value, r.use(v, usePipeline, "", who+" waits for pipeline")
	}
	switch {
	case !r.fits:
	case len(rule.Of) == 0:
		r.report(node, "Name files, fields or messages: of: [selfie].", "%s removes nothing", who)
	case rule.Messages && (found > 0 || len(rule.Of) > 1):
		r.report(node, "Make it “of: [messages]” alone, without “when”.", "%s is about talks, and about deals too", who)
	case !rule.Messages && found != 1:
		r.report(node, "Write “when: {stage: pipeline.stage}”, or lost, won, closed or idle with a pipeline.", "%s says %d times since when it counts, not once", who, found)
	}
}

// since says in words from when on a rule counts.
func (t *Retention) since() string {
	switch {
	case t.Messages:
		return "talks without an open deal"
	case t.Stage != "":
		return "deals on " + t.Pipeline + "." + t.Stage
	}
	return t.Status + " deals of " + t.Pipeline
}

// checkRetention reports names that no file and no field bears: a rule that finds nothing would keep it for ever.
func (d *draft) checkRetention() {
	names := append(sortedKeys(d.changed), sortedKeys(d.kit.Fields)...)
	names = append(names, sortedKeys(d.kit.Consents)...)
	for _, def := range d.kit.Dialogs {
		names = append(names, sortedKeys(def.Slots)...)
	}
	for _, rule := range d.kit.Retention {
		for i, name := range rule.Of {
			if rule.Messages || slices.Contains(names, name) {
				continue
			}
			fix := "Write the name of an attached slot or of a field that something sets."
			if best := suggest(name, names); best != "" {
				fix = "Write “" + best + "”."
			}
			d.problems = append(d.problems, rule.names[i].problem(fix, "retention “%s” removes “%s”, which no deal has", rule.Name, name))
		}
	}
}
