package simulator

import (
	"context"
	"time"

	"go.mau.fi/whatsmeow"
	"go.mau.fi/whatsmeow/proto/waE2E"
	"go.mau.fi/whatsmeow/types"
)

// Status is how far a message of the phone's owner has come.
type Status string

// Statuses, in order.
const (
	Sent      Status = "sent"
	Delivered Status = "delivered"
	Read      Status = "read"
	Played    Status = "played"
)

// Bubble is one message as it stands on a phone's screen: edits applied, copies with one id shown once.
type Bubble struct {
	ID        string        `json:"id"`
	Mine      bool          `json:"mine"`            // written by the phone's owner
	Kind      string        `json:"kind"`            // text, image, video, voice, audio, document, sticker, location, contact, poll, unreadable or other
	Text      string        `json:"text,omitempty"`  // text, caption, the question of a poll, the name of a place or contact
	Quote     string        `json:"quote,omitempty"` // id of the message it answers
	Album     string        `json:"album,omitempty"` // id of the album it belongs to
	Edited    bool          `json:"edited,omitempty"`
	Revoked   bool          `json:"revoked,omitempty"` // taken back: Text and File are gone
	ViewOnce  bool          `json:"view_once,omitempty"`
	Fading    time.Duration `json:"fading,omitempty"` // after which it vanishes
	File      *SeenFile     `json:"file,omitempty"`
	Place     *Place        `json:"place,omitempty"`
	Card      string        `json:"card,omitempty"` // vCard of a contact
	Poll      *SeenPoll     `json:"poll,omitempty"`
	Reactions               // of the two sides
	Status    Status        `json:"status,omitempty"` // of the owner's own
	Copies    int           `json:"copies"`           // how often it came
	At        time.Time     `json:"at"`
}

// Reactions are the emoji of the two sides of a chat.
type Reactions struct {
	Me   string `json:"me,omitempty"`
	Them string `json:"them,omitempty"`
}

// SeenFile is a file of a message. Data downloads it.
type SeenFile struct {
	Mime    string                 `json:"mime"`
	Name    string                 `json:"name,omitempty"`
	Seconds uint32                 `json:"seconds,omitempty"`
	Length  uint64                 `json:"length"`
	Data    func() ([]byte, error) `json:"-"`
}

// Place is a point on the map.
type Place struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

// SeenPoll is a poll with what the phone's owner chose.
type SeenPoll struct {
	Options []string `json:"options"`
	Votes   []string `json:"votes"`
	Many    bool     `json:"many,omitempty"` // more than one may be chosen
}

// said is one message of a chat as it was sent, of either side. Poll and Votes are of an own vote, which is sealed in Msg.
type said struct {
	ID     string
	Mine   bool
	At     time.Time
	Msg    *waE2E.Message
	Unread bool
	Poll   string
	Votes  []string
	Status Status
	Copies int
}

// chatLog is a chat on a phone. Server.mu guards it.
type chatLog struct {
	list   []said
	typing bool
}

// chat gives the chat with an account, or a group. Server.mu must be held.
func (u *User) chat(with types.JID) *chatLog {
	l := u.chats[with]
	if l == nil {
		l = &chatLog{}
		u.chats[with] = l
	}
	return l
}

// add keeps a message. A copy of a known one is counted, and takes the place of one that could not be read.
func (l *chatLog) add(m said) {
	if !m.Mine {
		l.typing = false
	}
	m.Copies, m.Status = 1, Sent
	for i := len(l.list) - 1; i >= 0; i-- {
		old := &l.list[i]
		if old.ID != m.ID || old.Mine != m.Mine {
			continue
		}
		old.Copies++
		if old.Unread {
			old.Msg, old.Unread = m.Msg, m.Unread
		}
		return
	}
	l.list = keepLast(append(l.list, m), keptSaid)
}

var rank = map[Status]int{Sent: 1, Delivered: 2, Read: 3, Played: 4}

// advance notes how far own messages have come.
func (l *chatLog) advance(ids []string, to Status) {
	for i := range l.list {
		m := &l.list[i]
		for _, id := range ids {
			if m.Mine && m.ID == id && rank[to] > rank[m.Status] {
				m.Status = to
			}
		}
	}
}

// Screen lists what stands on the peer's phone in the chat with an account (any address of it, with or without device) or in a group.
func (p *Peer) Screen(with types.JID) []Bubble {
	with = p.srv.accountOf(with)
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.srv.bubbles(p.chat(with).list)
}

// accountOf gives the address that chats with an account are kept under.
func (s *Server) accountOf(jid types.JID) types.JID {
	if u, err := s.user(jid); err == nil && !u.JID.IsEmpty() {
		return u.JID
	}
	return jid.ToNonAD()
}

