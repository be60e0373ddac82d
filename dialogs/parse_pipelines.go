package dialogs

import (
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
	"govorun/crm/rules"
)

// pipelineScope is where expressions and texts of pipelines, links and rules stand.
func pipelineScope(who string) scope {
	return scope{who: who, env: ruleEnv(), shown: ruleTexts()}
}

func (r *reader) pipelines(n *yaml.Node) {
	for key, v := range pairs(child(n, "fields")) {
		r.field(key, v)
	}
	for key, v := range pairs(child(n, "pipelines")) {
		p := &Pipeline{Name: r.name(key, "a pipeline"), Line: key.Line, Was: map[string]string{}}
		s := pipelineScope("pipeline “" + p.Name + "”")
		r.declare(key, usePipeline, "", p.Name)
		p.Key = r.text(child(v, "text"), scope{who: s.who})
		p.Reason = r.text(child(v, "reason"), scope{who: s.who, shown: exprEnv{"deal": {members: dealTexts()}}})
		p.Reasons = r.reasons(child(v, "reasons"), s)
		if missed := child(v, "missed"); missed != nil {
			r.declare(missed, "missed", "", p.Name)
			pipeline := r.use(child(missed, "pipeline"), usePipeline, "", s.who+" sends lost deals to pipeline")
			p.Missed = &rules.Place{Pipeline: pipeline, Stage: r.use(child(missed, "stage"), useStage, pipeline, s.who+" sends lost deals to stage")}
		}
		for stage, node := range pairs(child(v, "stages")) {
			p.Stages = append(p.Stages, r.stage(stage, node, p.Name))
		}
		for old, node := range pairs(child(v, "was")) {
			p.Was[old.Value] = r.use(node, useStage, p.Name, s.who+" moves deals of “"+old.Value+"” to stage")
			r.declare(old, "was", p.Name, old.Value)
		}
		if len(p.Stages) == 0 || p.Stages[0].Status != crm.DealOpen {
			r.report(key, "Put a stage without status first.", "pipeline “%s” begins with no open stage", p.Name)
		}
		r.draft.kit.Pipelines[p.Name] = p
	}
	r.visits(child(n, "visits"))
}

// reasons reads text keys whose last parts are ids, unlike each other.
func (r *reader) reasons(n *yaml.Node, s scope) []string {
	var keys, ids []string
	for _, item := range elements(n) {
		key := r.text(item, scope{who: s.who})
		keys = append(keys, key)
		r.optionID(&yaml.Node{Kind: yaml.ScalarNode, Value: afterDot(key), Line: item.Line, Column: item.Column}, &ids, s.who)
	}
	if len(keys) > tooManyOptions {
		r.report(n, "Group them: people choose the first ones anyway.", "%s has %d reasons, at most %d fit on a phone", s.who, len(keys), tooManyOptions)
	}
	return keys
}

// field reads a field that stages demand. Its name is also that of a slot, where a few are taken.
func (r *reader) field(key, n *yaml.Node) {
	slot := r.slot(key, n, "field")
	if slot.Name == reasonSlot {
		r.report(key, "Choose another name.", "field “%s” has the name of the reason of a loss", slot.Name)
	}
	if (slot.Type == "choice" || slot.Type == "many") && len(slot.Options) == 0 && r.fits {
		r.report(key, "Add “options” with text keys.", "field “%s” asks for a choice and offers none", slot.Name)
	}
	if len(slot.Options) > tooManyOptions {
		r.report(key, "Group them into two fields.", "field “%s” has %d options, at most %d fit on a phone", slot.Name, len(slot.Options), tooManyOptions)
	}
	who := "field “" + slot.Name + "”"
	ask := r.text(child(n, "ask"), scope{who: who, shown: exprEnv{"deal": {members: dealTexts()}}})
	r.declare(key, useField, "", slot.Name)
	r.changed[slot.Name] = true
	r.draft.kit.Fields[slot.Name] = &Field{Slot: *slot, Ask: ask}
}

func (r *reader) stage(key, n *yaml.Node, pipeline string) Stage {
	s := pipelineScope("stage “" + key.Value + "”")
	stage := Stage{
		Name: r.name(key, "a stage"), Key: r.text(child(n, "text"), scope{who: s.who}), Status: crm.DealStatus(scalar(child(n, "status"))),
		Template: r.text(child(n, "template"), s), Recall: spanOf(child(n, "recall")),
	}
	if stage.Status == "" {
		stage.Status = crm.DealOpen
	}
	s.at = rules.Place{Pipeline: pipeline, Stage: stage.Name}
	r.declare(key, useStage, pipeline, stage.Name)
	stage.To = r.names(child(n, "to"), useStage, pipeline, s.who+" leads to stage")
	stage.By = r.names(child(n, "by"), useRole, "", s.who+" is for role")
	stage.Enter = r.names(child(n, "enter"), useField, "", s.who+" demands field")
	stage.Leave = r.names(child(n, "leave"), useField, "", s.who+" demands field")
	if slices.Contains(stage.To, stage.Name) {
		r.report(child(n, "to"), "Remove it.", "%s leads to itself", s.who)
	}
	r.stageOwner(child(n, "owner"), &stage, s)
	r.stageRecall(child(n, "recall"), stage, s)
	return stage
}

// names reads a list of names, which is not empty and names nothing twice.
func (r *reader) names(n *yaml.Node, kind useKind, in, by string) []string {
	var names []string
	for _, item := range elements(n) {
		name := r.use(item, kind, in, by)
		if slices.Contains(names, name) {
			r.report(item, "Remove one of them.", "%s “%s” twice", by, name)
		}
		names = append(names, name)
	}
	if n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.report(n, "Name at least one, or remove the key.", "%s nothing: the list is empty", strings.TrimSuffix(by, " "+string(kind)))
	}
	return names
}

func (r *reader) stageOwner(n *yaml.Node, stage *Stage, s scope) {
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		stage.Owner = &Owner{Mover: scalar(n) == "mover", Nobody: scalar(n) == "nobody"}
	default:
		stage.Owner = &Owner{Assign: r.assign(n, s)}
	}
}

// stageRecall checks that deals can be shown again, and to somebody.
func (r *reader) stageRecall(n *yaml.Node, stage Stage, s scope) {
	switch {
	case n == nil || !r.fits:
	case stage.Recall <= 0:
		r.report(n, "Write a time such as 5d.", "%s recalls its deals every %s", s.who, stage.Recall)
	case stage.Status != crm.DealOpen:
		r.report(n, "Remove “recall”.", "%s recalls deals that are closed", s.who)
	case len(stage.By) == 0 && (stage.Owner == nil || stage.Owner.Assign == nil):
		r.escalates(n, s.who) // nobody else is there to see it
	}
}
