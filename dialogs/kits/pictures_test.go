package kits_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// TestThePicturesOfKitsAreThoseOfTheirFiles draws every kit as `govorun graph` does and compares with pictures/, which -update writes anew.
func TestThePicturesOfKitsAreThoseOfTheirFiles(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range kits.Names() {
		folder, err := kits.FS(name)
		if err != nil {
			t.Fatal(err)
		}
		kit, err := dialogs.Load(folder)
		if err != nil {
			t.Fatal(err)
		}
		place := filepath.Join("pictures", name)
		drawn := drawAll(t, kit)
		for _, file := range drawn {
			path := filepath.Join(place, file.name)
			if *update {
				if err := os.MkdirAll(place, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, file.svg, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if kept, err := os.ReadFile(path); err != nil || !bytes.Equal(kept, file.svg) {
				t.Errorf("%s is not how the kit is now (%v): go test ./dialogs/kits -run Pictures -update", path, err)
			}
			if !strings.Contains(string(page), "("+filepath.ToSlash(path)+")") {
				t.Errorf("README.md does not show %s", path)
			}
		}
		old, _ := filepath.Glob(filepath.Join(place, "*")) // the pattern is valid
		for _, path := range old {
			if !slices.ContainsFunc(drawn, func(p picture) bool { return p.name == filepath.Base(path) }) {
				t.Errorf("%s shows what the kit has no more: remove it", path)
			}
		}
	}
}

type picture struct {
	name string
	svg  []byte
}

// drawAll draws the business, its pipelines and its dialogs in English.
func drawAll(t *testing.T, kit *dialogs.Kit) (all []picture) {
	add := func(name string, g *dialogs.Graph, err error) {
		var svg bytes.Buffer
		if err == nil {
			err = g.SVG(&svg)
		}
		if err != nil {
			t.Fatalf("%s of kit %s: %v", name, kit.Name, err)
		}
		all = append(all, picture{name + ".svg", svg.Bytes()})
	}
	add("business", kit.BusinessGraph("en"), nil)
	for name := range kit.Pipelines {
		g, err := kit.PipelineGraph(name, "en")
		add("pipeline-"+name, g, err)
	}
	for name, d := range kit.Dialogs {
		if !d.Demand {
			g, err := kit.Graph(name, "en")
			add(name, g, err)
		}
	}
	return all
}

// TestTheTalksThatThePageOfKitsQuotesAreInTheirTranscripts keeps the page true, line by line.
func TestTheTalksThatThePageOfKitsQuotesAreInTheirTranscripts(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	quotes := regexp.MustCompile("(?s)```\n# ([a-z]+)/([a-z_]+\\.[a-z]+)\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(quotes) < len(kits.Names()) {
		t.Errorf("only %d talks are quoted", len(quotes))
	}
	for _, quote := range quotes {
		folder, err := kits.FS(quote[1])
		if err != nil {
			t.Fatal(err)
		}
		talk, err := fs.ReadFile(folder, "transcripts/"+quote[2]+".txt")
		if err != nil {
			t.Error(err)
		}
		for line := range strings.Lines(quote[3]) {
			if strings.TrimSpace(line) != "…" && !strings.Contains(string(talk), line) {
				t.Errorf("%s/%s does not say %q", quote[1], quote[2], line)
			}
		}
	}
}
