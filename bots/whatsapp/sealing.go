package whatsapp

import (
	"context"
	"errors"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
)

// sealing follows how a message is encrypted for its receiver. The library leaves out each device for which that fails, because the store
// is away or WhatsApp does not give its keys, and calls a message sent that reaches nobody.
type sealing struct {
	cancel  context.CancelFunc // ends the send before anything leaves
	err     error              // why it did
	to      string             // the receiver, when it is known by which name they are encrypted to
	reached map[string]bool    // contacts for a device of whom it was encrypted
}

// sealingKey is of the context in which a message is being sent.
type sealingKey struct{}

// errNobody is of a message that could be encrypted for no device of its receiver.
var errNobody = errors.New("WhatsApp has no keys of any device of this person at the moment")

// sealed gives the context in which a message is sent to somebody, and what becomes of it there; done must follow.
func sealed(ctx context.Context, to types.JID) (in context.Context, s *sealing, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	s = &sealing{cancel: cancel, reached: map[string]bool{}}
	if to.Server == types.HiddenUserServer {
		s.to = plain(to).String()
	}
	return context.WithValue(ctx, sealingKey{}, s), s, cancel
}

// failed ends a send whose keys could not be read or kept.
func failed(ctx context.Context, err error) error {
	if s, is := ctx.Value(sealingKey{}).(*sealing); is && err != nil {
		s.err = errors.Join(s.err, err)
		s.cancel()
	}
	return err
}

// guardedIdentities ends a send when who a device belongs to can't be looked up.
type guardedIdentities struct{ store.IdentityStore }

func (g guardedIdentities) PutIdentity(ctx context.Context, address string, key [32]byte) error {
	return failed(ctx, g.IdentityStore.PutIdentity(ctx, address, key))
}

func (g guardedIdentities) IsTrustedIdentity(ctx context.Context, address string, key [32]byte) (bool, error) {
	trusted, err := g.IdentityStore.IsTrustedIdentity(ctx, address, key)
	return trusted, failed(ctx, err)
}

// HasSession ends a send when it can't be answered.
func (s *lockedSessions) HasSession(ctx context.Context, address string) (bool, error) {
	has, err := s.SessionStore.HasSession(ctx, address)
	return has, failed(ctx, err)
}

// PutManySessions is called when a message has been encrypted, with the state of each device for which it was.
func (s *lockedSessions) PutManySessions(ctx context.Context, sessions map[string][]byte) error {
	if in, is := ctx.Value(sealingKey{}).(*sealing); is {
		for address := range sessions {
			in.reached[contactOf(address)] = true
		}
		if in.to != "" && !in.reached[in.to] { // else it would stand as sent on the number's own phone
			return errNobody
		}
	}
	return s.SessionStore.PutManySessions(ctx, sessions)
}

// PutMessageSecret ends a send when nobody could answer the message later.
func (s secretStore) PutMessageSecret(ctx context.Context, chat, sender types.JID, id types.MessageID, secret []byte) error {
	return failed(ctx, s.MsgSecretStore.PutMessageSecret(ctx, chat, sender, id, secret))
}
