package jobs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"govorun/crm"
	"govorun/crm/seal"
)

// File is a stored file as it came. It is for one goroutine.
type File struct {
	io.ReadSeeker
	size int64
	disk *os.File
}

// Size is the number of bytes that came.
func (f *File) Size() int64 { return f.size }

// Close ends the reading.
func (f *File) Close() error { return f.disk.Close() }

// Open gives a stored file by its hash, sealed or from before there was a ring. An error is fs.ErrNotExist and crm.ErrNotFound when there is
// none, seal.ErrNoKey when its key is not there.
func (f *Files) Open(hash string) (*File, error) {
	if !hashPattern.MatchString(hash) {
		return nil, fmt.Errorf("open file %q: %w: %w", hash, crm.ErrNotFound, fs.ErrNotExist)
	}
	disk, err := os.Open(f.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", crm.ErrNotFound, err)
	}
	if err != nil {
		return nil, err
	}
	file, err := f.unsealed(disk)
	if err != nil {
		disk.Close()
		return nil, fmt.Errorf("open file %s: %w", hash, err)
	}
	return file, nil
}

func (f *Files) unsealed(disk *os.File) (*File, error) {
	is, err := seal.IsSealed(disk)
	switch {
	case err != nil:
		return nil, err
	case is && f.ring == nil:
		return nil, seal.ErrNoKey
	case is:
		r, err := f.ring.NewReader(disk)
		if err != nil {
			return nil, err
		}
		return &File{r, r.Size(), disk}, nil
	}
	info, err := disk.Stat()
	if err != nil {
		return nil, err
	}
	return &File{disk, info.Size(), disk}, nil
}

// Remove deletes a stored file; one that is gone already is no error. That nobody else has the same content, the caller knows.
func (f *Files) Remove(hash string) error {
	if !hashPattern.MatchString(hash) {
		return fmt.Errorf("remove file %q: %w", hash, fs.ErrNotExist)
	}
	if err := os.Remove(f.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove file %s: %w", hash, err)
	}
	return nil
}

// sizeOnDisk is how large a stored file of so many bytes is.
func (f *Files) sizeOnDisk(size int64) int64 {
	if f.ring == nil {
		return size
	}
	return seal.SealedSize(size)
}

// SealOld seals the files that were stored before there was a ring, and gives their number. It may run beside everything else: each file is put in
// place of the old one at once.
func (f *Files) SealOld() (sealed int, err error) {
	if f.ring == nil {
		return 0, nil
	}
	err = fs.WalkDir(os.DirFS(f.dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		hash := nameOf(name)
		if hash == "" {
			return nil // unfinished
		}
		old, err := f.sealOne(hash)
		if old {
			sealed++
		}
		return err
	})
	if err != nil {
		return sealed, fmt.Errorf("seal the files of before: %w", err)
	}
	return sealed, nil
}

// nameOf is the hash of a file by its place in the store; empty for what is none of its files.
func nameOf(place string) string {
	if len(place) < 3 || place[2] != '/' {
		return ""
	}
	if hash := place[:2] + place[3:]; hashPattern.MatchString(hash) {
		return hash
	}
	return ""
}

func (f *Files) sealOne(hash string) (old bool, err error) {
	disk, err := os.Open(f.path(hash))
	if errors.Is(err, fs.ErrNotExist) { // forgotten meanwhile
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer disk.Close()
	if is, err := seal.IsSealed(disk); err != nil || is {
		return false, err
	}
	info, err := disk.Stat()
	if err != nil {
		return false, err
	}
	kept, _, err := f.Put(disk, info.Size())
	if err == nil && kept != hash {
		return false, fmt.Errorf("file %s holds something else than it did: look at the disk of %s (%s)", hash, f.dir, info.ModTime().Format(time.DateOnly))
	}
	return err == nil, err
}
