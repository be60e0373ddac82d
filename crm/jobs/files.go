// Package jobs does what happens later: it fetches the files that people sent, looks at what they are and keeps each once.
//
// It works from rows that turns have written, knows no provider (channels hand in a Fetcher) and no dialog.
package jobs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"govorun/crm/seal"
)

// ErrFull means that a file is larger than the limit it was stored with.
var ErrFull = errors.New("the file is larger than the limit")

// hashPattern is the name of a stored file: SHA-256 in hex. Nothing that came from outside is ever part of a path.
var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Files keeps the bytes of attachments in a folder, each file under the SHA-256 of its content: the same content is kept once, and is found
// again when another person sends it. Only the program's own user may read them, and with a ring nobody who lacks its keys.
//
// The name is the bare hash and no keyed one: files of before keep their names, no key must be kept for ever for the sake of names, and what a
// hash tells of a photo is only whether it is the same as one that somebody has already.
type Files struct {
	dir  string
	ring *seal.Ring // nil: files are kept as they came
}

// abandoned is the age at which an unfinished file belongs to a program that died: no download takes that long.
const abandoned = time.Hour

// OpenFiles gives the store in dir, making the folder and removing what a program that died left unfinished. What is stored is sealed with the
// ring; without one it is kept as it is.
func OpenFiles(dir string, ring *seal.Ring) (*Files, error) {
	f := &Files{dir, ring}
	if err := os.MkdirAll(f.drafts(), 0o700); err != nil {
		return nil, fmt.Errorf("make folder for files: %w", err)
	}
	drafts, err := os.ReadDir(f.drafts())
	if err != nil {
		return nil, fmt.Errorf("look for unfinished files: %w", err)
	}
	for _, d := range drafts {
		if info, err := d.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(f.drafts(), d.Name())) // it only takes room
		}
	}
	return f, nil
}

func (f *Files) drafts() string { return filepath.Join(f.dir, "unfinished") }

func (f *Files) path(hash string) string { return filepath.Join(f.dir, hash[:2], hash[2:]) }

// Put stores what r gives, at most limit bytes, and gives its hash and size. More is ErrFull, and nothing is stored.
func (f *Files) Put(r io.Reader, limit int64) (hash string, size int64, err error) {
	d := f.Draft(limit)
	defer d.Discard()
	if _, err := io.Copy(d, r); err != nil {
		return "", 0, fmt.Errorf("store file: %w", err)
	}
	hash, err = d.Keep()
	return hash, d.size, err
}

// makeFolder makes a folder of the store, if it is not there, on disk and not only on its way there.
func (f *Files) makeFolder(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// syncFolder writes the names in a folder to disk. A system that cannot, such as Windows, does so by itself.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrInvalid) {
		return err
	}
	return nil
}
