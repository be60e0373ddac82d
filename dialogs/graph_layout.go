package dialogs

import (
	"cmp"
	"slices"
)

// Distances of the picture, in pixels.
const (
	gapX      = 26.0 // between boxes of a layer
	gapY      = 26.0 // between layers
	loopWidth = 24.0 // from a node to the label of its loop
	dummyGap  = 12.0 // beside an edge that passes a layer
	maxRounds = 12   // of ordering and of straightening; more change nothing that the eye sees
)

// box is something with a place in the layout: a node, the label of an edge, or the point where an edge passes a layer.
type box struct {
	node, label   int // index into the graph's nodes and edges, -1 when it is none
	layer         int
	width, height float64
	aside         float64 // what a loop takes at the right
	x, y          float64 // the centre
	up, down      []int   // neighbours in the layers above and below
}

// route is an edge as the boxes it passes, from the upper layer to the lower. Reversed edges lead up.
type route struct {
	edge     int
	boxes    []int
	reversed bool
}

// layout places a graph in layers: longest path first, then barycentres against crossings, then straight lines.
type layout struct {
	graph         *Graph
	boxes         []box
	layers        [][]int
	heights       []float64 // of the layers
	routes        []route
	loops         []int // edges from a node to itself
	width, height float64
}

func newLayout(g *Graph) *layout {
	l := &layout{graph: g}
	index := map[string]int{}
	for i, node := range g.Nodes {
		index[node.ID] = i
		width, height := nodeSize(node)
		l.boxes = append(l.boxes, box{node: i, label: -1, width: width, height: height})
	}
	forward := l.forward(index)
	l.assignLayers(forward)
	l.addRoutes(forward)
	l.order()
	l.place()
	return l
}

// arrow is an edge between node indices, turned so that it leads down.
type arrow struct {
	edge, from, to int
	reversed       bool
}

// forward turns the edges that lead back to an earlier node, so that no circle is left: the order of the file is the order in
// which its author thinks of it.
func (l *layout) forward(index map[string]int) []arrow {
	var arrows []arrow
	for i, edge := range l.graph.Edges {
		from, to := index[edge.From], index[edge.To]
		switch {
		case from == to:
			l.loops = append(l.loops, i)
			width, _ := labelSize(edge)
			l.boxes[from].aside = width + loopWidth
		case from > to:
			arrows = append(arrows, arrow{edge: i, from: to, to: from, reversed: true})
		default:
			arrows = append(arrows, arrow{edge: i, from: from, to: to})
		}
	}
	return arrows
}

// assignLayers puts every node below all that lead to it. Nodes stand on even layers; odd ones are for labels.
func (l *layout) assignLayers(arrows []arrow) {
	for range l.graph.Nodes { // without circles the longest path has fewer steps than nodes
		moved := false
		for _, a := range arrows {
			if below := l.boxes[a.from].layer + 2; l.boxes[a.to].layer < below {
				l.boxes[a.to].layer, moved = below, true
			}
		}
		if !moved {
			break
		}
	}
}

// addRoutes lays every edge through a box on each layer that it crosses, and its label into one of them.
func (l *layout) addRoutes(arrows []arrow) {
	for _, a := range arrows {
		r := route{edge: a.edge, boxes: []int{a.from}, reversed: a.reversed}
		labelled := l.boxes[a.from].layer + 1
		if a.reversed { // the label stays beside the state that it leaves
			labelled = l.boxes[a.to].layer - 1
		}
		for layer := l.boxes[a.from].layer + 1; layer < l.boxes[a.to].layer; layer++ {
			b := box{node: -1, label: -1, layer: layer, width: 1}
			if layer == labelled && len(l.graph.Edges[a.edge].Labels) > 0 {
				b.label = a.edge
				b.width, b.height = labelSize(l.graph.Edges[a.edge])
			}
			l.boxes = append(l.boxes, b)
			r.boxes = append(r.boxes, len(l.boxes)-1)
		}
		r.boxes = append(r.boxes, a.to)
		for i := 1; i < len(r.boxes); i++ {
			upper, lower := r.boxes[i-1], r.boxes[i]
			l.boxes[upper].down = append(l.boxes[upper].down, lower)
			l.boxes[lower].up = append(l.boxes[lower].up, upper)
		}
		l.routes = append(l.routes, r)
	}
	for i, b := range l.boxes {
		for len(l.layers) <= b.layer {
			l.layers = append(l.layers, nil)
		}
		l.layers[b.layer] = append(l.layers[b.layer], i)
	}
}

// order sorts each layer by the mean place of its neighbours, down and up in turn, and keeps the order with the fewest crossings.
func (l *layout) order() {
	best, least := l.snapshot(), l.crossings()
	for round := range maxRounds {
		if round%2 == 0 {
			for i := 1; i < len(l.layers); i++ {
				l.sortLayer(l.layers[i], l.positions(i-1), func(b box) []int { return b.up })
			}
		} else {
			for i := len(l.layers) - 2; i >= 0; i-- {
				l.sortLayer(l.layers[i], l.positions(i+1), func(b box) []int { return b.down })
			}
		}
		if n := l.crossings(); n < least {
			best, least = l.snapshot(), n
		}
	}
	l.layers = best
}

func (l *layout) snapshot() [][]int {
	layers := make([][]int, len(l.layers))
	for i := range l.layers {
		layers[i] = slices.Clone(l.layers[i])
	}
	return layers
}

func (l *layout) positions(layer int) map[int]int {
	at := make(map[int]int, len(l.layers[layer]))
	for i, b := range l.layers[layer] {
		at[b] = i
	}
	return at
}

func (l *layout) sortLayer(layer []int, at map[int]int, neighbours func(box) []int) {
	centre := make(map[int]float64, len(layer))
	for i, b := range layer {
		centre[b] = float64(i)
		if near := neighbours(l.boxes[b]); len(near) > 0 {
			sum := 0
			for _, n := range near {
				sum += at[n]
			}
			centre[b] = float64(sum) / float64(len(near))
		}
	}
	slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(centre[a], centre[b]) })
}

// crossings counts the pairs of edges that cross between neighbouring layers.
func (l *layout) crossings() int {
	count := 0
	for i := 1; i < len(l.layers); i++ {
		at := l.positions(i)
		var ends []int
		for _, upper := range l.layers[i-1] {
			near := make([]int, 0, len(l.boxes[upper].down))
			for _, lower := range l.boxes[upper].down {
				near = append(near, at[lower])
			}
			slices.Sort(near)
			ends = append(ends, near...)
		}
		for a := range ends {
			for b := a + 1; b < len(ends); b++ {
				if ends[a] > ends[b] {
					count++
				}
			}
		}
	}
	return count
}
