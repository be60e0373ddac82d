package dialogs

import (
	"bytes"
	"strings"
	"testing"
)

func TestAPipelineIsDrawnWithItsArrowsDemandsAndRules(t *testing.T) {
	g, err := kitOnce(t, service).PipelineGraph("call_centre", "en")
	if err != nil {
		t.Fatal(err)
	}
	shown := words(t, g)
	for _, word := range []string{"👤 operator · 15m", "🔁 5d", "✋ operator, manager", "❓ phone", "❓ ⇥ cause", "👤 whoever moves it", "👤 nobody", "⇒ technicians.unsorted", "⇒ missed.new"} {
		if !strings.Contains(shown, word) {
			t.Errorf("the picture lacks %q: %s", word, shown)
		}
	}
	arrows := map[string]bool{}
	for _, edge := range g.Edges {
		arrows[edge.From+" "+edge.To] = true
	}
	for arrow, want := range map[string]bool{"unsorted repair": true, "unsorted refused": true, "unsorted check": false, "repair check": true, "check done": true} {
		if arrows[arrow] != want {
			t.Errorf("the arrow %s is drawn: %v", arrow, arrows[arrow])
		}
	}
}

func TestABusinessIsDrawnAsOnePicture(t *testing.T) {
	g := kitOnce(t, service).BusinessGraph("en")
	if len(g.Lanes) != 5 || len(g.Nodes) != 16 {
		t.Errorf("it has %d lanes and %d boxes", len(g.Lanes), len(g.Nodes))
	}
	shown := words(t, g)
	for _, word := range []string{"Call centre", "Potential clients", "repair", "repair ↩", "installation ⇄", "missed"} {
		if !strings.Contains(shown, word) {
			t.Errorf("the picture lacks %q", word)
		}
	}
	var out bytes.Buffer
	if err := g.Mermaid(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/service.mermaid", out.String())
}

// TestNoLineOfABusinessRunsThroughABox follows every line and looks where the boxes are.
func TestNoLineOfABusinessRunsThroughABox(t *testing.T) {
	l := newLaneLayout(kitOnce(t, service).BusinessGraph("en"))
	for i := range l.paths {
		points := l.points(i)
		for j := 1; j < len(points); j++ {
			a, b := points[j-1], points[j]
			for _, box := range l.boxes {
				left, right, top, bottom := box.x-box.width/2, box.x+box.width/2, box.y-box.height/2, box.y+box.height/2
				if max(a.x, b.x) > left+0.1 && min(a.x, b.x) < right-0.1 && max(a.y, b.y) > top+0.1 && min(a.y, b.y) < bottom-0.1 {
					t.Errorf("the line of %+v runs through %s", l.graph.Edges[l.paths[i].edge], l.graph.Nodes[box.node].ID)
				}
			}
			if a.x < 0 || a.y < 0 || a.x > l.width || a.y > l.height {
				t.Errorf("the line of %+v leaves the picture", l.graph.Edges[l.paths[i].edge])
			}
		}
	}
	for i, a := range l.boxes {
		for _, b := range l.boxes[:i] {
			if a.lane == b.lane && max(a.y-a.height/2, b.y-b.height/2) < min(a.y+a.height/2, b.y+b.height/2) {
				t.Errorf("the boxes %d and %d overlap", a.node, b.node)
			}
		}
	}
}
