package dialogs

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Mermaid writes the graph in the language that GitHub and many editors draw.
func (g *Graph) Mermaid(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "flowchart TD")
	for _, node := range g.Nodes {
		label := "<b>" + node.ID + "</b>"
		if node.Detail != "" {
			label += "<br/>" + strings.Join(wrap(mermaidText(node.Detail), detailWidth, detailLines), "<br/>")
		}
		left, right := mermaidBrackets(node.Kind)
		fmt.Fprintf(out, "  s_%s%s\"%s\"%s:::%s\n", node.ID, left, label, right, node.Kind)
	}
	for _, edge := range g.Edges {
		arrow := "-->"
		if edge.Timed {
			arrow = "-.->"
		}
		if len(edge.Labels) > 0 {
			arrow += "|\"" + mermaidText(strings.Join(edge.Labels, "<br/>")) + "\"|"
		}
		fmt.Fprintf(out, "  s_%s %s s_%s\n", edge.From, arrow, edge.To)
	}
	for _, kind := range []NodeKind{NodeAsk, NodeAct, NodeCall, NodeDone, NodeLost} {
		c := lightColours[kind]
		fmt.Fprintf(out, "  classDef %s fill:%s,stroke:%s,color:#1b1f24\n", kind, c.fill, c.line)
	}
	return out.Flush()
}

// mermaidText escapes what would end a quoted label.
func mermaidText(s string) string {
	return strings.NewReplacer(`"`, "#quot;", "`", "'", "<br/>", "<br/>", "<", "#lt;", ">", "#gt;").Replace(s)
}

func mermaidBrackets(kind NodeKind) (left, right string) {
	switch kind {
	case NodeAsk:
		return "(", ")"
	case NodeCall:
		return "[[", "]]"
	case NodeDone, NodeLost:
		return "([", "])"
	}
	return "[", "]"
}
