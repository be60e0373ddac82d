package simulator

import (
	"bufio"
	"context"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"go.mau.fi/libsignal/ecc"
	"golang.org/x/crypto/curve25519"
	"google.golang.org/protobuf/proto"

	waBinary "go.mau.fi/whatsmeow/binary"
	"go.mau.fi/whatsmeow/proto/waCert"
	"go.mau.fi/whatsmeow/proto/waWa6"
	"go.mau.fi/whatsmeow/socket"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
	"go.mau.fi/whatsmeow/util/keys"
)

// wire is one client connection after the Noise XX handshake.
type wire struct {
	raw     net.Conn
	r       *bufio.Reader
	mu      sync.Mutex // guards writes
	seal    cipher.AEAD
	open    cipher.AEAD
	sent    uint32
	got     uint32
	static  [32]byte // the client's Noise key
	payload *waWa6.ClientPayload
}

// accept upgrades the request and answers the handshake.
func accept(w http.ResponseWriter, r *http.Request, static *keys.KeyPair, cert []byte) (*wire, error) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true})
	if err != nil {
		return nil, err
	}
	c.SetReadLimit(socket.FrameMaxSize)
	raw := websocket.NetConn(context.Background(), c, websocket.MessageBinary)
	wr := &wire{raw: raw, r: bufio.NewReader(raw)}
	if err = wr.handshake(static, cert); err != nil {
		_ = c.Close(websocket.StatusInternalError, "handshake")
		return nil, err
	}
	return wr, nil
}

// handshake is the server's side of Noise XX.
type handshake struct {
	*socket.NoiseHandshake
	eph *keys.KeyPair
	// NoiseHandshake keeps its salt private and its Finish wants a client
	// socket, so the chaining key is tracked here as well.
	salt []byte
}

func (h *handshake) mix(priv, pub [32]byte) error {
	secret, err := curve25519.X25519(priv[:], pub[:])
	if err != nil {
		return err
	}
	h.salt = hkdfutil.SHA256(secret, h.salt, nil, 64)[:32]
	return h.MixIntoKey(secret)
}

func (w *wire) handshake(static *keys.KeyPair, cert []byte) error {
	header := make([]byte, len(socket.WAConnHeader))
	if _, err := io.ReadFull(w.r, header); err != nil {
		return err
	} else if string(header[:2]) != "WA" {
		return fmt.Errorf("bad connection header %x", header)
	}
	h := &handshake{NoiseHandshake: socket.NewNoiseHandshake(), eph: keys.NewKeyPair(), salt: []byte(socket.NoiseStartPattern)}
	h.Start(socket.NoiseStartPattern, header)
	if err := w.hello(h, static, cert); err != nil {
		return err
	}
	if err := w.finish(h); err != nil {
		return err
	}
	split := hkdfutil.SHA256(nil, h.salt, nil, 64) // client to server, server to client
	var err error
	if w.open, err = gcmutil.Prepare(split[:32]); err != nil {
		return err
	}
	w.seal, err = gcmutil.Prepare(split[32:])
	return err
}

// hello reads the client's hello and answers it with our keys and certificates.
func (w *wire) hello(h *handshake, static *keys.KeyPair, cert []byte) error {
	in, err := w.readHandshake()
	if err != nil {
		return err
	}
	raw := in.GetClientHello().GetEphemeral()
	if len(raw) != 32 {
		return errors.New("client hello without an ephemeral key")
	}
	client := [32]byte(raw)
	h.Authenticate(client[:])
	h.Authenticate(h.eph.Pub[:])
	if err = h.mix(*h.eph.Priv, client); err != nil {
		return err
	}
	sealed := h.Encrypt(static.Pub[:])
	if err = h.mix(*static.Priv, client); err != nil {
		return err
	}
	out, err := proto.Marshal(&waWa6.HandshakeMessage{ServerHello: &waWa6.HandshakeMessage_ServerHello{
		Ephemeral: h.eph.Pub[:], Static: sealed, Payload: h.Encrypt(cert),
	}})
	if err != nil {
		return err
	}
	return w.writeFrame(out)
}

