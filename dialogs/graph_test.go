package dialogs

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

// words gives the text of an SVG, and fails when it isn't well formed.
func words(t *testing.T, g *Graph) string {
	t.Helper()
	var svg bytes.Buffer
	if err := g.SVG(&svg); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for d := xml.NewDecoder(&svg); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			all.Write(data)
		}
	}
}

func TestADialogIsDrawnInTheLanguageAsked(t *testing.T) {
	kit := registration(t)
	for lang, want := range map[string][]string{
		"ru": {"registration", "plate_right", "Условия", "payout != nil", "⏰ 30m", "Номер машины"},
		"en": {"registration", "plate_right", "Terms", "payout != nil", "⏰ 30m", "Vehicle"},
	} {
		g, err := kit.Graph("registration", lang)
		if err != nil {
			t.Fatal(err)
		}
		if g.Nodes[0].ID != "begin" || len(g.Nodes) != len(kit.Dialogs["registration"].States) {
			t.Errorf("the graph begins with %s and has %d nodes", g.Nodes[0].ID, len(g.Nodes))
		}
		shown := words(t, g)
		for _, word := range want {
			if !strings.Contains(shown, word) {
				t.Errorf("%s lacks %q: %s", lang, word, shown)
			}
		}
	}
}

func TestAPipelineIsDrawn(t *testing.T) {
	g, err := registration(t).PipelineGraph("drivers", "ru")
	if err != nil {
		t.Fatal(err)
	}
	if shown := words(t, g); !strings.Contains(shown, "На проверке") || len(g.Nodes) != 4 || len(g.Edges) != 3 {
		t.Errorf("the pipeline is drawn as %+v with %s", g, shown)
	}
}

func TestWhatDoesNotExistIsNotDrawn(t *testing.T) {
	kit := registration(t)
	if _, err := kit.Graph("regstration", "ru"); err == nil || !strings.Contains(err.Error(), "“registration”") {
		t.Errorf("an unknown dialog gives %v", err)
	}
	if _, err := kit.PipelineGraph("cars", "ru"); err == nil || !strings.Contains(err.Error(), "“drivers”") {
		t.Errorf("an unknown pipeline gives %v", err)
	}
}

func TestMermaidDrawsTheSameGraph(t *testing.T) {
	g, err := registration(t).Graph("home", "en")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := g.Mermaid(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/home.mermaid", out.String())
}

func TestBoxesOfALayoutNeverOverlap(t *testing.T) {
	for _, g := range []*Graph{tangle(), mustGraph(t, "registration"), mustGraph(t, "home")} {
		l := newLayout(g)
		for i, a := range l.boxes {
			for _, b := range l.boxes[:i] {
				if a.layer == b.layer && max(a.x-a.width/2, b.x-b.width/2) < min(a.x+a.width/2, b.x+b.width/2) {
					t.Errorf("%s: boxes %+v and %+v overlap", g.Title, a, b)
				}
			}
			if a.x-a.width/2 < 0 || a.x+a.width/2 > l.width || a.y-a.height/2 < 0 || a.y+a.height/2 > l.height {
				t.Errorf("%s: box %+v lies outside of %v × %v", g.Title, a, l.width, l.height)
			}
		}
		words(t, g)
	}
}

func mustGraph(t *testing.T, dialog string) *Graph {
	t.Helper()
	g, err := registration(t).Graph(dialog, "ru")
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// tangle has arrows between all of its nodes, both ways and to themselves, and labels that would break a careless writer.
func tangle() *Graph {
	g := &Graph{Title: "tangle <&\""}
	names := []string{"a", "b", "c", "d", "e", "f"}
	for _, from := range names {
		g.Nodes = append(g.Nodes, GraphNode{ID: from, Kind: NodeAsk, Detail: strings.Repeat("<Ш&\"> ", 30)})
		for _, to := range names {
			g.Edges = append(g.Edges, GraphEdge{From: from, To: to, Labels: []string{"<1>", "&", "\"", "4", "5", "6", "7"}, Timed: from < to})
		}
	}
	return g
}

func TestLongTextsAreWrappedAndCut(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"short":                             "short",
		"one two three four":                "one two|three four",
		"one two three four five six seven": "one two|three fou…",
		"incomprehensibilities":             "incompreh…",
		"Щёлково Щёлково Щёлково Щёлково": "Щёлково|Щёлково …",
	} {
		if got := strings.Join(wrap(text, 10, 2), "|"); got != want {
			t.Errorf("%q is wrapped as %q, want %q", text, got, want)
		}
	}
}
