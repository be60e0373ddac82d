package postgres

import (
	"sync"

	"govorun/crm"
)

// maxMet bounds how many chats a process remembers; beyond it the memory starts anew.
const maxMet = 10_000

// met remembers which chats have a conversation for sure, so that no turn of theirs makes sure of it again. It may be wrong:
// a conversation that moved to another address is found missing, and made then.
type met struct {
	mu    sync.Mutex
	chats map[crm.Address]struct{}
}

// strange tells whether a chat has not been met.
func (m *met) strange(a crm.Address) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, known := m.chats[a]
	return !known
}

// add remembers chats whose conversations are committed.
func (m *met) add(chats []crm.Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.chats == nil || len(m.chats)+len(chats) > maxMet {
		m.chats = make(map[crm.Address]struct{}, len(chats))
	}
	for _, a := range chats {
		m.chats[a] = struct{}{}
	}
}
