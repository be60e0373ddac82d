package dialogs

import (
	"fmt"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
)

var stageKinds = map[crm.DealStatus]NodeKind{crm.DealOpen: NodeAct, crm.DealWon: NodeDone, crm.DealLost: NodeLost}

// PipelineGraph draws the stages of a pipeline with their names in a language of the kit: what each demands, who becomes responsible,
// the allowed arrows, and those along which rules move deals.
func (k *Kit) PipelineGraph(pipeline, lang string) (*Graph, error) {
	p := k.Pipelines[pipeline]
	if p == nil {
		return nil, fmt.Errorf("draw pipeline %q: there is none of that name; there are %s", pipeline, quoted(sortedKeys(k.Pipelines)))
	}
	g := &Graph{Title: k.plain(lang, p.Key) + " · " + p.Name}
	for i := range p.Stages {
		stage := &p.Stages[i]
		g.Nodes = append(g.Nodes, GraphNode{
			ID: stage.Name, Name: k.plain(lang, stage.Key), Kind: stageKinds[stage.Status], Detail: stage.Name, Notes: append(k.stageNotes(stage, lang), k.linkNotes(p, stage)...),
		})
	}
	g.Edges = p.arrows()
	for _, rule := range k.Rules {
		k.ruleArrows(g, p, rule)
	}
	return g, nil
}

// arrows are the allowed ways. A stage that names none leads anywhere: of these ways only those to the next open stage, and to the
// ends before it, are drawn.
func (p *Pipeline) arrows() []GraphEdge {
	var edges []GraphEdge
	for i := range p.Stages {
		stage := &p.Stages[i]
		for _, to := range stage.To {
			edges = append(edges, GraphEdge{From: stage.Name, To: to})
		}
		if len(stage.To) > 0 || stage.Status != crm.DealOpen {
			continue
		}
		for _, next := range p.Stages[i+1:] {
			edges = append(edges, GraphEdge{From: stage.Name, To: next.Name})
			if next.Status == crm.DealOpen {
				break
			}
		}
	}
	return edges
}

// ruleArrows adds the moves of a rule of which the beginning is known.
func (k *Kit) ruleArrows(g *Graph, p *Pipeline, rule *Rule) {
	when := rule.When
	if when.Pipeline != p.Name || when.Kind != rules.Entered && when.Kind != rules.Idle {
		return
	}
	from, label := when.Stage, "⚡ "+rule.ID
	if when.Kind == rules.Idle {
		label += " ⏰ " + shortDuration(when.For)
	}
	for i := range rule.Do {
		if rule.Do[i].OpenDeal != nil || rule.Do[i].UseDeal != nil {
			return // what follows is about another deal
		}
		if move := rule.Do[i].MoveDeal; move != nil {
			g.Edges = append(g.Edges, GraphEdge{From: from, To: move.Stage, Labels: []string{label}, Timed: when.Kind == rules.Idle})
			from = move.Stage
		}
	}
}

// ownerNote tells who becomes responsible at a stage.
func (k *Kit) ownerNote(stage *Stage, lang string) (notes []string) {
	switch owner := stage.Owner; {
	case owner == nil:
	case owner.Mover:
		notes = append(notes, "👤 "+k.plain(lang, "graph.mover"))
	case owner.Nobody:
		notes = append(notes, "👤 "+k.plain(lang, "graph.nobody"))
	default:
		note := "👤 " + k.plain(lang, k.Roles[owner.Assign.Role])
		if owner.Assign.Within > 0 {
			note += " · " + shortDuration(owner.Assign.Within)
		}
		notes = append(notes, note)
	}
	return notes
}

// stageNotes tells what a stage demands and who becomes responsible: names of the file, except what has a text.
func (k *Kit) stageNotes(stage *Stage, lang string) []string {
	notes := k.ownerNote(stage, lang)
	add := func(what string, list []string) {
		if len(list) > 0 {
			notes = append(notes, what+strings.Join(list, ", "))
		}
	}
	by := make([]string, len(stage.By))
	for i, role := range stage.By {
		by[i] = k.plain(lang, k.Roles[role])
	}
	add("✋ ", by)
	add("❓ ", stage.Enter)
	add("❓ ⇥ ", stage.Leave)
	if stage.Recall > 0 {
		notes = append(notes, "🔁 "+days(stage))
	}
	if stage.Template != "" {
		notes = append(notes, "✉ "+k.plain(lang, stage.Template))
	}
	return notes
}

// days writes whole days as kits do.
func days(stage *Stage) string {
	if hours := int(stage.Recall.Hours()); hours%24 == 0 {
		return fmt.Sprintf("%dd", hours/24)
	}
	return shortDuration(stage.Recall)
}

// linkNotes tells which deals a stage opens in other pipelines.
func (k *Kit) linkNotes(p *Pipeline, stage *Stage) []string {
	var notes []string
	here := rules.Place{Pipeline: p.Name, Stage: stage.Name}
	for _, l := range k.Links {
		switch {
		case l.From == here && l.Mirror:
			notes = append(notes, "⇄ "+l.To.String())
		case l.From == here:
			notes = append(notes, "⇒ "+l.To.String())
		case l.To.Pipeline == p.Name && l.Back[stage.Name] != "":
			notes = append(notes, "⇐ "+l.From.Pipeline+"."+l.Back[stage.Name])
		}
	}
	if p.Missed != nil && stage.Status == crm.DealLost {
		notes = append(notes, "⇒ "+p.Missed.String())
	}
	return notes
}
