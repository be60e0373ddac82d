package crm

import "time"

// InboundKind says what a person did, or what the system asks a conversation to do.
type InboundKind string

// What comes in. Kinds from InTimeout on come from ourselves and never from a provider.
const (
	InText     InboundKind = "text"
	InPress    InboundKind = "press"    // a button under a message
	InMedia    InboundKind = "media"    // photos, files, voice: see Media
	InContact  InboundKind = "contact"  // a contact card
	InLocation InboundKind = "location" // one point; live updates are not passed on
	InEdit     InboundKind = "edit"     // a new version of an earlier message: kept, never run
	InBlocked  InboundKind = "blocked"  // the person blocked the bot, or the bot left the group
	InReturned InboundKind = "returned" // the person unblocked it, or it joined the group
	InMigrated InboundKind = "migrated" // the group has a new address: see NewChat
	InReaction InboundKind = "reaction"
	InRevoke   InboundKind = "revoke"  // an earlier message was taken back: Edits names it; kept as a revision, never run
	InUnread   InboundKind = "unread"  // a message that could not be opened yet: a place for it, taken by the message when it comes
	InOwn      InboundKind = "own"     // typed by the company itself on the phone of the account: an operator's words
	InOther    InboundKind = "other"   // sticker, dice, poll, unknown kinds: kept with Note saying what it was
	InIgnored  InboundKind = "ignored" // stored for the record, nothing follows

	InForm InboundKind = "form" // a web form was sent: see Form
	InCall InboundKind = "call" // the telephone exchange tells of a call: see Call

	InTimeout InboundKind = "timeout" // the session's own due time came
	InSignal  InboundKind = "signal"  // another conversation or a job wants a dialog started here: see Signal
)

// Person is the author of an inbound message as the provider describes them. Lang is the language of their app, if known.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name,omitempty"`
	Username string `json:"username,omitempty"`
	Lang     string `json:"lang,omitempty"`
	Bot      bool   `json:"bot,omitempty"`
	Phone    string `json:"phone,omitempty"` // E.164, when the provider vouches that it is theirs
}

// MediaKind is the kind of a file.
type MediaKind string

// Kinds of media.
const (
	Photo     MediaKind = "photo"
	Document  MediaKind = "document"
	Video     MediaKind = "video"
	VideoNote MediaKind = "video_note"
	Voice     MediaKind = "voice"
	Audio     MediaKind = "audio"
	Animation MediaKind = "animation"
	Sticker   MediaKind = "sticker"
)

// Media refers to a file that the provider keeps; it is fetched later by a job. Size is in bytes, 0 when unknown.
// Unique is the provider's id of the content, the same for the same file sent twice.
type Media struct {
	Kind      MediaKind `json:"kind"`
	Ref       string    `json:"ref"`
	Unique    string    `json:"unique,omitempty"`
	Name      string    `json:"name,omitempty"`
	MIME      string    `json:"mime,omitempty"`
	Size      int64     `json:"size,omitempty"`
	Width     int       `json:"width,omitempty"`
	Height    int       `json:"height,omitempty"`
	Duration  int       `json:"duration,omitempty"` // seconds
	Forwarded bool      `json:"forwarded,omitempty"`
}

// Card is a contact card. Own is true when the provider vouches that it is the sender's own.
type Card struct {
	Phone string `json:"phone"`
	Name  string `json:"name,omitempty"`
	Own   bool   `json:"own"`
}

// Location is a point on earth, in degrees.
type Location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Title     string  `json:"title,omitempty"`
}

// Press is a pressed button: Data is what the button carried, Message the provider's id of the message it stands under,
// Answer the provider's handle with which the press is acknowledged. A vote in a poll has no Data but Votes: the SHA-256 of each
// chosen label in hex, none when the vote was taken back.
type Press struct {
	Data    string   `json:"data"`
	Message string   `json:"message,omitempty"`
	Answer  string   `json:"answer,omitempty"`
	Votes   []string `json:"votes,omitempty"`
	Poll    bool     `json:"poll,omitempty"`
}

// Signal asks a conversation to start a dialog with slots filled, on behalf of a deal.
type Signal struct {
	ID     string `json:"id"` // unique; a second one with the same id is the same
	Dialog string `json:"dialog"`
	Slots  Fields `json:"slots,omitempty"`
	Deal   DealID `json:"deal,omitempty"`
	Answer bool   `json:"answer,omitempty"` // it follows from what the person of the conversation has just done there
}

// Inbound is one thing that came in, decoded by a channel. Key is unique within its conversation ("m:17" message 17,
// "p:…" a press, "e:17:…" an edit): a second delivery has the same key. Start is the payload of a deep link,
// set only for a start command; ReplyTo the provider's id of the message answered.
type Inbound struct {
	Address  Address     `json:"address"`
	Group    bool        `json:"group,omitempty"`
	Title    string      `json:"title,omitempty"` // of the group
	Thread   string      `json:"thread,omitempty"`
	Forum    bool        `json:"forum,omitempty"` // the group has topics
	From     Person      `json:"from"`
	Key      string      `json:"key"`
	Kind     InboundKind `json:"kind"`
	SentAt   time.Time   `json:"sent_at"`
	Text     string      `json:"text,omitempty"`    // text, or the caption of media
	Command  string      `json:"command,omitempty"` // lower case without slash and bot name, when the text holds one
	Args     string      `json:"args,omitempty"`    // the text after the command
	Start    string      `json:"start,omitempty"`
	Media    []Media     `json:"media,omitempty"`
	Album    string      `json:"album,omitempty"` // the same for all parts of one album
	Card     *Card       `json:"card,omitempty"`
	Location *Location   `json:"location,omitempty"`
	Press    *Press      `json:"press,omitempty"`
	ReplyTo  string      `json:"reply_to,omitempty"`
	Edits    string      `json:"edits,omitempty"` // the provider's id of the message that was edited
	NewChat  string      `json:"new_chat,omitempty"`
	Alias    string      `json:"alias,omitempty"` // another address of the same chat, which the provider knows as this one
	Note     string      `json:"note,omitempty"`
	Signal   *Signal     `json:"signal,omitempty"`
	Form     *FormSent   `json:"form,omitempty"`
	Call     *Call       `json:"call,omitempty"`
}
