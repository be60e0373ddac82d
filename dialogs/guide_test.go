package dialogs

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// guide is the kit that README.md builds: blocks that begin with a file's name are that file, or the rest of it.
func guide(t *testing.T) *Kit {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := fstest.MapFS{}
	for _, block := range regexp.MustCompile("(?s)```yaml\n# (\\S+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		if folder[block[1]] == nil {
			folder[block[1]] = &fstest.MapFile{}
		}
		folder[block[1]].Data = append(folder[block[1]].Data, block[2]...)
	}
	kit, err := Load(folder)
	if err != nil {
		t.Fatalf("the examples do not load:\n%v", err)
	}
	return kit
}

func TestTheGuidesBackOfficeIsWhatItSays(t *testing.T) {
	kit := guide(t)
	if len(kit.Warnings) > 0 {
		t.Errorf("the guide is warned of %v", kit.Warnings)
	}
	if len(kit.Book.Rules) != 3 || len(kit.Book.Links) != 1 || len(kit.Book.Unique) != 1 || kit.Book.Pipelines["parts"].Missed == nil {
		t.Errorf("the book is %+v", kit.Book)
	}
	if kit.Reminder("collect/1") == nil || kit.Reminder("collect/1").Every != 48*time.Hour || kit.Reminders != 2 || kit.Silence.From != 22*60 {
		t.Errorf("reminders and silence are %+v, %+v", kit.reminders, kit.Silence)
	}
	for _, stage := range []string{"ordered", "dropped"} {
		if !strings.HasPrefix(kit.Demand("parts", stage), demandPrefix) {
			t.Errorf("nobody is asked on the way to %s", stage)
		}
	}
}

// TestTheGuideNamesEveryTrigger keeps the guide in step with the language.
func TestTheGuideNamesEveryTrigger(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, trigger := range triggers {
		if !strings.Contains(string(text), string(trigger.kind)) {
			t.Errorf("README.md does not name %s", trigger.kind)
		}
	}
	for _, f := range actionsShape().of.fields {
		if !strings.Contains(string(text), f.name) {
			t.Errorf("README.md does not name %s", f.name)
		}
	}
}
