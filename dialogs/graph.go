package dialogs

import (
	"cmp"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"
)

// NodeKind says what a node of a graph does; it decides the colour.
type NodeKind string

// Kinds of nodes: a state that asks, one that acts and goes on, one that calls another dialog, an end that is good or bad.
// Stages of a pipeline are NodeAct, NodeDone and NodeLost.
const (
	NodeAsk  NodeKind = "ask"
	NodeAct  NodeKind = "act"
	NodeCall NodeKind = "call"
	NodeDone NodeKind = "done"
	NodeLost NodeKind = "lost"
)

// Graph is a dialog, a pipeline or a whole business as boxes and arrows, for people to look at. Nodes are in the order of the file, the
// first one is where it starts. Lanes, when there are any, stand side by side, each with its nodes from top to bottom.
type Graph struct {
	Title string
	Lanes []GraphLane
	Nodes []GraphNode
	Edges []GraphEdge
}

// GraphLane is a pipeline in the picture of a business: its name in the file, and what it is called.
type GraphLane struct{ ID, Title string }

// GraphNode is a box: its name in the file, and what it says in the language of the graph. Name is shown in place of an ID that says
// more than is needed in its lane; Notes are lines about it.
type GraphNode struct {
	ID     string
	Name   string
	Lane   string
	Kind   NodeKind
	Detail string
	Notes  []string
}

// GraphEdge is an arrow. All ways from one state to another are one edge with several labels. Timed edges are taken only when
// nobody answers, or nothing happens. Of a business: Both edges point both ways, and edges of one Link (counted from 1) have one colour.
type GraphEdge struct {
	From, To string
	Labels   []string
	Timed    bool
	Both     bool
	Link     int
}

// Graph draws a dialog with its texts in a language of the kit.
func (k *Kit) Graph(dialog, lang string) (*Graph, error) {
	d := k.Dialogs[dialog]
	if d == nil {
		return nil, fmt.Errorf("draw dialog %q: there is none of that name; there are %s", dialog, quoted(sortedKeys(k.Dialogs)))
	}
	g := &Graph{Title: d.Name}
	for _, name := range d.inOrder() {
		state := d.States[name]
		g.Nodes = append(g.Nodes, GraphNode{ID: name, Kind: state.kind(), Detail: k.detail(state, lang)})
		k.edges(g, state, lang)
	}
	return g, nil
}

// inOrder lists the states in the order of the file, the first state first.
func (d *Definition) inOrder() []string {
	rank := func(name string) int {
		if name == d.Start {
			return 0
		}
		return d.States[name].Line
	}
	names := sortedKeys(d.States)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return names
}

func (s *State) kind() NodeKind {
	switch {
	case s.End == "cancelled":
		return NodeLost
	case s.End != "":
		return NodeDone
	case s.Call != nil:
		return NodeCall
	case s.waits():
		return NodeAsk
	}
	return NodeAct
}

// detail is what a state says, asks or calls.
func (k *Kit) detail(s *State, lang string) string {
	switch {
	case s.Ask != "":
		return k.plain(lang, s.Ask)
	case s.Say != "":
		return k.plain(lang, s.Say)
	case s.Call != nil:
		return "→ " + s.Call.Dialog
	}
	return ""
}

// edges adds the arrows that leave a state.
func (k *Kit) edges(g *Graph, s *State, lang string) {
	at := map[string]int{}
	add := func(to, label string, timed bool) {
		key := fmt.Sprint(to, timed)
		if _, known := at[key]; !known {
			at[key] = len(g.Edges)
			g.Edges = append(g.Edges, GraphEdge{From: s.Name, To: to, Timed: timed})
		}
		if label != "" {
			g.Edges[at[key]].Labels = append(g.Edges[at[key]].Labels, label)
		}
	}
	for _, option := range s.Options {
		if option.To != "" {
			add(option.To, k.plain(lang, option.Key), false)
		} else if len(s.Next) == 1 {
			add(s.Next[0].To, k.plain(lang, option.Key), false)
		}
	}
	for _, accept := range s.Accept {
		if accept.To != "" {
			add(accept.To, accept.Slot, false)
		}
	}
	for _, branch := range s.Next {
		if branch.If != nil {
			add(branch.To, branch.If.String(), false)
		} else {
			add(branch.To, "", false)
		}
	}
	for _, timeout := range s.Timeouts {
		if timeout.To != "" {
			add(timeout.To, "⏰ "+shortDuration(timeout.After), true)
		}
	}
}

// shortDuration writes 24h0m0s as 24h.
func shortDuration(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

var tagPattern = regexp.MustCompile(`</?[a-z][^>]*>`)

// plain gives a text without markup, with … for everything that it would show.
func (k *Kit) plain(lang, key string) string {
	args := map[string]any{"n": 5}
	for _, path := range k.Texts.Placeholders(key) {
		inner := args
		for _, name := range path[:max(len(path)-1, 0)] {
			next, ok := inner[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				inner[name] = next
			}
			inner = next
		}
		if len(path) > 0 && path[len(path)-1] != "n" {
			inner[path[len(path)-1]] = "…"
		}
	}
	text, _ := k.Texts.Text(lang, key, args) // best effort: a picture with a gap is better than none
	text = html.UnescapeString(tagPattern.ReplaceAllString(text, ""))
	return strings.Join(strings.Fields(text), " ")
}
