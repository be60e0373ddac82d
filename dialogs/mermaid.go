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
	if len(g.Lanes) == 0 {
		fmt.Fprintln(out, "flowchart TD")
		for _, node := range g.Nodes {
			mermaidNode(out, node)
		}
	} else {
		fmt.Fprintln(out, "flowchart LR")
	}
	for _, lane := range g.Lanes {
		fmt.Fprintf(out, "  subgraph l_%s[\"%s\"]\n  direction TB\n", lane.ID, mermaidText(lane.Title))
		for _, node := range g.Nodes {
			if node.Lane == lane.ID {
				mermaidNode(out, node)
			}
		}
		fmt.Fprintln(out, "  end")
	}
	for _, edge := range g.Edges {
		arrow := "-->"
		switch {
		case edge.Both:
			arrow = "<-.->"
		case edge.Timed:
			arrow = "-.->"
		}
		if len(edge.Labels) > 0 {
			arrow += "|\"" + mermaidText(strings.Join(edge.Labels, "<br/>")) + "\"|"
		}
		fmt.Fprintf(out, "  %s %s %s\n", mermaidID(edge.From), arrow, mermaidID(edge.To))
	}
	for _, kind := range []NodeKind{NodeAsk, NodeAct, NodeCall, NodeDone, NodeLost} {
		c := lightColours[kind]
		fmt.Fprintf(out, "  classDef %s fill:%s,stroke:%s,color:#1b1f24\n", kind, c.fill, c.line)
	}
	return out.Flush()
}

func mermaidNode(w io.Writer, node GraphNode) {
	label := "<b>" + node.name() + "</b>"
	for _, line := range node.lines() {
		label += "<br/>" + mermaidText(line)
	}
	left, right := mermaidBrackets(node.Kind)
	fmt.Fprintf(w, "  %s%s\"%s\"%s:::%s\n", mermaidID(node.ID), left, label, right, node.Kind)
}

// mermaidID is a name that no word of the language is like.
func mermaidID(id string) string { return "s_" + strings.ReplaceAll(id, ".", "__") }

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
