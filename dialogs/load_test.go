package dialogs

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (rewrite with -update):\n%s", file, diff)
	}
}

func registration(t testing.TB) *Kit {
	t.Helper()
	kit, err := Load(os.DirFS("testdata/registration"))
	if err != nil {
		t.Fatal(err)
	}
	return kit
}

func TestARegistrationKitLoadsWithoutWarnings(t *testing.T) {
	for _, warning := range registration(t).Warnings {
		t.Error(warning)
	}
}

func TestEveryMistakeOfABrokenKitIsToldAtOnce(t *testing.T) {
	for _, folder := range []string{"testdata/broken", "testdata/muddled"} {
		kit, err := Load(os.DirFS(folder))
		var problems Problems
		if !errors.As(err, &problems) || kit != nil {
			t.Fatalf("a broken kit gives %v, %v", kit, err)
		}
		golden(t, folder+"/problems.golden", problems.Error()+"\n")
		for _, p := range problems {
			if p.File == "" || p.What == "" || p.Fix == "" || strings.HasSuffix(p.What, ".") {
				t.Errorf("%+v lacks its place, its fix, or ends twice", p)
			}
		}
	}
}
