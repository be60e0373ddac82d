package dialogs

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// linkColours are the colours of links, one after the other; they can be read on white and on black.
var linkColours = []string{"#3b76d6", "#c07a00", "#8a5cd0", "#1f8f7a", "#c9473d", "#a0508c", "#5f7d2a"}

// corner is how round the corners of lines are, in pixels.
const corner = 5.0

type point struct{ x, y float64 }

func (l *laneLayout) write(w io.Writer) {
	fmt.Fprintln(w, `<style>.lane{fill:#8a949e;fill-opacity:.08}.lanename{font-size:14px;font-weight:600}</style>`)
	for i, lane := range l.graph.Lanes {
		fmt.Fprintf(w, `<rect class="lane" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="8"/>`+"\n", l.laneX[i], gapY, l.laneW[i], l.height-gapY-rowGap/2)
		x := l.laneX[i] + l.laneW[i]/2
		fmt.Fprintf(w, `<text class="lanename" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", x, gapY+20, html.EscapeString(lane.Title))
		fmt.Fprintf(w, `<text class="detail" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", x, gapY+36, html.EscapeString(lane.ID))
	}
	l.writeHeads(w)
	for i := range l.paths {
		l.writePath(w, i)
	}
	for _, b := range l.boxes {
		writeNode(w, l.graph.Nodes[b.node], box{x: b.x, y: b.y, width: b.width, height: b.height}, b.row == 0)
	}
	for i := range l.paths {
		l.writeName(w, i)
	}
}

// writeHeads defines an arrow head of each colour.
func (l *laneLayout) writeHeads(w io.Writer) {
	fmt.Fprint(w, "<defs>")
	for i, colour := range linkColours {
		fmt.Fprintf(w, `<marker id="head%d" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto-start-reverse"><path fill="%s" d="M0 0 8 4 0 8z"/></marker>`, i, colour)
	}
	fmt.Fprintln(w, "</defs>")
}

// points are the corners of a path, from box to box.
func (l *laneLayout) points(path int) []point {
	p := l.paths[path]
	a, b := l.boxes[p.from], l.boxes[p.to]
	if p.straight {
		return []point{{a.x, a.y + a.height/2}, {b.x, b.y - b.height/2}}
	}
	start, end := l.port(a, p.out, path), l.port(b, p.in, path)
	x := l.channelX[p.first] + trackGap*float64(p.track)
	if p.corridor < 0 {
		return []point{start, {x, start.y}, {x, end.y}, end}
	}
	y := l.corridorY[p.corridor] + trackGap*float64(p.crossing)
	far := l.channelX[p.last] + trackGap*float64(p.end)
	return []point{start, {x, start.y}, {x, y}, {far, y}, {far, end.y}, end}
}

// port is where an edge ends at a side of a box.
func (l *laneLayout) port(b laneBox, side, path int) point {
	y := b.y - b.height/2 + b.height*l.share(b, side, path)
	if side == 0 {
		return point{b.x - b.width/2, y}
	}
	return point{b.x + b.width/2, y}
}

func (l *laneLayout) writePath(w io.Writer, path int) {
	edge := l.graph.Edges[l.paths[path].edge]
	class, head, colour := "edge", "head", ""
	if edge.Link > 0 {
		i := (edge.Link - 1) % len(linkColours)
		head, colour = fmt.Sprintf("head%d", i), fmt.Sprintf(` style="stroke:%s"`, linkColours[i])
	}
	if edge.Timed {
		class += " back"
	}
	markers := fmt.Sprintf(`marker-end="url(#%s)"`, head)
	if edge.Both {
		markers += fmt.Sprintf(` marker-start="url(#%s)"`, head)
	}
	fmt.Fprintf(w, `<path class="%s" %s%s d="%s"/>`+"\n", class, markers, colour, rounded(l.points(path)))
}

// writeName writes the label of an edge on its first stretch, beside the box that it leaves.
func (l *laneLayout) writeName(w io.Writer, path int) {
	p := l.paths[path]
	edge := l.graph.Edges[p.edge]
	if len(edge.Labels) == 0 || p.straight {
		return
	}
	at, anchor, aside := l.port(l.boxes[p.from], p.out, path), "start", 7.0
	if p.out == 0 {
		anchor, aside = "end", -7
	}
	fmt.Fprintf(w, `<text text-anchor="%s" x="%.1f" y="%.1f" style="fill:%s">%s</text>`+"\n", anchor, at.x+aside, at.y-3,
		linkColours[(max(edge.Link, 1)-1)%len(linkColours)], html.EscapeString(strings.Join(edgeLines(edge), ", ")))
}

// rounded draws a line through points with round corners.
func rounded(points []point) string {
	var d strings.Builder
	fmt.Fprintf(&d, "M%.1f %.1f", points[0].x, points[0].y)
	for i := 1; i+1 < len(points); i++ {
		before, at, after := points[i-1], points[i], points[i+1]
		in, out := toward(at, before), toward(at, after)
		fmt.Fprintf(&d, "L%.1f %.1fQ%.1f %.1f %.1f %.1f", in.x, in.y, at.x, at.y, out.x, out.y)
	}
	last := points[len(points)-1]
	fmt.Fprintf(&d, "L%.1f %.1f", last.x, last.y)
	return d.String()
}

// toward is a point near one, on the way to another.
func toward(from, to point) point {
	distance := math.Hypot(to.x-from.x, to.y-from.y)
	if distance == 0 {
		return from
	}
	part := min(corner, distance/2) / distance
	return point{from.x + (to.x-from.x)*part, from.y + (to.y-from.y)*part}
}
