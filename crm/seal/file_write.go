package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A sealed file is a head and chunks. The head names the seal key that wraps the file's own key; each chunk is encrypted with that one, under its
// number and whether it is the last, so that chunks can't be exchanged, nor the end cut off (the construction STREAM).
const (
	magic     = "\x00GVRSEAL" // no kind of file that is taken begins so
	chunkSize = 64 << 10
	tagSize   = 16
	headSize  = len(magic) + 8 + 12 + keySize + tagSize
)

// SealedSize is how many bytes a file of size bytes has when it is sealed.
func SealedSize(size int64) int64 {
	chunks := max(1, (size+chunkSize-1)/chunkSize)
	return int64(headSize) + size + chunks*tagSize
}

// Writer seals what is written to it. Close writes the last chunk, and does not close what lies below.
type Writer struct {
	to     io.Writer
	aead   cipher.AEAD
	chunk  []byte
	closed []byte
	number uint64
	ended  bool
	err    error
}

var errEnded = errors.New("the sealed file was ended already")

// NewWriter begins a sealed file with a key of its own.
func (r *Ring) NewWriter(to io.Writer) (*Writer, error) {
	own := make([]byte, keySize)
	rand.Read(own)
	aead, err := plainGCM(own)
	if err != nil {
		return nil, err
	}
	k := r.keys.Load()
	head := binary.BigEndian.AppendUint64([]byte(magic), uint64(k.newest))
	head = k.aead[k.newest].Seal(head, nil, own, []byte("file"))
	if _, err := to.Write(head); err != nil {
		return nil, fmt.Errorf("begin a sealed file: %w", err)
	}
	return &Writer{to: to, aead: aead, chunk: make([]byte, 0, chunkSize)}, nil
}

// plainGCM takes the nonces that it is given: numbers of chunks.
func plainGCM(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Write adds bytes. It fails after Close, and once what lies below has failed.
func (w *Writer) Write(p []byte) (n int, err error) {
	if w.ended {
		return 0, errEnded
	}
	for len(p) > 0 && w.err == nil {
		if len(w.chunk) == chunkSize { // more follows, so this is not the last
			w.flush(false)
			continue
		}
		part := min(len(p), chunkSize-len(w.chunk))
		w.chunk = append(w.chunk, p[:part]...)
		p, n = p[part:], n+part
	}
	return n, w.err
}

// Close writes what is left. A second time it does nothing.
func (w *Writer) Close() error {
	if w.ended {
		return w.err
	}
	w.ended = true
	if w.err == nil {
		w.flush(true)
	}
	return w.err
}

func (w *Writer) flush(last bool) {
	w.closed = w.aead.Seal(w.closed[:0], nonceOf(w.number, last), w.chunk, nil)
	w.number++
	w.chunk = w.chunk[:0]
	_, w.err = w.to.Write(w.closed)
}

// nonceOf is the number of a chunk and whether it is the last. A file's key is used for this one file, so that no nonce comes twice.
func nonceOf(number uint64, last bool) []byte {
	nonce := make([]byte, 12)
	binary.BigEndian.PutUint64(nonce[3:], number)
	if last {
		nonce[11] = 1
	}
	return nonce
}
