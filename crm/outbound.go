package crm

import "time"

// OutboundKind is what the channel is asked to do. Each Outbound is one call to the provider, so that each is retried alone.
type OutboundKind string

// What goes out.
const (
	OutMessage  OutboundKind = "message"  // text, with buttons or a keyboard
	OutMedia    OutboundKind = "media"    // one file with an optional caption
	OutAlbum    OutboundKind = "album"    // two to ten photos
	OutEdit     OutboundKind = "edit"     // replace text and buttons of Target
	OutReaction OutboundKind = "reaction" // Text is the emoji, Target the message
	OutDelete   OutboundKind = "delete"
	OutMenu     OutboundKind = "menu"     // the command menu of this chat: see Menu
	OutContact  OutboundKind = "contact"  // a contact card: see Contact
	OutLocation OutboundKind = "location" // a point on the map: see Location
)

// Priority orders sending: replies go before notices, notices before broadcasts.
type Priority int

// The three priorities.
const (
	Reply     Priority = 0
	Notice    Priority = 1
	Broadcast Priority = 2
)

// Button is one choice under a message. Data is at most 64 bytes. One of Data, URL, Copy is set.
type Button struct {
	Text string `json:"text"`
	Data string `json:"data,omitempty"`
	URL  string `json:"url,omitempty"`
	Copy string `json:"copy,omitempty"` // pressing copies this text
}

// Key is one key of the keyboard that replaces the phone's own.
type Key struct {
	Text     string `json:"text"`
	Contact  bool   `json:"contact,omitempty"`  // shares the person's phone number
	Location bool   `json:"location,omitempty"` // shares the person's place
}

// MenuItem is one line of a command menu.
type MenuItem struct {
	Command string `json:"command"`
	Text    string `json:"text"`
}

// Upload is a file to send: one of Ref (the provider already has it), Hash (a stored attachment, SHA-256 in hex) or Bytes.
type Upload struct {
	Kind  MediaKind `json:"kind"`
	Ref   string    `json:"ref,omitempty"`
	Hash  string    `json:"hash,omitempty"`
	Bytes []byte    `json:"bytes,omitempty"`
	Name  string    `json:"name,omitempty"`
	MIME  string    `json:"mime,omitempty"`
}

// Outbound is one thing to send. Text is HTML of the few tags <b>, <i>, <u>, <s>, <code>, <a>, with everything else escaped.
// ID is given by the store; Target is our id of the message to edit, delete or react to (a channel gets TargetRef, the provider's id, with it).
type Outbound struct {
	ID           MessageID      `json:"-"`
	Conversation ConversationID `json:"-"`
	Address      Address        `json:"-"`
	Kind         OutboundKind   `json:"kind"`
	Priority     Priority       `json:"priority,omitempty"`
	Author       Author         `json:"-"`
	Text         string         `json:"text,omitempty"`
	Buttons      [][]Button     `json:"buttons,omitempty"`
	Keyboard     [][]Key        `json:"keyboard,omitempty"`
	HideKeyboard bool           `json:"hide_keyboard,omitempty"`
	Media        []Upload       `json:"media,omitempty"`
	Menu         []MenuItem     `json:"menu,omitempty"`
	Contact      *Card          `json:"contact,omitempty"`
	Location     *Location      `json:"location,omitempty"`
	Poll         bool           `json:"poll,omitempty"`     // on channels with polls the buttons are its options
	Numbered     bool           `json:"numbered,omitempty"` // the channel shows no buttons: the text names them by numbers, or they are options of a poll
	Answer       bool           `json:"answer,omitempty"`   // to what this person has just written; everything else comes of our own accord
	Thread       string         `json:"thread,omitempty"`   // the provider's id of a topic, or TopicOf a talk
	ReplyTo      string         `json:"reply_to,omitempty"` // the provider's id of the message answered
	Target       MessageID      `json:"target,omitempty"`
	TargetRef    string         `json:"target_ref,omitempty"`
	Card         string         `json:"card,omitempty"` // "deal:5512": all messages with it are edited together
	Prompt       bool           `json:"prompt,omitempty"`
	Reveal       bool           `json:"reveal,omitempty"`   // the sender opens what is sealed in Text, for this one reader
	IfThere      bool           `json:"if_there,omitempty"` // an edit that is not worth a message of its own when its message is gone
	NotBefore    time.Time      `json:"-"`                  // zero: at once
	CreatedAt    time.Time      `json:"-"`
	Attempts     int            `json:"-"`
	MaybeTwice   bool           `json:"-"` // it may have been sent before a crash
	Cause        MessageID      `json:"-"` // the inbound message whose turn wrote it, for logs; zero when nobody knows
}

// Author says who a message is from.
type Author string

// Authors of messages and causes of events.
const (
	ByPerson   Author = "person"
	ByBot      Author = "bot"
	ByEmployee Author = "employee"
	BySystem   Author = "system"
)
