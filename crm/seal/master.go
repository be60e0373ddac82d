package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Master is a key that wraps seal keys. It stands outside the database: in a file or in the environment.
type Master struct{ secret []byte }

// NewMaster draws a master from random (crypto/rand.Reader).
func NewMaster(random io.Reader) (Master, error) {
	secret := make([]byte, keySize)
	if _, err := io.ReadFull(random, secret); err != nil {
		return Master{}, fmt.Errorf("draw a random key: %w", err)
	}
	return Master{secret}, nil
}

// NewSecret draws the secret of a seal key from random.
func NewSecret(random io.Reader) ([]byte, error) {
	m, err := NewMaster(random)
	return m.secret, err
}

// ParseMasters reads masters, the newest first: 32 bytes in base64 each, on lines or separated by commas; what follows # is a comment.
func ParseMasters(text string) ([]Master, error) {
	var masters []Master
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		for word := range strings.SplitSeq(line, ",") {
			word = strings.TrimSpace(word)
			if word == "" {
				continue
			}
			secret, err := base64.StdEncoding.DecodeString(word)
			if err != nil || len(secret) != keySize {
				return nil, fmt.Errorf("key %d is not 32 bytes in base64: make one with `openssl rand -base64 32`", len(masters)+1)
			}
			masters = append(masters, Master{secret})
		}
	}
	return masters, nil
}

// Text is the master as ParseMasters reads it. It opens everything: whoever writes it somewhere says who may read that.
func (m Master) Text() string { return base64.StdEncoding.EncodeToString(m.secret) }

// Name tells masters apart without telling anything of them: 8 hex digits of a hash.
func (m Master) Name() string {
	h := sha256.Sum256(append([]byte("govorun master\x00"), m.secret...))
	return hex.EncodeToString(h[:4])
}

// String keeps a master out of logs and messages.
func (m Master) String() string { return "master " + m.Name() }

// GoString keeps it out of those that print everything.
func (m Master) GoString() string { return m.String() }

// Equal tells whether two masters are the same.
func (m Master) Equal(other Master) bool { return bytes.Equal(m.secret, other.secret) }

// Wrap encrypts the secret of a seal key.
func (m Master) Wrap(secret []byte) ([]byte, error) {
	aead, err := gcm(m.secret)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, secret, []byte("seal key")), nil
}

// Unwrap decrypts the secret of a seal key; ErrNoKey when another master has wrapped it, or it was changed.
func (m Master) Unwrap(wrapped []byte) ([]byte, error) {
	aead, err := gcm(m.secret)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nil, wrapped, []byte("seal key"))
	if err != nil {
		return nil, ErrNoKey
	}
	return secret, nil
}
