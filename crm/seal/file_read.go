package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Reader reads a sealed file from any place in it, a chunk at a time. It is for one goroutine.
type Reader struct {
	from   io.ReadSeeker
	aead   cipher.AEAD
	size   int64 // of what was sealed
	chunks int64
	at     int64
	number int64 // of the chunk that is open, -1 for none
	chunk  []byte
	closed []byte
}

// IsSealed tells whether a file is a sealed one, and goes back to its beginning.
func IsSealed(from io.ReadSeeker) (bool, error) {
	head := make([]byte, len(magic))
	_, err := io.ReadFull(from, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, fmt.Errorf("read the head of a file: %w", err)
	}
	_, err = from.Seek(0, io.SeekStart)
	return string(head) == magic, err
}

// NewReader opens a sealed file. ErrNoKey when the ring lacks its key, ErrBroken when it was changed or cut off.
func (r *Ring) NewReader(from io.ReadSeeker) (*Reader, error) {
	head := make([]byte, headSize)
	total, err := from.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = from.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.ReadFull(from, head)
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil, ErrBroken
	case err != nil:
		return nil, fmt.Errorf("read a sealed file: %w", err)
	}
	id := int64(binary.BigEndian.Uint64(head[len(magic):]))
	wrapping := r.keys.Load().aead[id]
	if wrapping == nil {
		return nil, fmt.Errorf("open a file of seal key %d: %w", id, ErrNoKey)
	}
	own, err := wrapping.Open(nil, nil, head[len(magic)+8:], []byte("file"))
	if err != nil {
		return nil, ErrBroken
	}
	f := &Reader{from: from, number: -1}
	if f.aead, err = plainGCM(own); err != nil {
		return nil, err
	}
	body := total - int64(headSize)
	f.chunks = (body + chunkSize + tagSize - 1) / (chunkSize + tagSize)
	f.size = body - f.chunks*tagSize
	if f.size < 0 || SealedSize(f.size) != total { // such as an empty chunk at the end, which nobody would ever read
		return nil, ErrBroken
	}
	return f, nil
}

// Size is how many bytes were sealed.
func (f *Reader) Size() int64 { return f.size }

// Read gives the next bytes. ErrBroken comes instead of any byte that was changed.
func (f *Reader) Read(p []byte) (int, error) {
	if f.at >= f.size {
		if f.size == 0 && f.number < 0 { // an empty file may have been cut down to one
			if err := f.load(0); err != nil {
				return 0, err
			}
		}
		return 0, io.EOF
	}
	if number := f.at / chunkSize; number != f.number {
		if err := f.load(number); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.chunk[f.at-f.number*chunkSize:])
	f.at += int64(n)
	return n, nil
}

// Seek goes to a place in what was sealed.
func (f *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		offset += f.size
	}
	if offset < 0 {
		return f.at, errors.New("seek before the beginning of a sealed file")
	}
	f.at = offset
	return offset, nil
}

func (f *Reader) load(number int64) error {
	f.number = -1
	length := min(chunkSize, f.size-number*chunkSize) + tagSize
	if int64(cap(f.closed)) < length {
		f.closed = make([]byte, length)
	}
	f.closed = f.closed[:length]
	if _, err := f.from.Seek(int64(headSize)+number*(chunkSize+tagSize), io.SeekStart); err != nil {
		return fmt.Errorf("read a sealed file: %w", err)
	}
	if _, err := io.ReadFull(f.from, f.closed); err != nil {
		return fmt.Errorf("read a sealed file: %w", err)
	}
	chunk, err := f.aead.Open(f.chunk[:0], nonceOf(uint64(number), number == f.chunks-1), f.closed, nil)
	if err != nil {
		return ErrBroken
	}
	f.chunk, f.number = chunk, number
	return nil
}
