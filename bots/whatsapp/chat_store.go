package whatsapp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"

	"govorun/bots"
)

// guardStore makes a device's store do what the library leaves out. The messages of a contact are opened while nothing is being
// sent to them. A message that can't be opened because the store is away stays unacknowledged, so that WhatsApp brings it again: the
// library would take it for one that nobody can open. And one that can't be encrypted for that reason is not sent: the library would send
// it to nobody. Call it once per device, before its client is made.
func (c *Channel) guardStore(device *store.Device) {
	device.Sessions = &lockedSessions{device.Sessions, &c.chats}
	device.Identities = guardedIdentities{device.Identities}
	device.MsgSecrets = secretStore{device.MsgSecrets}
	device.EventBuffer = &guardedBuffer{device.EventBuffer, c.config, &c.chats, c.hears.stumble}
}

// secretStore tells a store that is away from a secret that nobody knows: what is sealed by it may be opened later.
type secretStore struct{ store.MsgSecretStore }

// errNoAnswer is of a store that is away.
var errNoAnswer = errors.New("the store does not answer")

func (s secretStore) GetMessageSecret(ctx context.Context, chat, sender types.JID, id types.MessageID) ([]byte, types.JID, error) {
	if text := sender.String() + id; text != bots.Clean(text, 2*maxID) { // of somebody's making: the store would refuse it for ever
		return nil, types.EmptyJID, nil
	}
	secret, who, err := s.MsgSecretStore.GetMessageSecret(ctx, chat, sender, id)
	if err != nil {
		err = errors.Join(errNoAnswer, err)
	}
	return secret, who, err
}

// openingKey is of the context in which a message is being opened.
type openingKey struct{}

// opening holds the lock of the contact whose message is being opened. Nobody waits for it inside a transaction, which holds a connection that
// whoever has the lock may be waiting for.
type opening struct {
	unlock func()
	busy   string // the device whose contact somebody else deals with
}

// errBusy ends a transaction in which nothing was done yet.
var errBusy = errors.New("something is being sent to this contact")

// lockedSessions takes the lock of a contact when the state of their device is read in order to open a message, which is done before
// anything else.
type lockedSessions struct {
	store.SessionStore
	chats *chatLocks
}

func (s *lockedSessions) GetSession(ctx context.Context, address string) ([]byte, error) {
	if o, is := ctx.Value(openingKey{}).(*opening); is && o.unlock == nil { // of one message, which one device sent
		unlock, free := s.chats.trySession(address)
		if !free {
			o.busy = address
			return nil, errBusy
		}
		o.unlock = unlock
	}
	state, err := s.SessionStore.GetSession(ctx, address)
	return state, failed(ctx, err)
}

// guardedBuffer is where messages are kept between being opened and being stored.
type guardedBuffer struct {
	store.EventBuffer
	config  Config
	chats   *chatLocks
	stumble func()
}

// errAway is what the library takes for the end of the connection: it neither acknowledges the message nor asks for it anew.
var errAway = fmt.Errorf("the store is away: %w", context.Canceled)

func (b *guardedBuffer) GetBufferedEvent(ctx context.Context, hash [32]byte) (*store.BufferedEvent, error) {
	found, err := b.EventBuffer.GetBufferedEvent(ctx, hash)
	if err != nil {
		b.stumble()
		return nil, errors.Join(errAway, err)
	}
	return found, nil
}

func (b *guardedBuffer) DoDecryptionTxn(ctx context.Context, open func(context.Context) error) error {
	o := &opening{}
	defer func() {
		if o.unlock != nil {
			o.unlock()
		}
	}()
	opened, err := b.try(ctx, o, open)
	if o.busy != "" {
		o.unlock, o.busy = b.chats.lockSession(o.busy), ""
		opened, err = b.try(ctx, o, open)
	}
	if err == nil || opened != nil && !b.away(ctx, opened) {
		return err
	}
	b.stumble()
	return errors.Join(errAway, err)
}

// try opens a message in a transaction: opened is why it can't be, err also why that could not be stored.
func (b *guardedBuffer) try(ctx context.Context, o *opening, open func(context.Context) error) (opened, err error) {
	err = b.EventBuffer.DoDecryptionTxn(context.WithValue(ctx, openingKey{}, o), func(ctx context.Context) error {
		opened = unharmed(ctx, open)
		return opened
	})
	return opened, err
}

// unharmed makes an error of a panic over what somebody sent. The library's transaction would stay open for ever, with its connection and with
// what it has locked.
func unharmed(ctx context.Context, open func(context.Context) error) (err error) {
	defer func() {
		if recover() != nil { // what it says may hold what a person wrote
			err = errCrash
		}
	}()
	return open(ctx)
}

// away tells whether it is the store that could not open a message: it may be back already.
func (b *guardedBuffer) away(ctx context.Context, opened error) bool {
	if b.config.Away != nil && b.config.Away(opened) {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return b.config.Store.PingContext(ctx) != nil
}
