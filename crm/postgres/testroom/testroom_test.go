package testroom_test

import (
	"os"
	"path/filepath"
	"testing"

	"govorun/crm/postgres/testroom"
)

func TestAFolderLetsEveryoneThroughAndGoesWithItsTest(t *testing.T) {
	var dir string
	t.Run("borrower", func(t *testing.T) {
		dir = testroom.Folder(t)
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm() != 0o755 || filepath.Dir(dir) != testroom.Base() {
			t.Fatalf("%v, error %v", info, err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Fatalf("it is still there: %v", err)
	}
}

func TestWithATemporaryFolderOfOnesOwnNothingLiesElsewhere(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	if base := testroom.Base(); base != dir {
		t.Fatalf("base is %s", base)
	}
}
