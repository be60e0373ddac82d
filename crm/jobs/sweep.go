package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	// sweepTick is how often one folder of the store is looked through; there are sweepFolders of them.
	sweepTick    = time.Minute
	sweepFolders = 256
	// sweepAtOnce is how many files one look removes at most.
	sweepAtOnce = 500
	// orphanAge is how long a file may lie there without an attachment: a program may have died between the two, or a list be brought in still.
	orphanAge = 24 * time.Hour
)

// sweepOne looks through the next folder of the store.
func (e *Eraser) sweepOne(ctx context.Context) error {
	prefix := fmt.Sprintf("%02x", e.next)
	e.next = (e.next + 1) % sweepFolders
	removed, err := e.Sweep(ctx, prefix, time.Now().Add(-orphanAge))
	if removed > 0 {
		e.Log.Info("files without attachments removed", "files", removed)
	}
	return err
}

// Sweep removes files whose hash begins with two hex digits, that were stored before a time and to which no attachment refers, at most 500, and gives
// their number. A file that is being stored meanwhile stays.
func (e *Eraser) Sweep(ctx context.Context, prefix string, before time.Time) (removed int, err error) {
	old, err := e.Files.storedBefore(prefix, before)
	if err != nil || len(old) == 0 {
		return 0, err
	}
	orphans, err := e.DB.Unattached(ctx, old)
	if err != nil {
		return 0, err
	}
	for _, hash := range orphans[:min(len(orphans), sweepAtOnce)] {
		gone, err := e.Files.retire(hash, before)
		if err != nil {
			return removed, err
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// storedBefore lists the files of a folder that nobody has stored, or stored again, since a time.
func (f *Files) storedBefore(prefix string, before time.Time) (hashes []string, err error) {
	entries, err := os.ReadDir(filepath.Join(f.dir, prefix))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list stored files: %w", err)
	}
	for _, entry := range entries {
		hash := prefix + entry.Name()
		if info, err := entry.Info(); err == nil && hashPattern.MatchString(hash) && info.ModTime().Before(before) {
			hashes = append(hashes, hash)
		}
	}
	return hashes, nil
}

// retire removes a file unless it was stored again since a time. It is taken aside first: who stores it from then on finds nothing and writes it
// anew, and who did so before has left the new time on it.
func (f *Files) retire(hash string, before time.Time) (gone bool, err error) {
	aside := filepath.Join(f.drafts(), "retired-"+hash)
	if err := os.Rename(f.path(hash), aside); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, fmt.Errorf("take file %s aside: %w", hash, err)
	}
	info, err := os.Stat(aside)
	if err == nil && info.ModTime().Before(before) {
		err = os.Remove(aside)
		gone = err == nil
	} else {
		err = os.Rename(aside, f.path(hash))
	}
	if err != nil {
		return gone, fmt.Errorf("remove file %s: %w", hash, err)
	}
	return gone, nil
}
