package whatsapp

import (
	"encoding/hex"
	"time"

	"go.mau.fi/whatsmeow/proto/waE2E"

	"govorun/bots"
	"govorun/crm"
)

// Limits of what is kept of a message. WhatsApp's own are far wider.
const (
	maxText = 16 << 10 // characters of a text; phones send 65,536
	maxName = 256      // characters of a name

	maxID    = 128 // characters of an id
	maxMIME  = 128
	maxPath  = 1024 // characters of where a file lies
	maxVotes = 32
)

// Notes of inputs.
const (
	noteAgain         = "again"     // it could not be read before, and a place is kept for it
	noteViewOnce      = "view_once" // it can't be had here: only phones show it
	noteUndecryptable = "undecryptable"
	noteUnavailable   = "unavailable"
)

// heard is a message with what its envelope says, decided already: whose chat it is and under which address.
type heard struct {
	id       string
	place    place
	name     string // of the person, as they call themselves
	own      bool   // typed by the company itself on its phone
	sentAt   time.Time
	again    bool // it could not be read before
	viewOnce bool
	message  *waE2E.Message
	// votes opens a vote in a poll; nil or an error: it can't be opened.
	votes func() ([][]byte, error)
	// edited opens an edit that is sealed by the message it changes.
	edited func() (*waE2E.Message, error)
}

// decode makes an inbound of a message; false when it says nothing that anybody needs to know.
func decode(channel string, h heard) (crm.Inbound, bool) {
	in := framed(channel, h)
	if h.again {
		in.Note = noteAgain
	}
	m := h.message
	if !decodeAbout(&in, h) {
		switch {
		case companion(m):
			return crm.Inbound{}, false
		case hiddenFromUs(h):
			in.Kind, in.Note = crm.InOther, noteViewOnce
		case decodeWords(&in, h) || decodeMedia(&in, h) || decodePoint(&in, m):
		case wordless(m):
			return crm.Inbound{}, false
		default:
			in.Kind, in.Note = crm.InOther, unusual(m)
		}
		if c := contextOf(m); c != nil {
			in.ReplyTo = bots.Clean(c.GetStanzaID(), maxID)
		}
		in.Album = albumOf(m)
	}
	if in.Kind == "" {
		return crm.Inbound{}, false
	}
	if h.own {
		in = asOwn(in)
	}
	return in, in.Kind != ""
}

// framed is what messages of every kind have.
func framed(channel string, h heard) crm.Inbound {
	return crm.Inbound{
		Address: crm.Address{Channel: channel, Chat: h.place.chat}, Alias: h.place.alias, SentAt: h.sentAt, Key: "m:" + bots.Clean(h.id, maxID),
		From: crm.Person{ID: h.place.chat, Name: bots.Line(h.name, maxName), Phone: h.place.phone},
	}
}

// decodeAbout reads what is about an earlier message: an edit, a message taken back, a reaction, a vote.
func decodeAbout(in *crm.Inbound, h heard) bool {
	m := h.message
	switch about := m.GetProtocolMessage(); {
	case about != nil && about.GetType() == waE2E.ProtocolMessage_REVOKE:
		in.Kind, in.Key, in.Edits = crm.InRevoke, "r:"+bots.Clean(h.id, maxID), bots.Clean(about.GetKey().GetID(), maxID)
		return true
	case about != nil && about.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT:
		decodeEdit(in, h, about.GetKey().GetID(), about.GetEditedMessage())
		return true
	case about != nil:
		return true // of the phone or the library: nobody said anything
	case m.GetSecretEncryptedMessage() != nil:
		sealed := m.GetSecretEncryptedMessage()
		if opened, err := h.openEdit(); err == nil && sealed.GetSecretEncType() == waE2E.SecretEncryptedMessage_MESSAGE_EDIT {
			if inner := opened.GetProtocolMessage().GetEditedMessage(); inner != nil {
				opened = inner
			}
			decodeEdit(in, h, sealed.GetTargetMessageKey().GetID(), opened)
		}
		return true
	case m.GetReactionMessage() != nil:
		r := m.GetReactionMessage()
		in.Kind, in.Key, in.Note = crm.InReaction, "x:"+bots.Clean(h.id, maxID), ""
		in.Text, in.ReplyTo = bots.Line(r.GetText(), 64), bots.Clean(r.GetKey().GetID(), maxID)
		return true
	case m.GetPollUpdateMessage() != nil:
		decodeVote(in, h)
		return true
	}
	return false
}

// decodeEdit keeps what a message has become, text and caption alike. Its id is its own.
func decodeEdit(in *crm.Inbound, h heard, target string, becomes *waE2E.Message) {
	h.message = unwrapped(becomes)
	if !decodeWords(in, h) {
		decodeMedia(in, h)
	}
	in.Kind, in.Key, in.Edits = crm.InEdit, "e:"+bots.Clean(h.id, maxID), bots.Clean(target, maxID)
	in.Command, in.Args, in.Start, in.Note = "", "", "", ""
}

// decodeVote reads a vote: the hashes of the labels that are chosen now, none when it was taken back.
func decodeVote(in *crm.Inbound, h heard) {
	in.Kind, in.Key = crm.InPress, "v:"+bots.Clean(h.id, maxID)
	in.Press = &crm.Press{Poll: true, Message: bots.Clean(h.message.GetPollUpdateMessage().GetPollCreationMessageKey().GetID(), maxID)}
	chosen, err := h.openVotes()
	if err != nil {
		in.Kind, in.Press, in.Note = crm.InOther, nil, "vote_unread"
		return
	}
	for _, hash := range chosen[:min(len(chosen), maxVotes)] {
		if len(hash) == 32 {
			in.Press.Votes = append(in.Press.Votes, hex.EncodeToString(hash))
		}
	}
}

// asOwn is what the company typed itself, on its phone. Reactions and votes of its own are no words to anybody.
func asOwn(in crm.Inbound) crm.Inbound {
	in.From = crm.Person{ID: in.Address.Chat, Phone: in.From.Phone}
	in.Command, in.Args, in.Start = "", "", ""
	switch in.Kind {
	case crm.InText, crm.InMedia, crm.InContact, crm.InLocation, crm.InOther:
		in.Kind = crm.InOwn
	default:
		in.Kind = ""
	}
	return in
}

// unread keeps a place for a message that can't be opened yet.
func unread(channel string, h heard, why string) crm.Inbound {
	in := framed(channel, h)
	in.Kind, in.Key, in.Note = crm.InUnread, "u:"+bots.Clean(h.id, maxID), why
	return in
}

// hiddenFromUs tells whether a message is one that only phones show, once: a computer gets it without its file, or not at all.
func hiddenFromUs(h heard) bool {
	m := h.message
	return h.viewOnce || m.GetImageMessage().GetViewOnce() || m.GetVideoMessage().GetViewOnce() || m.GetAudioMessage().GetViewOnce()
}

func (h heard) openVotes() ([][]byte, error) {
	if h.votes == nil {
		return nil, errSealed
	}
	return h.votes()
}

func (h heard) openEdit() (*waE2E.Message, error) {
	if h.edited == nil {
		return nil, errSealed
	}
	return h.edited()
}
