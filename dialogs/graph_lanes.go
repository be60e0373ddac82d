package dialogs

import (
	"cmp"
	"slices"
)

// Distances of the picture of a business, in pixels.
const (
	laneHead  = 44.0 // the title of a lane
	lanePad   = 10.0 // between the boxes of a lane and its border
	trackGap  = 9.0  // between lines that run side by side
	portGap   = 15.0 // between lines that leave one side of a box
	rowGap    = 16.0
	stubGap   = 10.0 // from a box to the first line beside it
	laneWidth = 120.0
)

// laneBox is a node in its lane.
type laneBox struct {
	node, lane, row int
	x, y            float64 // the centre
	width, height   float64
	ports           [2][]int // edges that end at its left and right side
}

// lanePath is how an edge runs: out of a box at a side, along a track of the channel beside it, and, to a lane further off, along a corridor
// under a row and a track of the channel there, into the other box. Channel i lies left of lane i, corridor i above row i.
type lanePath struct {
	edge               int
	from, to           int // boxes
	straight           bool
	out, in            int // sides: 0 left, 1 right
	first, last        int // channels
	track, end         int // tracks in them
	corridor, crossing int // and the track in it; corridor -1: none
}

// laneLayout places boxes in columns, and arrows in the room between them, where no box stands in their way.
type laneLayout struct {
	graph         *Graph
	boxes         []laneBox
	paths         []lanePath
	laneX         []float64 // left borders
	laneW         []float64
	channelX      []float64 // where the tracks of a channel begin
	corridorY     []float64
	width, height float64
}

func newLaneLayout(g *Graph) *laneLayout {
	l := &laneLayout{graph: g}
	index, rows := map[string]int{}, map[string]int{}
	for i, node := range g.Nodes {
		width, height := nodeSize(node)
		lane := slices.IndexFunc(g.Lanes, func(lane GraphLane) bool { return lane.ID == node.Lane })
		l.boxes = append(l.boxes, laneBox{node: i, lane: lane, row: rows[node.Lane], width: width, height: height})
		index[node.ID] = i
		rows[node.Lane]++
	}
	for i, edge := range g.Edges {
		from, known := index[edge.From]
		to, both := index[edge.To]
		if known && both && from != to {
			l.paths = append(l.paths, l.pathOf(i, from, to))
		}
	}
	l.spreadPorts()
	verticals, horizontals := l.assignTracks()
	l.placeRows(horizontals)
	l.placeLanes(verticals)
	return l
}

// pathOf chooses the sides and the channels of an edge.
func (l *laneLayout) pathOf(edge, from, to int) lanePath {
	a, b := l.boxes[from], l.boxes[to]
	p := lanePath{edge: edge, from: from, to: to, corridor: -1}
	switch {
	case a.lane == b.lane && b.row == a.row+1:
		p.straight = true
		return p
	case a.lane == b.lane:
		p.out, p.in, p.first, p.last = 1, 1, a.lane+1, a.lane+1
	case a.lane < b.lane:
		p.out, p.in, p.first, p.last = 1, 0, a.lane+1, b.lane
	default:
		p.out, p.in, p.first, p.last = 0, 1, a.lane, b.lane+1
	}
	if p.first != p.last {
		p.corridor = a.row + 1
		if b.row < a.row {
			p.corridor = a.row
		}
	}
	return p
}

// spreadPorts notes which edges end at which side of each box, in the order of the rows that they come from, and makes room for them.
func (l *laneLayout) spreadPorts() {
	for i, p := range l.paths {
		if !p.straight {
			l.boxes[p.from].ports[p.out] = append(l.boxes[p.from].ports[p.out], i)
			l.boxes[p.to].ports[p.in] = append(l.boxes[p.to].ports[p.in], i)
		}
	}
	for i := range l.boxes {
		for side := range l.boxes[i].ports {
			ports := l.boxes[i].ports[side]
			slices.SortStableFunc(ports, func(a, b int) int { return cmp.Compare(l.otherRow(a, i), l.otherRow(b, i)) })
			l.boxes[i].height = max(l.boxes[i].height, portGap*float64(len(ports)+1))
		}
	}
}

// otherRow is the row of an edge's other end.
func (l *laneLayout) otherRow(path, box int) int {
	if p := l.paths[path]; p.from == box {
		return l.boxes[p.to].row
	}
	return l.boxes[l.paths[path].from].row
}

