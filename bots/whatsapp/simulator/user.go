package simulator

import (
	"context"
	"errors"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"sync"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// User is someone whose phone the server plays: a Peer, or the owner of linked devices (Phone).
type User struct {
	JID  types.JID // phone-number address, empty while nobody knows it
	LID  types.JID // every user has one
	Name string    // push name

	srv      *Server
	keys     *store.Device // the phone's keys, over store
	store    *memStore
	peer     *Peer                       // whose user it is, nil for a phone with linked devices
	received func(*device, Received)     // called for each message, if not nil
	asked    func(*device, letter, bool) // called when a device could not open a message; true when it sent new keys
	signal   sync.Mutex                  // one Signal operation at a time
	tamper   int                         // so many messages more are broken; signal guards it

	// Server.mu guards these.
	inbox   []Received
	chats   map[types.JID]*chatLog // by the phone-number address of the account, or the group
	changed signal
}

// Received is a message that a user got.
type Received struct {
	From    types.JID // the sender's device
	To      types.JID // the address that the sender used: phone number, LID or group
	ID      string
	EncType string
	Message *waE2E.Message
	Err     error
}

// newUser makes a user. At most one address may be missing.
func (s *Server) newUser(name string, jid, lid types.JID) *User {
	if lid.IsEmpty() {
		lid = s.madeUpLID(jid)
	}
	u := &User{JID: jid, LID: lid, Name: name, srv: s, chats: map[types.JID]*chatLog{}}
	u.newKeys()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(u)
	return u
}

// enter makes a user known by both addresses. s.mu must be held.
func (s *Server) enter(u *User) {
	s.users[u.LID] = u
	if !u.JID.IsEmpty() {
		s.users[u.JID] = u
	}
}

// newKeys gives a user a new identity without any session, as a new phone has.
func (u *User) newKeys() {
	ms := newMemStore()
	dev := &store.Device{IdentityKey: keys.NewKeyPair(), RegistrationID: mrand.Uint32(), Identities: ms, Sessions: ms, PreKeys: ms, SenderKeys: ms}
	dev.SignedPreKey = dev.IdentityKey.CreateSignedPreKey(1)
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.keys, u.store = dev, ms
}

// madeUpLID returns the LID that jid has already, or a new one.
func (s *Server) madeUpLID(jid types.JID) types.JID {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[jid]; u != nil {
		return u.LID
	}
	for {
		s.seq++
		lid := types.NewJID(fmt.Sprintf("9%014d", s.seq), types.HiddenUserServer)
		if s.users[lid] == nil {
			return lid
		}
	}
}

func (s *Server) user(jid types.JID) (*User, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users[jid.ToNonAD()]; u != nil {
		return u, nil
	}
	return nil, fmt.Errorf("nobody has the address %s", jid)
}

// address returns the LID or the phone number, and the other one. Without a phone number it is the LID.
func (u *User) address(byLID bool) (main, alt types.JID) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	if byLID || u.JID.IsEmpty() {
		return u.LID, u.JID
	}
	return u.JID, u.LID
}

// setAlt adds a user's other address to a stanza that names its main one: as sender_pn beside a LID, as sender_lid beside a phone
// number, for instance.
func setAlt(at attrs, who string, main, alt types.JID) {
	if alt.IsEmpty() {
		return
	}
	if main.Server == types.HiddenUserServer {
		at[who+"_pn"] = alt
	} else {
		at[who+"_lid"] = alt
	}
}

// receive decrypts the parts of a message from a client.
func (u *User) receive(from *device, n *node, d delivery) {
	for _, enc := range d.encs {
		r := Received{From: from.jid, To: d.chat, ID: text(n.Attrs["id"]), EncType: text(enc.Attrs["type"])}
		r.Message, r.Err = u.decrypt(context.Background(), from, d.chat, enc)
		if r.Err == nil && isKeyOnly(r.Message) {
			continue
		}
		u.put(from.phone.JID, r)
		if u.received != nil {
			u.received(from, r)
		}
	}
}

// put shows a message on the user's phone, in the chat with an account or in the group that it was sent to.
func (u *User) put(account types.JID, r Received) {
	if r.To.Server == types.GroupServer {
		account = r.To
	}
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	u.inbox = keepLast(append(u.inbox, r), keptReceived)
	u.chat(account).add(said{ID: r.ID, At: u.srv.Now(), Msg: r.Message, Unread: r.Err != nil})
	u.stir()
}

// stir wakes up those who wait for something on this phone. Server.mu must be held.
func (u *User) stir() {
	u.changed.wake()
	if u.srv.observe != nil {
		u.srv.observe(u.LID.User)
	}
}

// Inbox lists what the user got lately, oldest first: each copy of a message, and what could not be read.
func (u *User) Inbox() []Received {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	return slices.Clone(u.inbox)
}

// Wait returns the message with this ID, once it arrived.
func (u *User) Wait(ctx context.Context, id string) (Received, error) { return u.WaitNth(ctx, id, 1) }

// WaitNth returns the nth message with this ID: the second one is a resend.
func (u *User) WaitNth(ctx context.Context, id string, nth int) (r Received, err error) {
	err = u.srv.until(ctx, &u.changed, func() bool {
		seen := 0
		for _, r = range u.inbox {
			if r.ID == id {
				if seen++; seen == nth {
					return true
				}
			}
		}
		return false
	})
	if err != nil {
		return r, fmt.Errorf("%s did not get message %s: %w", u.Name, id, err)
	}
	return r, r.Err
}

// secretOf finds a message in the inbox that has a message secret.
func (u *User) secretOf(id string) (Received, []byte, error) {
	u.srv.mu.Lock()
	defer u.srv.mu.Unlock()
	for _, r := range u.inbox {
		if secret := r.Message.GetMessageContextInfo().GetMessageSecret(); r.ID == id && secret != nil {
			return r, secret, nil
		}
	}
	for _, l := range u.chats { // of an earlier run
		for _, m := range l.list {
			if secret := m.Msg.GetMessageContextInfo().GetMessageSecret(); m.ID == id && secret != nil {
				return Received{ID: id}, secret, nil
			}
		}
	}
	return Received{}, nil, errors.New("no poll came with the id " + id)
}
