package kits_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"govorun/dialogs"
	"govorun/dialogs/kits"
)

// update rewrites the answers in the transcripts: go test ./dialogs/kits -update
var update = flag.Bool("update", false, "rewrite the answers in the transcripts")

func TestEveryKitThatIsNamedHasItsFiles(t *testing.T) {
	if !slices.Contains(kits.Names(), "vending") || !slices.Contains(kits.Names(), "lead") {
		t.Fatalf("the kits are %v", kits.Names())
	}
	for _, name := range kits.Names() {
		folder, err := kits.FS(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{"kit.yaml", "pipelines.yaml", "locales/ru.yaml", "locales/en.yaml"} {
			if _, err := fs.Stat(folder, file); err != nil {
				t.Errorf("kit %s: %v", name, err)
			}
		}
	}
}

func TestAnUnknownKitIsRefusedWithTheNamesThereAre(t *testing.T) {
	for _, name := range []string{"", "..", "vending/..", "taxi2"} {
		_, err := kits.FS(name)
		if err == nil || !strings.Contains(err.Error(), "vending") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestEveryKitIsFreeOfMistakes(t *testing.T) {
	for _, name := range kits.Names() {
		folder, err := kits.FS(name)
		if err != nil {
			t.Fatal(err)
		}
		kit, err := dialogs.Load(folder)
		if err != nil {
			t.Errorf("kit %s:\n%v", name, err)
			continue
		}
		if kit.Name != name || kit.Dialogs[kit.Home] == nil {
			t.Errorf("kit %s calls itself %q, its home is %q", name, kit.Name, kit.Home)
		}
	}
}

// TestTalksGoAsTheirTranscriptsSay plays every talk of every kit and compares what the bot says and does, word for word.
func TestTalksGoAsTheirTranscriptsSay(t *testing.T) {
	for _, name := range kits.Names() {
		folder, err := kits.FS(name)
		if err != nil {
			t.Fatal(err)
		}
		kit, err := dialogs.Load(folder)
		if err != nil {
			t.Fatalf("kit %s:\n%v", name, err)
		}
		files, err := fs.Glob(folder, "transcripts/*.txt")
		if err != nil || len(files) == 0 {
			t.Fatalf("kit %s has no transcripts: %v", name, err)
		}
		for _, file := range files {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				written, err := fs.ReadFile(folder, file)
				if err != nil {
					t.Fatal(err)
				}
				played, err := dialogs.Play(kit, string(written))
				if err != nil {
					t.Fatal(err)
				}
				if *update {
					if err := os.WriteFile(filepath.Join(name, filepath.FromSlash(file)), []byte(played), 0o644); err != nil {
						t.Fatal(err)
					}
				} else if played != string(written) {
					t.Errorf("the talk goes otherwise now; if that is right, run go test ./dialogs/kits -update\n%s", firstDifference(string(written), played))
				}
			})
		}
	}
}

// firstDifference shows where two texts part, with a few lines before.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	part := func(lines []string) string {
		return strings.Join(lines[max(0, min(at-3, len(lines))):min(at+6, len(lines))], "\n")
	}
	return "written:\n" + part(a) + "\nplayed:\n" + part(b)
}
