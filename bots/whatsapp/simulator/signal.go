package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"

	"go.mau.fi/libsignal/ecc"
	"go.mau.fi/libsignal/groups"
	"go.mau.fi/libsignal/keys/identity"
	"go.mau.fi/libsignal/keys/prekey"
	"go.mau.fi/libsignal/protocol"
	"go.mau.fi/libsignal/session"
	"go.mau.fi/libsignal/util/optional"
	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

var serializer = store.SignalProtobufSerializer

func pad(msg *waE2E.Message) ([]byte, error) {
	plain, err := proto.Marshal(msg)
	n := 1 + mrand.IntN(15)
	return append(plain, bytes.Repeat([]byte{byte(n)}, n)...), err
}

func unpad(plain []byte) (*waE2E.Message, error) {
	n := len(plain)
	if n == 0 || int(plain[n-1]) > n {
		return nil, errors.New("the padding is wrong")
	}
	msg := &waE2E.Message{}
	return msg, proto.Unmarshal(plain[:n-int(plain[n-1])], msg)
}

// isKeyOnly reports whether msg only hands over a sender key.
func isKeyOnly(msg *waE2E.Message) bool {
	return msg.GetSenderKeyDistributionMessage() != nil &&
		proto.Size(msg) == proto.Size(&waE2E.Message{SenderKeyDistributionMessage: msg.SenderKeyDistributionMessage})
}

func (u *User) cipher(d *device) (*session.Builder, *session.Cipher) {
	addr := d.jid.SignalAddress()
	b := session.NewBuilderFromSignal(u.keys, addr, serializer)
	return b, session.NewCipher(b, addr)
}

// encrypt returns the <enc> that carries msg to one device.
func (u *User) encrypt(ctx context.Context, d *device, msg *waE2E.Message) (node, error) {
	plain, err := pad(msg)
	if err != nil {
		return node{}, err
	}
	if err = u.srv.until(ctx, &u.srv.changed, func() bool { return d.signed != nil }); err != nil {
		return node{}, fmt.Errorf("device %s uploaded no keys: %w", d.jid, err)
	}
	u.signal.Lock()
	defer u.signal.Unlock()
	b, c := u.cipher(d)
	if has, _ := u.store.HasSession(ctx, d.jid.SignalAddress().String()); !has {
		if err = u.openSession(ctx, b, d); err != nil {
			return node{}, err
		}
	}
	out, err := c.Encrypt(ctx, plain)
	if err != nil {
		return node{}, err
	}
	typ, ct := "msg", out.Serialize()
	if out.Type() == protocol.PREKEY_TYPE {
		typ = "pkmsg"
	}
	if u.tamper > 0 {
		u.tamper--
		ct[len(ct)-1] ^= 1
	}
	return node{Tag: "enc", Attrs: attrs{"v": "2", "type": typ}, Content: ct}, nil
}

// openSession starts a session from the keys that the device uploaded.
func (u *User) openSession(ctx context.Context, b *session.Builder, d *device) error {
	u.srv.mu.Lock()
	signed, id := d.signed, optional.NewEmptyUint32()
	var one ecc.ECPublicKeyable
	if k := d.takeOneTime(); k != nil {
		id, one = optional.NewOptionalUint32(k.KeyID), ecc.NewDjbECPublicKey(*k.Pub)
	}
	u.srv.mu.Unlock()
	return b.ProcessBundle(ctx, prekey.NewBundle(d.regID, uint32(d.jid.Device), id, signed.KeyID, one,
		ecc.NewDjbECPublicKey(*signed.Pub), *signed.Signature, identity.NewKey(ecc.NewDjbECPublicKey(d.identity))))
}

// decrypt opens one <enc> and learns the sender key in it, if there is one.
func (u *User) decrypt(ctx context.Context, from *device, chat types.JID, enc node) (*waE2E.Message, error) {
	u.signal.Lock()
	defer u.signal.Unlock()
	plain, err := u.open(ctx, from, chat, enc)
	if err != nil {
		return nil, err
	}
	msg, err := unpad(plain)
	if err != nil {
		return nil, err
	}
	if k := msg.GetSenderKeyDistributionMessage(); k != nil {
		err = u.learnSenderKey(ctx, from, chat, k.GetAxolotlSenderKeyDistributionMessage())
	}
	return msg, err
}

func (u *User) open(ctx context.Context, from *device, chat types.JID, enc node) ([]byte, error) {
	raw, _ := enc.Content.([]byte)
	_, c := u.cipher(from)
	switch typ := text(enc.Attrs["type"]); typ {
	case "pkmsg":
		m, err := protocol.NewPreKeySignalMessageFromBytes(raw, serializer.PreKeySignalMessage, serializer.SignalMessage)
		if err != nil {
			return nil, err
		}
		return c.DecryptMessage(ctx, m)
	case "msg":
		m, err := protocol.NewSignalMessageFromBytes(raw, serializer.SignalMessage)
		if err != nil {
			return nil, err
		}
		return c.Decrypt(ctx, m)
	case "skmsg":
		m, err := protocol.NewSenderKeyMessageFromBytes(raw, serializer.SenderKeyMessage)
		if err != nil {
			return nil, err
		}
		return u.groupCipher(senderKeyName(chat, from.lid)).Decrypt(ctx, m)
	default:
		return nil, fmt.Errorf("enc type %q", typ)
	}
}

func senderKeyName(group, sender types.JID) *protocol.SenderKeyName {
	return protocol.NewSenderKeyName(group.String(), sender.SignalAddress())
}

func (u *User) groupBuilder() *groups.SessionBuilder {
	return groups.NewGroupSessionBuilder(u.keys, serializer)
}

func (u *User) groupCipher(name *protocol.SenderKeyName) *groups.GroupCipher {
	return groups.NewGroupCipher(u.groupBuilder(), name, u.keys)
}

func (u *User) learnSenderKey(ctx context.Context, from *device, group types.JID, raw []byte) error {
	m, err := protocol.NewSenderKeyDistributionMessageFromBytes(raw, serializer.SenderKeyDistributionMessage)
	if err != nil {
		return err
	}
	return u.groupBuilder().Process(ctx, senderKeyName(group, from.lid), m)
}

// groupEncrypt returns the <enc> for a whole group, and the message that gives
// a device the key to it.
func (u *User) groupEncrypt(ctx context.Context, group types.JID, msg *waE2E.Message) (enc node, key *waE2E.Message, err error) {
	plain, err := pad(msg)
	if err != nil {
		return
	}
	u.signal.Lock()
	defer u.signal.Unlock()
	name := senderKeyName(group, u.LID)
	dist, err := u.groupBuilder().Create(ctx, name)
	if err != nil {
		return
	}
	out, err := u.groupCipher(name).Encrypt(ctx, plain)
	if err != nil {
		return
	}
	key = &waE2E.Message{SenderKeyDistributionMessage: &waE2E.SenderKeyDistributionMessage{
		GroupID: proto.String(group.String()), AxolotlSenderKeyDistributionMessage: dist.Serialize(),
	}}
	return node{Tag: "enc", Attrs: attrs{"v": "2", "type": "skmsg"}, Content: out.SignedSerialize()}, key, nil
}