// tracks are lines side by side: each takes the first one on which nothing else runs there.
type tracks [][][2]float64

func (t *tracks) take(from, to float64) int {
	from, to = min(from, to), max(from, to)
	for i, taken := range *t {
		if !slices.ContainsFunc(taken, func(o [2]float64) bool { return from <= o[1] && o[0] <= to }) {
			(*t)[i] = append(taken, [2]float64{from, to})
			return i
		}
	}
	*t = append(*t, [][2]float64{{from, to}})
	return len(*t) - 1
}

// assignTracks gives every path its lines; rows and lanes serve as coordinates, a corridor lies half a row above its row. Short ways
// choose first.
func (l *laneLayout) assignTracks() (verticals, horizontals []tracks) {
	rows := 0
	for _, b := range l.boxes {
		rows = max(rows, b.row+1)
	}
	verticals, horizontals = make([]tracks, len(l.graph.Lanes)+1), make([]tracks, rows+1)
	order := make([]int, len(l.paths))
	for i := range order {
		order[i] = i
	}
	span := func(i int) int {
		a, b := l.boxes[l.paths[i].from], l.boxes[l.paths[i].to]
		return max(a.row-b.row, b.row-a.row)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(span(a), span(b)) })
	for _, i := range order {
		p := &l.paths[i]
		from, to := l.portRow(p.from, p.out, i), l.portRow(p.to, p.in, i)
		switch {
		case p.straight:
		case p.corridor < 0:
			p.track = verticals[p.first].take(from, to)
		default:
			level := float64(p.corridor) - 0.5
			p.track = verticals[p.first].take(from, level)
			p.crossing = horizontals[p.corridor].take(float64(p.first), float64(p.last))
			p.end = verticals[p.last].take(level, to)
		}
	}
	return verticals, horizontals
}

// portRow is the height of a port in rows: a little apart for each port, so that lines of different ports may share a track.
func (l *laneLayout) portRow(box, side, path int) float64 {
	b := l.boxes[box]
	return float64(b.row) + 0.8*l.share(b, side, path) - 0.4
}

// share is how far down a side of a box a port lies, from 0 to 1.
func (l *laneLayout) share(b laneBox, side, path int) float64 {
	return float64(slices.Index(b.ports[side], path)+1) / float64(len(b.ports[side])+1)
}

func (l *laneLayout) placeRows(horizontals []tracks) {
	y := gapY + laneHead
	for row := range horizontals {
		l.corridorY = append(l.corridorY, y+rowGap/2)
		y += rowGap + trackGap*float64(len(horizontals[row]))
		height := 0.0
		for i := range l.boxes {
			if l.boxes[i].row == row {
				height = max(height, l.boxes[i].height)
			}
		}
		for i := range l.boxes {
			if l.boxes[i].row == row {
				l.boxes[i].y = y + height/2
			}
		}
		y += height
	}
	l.height = y + gapY
}

func (l *laneLayout) placeLanes(verticals []tracks) {
	x := gapX
	for i := range verticals {
		left, right := l.stubs(i)
		l.channelX = append(l.channelX, x+left)
		if len(verticals[i]) > 0 {
			x += left + trackGap*float64(len(verticals[i])-1) + right
		} else if i > 0 {
			x += gapX
		}
		if i == len(l.graph.Lanes) {
			break
		}
		width := max(laneWidth, textWidth(l.graph.Lanes[i].Title, nameSize)*1.15+2*lanePad) // a title is bold, and keeps off the borders
		for _, b := range l.boxes {
			if b.lane == i {
				width = max(width, b.width)
			}
		}
		width += 2 * lanePad
		l.laneX, l.laneW = append(l.laneX, x), append(l.laneW, width)
		for j := range l.boxes {
			if l.boxes[j].lane == i {
				l.boxes[j].x, l.boxes[j].width = x+width/2, width-2*lanePad
			}
		}
		x += width
	}
	l.width = x + gapX
}

// stubs is the room that labels need at both sides of a channel, beside the boxes that their edges leave.
func (l *laneLayout) stubs(channel int) (left, right float64) {
	left, right = stubGap, stubGap
	for _, p := range l.paths {
		if p.straight || p.first != channel || len(l.graph.Edges[p.edge].Labels) == 0 {
			continue
		}
		width, _ := labelSize(l.graph.Edges[p.edge])
		if p.out == 1 {
			left = max(left, width+stubGap)
		} else {
			right = max(right, width+stubGap)
		}
	}
	return left, right
}
