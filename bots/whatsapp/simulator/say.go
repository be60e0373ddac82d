package simulator

import (
	"context"
	"crypto/rand"
	"fmt"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waCommon"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/gcmutil"
	"go.mau.fi/whatsmeow/util/hkdfutil"
)

// SendText sends a plain text.
func (p *Peer) SendText(ctx context.Context, to types.JID, text string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{Conversation: &text})
}

// Reply sends a text that quotes a message of the chat, the peer's own or one it received.
func (p *Peer) Reply(ctx context.Context, to types.JID, id, text string) (string, error) {
	key := p.keyOf(to, id)
	author, _ := p.main()
	if !key.GetFromMe() {
		author = p.chatWith(to)
	}
	return p.Send(ctx, to, &waE2E.Message{ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &text, ContextInfo: &waE2E.ContextInfo{
		StanzaID: &id, Participant: proto.String(author.String()), QuotedMessage: p.quoted(to, id),
	}}})
}

// quoted gives the text of a message as phones put it into a quote.
func (p *Peer) quoted(to types.JID, id string) *waE2E.Message {
	for _, b := range p.Screen(to) {
		if b.ID == id {
			return &waE2E.Message{Conversation: &b.Text}
		}
	}
	return &waE2E.Message{}
}

// SendLocation sends a place.
func (p *Peer) SendLocation(ctx context.Context, to types.JID, latitude, longitude float64, name string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{LocationMessage: &waE2E.LocationMessage{
		DegreesLatitude: &latitude, DegreesLongitude: &longitude, Name: &name,
	}})
}

// SendContact sends a contact card.
func (p *Peer) SendContact(ctx context.Context, to types.JID, name, vcard string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{ContactMessage: &waE2E.ContactMessage{DisplayName: &name, Vcard: &vcard}})
}

// Edit replaces the text of a message that the peer sent.
func (p *Peer) Edit(ctx context.Context, to types.JID, id, text string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{EditedMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_MESSAGE_EDIT.Enum(), Key: p.ownKey(to, id),
		EditedMessage: &waE2E.Message{Conversation: &text}, TimestampMS: proto.Int64(p.srv.Now().UnixMilli()),
	}}}})
}

// Revoke deletes a message of the peer for everyone.
func (p *Peer) Revoke(ctx context.Context, to types.JID, id string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_REVOKE.Enum(), Key: p.ownKey(to, id),
	}})
}

// React puts an emoji on a message of the chat; an empty one takes it off.
func (p *Peer) React(ctx context.Context, to types.JID, id, emoji string) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{ReactionMessage: &waE2E.ReactionMessage{
		Key: p.keyOf(to, id), Text: &emoji, SenderTimestampMS: proto.Int64(p.srv.Now().UnixMilli()),
	}})
}

// Disappear makes the messages of a chat vanish after so many seconds, as its settings say; 0 ends that.
func (p *Peer) Disappear(ctx context.Context, to types.JID, seconds uint32) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{ProtocolMessage: &waE2E.ProtocolMessage{
		Type: waE2E.ProtocolMessage_EPHEMERAL_SETTING.Enum(), EphemeralExpiration: &seconds,
	}})
}

// SendFading sends a text into a chat whose messages vanish after so many seconds.
func (p *Peer) SendFading(ctx context.Context, to types.JID, text string, seconds uint32) (string, error) {
	return p.Send(ctx, to, &waE2E.Message{EphemeralMessage: &waE2E.FutureProofMessage{Message: &waE2E.Message{
		ExtendedTextMessage: &waE2E.ExtendedTextMessage{Text: &text, ContextInfo: &waE2E.ContextInfo{Expiration: &seconds}},
	}}})
}

// Vote answers a poll that the peer received; a second vote replaces the first, no options take it back.
func (p *Peer) Vote(ctx context.Context, to types.JID, pollID string, options ...string) (string, error) {
	poll, secret, err := p.secretOf(pollID)
	if err != nil {
		return "", fmt.Errorf("vote as %s: %w", p.Name, err)
	}
	vote, err := proto.Marshal(&waE2E.PollVoteMessage{SelectedOptions: whatsmeow.HashPollOptions(options)})
	if err != nil {
		return "", err
	}
	byLID := p.usesLID(to)
	voter, _ := p.address(byLID)
	if poll.From.IsEmpty() {
		poll.From = to
	}
	creator, err := p.senderOf(poll, byLID)
	if err != nil {
		return "", err
	}
	key := hkdfutil.SHA256(secret, nil, []byte(pollID+creator.String()+voter.String()+string(whatsmeow.EncSecretPollVote)), 32)
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	ct, err := gcmutil.Encrypt(key, iv, vote, []byte(pollID+"\x00"+voter.String()))
	if err != nil {
		return "", err
	}
	id := p.srv.newID()
	return id, p.send(ctx, to, said{ID: id, Poll: pollID, Votes: options, Msg: &waE2E.Message{PollUpdateMessage: &waE2E.PollUpdateMessage{
		PollCreationMessageKey: p.theirKey(to, pollID), Vote: &waE2E.PollEncValue{EncPayload: ct, EncIV: iv},
		SenderTimestampMS: proto.Int64(p.srv.Now().UnixMilli()),
	}}})
}

// usesLID reports which of its addresses the peer uses in a chat.
func (p *Peer) usesLID(to types.JID) bool {
	if g := p.srv.group(to); g != nil {
		return !g.ByPhone
	}
	main, _ := p.main()
	return main.Server == types.HiddenUserServer
}

// senderOf returns the address of who sent a message, without the device.
func (p *Peer) senderOf(r Received, byLID bool) (types.JID, error) {
	d, err := p.srv.device(r.From)
	if err != nil {
		return types.JID{}, err
	}
	jid, _ := d.phone.address(byLID)
	return jid, nil
}

// keyOf names a message of the chat, whoever wrote it.
func (p *Peer) keyOf(to types.JID, id string) *waCommon.MessageKey {
	p.srv.mu.Lock()
	l := p.srv.sent.byID[id]
	p.srv.mu.Unlock()
	if l != nil && l.from == p.User {
		return p.ownKey(to, id)
	}
	return p.theirKey(to, id)
}

// ownKey names a message of the peer, as the peer sees the chat.
func (p *Peer) ownKey(to types.JID, id string) *waCommon.MessageKey {
	return &waCommon.MessageKey{RemoteJID: proto.String(p.chatWith(to).String()), FromMe: proto.Bool(true), ID: &id}
}

// theirKey names a message that the peer received, as the peer sees the chat.
func (p *Peer) theirKey(to types.JID, id string) *waCommon.MessageKey {
	k := &waCommon.MessageKey{RemoteJID: proto.String(p.chatWith(to).String()), FromMe: proto.Bool(false), ID: &id}
	if p.srv.group(to) == nil {
		return k
	}
	for _, r := range p.Inbox() {
		if r.ID == id {
			if sender, err := p.senderOf(r, p.usesLID(to)); err == nil {
				k.Participant = proto.String(sender.String())
			}
		}
	}
	return k
}

// chatWith returns the peer's name of a chat: a group, or the account of a linked device.
func (p *Peer) chatWith(to types.JID) types.JID {
	if d, err := p.srv.device(to); err == nil {
		to, _ = d.phone.address(p.usesLID(to))
	}
	return to
}
