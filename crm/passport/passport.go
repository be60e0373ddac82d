// Package passport signs and checks the codes that are printed on machines and carried by deep links.
//
// A code names an asset and the version of its sticker and proves that we printed it. It holds no secret and nothing
// is looked up to check it, so guessing costs us nothing and tells the guesser nothing. Standard library only.
package passport

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"govorun/crm"
)

const (
	// macBytes is 88 bits of HMAC-SHA256: at a thousand guesses a second one hit is expected in 10^15 years.
	macBytes = 11
	// MaxLength is the longest code that Sign makes, in characters. Telegram allows 64 in a start payload, prefix included.
	MaxLength = 34
	// MinKeyBytes is the shortest key that may sign.
	MinKeyBytes = 16
	// purpose separates these signatures from any other use of the same key.
	purpose = "govorun/passport/1\x00"
)

// ErrInvalid is the answer to every code that we did not sign, whatever is wrong with it: a guesser learns nothing.
var ErrInvalid = errors.New("the code is not one of ours")

// encoding is strict, so that one asset and version have exactly one code per key.
var encoding = base64.RawURLEncoding.Strict()

// Signer makes and checks codes. The first key is the newest and signs; all keys verify, so that stickers on machines stay
// good after a rotation until their key is dropped. A key has at least MinKeyBytes random bytes.
type Signer struct {
	Keys [][]byte
}

// Sign returns the code of an asset whose sticker has this version (at least 1): URL-safe, at most MaxLength characters.
// It panics without a usable key or with an impossible id or version, because the result would be printed on a thousand stickers.
func (s Signer) Sign(id crm.AssetID, version int) string {
	if len(s.Keys) == 0 || len(s.Keys[0]) < MinKeyBytes {
		panic("passport: no key to sign with")
	}
	if id <= 0 || version <= 0 || version > math.MaxInt32 {
		panic("passport: an asset and its sticker have positive numbers")
	}
	claim := binary.AppendUvarint(nil, uint64(id))
	claim = binary.AppendUvarint(claim, uint64(version))
	return encoding.EncodeToString(append(claim, mac(s.Keys[0], claim)...))
}

// Verify returns the asset and the version of the sticker that a code names. Anything else, of any length and content, is
// ErrInvalid. The time taken does not depend on how much of a signature is right or which key made it.
// Whether the version is still the asset's own is for the caller to compare.
func (s Signer) Verify(code string) (crm.AssetID, int, error) {
	if len(code) > MaxLength || strings.ContainsAny(code, "\r\n") { // the decoder skips line ends
		return 0, 0, ErrInvalid
	}
	raw, err := encoding.DecodeString(code)
	if err != nil || len(raw) <= macBytes {
		return 0, 0, ErrInvalid
	}
	claim, sum := raw[:len(raw)-macBytes], raw[len(raw)-macBytes:]
	good := 0
	for _, key := range s.Keys {
		if len(key) < MinKeyBytes {
			continue // a key that could not have signed
		}
		good |= subtle.ConstantTimeCompare(mac(key, claim), sum)
	}
	id, version, ok := read(claim)
	if good != 1 || !ok {
		return 0, 0, ErrInvalid
	}
	return id, version, nil
}

// mac is the truncated signature of a claim.
func mac(key, claim []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose))
	h.Write(claim)
	return h.Sum(nil)[:macBytes]
}

// read takes a claim apart; it must be exactly two numbers in range.
func read(claim []byte) (crm.AssetID, int, bool) {
	id, n := binary.Uvarint(claim)
	if n <= 0 || id == 0 || id > math.MaxInt64 {
		return 0, 0, false
	}
	version, m := binary.Uvarint(claim[n:])
	if m <= 0 || n+m != len(claim) || version == 0 || version > math.MaxInt32 {
		return 0, 0, false
	}
	return crm.AssetID(id), int(version), true
}
