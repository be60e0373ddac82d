package jobs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"govorun/crm/seal"
)

// inMemory is up to which size a draft is held in memory: most photos never need a temporary file, and content that is in the
// store already needs none at all.
const inMemory = 1 << 20

// Draft is a file that is being written. Keep makes it part of the store, Discard removes it.
type Draft struct {
	files *Files
	small bytes.Buffer
	file  *os.File     // once it has grown beyond inMemory
	shut  *seal.Writer // what stands between the bytes and the file, unless they are kept as they are
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
		n, d.err = d.below().Write(p)
	} else {
		n, _ = d.small.Write(p)
	}
	d.sum.Write(p[:n])
	d.size += int64(n)
	return n, d.err
}

// spill moves what is in memory to a temporary file, which is sealed as the stored one will be.
func (d *Draft) spill() (err error) {
	if d.file, err = os.CreateTemp(d.files.drafts(), "*"); err != nil {
		return fmt.Errorf("begin file: %w", err)
	}
	if d.files.ring != nil {
		if d.shut, err = d.files.ring.NewWriter(d.file); err != nil {
			return err
		}
	}
	_, err = d.small.WriteTo(d.below())
	return err
}

// below is what takes the bytes of a file that has left the memory.
func (d *Draft) below() io.Writer {
	if d.shut != nil {
		return d.shut
	}
	return d.file
}

// finish writes what the seal still holds back: nothing can be added after it.
func (d *Draft) finish() error {
	if d.shut == nil {
		return nil
	}
	return d.shut.Close()
}

// Err is why writing failed, whatever became of the error on its way through a library.
func (d *Draft) Err() error { return d.err }

// Size is the number of bytes written.
func (d *Draft) Size() int64 { return d.size }

// Reader gives what was written, from the beginning. It ends the writing.
func (d *Draft) Reader() (io.ReadSeeker, error) {
	if d.file == nil {
		return bytes.NewReader(d.small.Bytes()), nil
	}
	if d.shut != nil {
		if err := d.finish(); err != nil {
			return nil, err
		}
		return d.files.ring.NewReader(d.file)
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return d.file, err
}

// Keep puts the file into the store, on disk and not only on its way there, and gives its hash. Content that is there already
// is left as it is, unless it was stored before there was a ring.
func (d *Draft) Keep() (hash string, err error) {
	if d.err != nil {
		return "", d.err
	}
	hash = hex.EncodeToString(d.sum.Sum(nil))
	target := d.files.path(hash)
	if info, err := os.Stat(target); err == nil && info.Size() == d.files.sizeOnDisk(d.size) {
		if now := time.Now(); os.Chtimes(target, now, now) == nil { // it is wanted again; one that is swept away right now is written anew
			return hash, nil
		}
	}
	if d.file == nil {
		err = d.spill()
	}
	if err == nil {
		err = d.finish()
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

// Discard ends the draft; after Keep it only closes it.
func (d *Draft) Discard() {
	if d.file == nil {
		return
	}
	_ = d.file.Close()
	_ = os.Remove(d.file.Name()) // after Keep there is nothing under this name
}
