package simulator

import (
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// letter is a message that a phone sent: what it needs to send it again.
type letter struct {
	id    string
	from  *User
	chat  types.JID // the linked device, peer or group it was sent to
	msg   *waE2E.Message
	tries int
}

// ledger remembers the last messages of all phones. Server.mu guards it.
type ledger struct {
	byID  map[string]*letter
	order []string
}

func newLedger() ledger { return ledger{byID: map[string]*letter{}} }

func (l *ledger) keep(m letter) {
	if l.byID[m.id] == nil {
		l.order = append(l.order, m.id)
	}
	l.byID[m.id] = &m
	if len(l.order) >= 2*keptSent {
		for _, id := range l.order[:keptSent] {
			delete(l.byID, id)
		}
		l.order = append([]string(nil), l.order[keptSent:]...)
	}
}

// again gives a message for one more try; a phone tries five times.
func (l *ledger) again(id string) (letter, bool) {
	m := l.byID[id]
	if m == nil || m.tries >= 5 {
		return letter{}, false
	}
	m.tries++
	return *m, true
}