// finish reads who the client is.
func (w *wire) finish(h *handshake) error {
	in, err := w.readHandshake()
	if err != nil {
		return err
	}
	static, err := h.Decrypt(in.GetClientFinish().GetStatic())
	if err != nil || len(static) != 32 {
		return fmt.Errorf("client static key: %w", err)
	}
	w.static = [32]byte(static)
	if err = h.mix(*h.eph.Priv, w.static); err != nil {
		return err
	}
	raw, err := h.Decrypt(in.GetClientFinish().GetPayload())
	if err != nil {
		return fmt.Errorf("client payload: %w", err)
	}
	w.payload = &waWa6.ClientPayload{}
	return proto.Unmarshal(raw, w.payload)
}

func (w *wire) readHandshake() (*waWa6.HandshakeMessage, error) {
	f, err := w.readFrame()
	if err != nil {
		return nil, err
	}
	m := &waWa6.HandshakeMessage{}
	return m, proto.Unmarshal(f, m)
}

func (w *wire) readFrame() ([]byte, error) {
	var l [socket.FrameLengthSize]byte
	if _, err := io.ReadFull(w.r, l[:]); err != nil {
		return nil, err
	}
	buf := make([]byte, int(l[0])<<16|int(l[1])<<8|int(l[2]))
	_, err := io.ReadFull(w.r, buf)
	return buf, err
}

func (w *wire) writeFrame(b []byte) error {
	n := len(b)
	_, err := w.raw.Write(append([]byte{byte(n >> 16), byte(n >> 8), byte(n)}, b...))
	return err
}

func iv(n uint32) []byte {
	b := make([]byte, 12)
	binary.BigEndian.PutUint32(b[8:], n)
	return b
}

func (w *wire) read() (*waBinary.Node, error) {
	f, err := w.readFrame()
	if err != nil {
		return nil, err
	}
	pt, err := w.open.Open(nil, iv(w.got), f, nil)
	if err != nil {
		return nil, err
	}
	w.got++
	if pt, err = waBinary.Unpack(pt); err != nil {
		return nil, err
	}
	return waBinary.Unmarshal(pt)
}

func (w *wire) send(n waBinary.Node) error {
	pt, err := waBinary.Marshal(n)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ct := w.seal.Seal(nil, iv(w.sent), pt, nil)
	w.sent++
	return w.writeFrame(ct)
}

// certChain signs static with a fresh intermediate under root.
func certChain(root *keys.KeyPair, static *[32]byte) ([]byte, error) {
	inter := keys.NewKeyPair()
	ic, err := certify(root, &waCert.CertChain_NoiseCertificate_Details{Serial: proto.Uint32(1), IssuerSerial: proto.Uint32(0), Key: inter.Pub[:]})
	if err != nil {
		return nil, err
	}
	lc, err := certify(inter, &waCert.CertChain_NoiseCertificate_Details{Serial: proto.Uint32(2), IssuerSerial: proto.Uint32(1), Key: static[:]})
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&waCert.CertChain{Intermediate: ic, Leaf: lc})
}

func certify(by *keys.KeyPair, d *waCert.CertChain_NoiseCertificate_Details) (*waCert.CertChain_NoiseCertificate, error) {
	t := uint64(time.Now().Unix())
	d.NotBefore, d.NotAfter = proto.Uint64(t-3600), proto.Uint64(t+24*3600)
	raw, err := proto.Marshal(d)
	if err != nil {
		return nil, err
	}
	sig := ecc.CalculateSignature(ecc.NewDjbECPrivateKey(*by.Priv), raw)
	return &waCert.CertChain_NoiseCertificate{Details: raw, Signature: sig[:]}, nil
}
