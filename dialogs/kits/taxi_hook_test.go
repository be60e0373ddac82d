package kits_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/dialogs"
	"govorun/dialogs/kits"
)

func TestTheHookOfTheTaxiKitIsOffAndWorksOnceItsSignsAreTakenAway(t *testing.T) {
	if n := len(taxiKit(t).Hooks); n != 0 {
		t.Fatalf("%d addresses outside hear of drivers", n)
	}
	base, err := kits.FS("taxi")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	err = fs.WalkDir(base, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(base, name)
		files[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before, example, there := strings.Cut(string(files["intake.yaml"].Data), "#hooks:")
	if !there {
		t.Fatal("intake.yaml has no example")
	}
	files["intake.yaml"].Data = []byte(before + "hooks:" + strings.ReplaceAll(example, "\n#", "\n"))
	files["rules.yaml"].Data = []byte(strings.Replace(string(files["rules.yaml"].Data), "rules:\n", `rules:
  - id: told_outside
    when: {entered: drivers.riding}
    do: [{hook: {to: books, data: {number: deal.id}}}]
`, 1))
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if h := kit.Hooks["books"]; h == nil || h.Secret != "GOVORUN_HOOK_BOOKS" || !strings.HasPrefix(h.URL, "https://") {
		t.Errorf("the hook is %+v", h)
	}
}
