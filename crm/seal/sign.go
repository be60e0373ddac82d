package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// derive makes a key for one purpose out of another key.
func derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "govorun "+purpose, keySize)
	if err != nil {
		panic("seal: " + err.Error()) // the length is a constant that fits
	}
	return key
}

// Sign gives a message that only this ring can have made, safe in an address: the message itself can be read by everybody. Purpose keeps what
// was signed for one thing from counting for another.
func (r *Ring) Sign(purpose string, message []byte) string {
	k := r.keys.Load()
	signed := binary.BigEndian.AppendUint64(nil, uint64(k.newest))
	signed = append(signed, message...)
	return base64.RawURLEncoding.EncodeToString(append(signed, sum(k.mac[k.newest], purpose, signed)...))
}

// Verify gives the message that Sign signed for the purpose; ErrBroken for whatever else.
func (r *Ring) Verify(purpose, text string) ([]byte, error) {
	all, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(all) < 8+sha256.Size {
		return nil, ErrBroken
	}
	signed, mac := all[:len(all)-sha256.Size], all[len(all)-sha256.Size:]
	key := r.keys.Load().mac[int64(binary.BigEndian.Uint64(signed))]
	if key == nil || !hmac.Equal(mac, sum(key, purpose, signed)) {
		return nil, ErrBroken
	}
	return signed[8:], nil
}

func sum(key []byte, purpose string, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose + "\x00"))
	h.Write(message)
	return h.Sum(nil)
}
