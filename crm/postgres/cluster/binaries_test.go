package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fakePrograms makes a folder that looks like the server programs of a version.
func fakePrograms(t *testing.T, dir, version string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"postgres", "initdb"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheNewestSupportedMajorComesFirst(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PATH", "")
	for _, v := range []string{"9.6", "13", "14", "17", "15", "19"} {
		fakePrograms(t, filepath.Join(root, "postgresql", v, "bin"), v+".1")
	}
	if err := os.Remove(filepath.Join(root, "postgresql", "17", "bin", "initdb")); err != nil {
		t.Fatal(err)
	}
	all, err := findAll("", []string{filepath.Join(root, "postgresql", "*", "bin")})
	if err != nil || len(all) != 2 || all[0].Major != 15 || all[1].Major != 14 {
		t.Fatalf("found %v, error %v", all, err)
	}
}

func TestProgramsOnPathAreFoundBehindTheirLink(t *testing.T) {
	root := t.TempDir()
	real := fakePrograms(t, filepath.Join(root, "real"), "16.4")
	path := filepath.Join(root, "path")
	if err := errors.Join(os.Mkdir(path, 0o755), os.Symlink(filepath.Join(real, "postgres"), filepath.Join(path, "postgres"))); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", path+string(os.PathListSeparator)+os.Getenv("PATH")) // the rest is for the script's shell
	all, err := findAll("", nil)
	want, _ := filepath.EvalSymlinks(real)
	if err != nil || len(all) != 1 || all[0] != (Binaries{Dir: want, Major: 16}) {
		t.Fatalf("found %v, error %v", all, err)
	}
}

func TestAWrongGOVORUN_PGBINIsSaidAndNothingElseIsTaken(t *testing.T) {
	dir := openFolder(t)
	t.Setenv("GOVORUN_PGBIN", dir)
	if b, err := Find(); err == nil {
		t.Fatalf("found %v", b)
	}
	refusal(t, Options{Dir: filepath.Join(dir, "c")}, "GOVORUN_PGBIN="+dir, "there is no postgres in it")
}

func TestFindGivesWhatStartUses(t *testing.T) {
	b, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	if b.Major < MinMajor || b.Major > MaxMajor || !exists(filepath.Join(b.Dir, exe("initdb"))) {
		t.Fatalf("found %+v", b)
	}
}

func noNetwork(context.Context, int, string) error { return errors.New("no network") }

func TestAMachineWithoutPostgresGetsOneSentence(t *testing.T) {
	t.Setenv("PATH", "")
	err := refusal(t, Options{Dir: openFolder(t), Fetch: noNetwork, folders: []string{}},
		"no PostgreSQL 14 to 18 is installed", "no network", "apt install postgresql", "GOVORUN_PGBIN", "DATABASE_URL")
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("not ErrNotFound: %v", err)
	}
}

func TestADownloadThatBringsNothingIsSaid(t *testing.T) {
	t.Setenv("PATH", "")
	nothing := func(_ context.Context, _ int, dir string) error { return os.MkdirAll(dir, 0o755) }
	refusal(t, Options{Dir: openFolder(t), Fetch: nothing, folders: []string{}}, "the download holds no server")
}

func TestADownloadIsUsedAndFoundAgain(t *testing.T) {
	here, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	dir, fetched := openFolder(t), 0
	fetch := func(_ context.Context, _ int, to string) error { // the machine's own programs play the download
		fetched++
		at := filepath.Join(to, fmt.Sprintf("postgresql-%d.0", here.Major))
		return errors.Join(os.MkdirAll(at, 0o755), os.Symlink(here.Dir, filepath.Join(at, "bin")))
	}
	for range 2 {
		c := mustStart(t, Options{Dir: dir, Fast: true, Fetch: fetch, folders: []string{}})
		write(t, c, "row")
		mustStop(t, c)
	}
	if fetched != 1 {
		t.Fatalf("fetched %d times", fetched)
	}
}

func TestADataFolderRunsOnlyWithItsOwnMajor(t *testing.T) {
	dir := openFolder(t)
	data := filepath.Join(dir, "data")
	put := func(version string) {
		if err := errors.Join(os.MkdirAll(data, 0o700), os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(version+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	put("13")
	refusal(t, Options{Dir: dir}, data+" was made by PostgreSQL 13, this program runs 14 to 18", "GOVORUN_DATA")
	put("soup")
	refusal(t, Options{Dir: dir}, "not a PostgreSQL data folder", "GOVORUN_DATA")
	put("17")
	programs := fakePrograms(t, filepath.Join(dir, "usr", "postgresql", "15", "bin"), "15.1")
	t.Setenv("PATH", "")
	refusal(t, Options{Dir: dir, Fetch: noNetwork, folders: []string{programs}},
		data+" was made by PostgreSQL 17, this machine has 15", "install PostgreSQL 17", "GOVORUN_PGBIN", "GOVORUN_DATA")
	t.Setenv("GOVORUN_PGBIN", programs)
	refusal(t, Options{Dir: dir}, "PostgreSQL 17, GOVORUN_PGBIN is PostgreSQL 15")
	if err := os.Remove(filepath.Join(data, "PG_VERSION")); err != nil {
		t.Fatal(err)
	}
	refusal(t, Options{Dir: dir}, "PG_VERSION is missing", "GOVORUN_DATA")
}
