package whatsapp

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/types"
)

// place is whose chat it is. chat is the address that counts, alias the other one when both are known, phone is E.164 and
// only of what WhatsApp says is their number: the digits of a LID are none.
type place struct{ chat, alias, phone string }

// person tells addresses of people from groups, statuses, newsletters, broadcasts and robots of WhatsApp's own.
func person(jid types.JID) bool {
	return (jid.Server == types.DefaultUserServer || jid.Server == types.HiddenUserServer) && jid.User != "" && !jid.IsBot() && jid.User != "0"
}

// plain is an address without the number of a device; accounts that Meta keeps for companies are people like others.
func plain(jid types.JID) types.JID {
	switch jid = jid.ToNonAD(); jid.Server {
	case types.HostedServer, types.LegacyUserServer:
		jid.Server = types.DefaultUserServer
	case types.HostedLIDServer:
		jid.Server = types.HiddenUserServer
	}
	return jid
}

// placeOf decides under which address somebody is known: the LID when it is known, since it stays when the number changes. other is the address
// that came along, empty when none did; then the library's memory is asked. An error is of the store.
func placeOf(ctx context.Context, cli *whatsmeow.Client, jid, other types.JID) (place, error) {
	jid, other = plain(jid), plain(other)
	if !person(other) || other.Server == jid.Server {
		other = types.EmptyJID
	}
	if other.IsEmpty() {
		found, err := otherAddress(ctx, cli, jid)
		if err != nil {
			return place{}, err
		}
		other = plain(found)
	}
	lid, number := other, jid
	if jid.Server == types.HiddenUserServer {
		lid, number = jid, other
	}
	var p place
	switch {
	case lid.IsEmpty():
		p.chat = number.String()
	case number.IsEmpty():
		p.chat = lid.String()
	default:
		p.chat, p.alias = lid.String(), number.String()
	}
	if !number.IsEmpty() && digits(number.User) == number.User {
		p.phone = "+" + number.User
	}
	return p, nil
}

// otherAddress asks the library's memory for the LID of a number, or the number of a LID; empty when it does not know.
func otherAddress(ctx context.Context, cli *whatsmeow.Client, jid types.JID) (found types.JID, err error) {
	if jid.Server == types.HiddenUserServer {
		found, err = cli.Store.LIDs.GetPNForLID(ctx, jid)
	} else {
		found, err = cli.Store.LIDs.GetLIDForPN(ctx, jid)
	}
	if err != nil {
		return found, fmt.Errorf("look up the other address of a chat: %w", err)
	}
	return found, nil
}

// digits leaves the digits of a text.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// chatLocks lets one thing at a time happen with a contact: the library keeps one state of encryption for what goes out to somebody and what
// comes in from them, and of two changes at once it forgets one. The zero value can be used.
type chatLocks struct {
	mu   sync.Mutex
	held map[string]*chatLock
}

type chatLock struct {
	sync.Mutex
	users int // who have it or wait for it
}

// lock waits until nobody else deals with the contact, whom all their devices are. Their LID and their number are different to it: ask with
// the one by which they are encrypted to, the LID when it is known.
func (c *chatLocks) lock(chat types.JID) (unlock func()) { return c.lockUser(plain(chat).String()) }

func (c *chatLocks) lockUser(name string) (unlock func()) {
	l := c.join(name)
	l.Lock()
	return func() { c.leave(name, l, true) }
}

// join counts somebody who wants the lock, so that it is not forgotten.
func (c *chatLocks) join(name string) *chatLock {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = map[string]*chatLock{}
	}
	l := c.held[name]
	if l == nil {
		l = &chatLock{}
		c.held[name] = l
	}
	l.users++
	return l
}

func (c *chatLocks) leave(name string, l *chatLock, had bool) {
	if had {
		l.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(c.held, name)
	}
}

// lockSession is lock by the name under which the library keeps the state of a device.
func (c *chatLocks) lockSession(address string) (unlock func()) {
	return c.lockUser(contactOf(address))
}

// trySession is lockSession that does not wait; false when somebody has the lock.
func (c *chatLocks) trySession(address string) (unlock func(), free bool) {
	name := contactOf(address)
	l := c.join(name)
	if !l.TryLock() {
		c.leave(name, l, false)
		return nil, false
	}
	return func() { c.leave(name, l, true) }, true
}

// contactOf gives the contact of a device by the name under which the library keeps its state: "77071234567:3", or "1234_1:3" of a LID.
func contactOf(address string) string {
	user, _, _ := strings.Cut(address, ":")
	user, agent, _ := strings.Cut(user, "_")
	switch agent {
	case fmt.Sprint(types.LIDDomain), fmt.Sprint(types.HostedLIDDomain):
		return types.NewJID(user, types.HiddenUserServer).String()
	}
	return types.NewJID(user, types.DefaultUserServer).String()
}
