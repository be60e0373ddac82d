package crm

import "time"

// Account is a number or a bot of the company at a provider that needs to be linked. Phone is E.164. Salt makes the ids of outgoing
// messages unguessable and lets them follow from our rows. LinkedAt is when this device was linked, Since when the number has been
// in use with us: how much it may send grows with that. SeenAt is when its phone was last known to be there.
type Account struct {
	Channel  string
	Phone    string
	Device   string // the provider's id of the linked device, empty while none is linked
	Salt     []byte // 32 bytes
	Since    time.Time
	LinkedAt time.Time
	SeenAt   time.Time
}

// Past is one message that was said before the account was linked. Own is true when the company said it.
type Past struct {
	Chat   string // the provider's address of the chat
	Alias  string // another address of it
	Name   string // of the person, as the provider knows it
	Phone  string // E.164, when the provider vouches for it
	Ref    string // the provider's id of the message
	Own    bool
	Text   string
	Media  []Media
	SentAt time.Time
}
