package cluster

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// quietTemp gives the library, which leaves an empty log file behind, a folder for it.
func quietTemp(t *testing.T) { t.Setenv("TMPDIR", openFolder(t)) }

// repository serves an archive for every version, with that checksum ("" is the right one).
func repository(t *testing.T, checksum string) string {
	t.Helper()
	programs, err := os.ReadFile(filepath.Join("testdata", "programs.txz"))
	if err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	z := zip.NewWriter(&jar)
	w, err := z.Create("postgres.txz")
	if err == nil {
		_, err = w.Write(programs)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if checksum == "" {
		sum := sha256.Sum256(jar.Bytes())
		checksum = hex.EncodeToString(sum[:])
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".sha256") {
			w.Write([]byte(checksum))
			return
		}
		w.Write(jar.Bytes())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestADownloadLeavesThePrograms(t *testing.T) {
	quietTemp(t)
	dir := filepath.Join(t.TempDir(), "programs")
	for range 2 { // the second finds the first one's and changes nothing
		if err := download(context.Background(), source{repository: repository(t, "")}, dir); err != nil {
			t.Fatal(err)
		}
	}
	b, err := inspect(filepath.Join(dir, "postgresql-18.3.0", "bin"))
	if err != nil || b.Major != 18 {
		t.Fatalf("the programs are %+v, error %v", b, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Fatalf("left behind: %v, error %v", left, err)
	}
}

func TestABadDownloadLeavesNothing(t *testing.T) {
	quietTemp(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	for want, url := range map[string]string{
		"checksums do not match": repository(t, strings.Repeat("0", 64)),
		"no version found":       gone.URL,
		"unable to connect":      "http://127.0.0.1:1",
	} {
		dir := t.TempDir()
		err := download(context.Background(), source{major: 16, repository: url}, dir)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left behind %v", want, left)
		}
	}
}

func TestADownloadEndsWithItsContext(t *testing.T) {
	quietTemp(t)
	hold := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer slow.Close()
	defer close(hold)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := openFolder(t)
	if err := download(ctx, source{repository: slow.URL}, dir); err == nil {
		t.Fatal("no error")
	}
}
