package whatsapp

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"govorun/bots"
)

const (
	macBytes  = 10       // of the HMAC at the end of a file
	openPiece = 64 << 10 // bytes that are opened at a time; a multiple of the cipher's blocks
)

var errDamaged = errors.New("the file is not the one that was sent")

// openFile opens a file as it comes and writes at most limit bytes of it, so that its size costs no memory. Only when it returns nil was the
// file what its message says; what it wrote before an error must be thrown away.
func openFile(from io.Reader, ref fileRef, limit int64, to io.Writer) error {
	keys, err := hkdf.Key(sha256.New, ref.Key, nil, string(ref.mediaType()), 112)
	if err != nil {
		return fmt.Errorf("make the keys of a file: %w", err)
	}
	block, err := aes.NewCipher(keys[16:48])
	if err != nil {
		return fmt.Errorf("make the cipher of a file: %w", err)
	}
	vouched := hmac.New(sha256.New, keys[48:80])
	vouched.Write(keys[:16])
	o := &opener{to: to, left: limit, open: cipher.NewCBCDecrypter(block, keys[:16])}
	sealed, plain := sha256.New(), sha256.New()
	o.to = io.MultiWriter(to, plain)

	// The end of what was read waits: it holds the padding and the HMAC.
	held := make([]byte, 0, openPiece+aes.BlockSize+macBytes)
	for {
		n, err := io.ReadFull(from, held[len(held):cap(held)])
		sealed.Write(held[len(held) : len(held)+n])
		held = held[:len(held)+n]
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return err
		}
		vouched.Write(held[:openPiece])
		if err := o.write(held[:openPiece]); err != nil {
			return err
		}
		held = held[:copy(held, held[openPiece:])]
	}
	size := len(held) - macBytes
	if size < aes.BlockSize || size%aes.BlockSize != 0 {
		return errDamaged
	}
	vouched.Write(held[:size])
	if !hmac.Equal(vouched.Sum(nil)[:macBytes], held[size:]) || !bytes.Equal(sealed.Sum(nil), ref.Sealed) {
		return errDamaged
	}
	if err := o.end(held[:size]); err != nil {
		return err
	}
	if !bytes.Equal(plain.Sum(nil), ref.Plain) {
		return errDamaged
	}
	return nil
}

// opener writes what it opens, as long as there is room.
type opener struct {
	to   io.Writer
	left int64
	open cipher.BlockMode
}

// write opens whole blocks in place.
func (o *opener) write(blocks []byte) error {
	o.open.CryptBlocks(blocks, blocks)
	return o.put(blocks)
}

// end opens the last blocks and takes the padding off.
func (o *opener) end(blocks []byte) error {
	o.open.CryptBlocks(blocks, blocks)
	padding := int(blocks[len(blocks)-1])
	if padding == 0 || padding > aes.BlockSize {
		return errDamaged
	}
	return o.put(blocks[:len(blocks)-padding])
}

func (o *opener) put(plain []byte) error {
	if o.left -= int64(len(plain)); o.left < 0 {
		return bots.ErrTooLarge
	}
	_, err := o.to.Write(plain)
	return err
}
