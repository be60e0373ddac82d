package postgres

import (
	"encoding/json"
	"slices"
	"time"

	"govorun/crm"
)

// Changes is what the turns of one transaction write, row by row. Commit writes each kind by one statement.
type Changes struct {
	Contacts    []ContactRow // new
	Identities  []IdentityRow
	KnownBetter []ContactRow // changes of known contacts: empty strings and null fields change nothing
	Deals       []DealRow    // new
	DealMoves   []DealMove
	Events      []EventRow
	Attachments []AttachmentRow // new
	Bindings    []Binding
	Replaced    []Replacement // files that are among Bindings
	Documents   []DocumentRow
	Consents    []ConsentRow
	Signals     []SignalRow
	Out         []OutRow // with ids, conversations and addresses set
	Superseded  []Superseded
	Silenced    []Silenced
	Postponed   []Superseded // signals that wait again
	Edited      []Edited
	Talks       []*Talk
	OwnPhones   []OwnPhone
	Undos       []Undo // of what is written before or together with them; each replaces what was remembered of its deal
	Automation

	written []OutRow // by Flush
}

// ContactRow is a contact as written.
type ContactRow struct {
	ID     crm.ContactID `json:"id"`
	Name   string        `json:"name"`
	Phone  string        `json:"phone,omitempty"`
	Lang   string        `json:"lang"`
	Fields crm.Fields    `json:"fields,omitempty"`
}

// IdentityRow binds an address to a contact.
type IdentityRow struct {
	Channel  string        `json:"channel"`
	Address  string        `json:"address"`
	Contact  crm.ContactID `json:"contact_id"`
	Username string        `json:"username"`
}

// DealRow is a new deal.
type DealRow struct {
	ID           crm.DealID         `json:"id"`
	Pipeline     string             `json:"pipeline"`
	Stage        string             `json:"stage"`
	Status       crm.DealStatus     `json:"status"`
	Title        string             `json:"title"`
	Contact      crm.ContactID      `json:"contact_id,omitempty"`
	Asset        crm.AssetID        `json:"asset_id,omitempty"`
	Owner        crm.EmployeeID     `json:"owner_id,omitempty"`
	Crew         crm.CrewID         `json:"crew_id,omitempty"`
	Parent       crm.DealID         `json:"parent_id,omitempty"`
	Conversation crm.ConversationID `json:"conversation_id,omitempty"`
	UniqueKey    string             `json:"unique_key,omitempty"`
	Reason       string             `json:"lost_reason,omitempty"`
	City         string             `json:"city"`
	Source       string             `json:"source"`
	Fields       crm.Fields         `json:"fields"`
	EnteredAt    time.Time          `json:"entered_at,omitzero"` // zero: now by the database's clock
	ClosedAt     time.Time          `json:"closed_at,omitzero"`
	Human        int                `json:"human,omitempty"` // touches; gathered when it is written
	Robot        int                `json:"robot,omitempty"`
}

// DealMove changes a deal. Empty strings, a zero owner and null fields change nothing; a null inside Fields removes that field.
// EnteredAt is by the clock of the turn, which timers go by; zero is now by the database's.
type DealMove struct {
	ID        crm.DealID
	Stage     string
	Status    crm.DealStatus
	Reason    string
	Owner     crm.EmployeeID
	Free      bool // nobody is responsible any more
	Fields    crm.Fields
	EnteredAt time.Time

	human, robot int // touches, gathered when it is written
}

// EventRow is one line of the timeline.
type EventRow struct {
	Kind         string
	Author       crm.Author
	Employee     crm.EmployeeID
	Conversation crm.ConversationID
	Message      crm.MessageID
	Contact      crm.ContactID
	Deal         crm.DealID
	Data         crm.Fields
}

// AttachmentRow is a file that came in and is to be fetched.
type AttachmentRow struct {
	Conversation crm.ConversationID `json:"conversation_id"`
	Message      crm.MessageID      `json:"message_id"`
	Contact      crm.ContactID      `json:"contact_id,omitempty"`
	Kind         crm.MediaKind      `json:"kind"`
	Ref          string             `json:"ref"`
	Unique       string             `json:"unique_ref"`
	Name         string             `json:"file_name"`
	MIME         string             `json:"mime"`
	Size         int64              `json:"size"`
	Width        int                `json:"width"`
	Height       int                `json:"height"`
}

// Binding gives files of a conversation, by the provider's reference, to a deal under a name.
type Binding struct {
	Conversation crm.ConversationID
	Deal         crm.DealID
	Name         string
	Refs         []string
}

// SignalRow waits in a conversation until it is met.
type SignalRow struct {
	Conversation crm.ConversationID
	Inbound      crm.Inbound
}

// OutRow is a message to send; Cause is the inbound message whose turn wrote it.
type OutRow struct {
	crm.Outbound
	Cause crm.MessageID
}

// Silenced is a conversation whose queued messages are cancelled: all, or those that only ask.
type Silenced struct {
	Conversation crm.ConversationID
	PromptsOnly  bool
}

// Superseded is a queued prompt that another one replaces.
type Superseded struct {
	Conversation crm.ConversationID
	ID           crm.MessageID
}

// Edited is a message whose text and buttons change.
type Edited struct {
	Conversation crm.ConversationID
	ID           crm.MessageID
	Content      json.RawMessage
}

// Writes tells whether a message is one of this transaction's, so that nobody has begun to send it.
func (t *Turns) Writes(id crm.MessageID) bool {
	is := func(row OutRow) bool { return row.ID == id }
	return slices.ContainsFunc(t.Changes.Out, is) || slices.ContainsFunc(t.Changes.written, is)
}
