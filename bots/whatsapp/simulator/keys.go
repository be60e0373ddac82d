package simulator

import (
	"context"
	"errors"
	"sync"

	"go.mau.fi/whatsmeow/store"
	"go.mau.fi/whatsmeow/types"
	"go.mau.fi/whatsmeow/util/keys"
)

// memStore is the part of whatsmeow's store that a user's Signal sessions use.
type memStore struct {
	*store.NoopStore
	mu         sync.Mutex
	sessions   map[string][]byte
	identities map[string][32]byte
	preKeys    map[uint32]*keys.PreKey
	senderKeys map[string][]byte
	shared     map[string]map[types.JID]bool // devices that have a sender key, by its group
	lastPreKey uint32
}

var _ store.SessionStore = (*memStore)(nil)

func newMemStore() *memStore {
	return &memStore{
		NoopStore: &store.NoopStore{Error: errors.New("not stored")},
		sessions:  map[string][]byte{}, identities: map[string][32]byte{}, preKeys: map[uint32]*keys.PreKey{},
		senderKeys: map[string][]byte{}, shared: map[string]map[types.JID]bool{},
	}
}

func (m *memStore) PutIdentity(_ context.Context, addr string, key [32]byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.identities[addr] = key
	return nil
}

func (m *memStore) IsTrustedIdentity(_ context.Context, addr string, key [32]byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old, ok := m.identities[addr]
	return !ok || old == key, nil
}

func (m *memStore) GetSession(_ context.Context, addr string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions[addr], nil
}

func (m *memStore) HasSession(_ context.Context, addr string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sessions[addr] != nil, nil
}

func (m *memStore) PutSession(_ context.Context, addr string, session []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions[addr] = session
	return nil
}

func (m *memStore) GetPreKey(_ context.Context, id uint32) (*keys.PreKey, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.preKeys[id], nil
}

func (m *memStore) RemovePreKey(_ context.Context, id uint32) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.preKeys, id)
	return nil
}

func (m *memStore) PutSenderKey(_ context.Context, group, user string, key []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.senderKeys[group+" "+user] = key
	return nil
}

func (m *memStore) GetSenderKey(_ context.Context, group, user string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.senderKeys[group+" "+user], nil
}

func (m *memStore) newPreKey() *keys.PreKey {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastPreKey++
	k := keys.NewPreKey(m.lastPreKey)
	m.preKeys[m.lastPreKey] = k
	return k
}

// share notes that a device gets the user's sender key of a group. It reports
// whether that is new.
func (m *memStore) share(group, dev types.JID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	g := m.shared[group.String()]
	if g == nil {
		g = map[types.JID]bool{}
		m.shared[group.String()] = g
	}
	if g[dev] {
		return false
	}
	g[dev] = true
	return true
}

// forget drops all that is known of a device.
func (m *memStore) forget(d *device) {
	m.mu.Lock()
	defer m.mu.Unlock()
	addr := d.jid.SignalAddress().String()
	delete(m.sessions, addr)
	delete(m.identities, addr)
	for _, g := range m.shared {
		delete(g, d.jid)
	}
}
