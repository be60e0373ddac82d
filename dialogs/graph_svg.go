package dialogs

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// How a box looks, in pixels and letters.
const (
	nameSize    = 13.0
	smallSize   = 11.0
	lineHeight  = 15.0
	detailWidth = 30 // letters
	detailLines = 3
	labelWidth  = 26
	labelLines  = 5
	padding     = 10.0
	titleHeight = 34.0
)

type colours struct{ fill, line string }

// Colours by kind of node, on white and on black.
var (
	lightColours = map[NodeKind]colours{
		NodeAsk: {"#dceafe", "#3b76d6"}, NodeAct: {"#f1f3f5", "#8a949e"}, NodeCall: {"#efe3fd", "#8a5cd0"},
		NodeDone: {"#dcf5e3", "#37935a"}, NodeLost: {"#fde3e1", "#c9473d"},
	}
	darkColours = map[NodeKind]colours{
		NodeAsk: {"#17294a", "#6ea0f5"}, NodeAct: {"#24292e", "#8a949e"}, NodeCall: {"#2f2146", "#b18cf0"},
		NodeDone: {"#16321f", "#5cc083"}, NodeLost: {"#3e1c1a", "#f0837a"},
	}
)

// SVG writes the graph as a picture that stands alone: no script, no font, no link; it follows the reader's light or dark theme.
func (g *Graph) SVG(w io.Writer) error {
	out := bufio.NewWriter(w)
	if len(g.Lanes) > 0 {
		l := newLaneLayout(g)
		g.writeHead(out, l.width, l.height)
		l.write(out)
		fmt.Fprintln(out, "</g>\n</svg>")
		return out.Flush()
	}
	l := newLayout(g)
	g.writeHead(out, l.width, l.height)
	for _, r := range l.routes {
		l.writeRoute(out, r)
	}
	for _, loop := range l.loops {
		l.writeLoop(out, g.Edges[loop])
	}
	for _, b := range l.boxes {
		switch {
		case b.node >= 0:
			writeNode(out, g.Nodes[b.node], b, b.node == 0)
		case b.label >= 0:
			writeLabel(out, g.Edges[b.label], b)
		}
	}
	fmt.Fprintln(out, "</g>\n</svg>")
	return out.Flush()
}

// writeHead opens a picture for a layout of this size, with style and title.
func (g *Graph) writeHead(w io.Writer, width, height float64) {
	width, height = max(width, textWidth(g.Title, 16)+2*gapX), height+titleHeight
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" aria-label="%s">`+"\n",
		width, height, width, height, html.EscapeString(g.Title))
	writeStyle(w)
	fmt.Fprintf(w, `<rect class="paper" width="%.0f" height="%.0f"/>`+"\n", width, height)
	fmt.Fprintf(w, `<text class="title" x="%.0f" y="26">%s</text>`+"\n", gapX, html.EscapeString(g.Title))
	fmt.Fprintf(w, `<g transform="translate(0,%.0f)">`+"\n", titleHeight-gapY/2)
}

func writeStyle(w io.Writer) {
	fmt.Fprintln(w, `<style>
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-size:11px;fill:#1b1f24}
.paper{fill:#fff}.title{font-size:16px;font-weight:600}.name{font-size:13px;font-weight:600}.detail{fill:#57606a}
.edge{fill:none;stroke:#8a949e;stroke-width:1.3}.back{stroke-dasharray:5 4}.timed{stroke-dasharray:1.5 3.5;stroke-linecap:round}
.head{fill:#8a949e}.tag{fill:#fff;fill-opacity:.92}.box{stroke-width:1.4}.first{stroke-width:3}`)
	for _, kind := range []NodeKind{NodeAsk, NodeAct, NodeCall, NodeDone, NodeLost} {
		fmt.Fprintf(w, ".%s{fill:%s;stroke:%s}\n", kind, lightColours[kind].fill, lightColours[kind].line)
	}
	fmt.Fprintln(w, `@media (prefers-color-scheme:dark){text{fill:#e6edf3}.paper{fill:#0d1117}.detail{fill:#9aa4ae}.tag{fill:#0d1117}`)
	for _, kind := range []NodeKind{NodeAsk, NodeAct, NodeCall, NodeDone, NodeLost} {
		fmt.Fprintf(w, ".%s{fill:%s;stroke:%s}\n", kind, darkColours[kind].fill, darkColours[kind].line)
	}
	fmt.Fprintln(w, `}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker></defs>`)
}

// writeRoute draws an edge as one curve through its boxes, vertical at each of them.
func (l *layout) writeRoute(w io.Writer, r route) {
	first, last := l.boxes[r.boxes[0]], l.boxes[r.boxes[len(r.boxes)-1]]
	x, y := first.x+l.port(first.down, r.boxes[1], first.width), first.y+first.height/2
	var path strings.Builder
	fmt.Fprintf(&path, "M%.1f %.1f", x, y)
	curve := func(toX, toY float64) {
		bend := (toY - y) / 2
		fmt.Fprintf(&path, "C%.1f %.1f %.1f %.1f %.1f %.1f", x, y+bend, toX, toY-bend, toX, toY)
		x, y = toX, toY
	}
	for _, i := range r.boxes[1 : len(r.boxes)-1] {
		b := l.boxes[i]
		half := l.heights[b.layer] / 2 // straight past whatever else stands on the layer
		curve(b.x, b.y-half)
		y = b.y + half
		fmt.Fprintf(&path, "V%.1f", y)
	}
	curve(last.x+l.port(last.up, r.boxes[len(r.boxes)-2], last.width), last.y-last.height/2)
	class, marker := "edge", "marker-end"
	if r.reversed {
		class, marker = "edge back", "marker-start"
	}
	if l.graph.Edges[r.edge].Timed {
		class += " timed"
	}
	fmt.Fprintf(w, `<path class="%s" %s="url(#head)" d="%s"/>`+"\n", class, marker, path.String())
}

