package dialogs

import (
	"os"
	"testing"
)

const service = "testdata/service"

func TestAKitThatUsesEverythingOfTheBackOfficeLoadsWithoutWarnings(t *testing.T) {
	for _, warning := range kitOnce(t, service).Warnings {
		t.Error(warning)
	}
	d := read(os.DirFS(service), false)
	d.check()
	d.addDemands()
	d.check() // the generated dialogs are as good as written ones
	for _, p := range append(d.problems, d.kit.Warnings...) {
		t.Error(p)
	}
}
