package play_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn/play"
)

// update rewrites what follows in the plays: go test ./dialogs/turn/play -update
var update = flag.Bool("update", false, "rewrite what follows in the plays")

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(pgtest.Run(m))
}

// TestEveryPlayGoesAsItIsWritten plays the golden plays of all kits, and of the one that tests the player.
func TestEveryPlayGoesAsItIsWritten(t *testing.T) {
	folders, _ := filepath.Glob("../../kits/*/plays") // the patterns are valid
	own, _ := filepath.Glob("testdata/*/plays")
	if len(folders) == 0 || len(own) == 0 {
		t.Fatal("there are no plays")
	}
	for _, folder := range append(own, folders...) {
		t.Run(filepath.Base(filepath.Dir(folder)), func(t *testing.T) {
			kit, err := dialogs.Load(os.DirFS(filepath.Dir(folder)))
			if err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(folder + "/*.txt")
			for _, file := range files {
				t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
					t.Parallel()
					asWritten(t, kit, file)
				})
			}
		})
	}
}

// asWritten plays a file and compares, or rewrites it.
func asWritten(t *testing.T, kit *dialogs.Kit, file string) {
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	played, err := play.Play(t.Context(), pgtest.New(t), kit, string(written))
	switch {
	case err != nil:
		t.Fatalf("%s: %v; before:\n%s", file, err, ending(played))
	case played == string(written):
	case *update:
		if err := os.WriteFile(file, []byte(played), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s goes otherwise now; if that is right: go test ./dialogs/turn/play -update\n%s", file, difference(string(written), played))
	}
}

// ending is the last lines of a text.
func ending(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-25):], "\n")
}

// difference shows where two texts part, with a few lines around. Spaces that keep words together are made visible.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	part := func(lines []string) string {
		some := strings.Join(lines[max(0, min(at-3, len(lines))):min(at+8, len(lines))], "\n")
		return strings.ReplaceAll(some, "\u00a0", "⍽")
	}
	return "written:\n" + part(a) + "\nplayed:\n" + part(b)
}
