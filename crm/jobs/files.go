// Package jobs does what happens later: it fetches the files that people sent, looks at what they are and keeps each once.
//
// It works from rows that turns have written, knows no provider (channels hand in a Fetcher) and no dialog.
package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// ErrFull means that a file is larger than the limit it was stored with.
var ErrFull = errors.New("the file is larger than the limit")

// hashPattern is the name of a stored file: SHA-256 in hex. Nothing that came from outside is ever part of a path.
var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Files keeps the bytes of attachments in a folder, each file under the SHA-256 of its content: the same content is kept once.
// Only the program's own user may read them.
type Files struct{ dir string }

// abandoned is the age at which an unfinished file belongs to a program that died: no download takes that long.
const abandoned = time.Hour

// OpenFiles gives the store in dir, making the folder and removing what a program that died left unfinished.
func OpenFiles(dir string) (*Files, error) {
	f := &Files{dir}
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

// Open gives a stored file by its hash; fs.ErrNotExist when there is none.
func (f *Files) Open(hash string) (*os.File, error) {
	if !hashPattern.MatchString(hash) {
		return nil, fmt.Errorf("open file %q: %w", hash, fs.ErrNotExist)
	}
	return os.Open(f.path(hash))
}

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

// inMemory is up to which size a draft is held in memory: most photos never need a temporary file, and content that is in the
// store already needs none at all.
const inMemory = 1 << 20

// Draft is a file that is being written. Keep makes it part of the store, Discard removes it.
type Draft struct {
	files *Files
	small bytes.Buffer
	file  *os.File // once it has grown beyond inMemory
	sum   hash.Hash
	size  int64
	limit int64
	err   error // of writing: a full disk, or ErrFull
}

// Draft begins a file of at most limit bytes.
func (f *Files) Draft(limit int64) *Draft {
	return &Draft{files: f, sum: sha256.New(), limit: limit}
}

// Write adds bytes. Beyond the limit it fails with ErrFull, and so does everything after it.
func (d *Draft) Write(p []byte) (n int, err error) {
	switch {
	case d.err != nil:
		return 0, d.err
	case d.size+int64(len(p)) > d.limit:
		d.err = ErrFull
		return 0, d.err
	case d.file == nil && d.small.Len()+len(p) > inMemory:
		if d.err = d.spill(); d.err != nil {
			return 0, d.err
		}
	}
	if d.file != nil {
		n, d.err = d.file.Write(p)
	} else {
		n, _ = d.small.Write(p)
	}
	d.sum.Write(p[:n])
	d.size += int64(n)
	return n, d.err
}

// spill moves what is in memory to a temporary file.
func (d *Draft) spill() (err error) {
	if d.file, err = os.CreateTemp(d.files.drafts(), "*"); err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	_, err = d.small.WriteTo(d.file)
	return err
}

// Err is why writing failed, whatever became of the error on its way through a library.
func (d *Draft) Err() error { return d.err }

// Size is the number of bytes written.
func (d *Draft) Size() int64 { return d.size }

// Reader gives what was written, from the beginning.
func (d *Draft) Reader() (io.ReadSeeker, error) {
	if d.file == nil {
		return bytes.NewReader(d.small.Bytes()), nil
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return d.file, err
}

// Keep puts the file into the store, on disk and not only on its way there, and gives its hash. Content that is there already
// is left as it is.
func (d *Draft) Keep() (hash string, err error) {
	if d.err != nil {
		return "", d.err
	}
	hash = hex.EncodeToString(d.sum.Sum(nil))
	target := d.files.path(hash)
	if info, err := os.Stat(target); err == nil && info.Size() == d.size {
		return hash, nil
	}
	if d.file == nil {
		err = d.spill()
	}
	if err == nil {
		err = d.file.Sync()
	}
	if err == nil {
		err = d.files.makeFolder(filepath.Dir(target))
	}
	if err == nil {
		err = os.Rename(d.file.Name(), target)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(target))
	}
	if err != nil {
		return "", fmt.Errorf("store file: %w", err)
	}
	return hash, nil
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

// Discard ends the draft; after Keep it only closes it.
func (d *Draft) Discard() {
	if d.file == nil {
		return
	}
	_ = d.file.Close()
	_ = os.Remove(d.file.Name()) // after Keep there is nothing under this name
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