// WaitBubble waits until something stands on the peer's phone that matches.
func (p *Peer) WaitBubble(ctx context.Context, with types.JID, match func(Bubble) bool) (found Bubble, err error) {
	with = p.srv.accountOf(with)
	err = p.srv.until(ctx, &p.changed, func() bool {
		for _, b := range p.srv.bubbles(p.chat(with).list) {
			if match(b) {
				found = b
				return true
			}
		}
		return false
	})
	return
}

// TypingSeen says whether the peer's phone shows the account typing.
func (p *Peer) TypingSeen(with types.JID) bool {
	with = p.srv.accountOf(with)
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	return p.chat(with).typing
}

// bubbles plays a chat through, as a phone does.
func (s *Server) bubbles(list []said) (out []Bubble) {
	at := map[string]int{}
	for _, m := range list {
		in := unwrap(m.Msg)
		if changed(out, at, m, in) {
			continue
		}
		b := s.bubble(m, in)
		if b.Kind == "" {
			continue
		}
		at[m.ID] = len(out)
		out = append(out, b)
	}
	return out
}

// changed applies what changes an earlier message, and reports whether m is such a one. Only the author of a message may change it.
func changed(out []Bubble, at map[string]int, m said, in *waE2E.Message) bool {
	find := func(id string) *Bubble {
		if i, ok := at[id]; ok {
			return &out[i]
		}
		return &Bubble{Mine: m.Mine} // long gone from the screen
	}
	proto := in.GetProtocolMessage()
	switch b := find(proto.GetKey().GetID()); {
	case in.GetReactionMessage() != nil:
		b, r := find(in.GetReactionMessage().GetKey().GetID()), in.GetReactionMessage().GetText()
		if m.Mine {
			b.Me = r
		} else {
			b.Them = r
		}
	case m.Poll != "":
		if b := find(m.Poll); b.Poll != nil {
			b.Poll.Votes = m.Votes
		}
	case in.GetPollUpdateMessage() != nil:
	case proto.GetType() == waE2E.ProtocolMessage_MESSAGE_EDIT && proto.GetEditedMessage() != nil:
		if b.Mine == m.Mine && !b.Revoked {
			b.Text, b.Edited = textOf(unwrap(proto.EditedMessage)), true
		}
	case proto.GetType() == waE2E.ProtocolMessage_REVOKE && proto.GetKey() != nil:
		if b.Mine == m.Mine {
			b.Text, b.File, b.Poll, b.Revoked = "", nil, nil, true
		}
	default:
		return proto != nil
	}
	return true
}

func (s *Server) bubble(m said, in *waE2E.Message) Bubble {
	b := Bubble{ID: m.ID, Mine: m.Mine, Text: textOf(in), Copies: m.Copies, At: m.At, Kind: kindOf(in)}
	if m.Mine {
		b.Status = m.Status
	}
	if m.Unread {
		b.Kind = "unreadable"
		return b
	}
	info := contextOf(in)
	b.Quote, b.Fading = info.GetStanzaID(), time.Duration(info.GetExpiration())*time.Second
	b.Album = m.Msg.GetMessageContextInfo().GetMessageAssociation().GetParentMessageKey().GetID()
	if b.Album == "" {
		b.Album = in.GetMessageContextInfo().GetMessageAssociation().GetParentMessageKey().GetID()
	}
	b.ViewOnce = m.Msg.GetViewOnceMessage() != nil || m.Msg.GetViewOnceMessageV2() != nil || m.Msg.GetViewOnceMessageV2Extension() != nil
	if f := fileOf(in); f != nil {
		typ, _ := mediaType(b.Kind)
		b.File = &SeenFile{Mime: f.GetMimetype(), Length: f.GetFileLength(), Name: in.GetDocumentMessage().GetFileName(),
			Seconds: in.GetAudioMessage().GetSeconds() + in.GetVideoMessage().GetSeconds(),
			Data:    func() ([]byte, error) { return s.fetch(f, typ) }}
	}
	if l := in.GetLocationMessage(); l != nil {
		b.Place = &Place{l.GetDegreesLatitude(), l.GetDegreesLongitude()}
	}
	b.Card = in.GetContactMessage().GetVcard()
	if p := pollOf(in); p != nil {
		b.Poll = &SeenPoll{Many: p.GetSelectableOptionsCount() != 1}
		for _, o := range p.GetOptions() {
			b.Poll.Options = append(b.Poll.Options, o.GetOptionName())
		}
	}
	return b
}

func (s *Server) fetch(f remote, typ whatsmeow.MediaType) ([]byte, error) {
	return s.Fetch(f.GetDirectPath(), f.GetMediaKey(), typ)
}
