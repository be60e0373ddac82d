package dialogs

import (
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm/rules"
)

// linkRead is a link with its places in the file.
type linkRead struct {
	*Link
	file string
	node *yaml.Node
	key  place
}

// at is where a key of the link stands, the link's own name when it has none such.
func (l linkRead) at(path ...string) place {
	at := l.key
	for n, i := l.node, 0; i < len(path); i++ {
		for key, v := range pairs(n) {
			if key.Value == path[i] {
				at = place{l.file, key.Line, key.Column}
				n = v
				break
			}
		}
	}
	return at
}

// place reads pipeline.stage and notes that it must exist.
func (r *reader) place(n *yaml.Node, by string) rules.Place {
	name := r.use(n, usePlace, "", by)
	pipeline, stage, _ := strings.Cut(name, ".")
	return rules.Place{Pipeline: pipeline, Stage: stage}
}

func (r *reader) readLinks(n *yaml.Node) {
	for key, v := range pairs(n) {
		s := pipelineScope("link “" + key.Value + "”")
		if key.Value == "missed" {
			r.report(key, "Choose another name.", "%s has the name of what opens missed deals", s.who)
		}
		comments := scalar(child(v, "comments"))
		link := &Link{
			Name: r.name(key, "a link"), Mirror: isTrue(child(v, "mirror")),
			From: r.place(child(v, "from"), s.who+" is opened from stage"), To: r.place(child(v, "to"), s.who+" opens a deal at stage"),
			Fields: r.expressions(child(v, "fields"), s), Results: scalars(child(v, "results")), Keep: scalars(child(v, "keep")),
			Up: comments == "" || comments == "up" || comments == "both", Down: comments == "down" || comments == "both",
			Back: map[string]string{}, Stages: map[string]string{},
		}
		for stage, node := range pairs(child(v, "back")) {
			r.uses = append(r.uses, use{r.at(stage), useStage, stage.Value, link.To.Pipeline, s.who + " comes back from stage"})
			link.Back[stage.Value] = r.backPlace(node, link, s)
		}
		for stage, node := range pairs(child(v, "stages")) {
			r.uses = append(r.uses, use{r.at(stage), useStage, stage.Value, link.From.Pipeline, s.who + " mirrors stage"})
			link.Stages[stage.Value] = r.use(node, useStage, link.To.Pipeline, s.who+" mirrors stage")
		}
		for name := range link.Fields {
			r.changed[name] = true
		}
		for _, name := range append(append([]string(nil), link.Results...), link.Keep...) {
			r.changed[name] = true
		}
		r.links = append(r.links, linkRead{Link: link, file: r.file, node: v, key: r.at(key)})
		r.draft.kit.Links = append(r.draft.kit.Links, link)
	}
}

// backPlace reads a stage of the opening deal's pipeline, with or without the name of the pipeline before it.
func (r *reader) backPlace(n *yaml.Node, link *Link, s scope) string {
	pipeline, stage, full := strings.Cut(scalar(n), ".")
	if !full {
		return r.use(n, useStage, link.From.Pipeline, s.who+" comes back to stage")
	}
	if pipeline != link.From.Pipeline {
		r.report(n, "Write a stage of “"+link.From.Pipeline+"”.", "%s comes back to pipeline “%s”, but was opened from “%s”", s.who, pipeline, link.From.Pipeline)
		return stage
	}
	r.use(n, usePlace, "", s.who+" comes back to stage")
	return stage
}

func (r *reader) unique(n *yaml.Node) {
	for key, v := range pairs(n) {
		s := pipelineScope("unique key “" + key.Value + "”")
		r.draft.kit.Unique = append(r.draft.kit.Unique, &Unique{
			Name: r.name(key, "a unique key"), Key: r.expression(child(v, "key"), s),
			Pipelines: r.names(child(v, "pipelines"), usePipeline, "", s.who+" counts in pipeline"),
		})
	}
}
