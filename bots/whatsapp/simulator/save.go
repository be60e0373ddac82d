package simulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// The saved world: everything that a client's own store relies on, and what stands on the phones. Groups are not kept.
type (
	savedWorld struct {
		Seq     int
		Users   []savedUser
		Devices []savedDevice
		Files   map[string][]byte
	}
	savedUser struct {
		JID, LID, Phone types.JID // Phone is set for the phone of linked devices
		Name            string
		ByLID           bool
		RegistrationID  uint32
		Identity        [32]byte // private
		SignedKeyID     uint32
		SignedKey       [32]byte // private
		LastPreKey      uint32
		PreKeys         map[uint32][32]byte // private
		Sessions        map[string][]byte
		Identities      map[string][32]byte
		Chats           map[string][]savedSaid
	}
	savedSaid struct {
		ID     string
		Mine   bool
		At     time.Time
		Msg    []byte
		Unread bool     `json:",omitempty"`
		Poll   string   `json:",omitempty"`
		Votes  []string `json:",omitempty"`
		Status Status
		Copies int
	}
	savedDevice struct {
		JID, LID        types.JID
		Noise, Identity [32]byte
		RegID           uint32
		Signed          *savedKey
		OneTime         []savedKey
		Unlinked        bool
	}
	savedKey struct {
		ID        uint32
		Pub       [32]byte
		Signature []byte `json:",omitempty"`
	}
)

// savedFiles bounds the files that Save keeps, the newest of them.
const savedFiles = 32 << 20

// Save gives what Load needs to go on with the same devices, phones and chats in another process. What the devices have not
// acknowledged is not kept, nor are groups.
func (s *Server) Save() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := savedWorld{Seq: s.seq, Files: s.files.newest(savedFiles)}
	for jid, d := range s.devices {
		if jid == d.jid {
			w.Devices = append(w.Devices, d.saved())
		}
	}
	for jid, u := range s.users {
		if jid != u.LID {
			continue // each is there under both its addresses
		}
		kept, err := u.saved()
		if err != nil {
			return nil, fmt.Errorf("save a phone: %w", err)
		}
		if ph := s.phones[u.JID]; ph != nil && ph.User == u {
			kept.Phone = u.JID
		}
		w.Users = append(w.Users, kept)
	}
	return json.Marshal(w)
}

func (d *device) saved() savedDevice {
	out := savedDevice{JID: d.jid, LID: d.lid, Noise: d.noise, Identity: d.identity, RegID: d.regID, Unlinked: d.unlinked}
	if d.signed != nil {
		k := saveKey(d.signed)
		out.Signed = &k
	}
	for _, k := range d.oneTime {
		out.OneTime = append(out.OneTime, saveKey(k))
	}
	return out
}

func saveKey(k *keys.PreKey) savedKey {
	out := savedKey{ID: k.KeyID, Pub: *k.Pub}
	if k.Signature != nil {
		out.Signature = k.Signature[:]
	}
	return out
}

func (k savedKey) open() *keys.PreKey {
	out := &keys.PreKey{KeyPair: keys.KeyPair{Pub: &k.Pub}, KeyID: k.ID}
	if len(k.Signature) == 64 {
		out.Signature = (*[64]byte)(k.Signature)
	}
	return out
}

func (u *User) saved() (savedUser, error) {
	m := u.store
	m.mu.Lock()
	defer m.mu.Unlock()
	out := savedUser{
		JID: u.JID, LID: u.LID, Name: u.Name, ByLID: u.peer != nil && u.peer.ByLID, RegistrationID: u.keys.RegistrationID,
		Identity: *u.keys.IdentityKey.Priv, SignedKeyID: u.keys.SignedPreKey.KeyID, SignedKey: *u.keys.SignedPreKey.Priv,
		LastPreKey: m.lastPreKey, PreKeys: map[uint32][32]byte{}, Sessions: maps.Clone(m.sessions), Identities: maps.Clone(m.identities),
		Chats: map[string][]savedSaid{},
	}
	for id, k := range m.preKeys {
		out.PreKeys[id] = *k.Priv
	}
	for with, l := range u.chats {
		for _, said := range l.list {
			raw, err := proto.Marshal(said.Msg)
			if err != nil {
				return savedUser{}, err
			}
			out.Chats[with.String()] = append(out.Chats[with.String()], savedSaid{ID: said.ID, Mine: said.Mine, At: said.At, Msg: raw,
				Unread: said.Unread, Poll: said.Poll, Votes: said.Votes, Status: said.Status, Copies: said.Copies})
		}
	}
	return out, nil
}

