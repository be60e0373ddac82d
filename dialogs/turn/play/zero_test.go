package play_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"govorun/crm/postgres/pgtest"
	"govorun/dialogs"
	"govorun/dialogs/turn/play"
)

// TestTheKitFromZeroWorks plays the day at the end of dialogs/docs/zero.md with the kit that the page makes; cmd/govorun follows the page itself.
func TestTheKitFromZeroWorks(t *testing.T) {
	const page = "../../docs/zero.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, block := range regexp.MustCompile("(?s)```yaml\n# tyres/([^\n,]+)(, th[^\n]+)?\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		name, lines := block[1], block[3]
		if block[2] != "" {
			lines = without(string(files[name].Data), lines) + lines
		}
		files[name] = &fstest.MapFile{Data: []byte(lines)}
	}
	kit, err := dialogs.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range kit.Warnings {
		t.Error(warning)
	}
	day := regexp.MustCompile("(?s)```play\n(.*?)```").FindStringSubmatch(string(text))
	if day == nil {
		t.Fatal("the page has no play")
	}
	played, err := play.Play(t.Context(), pgtest.New(t), kit, day[1])
	switch {
	case err != nil:
		t.Fatalf("%v; before:\n%s", err, ending(played))
	case *update:
		if err := os.WriteFile(page, []byte(strings.Replace(string(text), day[1], played, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	case played != day[1]:
		t.Errorf("it goes otherwise now; if that is right: go test ./dialogs/turn/play -run Zero -update\n%s", difference(day[1], played))
	}
}
