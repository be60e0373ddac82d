package jobs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"govorun/crm"
	"govorun/crm/jobs"
	"govorun/crm/seal"
)

func testRing(t *testing.T) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing([]seal.Key{{ID: 1, Secret: bytes.Repeat([]byte{1}, 32)}})
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func openFiles(t *testing.T, dir string, ring *seal.Ring) *jobs.Files {
	t.Helper()
	files, err := jobs.OpenFiles(dir, ring)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// onDisk tells whether some bytes stand readable in a file below a folder.
func onDisk(t *testing.T, dir string, planted []byte) (found bool) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, planted)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, files *jobs.Files, hash string) []byte {
	t.Helper()
	f, err := files.Open(hash)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || f.Size() != int64(len(b)) {
		t.Fatalf("%d bytes, Size %d, %v", len(b), f.Size(), err)
	}
	return b
}

// document is larger than what a draft holds in memory, with words that can be searched for.
func document(size int) []byte {
	return bytes.Repeat([]byte("паспорт № 12345678 "), size/len("паспорт № 12345678 ")+1)[:size]
}

func TestX20_TheBytesOfAFileAreNowhereOnDiskAlsoWhileItIsWritten(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1000, 3 << 20} {
		dir := t.TempDir()
		files := openFiles(t, dir, testRing(t))
		draft := files.Draft(20 << 20)
		defer draft.Discard()
		if _, err := draft.Write(document(size)); err != nil {
			t.Fatal(err)
		}
		if onDisk(t, dir, []byte("паспорт")) {
			t.Errorf("%d bytes: readable while it is written", size)
		}
		r, err := draft.Reader()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || !bytes.Equal(b, document(size)) {
			t.Errorf("%d bytes: the draft reads as %d, %v", size, len(b), err)
		}
		hash, err := draft.Keep()
		if err != nil || onDisk(t, dir, []byte("паспорт")) {
			t.Errorf("%d bytes: readable in the store, %v", size, err)
		}
		if !bytes.Equal(read(t, files, hash), document(size)) {
			t.Errorf("%d bytes: something else came back", size)
		}
		if _, err := openFiles(t, dir, nil).Open(hash); !errors.Is(err, seal.ErrNoKey) {
			t.Errorf("%d bytes: without the key %v", size, err)
		}
	}
}

func TestFilesOfBeforeThereWereKeysOpenAndAreSealedWhenAsked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	before := openFiles(t, dir, nil)
	var hashes []string
	for _, size := range []int{10, 2 << 20} {
		hash, _, err := before.Put(bytes.NewReader(document(size)), 20<<20)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, hash)
	}
	files := openFiles(t, dir, testRing(t))
	if got := read(t, files, hashes[1]); !bytes.Equal(got, document(2<<20)) {
		t.Errorf("a file of before reads as %d bytes", len(got))
	}
	for _, want := range []int{2, 0} {
		if n, err := files.SealOld(); err != nil || n != want {
			t.Errorf("%d files were sealed, want %d; %v", n, want, err)
		}
	}
	if onDisk(t, dir, []byte("паспорт")) {
		t.Error("a file is readable still")
	}
	if got := read(t, files, hashes[0]); !bytes.Equal(got, document(10)) {
		t.Errorf("a sealed file of before reads as %q", got)
	}
}

func TestAFileThatIsRemovedIsGone(t *testing.T) {
	t.Parallel()
	files := openFiles(t, t.TempDir(), testRing(t))
	hash, _, err := files.Put(bytes.NewReader(document(10)), 100)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // whoever was killed in between does it again
		if err := files.Remove(hash); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := files.Open(hash); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("opened after that: %v", err)
	}
	if err := files.Remove("../../etc/passwd"); err == nil {
		t.Error("a path is taken for a hash")
	}
}
