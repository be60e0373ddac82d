package dialogs

import (
	"cmp"
	"fmt"
	"slices"

	"govorun/crm"
	"govorun/crm/rules"
)

// BusinessGraph draws all pipelines of the kit side by side, with the arrows that lead forward, and between them what links, lost deals and
// rules open, move back and keep in step. Several lost stages are one box; what stages demand is left to the pictures of the pipelines. Texts
// are in a language of the kit.
func (k *Kit) BusinessGraph(lang string) *Graph {
	g := &Graph{Title: k.Name}
	for _, p := range k.inFile() {
		g.Lanes = append(g.Lanes, GraphLane{ID: p.Name, Title: k.plain(lang, p.Key)})
		var lost []string
		for i := range p.Stages {
			stage := &p.Stages[i]
			if stage.Status == crm.DealLost {
				lost = append(lost, k.plain(lang, stage.Key))
				continue
			}
			g.Nodes = append(g.Nodes, GraphNode{ID: k.box(p.Name, stage.Name), Name: k.plain(lang, stage.Key), Lane: p.Name, Kind: stageKinds[stage.Status], Notes: k.ownerNote(stage, lang)})
		}
		if len(lost) > 0 {
			g.Nodes = append(g.Nodes, GraphNode{ID: p.Name + lostBox, Name: "✖ " + lost[0], Lane: p.Name, Kind: NodeLost, Notes: lost[1:]})
		}
		g.Edges = append(g.Edges, k.forward(p)...)
	}
	for i, l := range k.Links {
		k.linkEdges(g, l, i+1)
	}
	k.missedEdges(g, len(k.Links)+1)
	k.openedEdges(g, len(k.Links)+2)
	g.joinEdges()
	g.sortLanes()
	return g
}

// lostBox is the box of all lost stages of a pipeline.
const lostBox = "._lost"

// box is where a stage stands in the picture of the business.
func (k *Kit) box(pipeline, stage string) string {
	for _, s := range k.Pipelines[pipeline].Stages {
		if s.Name == stage && s.Status == crm.DealLost {
			return pipeline + lostBox
		}
	}
	return pipeline + "." + stage
}

// forward are the arrows of a pipeline that lead on. That deals get lost, and come back, goes without saying.
func (k *Kit) forward(p *Pipeline) (edges []GraphEdge) {
	at := map[string]int{}
	for i, s := range p.Stages {
		at[s.Name] = i
	}
	for _, edge := range p.arrows() {
		from, to := k.box(p.Name, edge.From), k.box(p.Name, edge.To)
		if at[edge.To] > at[edge.From] && from != p.Name+lostBox && to != p.Name+lostBox {
			edges = append(edges, GraphEdge{From: from, To: to})
		}
	}
	return edges
}

// joinEdges leaves one of several equal arrows, which lead from or to one box of lost deals.
func (g *Graph) joinEdges() {
	seen := map[string]bool{}
	g.Edges = slices.DeleteFunc(g.Edges, func(e GraphEdge) bool {
		key := fmt.Sprint(e)
		again := seen[key]
		seen[key] = true
		return again
	})
}

func (k *Kit) linkEdges(g *Graph, l *Link, colour int) {
	g.Edges = append(g.Edges, GraphEdge{From: k.box(l.From.Pipeline, l.From.Stage), To: k.box(l.To.Pipeline, l.To.Stage), Labels: []string{l.Name}, Link: colour})
	for _, child := range sortedKeys(l.Back) {
		g.Edges = append(g.Edges, GraphEdge{From: k.box(l.To.Pipeline, child), To: k.box(l.From.Pipeline, l.Back[child]), Labels: []string{l.Name + " ↩"}, Link: colour, Timed: true})
	}
	for _, stage := range sortedKeys(l.Stages) {
		g.Edges = append(g.Edges, GraphEdge{From: k.box(l.From.Pipeline, stage), To: k.box(l.To.Pipeline, l.Stages[stage]), Labels: []string{l.Name + " ⇄"}, Link: colour, Both: true, Timed: true})
	}
}

// missedEdges lead from the ends of lost deals to where they are collected.
func (k *Kit) missedEdges(g *Graph, colour int) {
	for _, p := range k.inFile() {
		for _, stage := range p.Stages {
			if p.Missed != nil && stage.Status == crm.DealLost {
				g.Edges = append(g.Edges, GraphEdge{From: k.box(p.Name, stage.Name), To: k.box(p.Missed.Pipeline, p.Missed.Stage), Labels: []string{"missed"}, Link: colour})
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
			from, to := k.box(rule.When.Pipeline, rule.When.Stage), k.box(open.Pipeline, open.Stage)
			g.Edges = append(g.Edges, GraphEdge{From: from, To: to, Labels: []string{"⚡ " + rule.ID}, Link: colour, Timed: rule.When.Kind == rules.Idle})
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
