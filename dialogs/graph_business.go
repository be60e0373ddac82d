package dialogs

import (
	"cmp"
	"slices"

	"govorun/crm"
	"govorun/crm/rules"
)

// BusinessGraph draws all pipelines of the kit side by side, with their allowed arrows, and between them what links, lost deals and rules
// open, move back and keep in step. Texts are in a language of the kit.
func (k *Kit) BusinessGraph(lang string) *Graph {
	g := &Graph{Title: k.Name}
	for _, p := range k.inFile() {
		g.Lanes = append(g.Lanes, GraphLane{ID: p.Name, Title: k.plain(lang, p.Key)})
		for i := range p.Stages {
			stage := &p.Stages[i]
			place := rules.Place{Pipeline: p.Name, Stage: stage.Name}
			g.Nodes = append(g.Nodes, GraphNode{
				ID: place.String(), Name: stage.Name, Lane: p.Name, Kind: stageKinds[stage.Status],
				Detail: k.plain(lang, stage.Key), Notes: k.stageNotes(stage, lang),
			})
		}
		for _, edge := range p.arrows() {
			g.Edges = append(g.Edges, GraphEdge{From: p.Name + "." + edge.From, To: p.Name + "." + edge.To})
		}
	}
	for i, l := range k.Links {
		k.linkEdges(g, l, i+1)
	}
	k.missedEdges(g, len(k.Links)+1)
	k.openedEdges(g, len(k.Links)+2)
	g.sortLanes()
	return g
}

func (k *Kit) linkEdges(g *Graph, l *Link, colour int) {
	g.Edges = append(g.Edges, GraphEdge{From: l.From.String(), To: l.To.String(), Labels: []string{l.Name}, Link: colour})
	for _, child := range sortedKeys(l.Back) {
		g.Edges = append(g.Edges, GraphEdge{From: l.To.Pipeline + "." + child, To: l.From.Pipeline + "." + l.Back[child], Labels: []string{l.Name + " ↩"}, Link: colour, Timed: true})
	}
	for _, stage := range sortedKeys(l.Stages) {
		g.Edges = append(g.Edges, GraphEdge{From: l.From.Pipeline + "." + stage, To: l.To.Pipeline + "." + l.Stages[stage], Labels: []string{l.Name + " ⇄"}, Link: colour, Both: true, Timed: true})
	}
}

// missedEdges lead from the ends of lost deals to where they are collected.
func (k *Kit) missedEdges(g *Graph, colour int) {
	for _, p := range k.inFile() {
		for _, stage := range p.Stages {
			if p.Missed != nil && stage.Status == crm.DealLost {
				g.Edges = append(g.Edges, GraphEdge{From: p.Name + "." + stage.Name, To: p.Missed.String(), Labels: []string{"missed"}, Link: colour})
			}
		}
	}
}

// openedEdges lead from stages to where rules about them open deals.
func (k *Kit) openedEdges(g *Graph, colour int) {
	for _, rule := range k.Rules {
		for i := range rule.Do {
			open := rule.Do[i].OpenDeal
			if open == nil || rule.When.Stage == "" {
				continue
			}
			from := rules.Place{Pipeline: rule.When.Pipeline, Stage: rule.When.Stage}
			to := rules.Place{Pipeline: open.Pipeline, Stage: open.Stage}
			g.Edges = append(g.Edges, GraphEdge{From: from.String(), To: to.String(), Labels: []string{"⚡ " + rule.ID}, Link: colour, Timed: rule.When.Kind == rules.Idle})
		}
	}
}

// sortLanes puts lanes that have to do with each other side by side: as long as exchanging two of them shortens the arrows.
func (g *Graph) sortLanes() {
	lane := map[string]string{}
	for _, node := range g.Nodes {
		lane[node.ID] = node.Lane
	}
	length := func() int {
		at, sum := map[string]int{}, 0
		for i, l := range g.Lanes {
			at[l.ID] = i
		}
		for _, edge := range g.Edges {
			sum += max(at[lane[edge.From]]-at[lane[edge.To]], at[lane[edge.To]]-at[lane[edge.From]])
		}
		return sum
	}
	for best, better := length(), true; better; {
		better = false
		for i := range g.Lanes {
			for j := range i {
				g.Lanes[i], g.Lanes[j] = g.Lanes[j], g.Lanes[i]
				if now := length(); now < best {
					best, better = now, true
				} else {
					g.Lanes[i], g.Lanes[j] = g.Lanes[j], g.Lanes[i]
				}
			}
		}
	}
	place := map[string]int{}
	for i, l := range g.Lanes {
		place[l.ID] = i
	}
	slices.SortStableFunc(g.Nodes, func(a, b GraphNode) int { return cmp.Compare(place[a.Lane], place[b.Lane]) })
}
