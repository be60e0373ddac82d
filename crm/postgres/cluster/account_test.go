package cluster

import (
	"os"
	"path/filepath"
	"testing"
)

// A test run by root repeats the whole suite as the user nobody, so both ways are seen on every run that can see both.
func TestEverythingAlsoWorksAsAPlainUser(t *testing.T) {
	if os.Geteuid() != 0 {
		a, err := accountFor(t.TempDir())
		if err != nil || a.dropped || a.uid != os.Geteuid() {
			t.Fatalf("a plain user runs Postgres as %+v, error %v", a, err)
		}
		return
	}
	if out, err := asNobody(t, "-test.v"); err != nil {
		t.Fatalf("as nobody: %v\n%s", err, out)
	}
}

func TestRootIsToldWhichFolderIsInTheWay(t *testing.T) {
	closed := filepath.Join(openFolder(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	o := Options{Dir: filepath.Join(closed, "deep", "cluster"), Fast: true}
	if os.Geteuid() == 0 {
		refusal(t, o, "may not run as root", "folder "+closed, "chmod o+x "+closed, "GOVORUN_DATA")
		if err := os.Chmod(closed, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	mustStop(t, mustStart(t, o))
}

func TestAFolderOfSomebodyElseIsRefusedOrRunAsItsOwner(t *testing.T) {
	dir := openFolder(t)
	mustStop(t, mustStart(t, Options{Dir: dir, Fast: true}))
	a, err := accountFor(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	if uid, _, err := ownerOf(filepath.Join(dir, "data")); err != nil || uid != a.uid || uid == 0 {
		t.Fatalf("data of user %d would be run as %+v, error %v", uid, a, err)
	}
	if os.Geteuid() != 0 {
		refusal(t, Options{Dir: "/usr", Fast: true}, "folder /usr belongs to user 0", "GOVORUN_DATA")
		return
	}
	// Made by a plain user, later run by root: the plain user must be able to come back.
	if err := (site{account: account{uid: 65534, gid: 65534, dropped: true}}).own(dir); err != nil {
		t.Fatal(err)
	}
	mustStop(t, mustStart(t, Options{Dir: dir, Fast: true}))
	for _, name := range []string{"data", "lock", "postgres.log", "run", filepath.Join("data", "PG_VERSION")} {
		if uid, _, err := ownerOf(filepath.Join(dir, name)); err != nil || uid != 65534 {
			t.Errorf("%s now belongs to user %d, error %v", name, uid, err)
		}
	}
}

func TestWhoMayPassAFolder(t *testing.T) {
	a := account{uid: 10, gid: 20}
	for _, c := range []struct {
		uid, gid int
		mode     os.FileMode
		want     bool
	}{
		{10, 20, 0o700, true}, {10, 20, 0o077, false}, {0, 20, 0o710, true}, {0, 20, 0o701, false}, {0, 0, 0o711, true}, {0, 0, 0o770, false},
	} {
		if got := a.passes(c.uid, c.gid, c.mode); got != c.want {
			t.Errorf("owner %d:%d mode %o: %v", c.uid, c.gid, c.mode, got)
		}
	}
}
