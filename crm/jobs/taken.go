package jobs

import (
	"fmt"
	"io"
)

// Taken is a file that was stored at once, without a provider: what it is by its content, and its place among Files.
type Taken struct {
	Hash          string
	MIME          string
	Size          int64
	Width, Height int
}

// Take stores a file of at most limit bytes, if it is of a kind that is taken from people as well; else the error is a Refusal.
func (f *Files) Take(r io.ReadSeeker, limit int64) (t Taken, err error) {
	is, err := inspect(r)
	if err != nil {
		return t, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return t, fmt.Errorf("read file: %w", err)
	}
	t.MIME, t.Width, t.Height = is.mime, is.width, is.height
	t.Hash, t.Size, err = f.Put(r, limit)
	return t, err
}