// Load takes the place of everything with what was saved. Call it before any client connects. Peers gives the people of it again.
func (s *Server) Load(saved []byte) error {
	var w savedWorld
	if err := json.Unmarshal(saved, &w); err != nil {
		return fmt.Errorf("read the saved WhatsApp phones: %w", err)
	}
	people, phones := []*User(nil), map[types.JID]*Phone{}
	for _, kept := range w.Users {
		u, err := s.revive(kept)
		if err != nil {
			return fmt.Errorf("read a saved WhatsApp phone: %w", err)
		}
		people = append(people, u)
		if !kept.Phone.IsEmpty() {
			ph := &Phone{User: u}
			ph.asked = ph.resend
			phones[kept.Phone] = ph
		} else {
			u.own(kept.ByLID)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq, s.phones = w.Seq, phones
	for path, b := range w.Files {
		s.files.put(path, b)
	}
	for _, u := range people {
		s.enter(u)
	}
	for _, kept := range w.Devices {
		ph := phones[kept.JID.ToNonAD()]
		if ph == nil {
			continue
		}
		d := &device{jid: kept.JID, lid: kept.LID, phone: ph, noise: kept.Noise, identity: kept.Identity, regID: kept.RegID, unlinked: kept.Unlinked}
		if kept.Signed != nil {
			d.signed = kept.Signed.open()
		}
		for _, k := range kept.OneTime {
			d.oneTime = append(d.oneTime, k.open())
		}
		s.devices[d.jid], s.devices[d.lid] = d, d
	}
	return nil
}

// revive makes a user of what was saved, with its chats.
func (s *Server) revive(kept savedUser) (*User, error) {
	u := &User{JID: kept.JID, LID: kept.LID, Name: kept.Name, srv: s, chats: map[types.JID]*chatLog{}}
	u.newKeys()
	u.keys.IdentityKey, u.keys.RegistrationID = keys.NewKeyPairFromPrivateKey(kept.Identity), kept.RegistrationID
	signed := &keys.PreKey{KeyPair: *keys.NewKeyPairFromPrivateKey(kept.SignedKey), KeyID: kept.SignedKeyID}
	signed.Signature = u.keys.IdentityKey.Sign(&signed.KeyPair)
	u.keys.SignedPreKey = signed
	m := u.store
	m.lastPreKey = kept.LastPreKey
	maps.Copy(m.sessions, kept.Sessions)
	maps.Copy(m.identities, kept.Identities)
	for id, priv := range kept.PreKeys {
		m.preKeys[id] = &keys.PreKey{KeyPair: *keys.NewKeyPairFromPrivateKey(priv), KeyID: id}
	}
	for name, list := range kept.Chats {
		with, err := types.ParseJID(name)
		if err != nil {
			return nil, fmt.Errorf("chat: %w", err)
		}
		l := u.chat(with)
		for _, k := range list {
			msg := &waE2E.Message{}
			if err := proto.Unmarshal(k.Msg, msg); err != nil {
				return nil, fmt.Errorf("message: %w", err)
			}
			l.list = append(l.list, said{ID: k.ID, Mine: k.Mine, At: k.At, Msg: msg, Unread: k.Unread, Poll: k.Poll, Votes: k.Votes, Status: k.Status, Copies: k.Copies})
			if k.Mine {
				s.sent.keep(letter{id: k.ID, from: u, chat: with, msg: msg})
			}
		}
	}
	return u, nil
}

// Peers lists the people by LID, without the phones of linked devices.
func (s *Server) Peers() (list []*Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for jid, u := range s.users {
		if jid == u.LID && u.peer != nil {
			list = append(list, u.peer)
		}
	}
	slices.SortFunc(list, func(a, b *Peer) int { return strings.Compare(a.LID.User, b.LID.User) })
	return list
}
