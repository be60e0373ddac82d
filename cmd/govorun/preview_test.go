package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAPreviewShowsWhatContactsAreTold(t *testing.T) {
	var out bytes.Buffer
	if err := (&previewCommand{Kit: "../../dialogs/turn/testdata/provider", Stage: "sales"}).Run(stdio{out: &out, err: &out}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"sales.contract\n  en  Your contract for", "reminder of rule quiet_talk\n  en  Shall we go on"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the preview lacks %q:\n%s", want, &out)
		}
	}
	err := (&previewCommand{Kit: "../../dialogs/turn/testdata/provider", Stage: "missed"}).Run(stdio{out: &out, err: &out})
	if err == nil || !strings.Contains(err.Error(), "template") {
		t.Errorf("a pipeline without templates: %v", err)
	}
}
