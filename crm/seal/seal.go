// Package seal keeps secret values and files unreadable at rest: what the database and the data folder hold opens only with a key that
// stands outside of them.
//
// A sealed value is a text of its own, a token, that carries its mask: whoever shows it shows the mask, and only the sender opens it, just
// before a message leaves. Keys come in two layers: seal keys encrypt and stand wrapped in the database; masters wrap them and stand
// outside. The room knows no database, no dialog and no channel, only keys, texts and bytes.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
)

// ErrNoKey is a value or file whose key this ring does not hold.
var ErrNoKey = errors.New("the key of this value is not there")

// ErrBroken is a value or file that was changed, cut, or made by nobody of ours.
var ErrBroken = errors.New("the sealed content is damaged")

// keySize is that of AES-256, for masters, seal keys and the keys of files alike.
const keySize = 32

// Key is a seal key: its number in the database and its 32 secret bytes.
type Key struct {
	ID     int64
	Secret []byte
}

// Ring seals with its newest key and opens with any. It is safe for concurrent use, and its keys may be exchanged while it is used.
type Ring struct{ keys atomic.Pointer[keys] }

type keys struct {
	newest int64
	aead   map[int64]cipher.AEAD
	mac    map[int64][]byte
}

// NewRing gives a ring of these keys, the newest first. There must be one at least, each of 32 bytes.
func NewRing(list []Key) (*Ring, error) {
	r := &Ring{}
	return r, r.Set(list)
}

// Set exchanges the keys of the ring; on an error the ring keeps those that it has.
func (r *Ring) Set(list []Key) error {
	if len(list) == 0 {
		return ErrNoKey
	}
	k := &keys{newest: list[0].ID, aead: map[int64]cipher.AEAD{}, mac: map[int64][]byte{}}
	for _, key := range list {
		aead, err := gcm(key.Secret)
		if err != nil {
			return fmt.Errorf("use seal key %d: %w", key.ID, err)
		}
		k.aead[key.ID], k.mac[key.ID] = aead, derive(key.Secret, "signatures")
	}
	r.keys.Store(k)
	return nil
}

// gcm is AES-256-GCM that draws its own nonces.
func gcm(secret []byte) (cipher.AEAD, error) {
	if len(secret) != keySize {
		return nil, fmt.Errorf("a key has %d bytes, it must have %d", len(secret), keySize)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal makes a token of a secret text, with the mask that people see in its place. What is empty, or sealed already, stays as it is.
func (r *Ring) Seal(plain, mask string) string {
	if plain == "" || Sealed(plain) {
		return plain
	}
	k := r.keys.Load()
	mask = cleanMask(mask)
	closed := k.aead[k.newest].Seal(nil, nil, []byte(plain), []byte("value:"+mask))
	return opening + mask + ":k" + strconv.FormatInt(k.newest, 10) + ":" + base64.RawURLEncoding.EncodeToString(closed) + closing
}

// Open gives the secret of a token. ErrNoKey when its key is not there, ErrBroken when it was changed.
func (r *Ring) Open(token string) (string, error) {
	p, n := parse(token)
	if n == 0 || n != len(token) || p.body == "" {
		return "", ErrBroken
	}
	return r.open(p)
}

func (r *Ring) open(p parts) (string, error) {
	aead := r.keys.Load().aead[p.key]
	if aead == nil {
		return "", fmt.Errorf("open a value of seal key %d: %w", p.key, ErrNoKey)
	}
	closed, err := base64.RawURLEncoding.DecodeString(p.body)
	if err != nil {
		return "", ErrBroken
	}
	plain, err := aead.Open(nil, nil, closed, []byte("value:"+p.mask))
	if err != nil {
		return "", ErrBroken
	}
	return string(plain), nil
}

// Revealed puts the secret of every token in a text in its place, as write writes it (escaped, for a text with markup). A token that
// can't be opened leaves its mask, and the error tells why.
func (r *Ring) Revealed(text string, write func(plain string) string) (string, error) {
	var broken error
	shown := replace(text, func(p parts) string {
		plain, err := r.open(p)
		if err != nil {
			broken = errors.Join(broken, err)
			return p.mask
		}
		return write(plain)
	})
	return shown, broken
}

// cleanMask takes out of a mask what has a meaning in tokens, or in texts with markup.
func cleanMask(mask string) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case ':', '‹', '›', '<', '>', '&', '"', '\n':
			return -1
		}
		return c
	}, mask)
}
