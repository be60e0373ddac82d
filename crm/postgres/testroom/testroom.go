// Package testroom gives tests a place for the servers that they start: in memory, where a data folder is made and removed with
// hardly any work, when there is ample room. It knows nothing of servers.
package testroom

import (
	"os"
	"testing"
	"time"
)

// Folder is a new folder for a test, which every user may pass: under root, servers run as somebody else. It is removed when the
// test ends.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(Base(), "govorun-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// A server that was killed with its program may be writing its last files.
		for range 500 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("remove %s: %v", dir, err)
	})
	return dir
}
