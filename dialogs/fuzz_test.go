package dialogs

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// FuzzLoad replaces one file of a good kit by anything: Load never panics, and what it accepts is whole and drawable.
func FuzzLoad(f *testing.F) {
	good := []files{kitOf(f, "testdata/registration").files, kitOf(f, service).files}
	for name := range good[1] {
		if strings.Contains(name, demandPrefix) { // generated
			delete(good[1], name)
		}
	}
	for _, folder := range []string{"registration", "broken", "service", "muddled"} {
		for _, pattern := range []string{"*.yaml", "*/*.yaml"} {
			names, _ := filepath.Glob(filepath.Join("testdata", folder, pattern))
			for _, name := range names {
				data, err := os.ReadFile(name)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(uint8(len(data)), data)
			}
		}
	}
	f.Add(uint8(0), []byte("a: &a [*a]\n"))
	f.Add(uint8(1), []byte("dialog: home\nstart: a\nstates:\n  a:\n"))
	f.Add(uint8(2), []byte("? [a]\n: b\n? {c: d}\n: !!binary x\n"))
	f.Add(uint8(3), []byte("cards: {a: {text: card.driver, actions: [{id: x, text: card.driver, do: [{own: '#'}]}]}}"))
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		names := sortedKeys(good[which%2])
		files := good[which%2].open()
		files[names[int(which/2)%len(names)]] = &fstest.MapFile{Data: data}
		got, err := Load(files)
		if err != nil {
			if got != nil || err.Error() == "" {
				t.Fatalf("a refused kit gives %v and %q", got, err)
			}
			return
		}
		whole(t, got)
	})
}

// whole fails when a part of an accepted kit is missing.
func whole(t *testing.T, kit *Kit) {
	if kit.Zone == nil || kit.Texts == nil || len(kit.Languages) == 0 || kit.Dialogs[kit.Home] == nil {
		t.Fatalf("an accepted kit lacks its zone, texts, languages or home: %+v", kit)
	}
	for name, d := range kit.Dialogs {
		if d == nil || d.States[d.Start] == nil || d.Version == "" || d.machine.pool == nil {
			t.Fatalf("dialog %s is not whole: %+v", name, d)
		}
		for _, state := range d.States {
			for _, to := range state.targets() {
				if err := d.move(state.Name, to); err != nil {
					t.Fatal(err)
				}
			}
			for _, branch := range state.Next {
				if branch.If != nil {
					if _, err := branch.If.Bool(map[string]any{}); err != nil {
						t.Logf("%v", err) // refused at run time, never a panic
					}
				}
			}
		}
		if _, err := kit.Graph(name, kit.Languages[0]); err != nil {
			t.Fatal(err)
		}
	}
	for name := range kit.Pipelines {
		if _, err := kit.PipelineGraph(name, kit.Languages[0]); err != nil || kit.Book.Pipelines[name] == nil {
			t.Fatalf("pipeline %s is not whole: %v", name, err)
		}
	}
	if err := kit.BusinessGraph(kit.Languages[0]).SVG(io.Discard); err != nil {
		t.Fatal(err)
	}
}
