package simulator

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/crypto/curve25519"

	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"go.mau.fi/whatsmeow/util/keys"
)

// codeLink is a link by phone code that a client began. Server.mu guards the map of them; bundle is closed over by its channel.
type codeLink struct {
	conn    *conn
	ref     []byte
	wrapped []byte // the client's ephemeral key under the code: salt, IV, ciphertext
	bundle  chan []byte
}

// browserName is the only shape of display name that WhatsApp takes.
var browserName = regexp.MustCompile(`^[A-Za-z ]+ \([A-Za-z ]+\)$`)

// linkByCode answers the two queries of a client that links itself by a code.
func (c *conn) linkByCode(n *node) ([]node, int) {
	reg := n.GetChildByTag("link_code_companion_reg")
	phone := address(reg.Attrs["jid"]).User
	switch text(reg.Attrs["stage"]) {
	case "companion_hello":
		wrapped := content(reg, "link_code_pairing_wrapped_companion_ephemeral_pub")
		display := reg.GetChildByTag("companion_platform_display")
		if phone == "" || len(wrapped) != 80 || !browserName.MatchString(anyText(display.Content)) {
			return nil, 400
		}
		l := &codeLink{conn: c, ref: []byte(rand.Text()), wrapped: wrapped, bundle: make(chan []byte, 1)}
		c.srv.mu.Lock()
		c.srv.codes[phone] = l
		c.srv.changed.wake()
		c.srv.mu.Unlock()
		return []node{{Tag: reg.Tag, Content: []node{{Tag: "link_code_pairing_ref", Content: l.ref}}}}, 0
	case "companion_finish":
		c.srv.mu.Lock()
		l := c.srv.codes[phone]
		c.srv.mu.Unlock()
		if l == nil || l.conn != c {
			return nil, 404
		}
		select {
		case l.bundle <- content(reg, "link_code_pairing_wrapped_key_bundle"):
		default:
		}
		return nil, 0
	}
	return nil, 400
}

// anyText reads content that comes as text or as bytes.
func anyText(v any) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return text(v)
}

// PairCode does what the phone and the server do when the code that the client shows is typed on the phone of the account. It waits
// for a client that began it with this phone number.
func (s *Server) PairCode(ctx context.Context, code string, a Account) error {
	var l *codeLink
	if err := s.until(ctx, &s.changed, func() bool { l = s.codes[a.JID.User]; return l != nil }); err != nil {
		return fmt.Errorf("type a pairing code: no client asked for one with this number: %w", err)
	}
	if a.Passkey {
		return l.conn.askPasskey()
	}
	code = strings.ToUpper(strings.ReplaceAll(code, "-", ""))
	client, err := underCode(code, l.wrapped[:32], l.wrapped[32:48], l.wrapped[48:])
	if err != nil {
		return err
	}
	own := keys.NewKeyPair()
	salted := make([]byte, 48)
	_, _ = rand.Read(salted)
	sealed, err := underCode(code, salted[:32], salted[32:], own.Pub[:])
	if err != nil {
		return err
	}
	ph := s.phoneOf(a)
	if err = l.conn.send(node{Tag: "notification", Attrs: attrs{"from": types.ServerJID, "id": rand.Text()[:10], "type": "link_code_companion_reg", "t": s.unix()},
		Content: []node{{Tag: "link_code_companion_reg", Attrs: attrs{"stage": "primary_hello"}, Content: []node{
			{Tag: "link_code_pairing_ref", Content: l.ref},
			{Tag: "link_code_pairing_wrapped_primary_ephemeral_pub", Content: append(salted, sealed...)},
			{Tag: "primary_identity_pub", Content: ph.keys.IdentityKey.Pub[:]},
		}}}}); err != nil {
		return err
	}
	select {
	case bundle := <-l.bundle:
		shared, err := curve25519.X25519(own.Priv[:], client)
		if err != nil {
			return err
		}
		learned, err := l.open(bundle, shared, ph)
		if err != nil {
			return err
		}
		return s.adopt(ctx, l.conn, learned, a)
	case <-ctx.Done():
		return fmt.Errorf("wait for the client to finish the pairing: %w", ctx.Err())
	}
}

// open reads the client's key bundle and derives the secret that the pairing is signed with.
func (l *codeLink) open(bundle, shared []byte, ph *Phone) (qrCode, error) {
	if len(bundle) < 44 {
		return qrCode{}, errors.New("the client sent no key bundle")
	}
	key := hkdfutil.SHA256(shared, bundle[:32], []byte("link_code_pairing_key_bundle_encryption_key"), 32)
	plain, err := gcmutil.Decrypt(key, bundle[32:44], bundle[44:], nil)
	if err != nil || len(plain) != 96 {
		return qrCode{}, errors.New("the code is wrong")
	}
	same, err := curve25519.X25519(ph.keys.IdentityKey.Priv[:], plain[:32])
	if err != nil {
		return qrCode{}, err
	}
	adv := hkdfutil.SHA256(slices.Concat(shared, same, plain[64:]), nil, []byte("adv_secret"), 32)
	return qrCode{identity: [32]byte(plain[:32]), adv: adv}, nil
}

// underCode encrypts or decrypts a key under a pairing code.
func underCode(code string, salt, iv, in []byte) ([]byte, error) {
	key, err := pbkdf2.Key(sha256.New, code, salt, 2<<16, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(in))
	cipher.NewCTR(block, iv).XORKeyStream(out, in)
	return out, nil
}