// port spreads the ends of edges along the side of a box, in the order in which their neighbours stand.
func (l *layout) port(neighbours []int, this int, width float64) float64 {
	rank, count := 0, len(neighbours)
	for _, n := range neighbours {
		if l.boxes[n].x < l.boxes[this].x {
			rank++
		}
	}
	step := math.Min(14, (width-2*padding)/float64(max(count, 1)))
	return (float64(rank) - float64(count-1)/2) * step
}

// writeLoop draws an edge from a node to itself at its right side.
func (l *layout) writeLoop(w io.Writer, edge GraphEdge) {
	for _, b := range l.boxes {
		if b.node < 0 || l.graph.Nodes[b.node].ID != edge.From {
			continue
		}
		x, top, bottom := b.x+b.width/2, b.y-b.height/5, b.y+b.height/5
		fmt.Fprintf(w, `<path class="edge back" marker-end="url(#head)" d="M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f"/>`+"\n",
			x, top, x+26, top-12, x+26, bottom+12, x, bottom)
		width, height := labelSize(edge)
		writeLabel(w, edge, box{x: x + loopWidth + width/2, y: b.y, width: width, height: height})
	}
}

func writeNode(w io.Writer, node GraphNode, b box, first bool) {
	class, radius := "box "+string(node.Kind), 5.0
	if node.Kind == NodeDone || node.Kind == NodeLost {
		radius = min(b.height/2, 18) // rounder, the corners of tall boxes would cut into their texts
	}
	if first {
		class += " first"
	}
	fmt.Fprintf(w, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f"/>`+"\n",
		class, b.x-b.width/2, b.y-b.height/2, b.width, b.height, radius)
	_, text := nodeSize(node) // a box with many arrows is taller
	y := b.y - text/2 + padding + nameSize - 3
	fmt.Fprintf(w, `<text class="name" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", b.x, y, html.EscapeString(node.name()))
	for _, line := range node.lines() {
		y += lineHeight
		fmt.Fprintf(w, `<text class="detail" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", b.x, y, html.EscapeString(line))
	}
}

func writeLabel(w io.Writer, edge GraphEdge, b box) {
	fmt.Fprintf(w, `<rect class="tag" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3"/>`+"\n", b.x-b.width/2, b.y-b.height/2, b.width, b.height)
	y := b.y - b.height/2 - 3
	for _, line := range edgeLines(edge) {
		y += lineHeight
		fmt.Fprintf(w, `<text text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", b.x, y, html.EscapeString(line))
	}
}

func nodeSize(node GraphNode) (width, height float64) {
	width, height = textWidth(node.name(), nameSize)*1.1, 2*padding+nameSize
	for _, line := range node.lines() {
		width, height = max(width, textWidth(line, smallSize)), height+lineHeight
	}
	return width + 2*padding, height
}

// name is what the box is called.
func (n GraphNode) name() string { return first(n.Name, n.ID) }

// lines is what stands below the name: what the node says, then each note.
func (n GraphNode) lines() []string {
	lines := wrap(n.Detail, detailWidth, detailLines)
	for _, note := range n.Notes {
		lines = append(lines, wrap(note, detailWidth, 2)...)
	}
	return lines
}

func labelSize(edge GraphEdge) (width, height float64) {
	lines := edgeLines(edge)
	for _, line := range lines {
		width = max(width, textWidth(line, smallSize))
	}
	return width + 8, float64(len(lines))*lineHeight + 4
}

// edgeLines is the label of an edge, one line for each way.
func edgeLines(edge GraphEdge) []string {
	var lines []string
	for i, label := range edge.Labels {
		if i == labelLines-1 && len(edge.Labels) > labelLines {
			return append(lines, fmt.Sprintf("… +%d", len(edge.Labels)-i))
		}
		lines = append(lines, wrap(label, labelWidth, 1)...)
	}
	return lines
}

// textWidth guesses how wide a text is drawn: Cyrillic is wider than Latin, emoji are square.
func textWidth(s string, size float64) float64 {
	width := 0.0
	for _, r := range s {
		switch {
		case r >= 0x2190:
			width += 1.25
		case strings.ContainsRune("шщмжюыфШЩМЖЮЫФmwMW@—…№<>&=+%", r):
			width += 0.86
		case strings.ContainsRune(" .,:;!|'’iIljtfr()[]{}·", r):
			width += 0.36
		default:
			width += 0.6
		}
	}
	return width * size
}

// wrap breaks a text at spaces into lines of at most so many letters; what doesn't fit into the lines ends in ….
func wrap(s string, letters, lines int) []string {
	var result []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > letters {
			result, line = append(result, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	if line != "" {
		result = append(result, line)
	}
	if len(result) > lines {
		result = result[:lines]
		result[lines-1] = shorten(result[lines-1]+" …", letters)
	}
	for i := range result {
		result[i] = shorten(result[i], letters)
	}
	return result
}

// shorten cuts a text to so many letters, the last of which becomes ….
func shorten(s string, letters int) string {
	runes := []rune(s)
	if len(runes) <= letters {
		return s
	}
	return strings.TrimRight(string(runes[:letters-1]), " …") + "…"
}
