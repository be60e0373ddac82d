package jobs_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"govorun/crm/jobs"
)

func TestFilesWithoutAttachmentsLeaveTheDiskAfterADayAndNoOthers(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	files, err := jobs.OpenFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string, age time.Duration) string {
		t.Helper()
		hash, _, err := files.Put(strings.NewReader(text), 100)
		if err != nil {
			t.Fatal(err)
		}
		then := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(dir, hash[:2], hash[2:]), then, then); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	orphan, young, owned, again := put("orphan", 48*time.Hour), put("young", time.Hour), put("owned", 48*time.Hour), put("again", 48*time.Hour)
	h.fetcher.files["owned"] = []byte("%PDF-1.7\nowned")
	if _, err := h.db.Pool.Exec(ctx, `UPDATE attachments SET status = 'stored', hash = $2 WHERE id = $1`, h.add("owned", 0), owned); err != nil {
		t.Fatal(err)
	}
	if _, _, err := files.Put(strings.NewReader("again"), 100); err != nil { // somebody sends the same: its row is about to come
		t.Fatal(err)
	}
	eraser := &jobs.Eraser{DB: h.db, Files: files, Log: slog.New(slog.DiscardHandler)}
	removed := 0
	for _, hash := range []string{orphan, young, owned, again} {
		n, err := eraser.Sweep(ctx, hash[:2], time.Now().Add(-24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		removed += n
	}
	if removed != 1 {
		t.Errorf("%d files removed, want 1", removed)
	}
	for hash, there := range map[string]bool{orphan: false, young: true, owned: true, again: true} {
		file, err := files.Open(hash)
		if there != (err == nil) || !there && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is %v, %v", hash, there, err)
		}
		if err == nil {
			file.Close()
		}
	}
}

func TestAFileThatIsStoredWhileItIsSweptAwayIsThere(t *testing.T) {
	h := newHouse(t)
	dir := t.TempDir()
	files, err := jobs.OpenFiles(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	eraser := &jobs.Eraser{DB: h.db, Files: files, Log: slog.New(slog.DiscardHandler)}
	hash, _, err := files.Put(strings.NewReader("same"), 100)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		old := time.Now().Add(-48 * time.Hour)
		if err := os.Chtimes(filepath.Join(dir, hash[:2], hash[2:]), old, old); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := eraser.Sweep(ctx, hash[:2], time.Now().Add(-24*time.Hour)); err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			if _, _, err := files.Put(strings.NewReader("same"), 100); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		file, err := files.Open(hash)
		if err != nil {
			t.Fatalf("what was stored is gone: %v", err)
		}
		file.Close()
	}
}
