package simulator

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.mau.fi/libsignal/ecc"
	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waAdv"
	"go.mau.fi/whatsmeow/types"
)

// Account is the phone that scans a code.
type Account struct {
	JID      types.JID // with the device number that the new session gets
	LID      types.JID // likewise; the server makes one up if it is empty
	Name     string    // push name of the owner
	Platform string    // "android" if empty
	// BadSignature breaks the phone's signature, to test a failed pairing.
	BadSignature bool
	// Passkey makes the server ask for the passkey of the account instead of linking it.
	Passkey bool
}

// Pair does what the phone and the server do when a QR code is scanned. It returns once the client signed the device identity; the
// client then logs in by itself. Keys of a device that was paired with the same JID before are forgotten.
func (s *Server) Pair(ctx context.Context, qr string, a Account) error {
	c, code, err := s.scan(qr)
	if err != nil {
		return err
	}
	return s.adopt(ctx, c, code, a)
}

// adopt links the client of a connection to an account, once its keys are known.
func (s *Server) adopt(ctx context.Context, c *conn, code qrCode, a Account) error {
	if a.Passkey {
		return c.askPasskey()
	}
	ph := s.phoneOf(a)
	lid := ph.LID
	lid.Device = a.JID.Device
	details, err := proto.Marshal(&waAdv.ADVDeviceIdentity{RawID: proto.Uint32(7), Timestamp: proto.Uint64(uint64(s.unix())), KeyIndex: proto.Uint32(1)})
	if err != nil {
		return err
	}
	wrapped, err := ph.sign(details, code, a.BadSignature)
	if err != nil {
		return err
	}
	answer, err := c.ask(ctx, node{Tag: "pair-success", Content: []node{
		{Tag: "device-identity", Content: wrapped},
		{Tag: "device", Attrs: attrs{"jid": a.JID, "lid": lid}},
		{Tag: "platform", Attrs: attrs{"name": cmp.Or(a.Platform, "android")}},
	}})
	if err != nil {
		return err
	}
	if err = ph.checkDevice(answer, details, code.identity); err != nil {
		return err
	}
	regID := c.payload.DevicePairingData.GetERegid()
	if len(regID) != 4 {
		return errors.New("the client registers without its number")
	}
	s.link(c, &device{jid: a.JID, lid: lid, phone: ph, noise: c.static, identity: code.identity, regID: binary.BigEndian.Uint32(regID)})
	if err = c.send(node{Tag: "stream:error", Attrs: attrs{"code": "515"}}); err != nil {
		return err
	}
	go c.linger()
	return nil
}

// askPasskey asks the client for the passkey of the account, as the server does for some accounts. The client can't give it: it goes
// on offering codes until it is left.
func (c *conn) askPasskey() error {
	options := `{"challenge":"Y2hhbGxlbmdl","timeout":60000,"rpId":"whatsapp.com","allowCredentials":[],"userVerification":"preferred"}`
	return c.send(node{Tag: "notification", Attrs: attrs{"from": types.ServerJID, "id": rand.Text()[:10], "type": "passkey_prologue_request", "t": c.srv.unix()},
		Content: []node{{Tag: "passkey_request_options", Content: []byte(options)}}})
}

func (c *conn) offerPairing() error {
	var refs []node
	for range 6 {
		ref := "2@" + rand.Text()
		c.srv.mu.Lock()
		c.srv.waiting[ref] = c
		c.srv.mu.Unlock()
		refs = append(refs, node{Tag: "ref", Content: []byte(ref)})
	}
	return c.send(node{Tag: "iq", Attrs: attrs{"from": types.ServerJID, "id": rand.Text()[:10], "type": "set", "xmlns": "md"},
		Content: []node{{Tag: "pair-device", Content: refs}}})
}

// qrCode is what a phone learns from a code beside the ref.
type qrCode struct {
	identity [32]byte
	adv      []byte // the HMAC secret
}

// scan reads https://wa.me/settings/linked_devices#ref,noise,identity,adv,client
// and finds the connection that shows it.
func (s *Server) scan(qr string) (*conn, qrCode, error) {
	if _, after, ok := strings.Cut(qr, "#"); ok {
		qr = after
	}
	f := strings.Split(qr, ",")
	if len(f) < 4 {
		return nil, qrCode{}, fmt.Errorf("a QR code with %d fields is no pairing code", len(f))
	}
	s.mu.Lock()
	c := s.waiting[f[0]]
	s.mu.Unlock()
	if c == nil {
		return nil, qrCode{}, errors.New("this QR code is used or too old")
	}
	ident, err1 := base64.StdEncoding.DecodeString(f[2])
	adv, err2 := base64.StdEncoding.DecodeString(f[3])
	if err := errors.Join(err1, err2); err != nil {
		return nil, qrCode{}, err
	}
	if len(ident) != 32 || !slices.Equal(ident, c.payload.DevicePairingData.GetEIdent()) {
		return nil, qrCode{}, errors.New("the identity in the QR code is not the one that was registered")
	}
	return c, qrCode{identity: [32]byte(ident), adv: adv}, nil
}

// sign makes the signed device identity that only the phone can make.
func (ph *Phone) sign(details []byte, code qrCode, bad bool) ([]byte, error) {
	key := ph.keys.IdentityKey
	sig := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*key.Priv), slices.Concat(whatsmeow.AdvAccountSignaturePrefix, details, code.identity[:]))
	if bad {
		sig[5] ^= 1
	}
	signed, err := proto.Marshal(&waAdv.ADVSignedDeviceIdentity{Details: details, AccountSignatureKey: key.Pub[:], AccountSignature: sig[:]})
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, code.adv)
	mac.Write(signed)
	return proto.Marshal(&waAdv.ADVSignedDeviceIdentityHMAC{Details: signed, HMAC: mac.Sum(nil)})
}

// checkDevice verifies the client's own signature.
func (ph *Phone) checkDevice(answer node, details []byte, ident [32]byte) error {
	if answer.Attrs["type"] != "result" {
		return fmt.Errorf("the client refused the pairing: %v", answer.GetChildByTag("error").Attrs)
	}
	var got waAdv.ADVSignedDeviceIdentity
	if err := proto.Unmarshal(content(answer, "pair-device-sign", "device-identity"), &got); err != nil || len(got.DeviceSignature) != 64 {
		return fmt.Errorf("the client sent no device signature (%v)", err)
	}
	signed := slices.Concat(whatsmeow.AdvDeviceSignaturePrefix, details, ident[:], ph.keys.IdentityKey.Pub[:])
	if !ecc.VerifySignature(ecc.NewDjbECPublicKey(ident), signed, [64]byte(got.DeviceSignature)) {
		return errors.New("device signature does not verify")
	}
	return nil
}

// ask sends a query and waits for the client's answer.
func (c *conn) ask(ctx context.Context, q node) (node, error) {
	id := rand.Text()[:10]
	err := c.send(node{Tag: "iq", Attrs: attrs{"from": types.ServerJID, "id": id, "type": "set", "xmlns": "md"}, Content: []node{q}})
	if err != nil {
		return node{}, err
	}
	return c.srv.WaitStanza(ctx, func(n node) bool { return n.Tag == "iq" && n.Attrs["id"] == id })
}

// link registers a device. What was known of an older one is forgotten.
func (s *Server) link(c *conn, d *device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.devices[d.jid]; old != nil {
		old.forget()
	}
	s.devices[d.jid], s.devices[d.lid] = d, d
	s.changed.wake()
	for ref, w := range s.waiting {
		if w == c {
			delete(s.waiting, ref)
		}
	}
	for _, u := range s.users {
		u.store.forget(d)
	}
}
