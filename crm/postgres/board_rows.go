package postgres

import (
	"encoding/json"
	"time"

	"govorun/crm"
)

// The rows of Board have JSON names because a page reads them as they are; fields stand in the order of the columns.

// BoardDeal is a deal with the names of all it refers to. Empty strings and zeros mean none.
type BoardDeal struct {
	ID           crm.DealID         `json:"id"`
	Pipeline     string             `json:"pipeline"`
	Stage        string             `json:"stage"`
	Status       crm.DealStatus     `json:"status"`
	Title        string             `json:"title"`
	ContactID    crm.ContactID      `json:"contact_id"`
	Contact      string             `json:"contact"`
	Phone        string             `json:"phone"`
	Machine      string             `json:"machine"`
	MachineName  string             `json:"machine_name"`
	City         string             `json:"city"`
	Address      string             `json:"address"`
	Owner        string             `json:"owner"`
	OwnerRole    string             `json:"owner_role"`
	Crew         string             `json:"crew"`
	Conversation crm.ConversationID `json:"conversation"`
	LostReason   string             `json:"lost_reason"`
	Fields       crm.Fields         `json:"fields"`
	Files        int                `json:"files"`
	CreatedAt    time.Time          `json:"created_at"`
	EnteredAt    time.Time          `json:"entered_at"`
	UpdatedAt    time.Time          `json:"updated_at"`
	ClosedAt     *time.Time         `json:"closed_at"`
}

// BoardContact is a contact with the number of its deals.
type BoardContact struct {
	ID        crm.ContactID `json:"id"`
	Name      string        `json:"name"`
	Phone     string        `json:"phone"`
	Lang      string        `json:"lang"`
	Fields    crm.Fields    `json:"fields"`
	Deals     int           `json:"deals"`
	CreatedAt time.Time     `json:"created_at"`
	UpdatedAt time.Time     `json:"updated_at"`
}

// BoardConversation is a conversation with its session as stored.
type BoardConversation struct {
	ID        crm.ConversationID `json:"id"`
	Channel   string             `json:"channel"`
	Chat      string             `json:"chat"`
	Group     bool               `json:"group"`
	Title     string             `json:"title"`
	ContactID crm.ContactID      `json:"contact_id"`
	Contact   string             `json:"contact"`
	Phone     string             `json:"phone"`
	Employee  string             `json:"employee"`
	Role      string             `json:"role"`
	Operator  string             `json:"operator"`
	Lang      string             `json:"lang"`
	Session   json.RawMessage    `json:"session"`
	Prompt    crm.MessageID      `json:"prompt"`
	DueAt     *time.Time         `json:"due_at"`
	Misses    int                `json:"misses"`
	Blocked   bool               `json:"blocked"`
	CreatedAt time.Time          `json:"created_at"`
	UpdatedAt time.Time          `json:"updated_at"`
}

// BoardMessage is a message of either direction; those that went out, or will, are the outbox.
type BoardMessage struct {
	ID             crm.MessageID      `json:"id"`
	Conversation   crm.ConversationID `json:"conversation"`
	Channel        string             `json:"channel"`
	Chat           string             `json:"chat"`
	Direction      string             `json:"direction"`
	Author         crm.Author         `json:"author"`
	Ref            string             `json:"ref"`
	Kind           string             `json:"kind"`
	Status         string             `json:"status"`
	Content        json.RawMessage    `json:"content"`
	Cause          crm.MessageID      `json:"cause"`
	Card           string             `json:"card"`
	Attempts       int                `json:"attempts"`
	MaybeDuplicate bool               `json:"maybe_duplicate"`
	Reason         string             `json:"reason"`
	NotBefore      *time.Time         `json:"not_before"`
	CreatedAt      time.Time          `json:"created_at"`
	SentAt         *time.Time         `json:"sent_at"`
}

// BoardEvent is a line of a timeline.
type BoardEvent struct {
	ID           crm.EventID        `json:"id"`
	At           time.Time          `json:"at"`
	Kind         string             `json:"kind"`
	Author       crm.Author         `json:"author"`
	Employee     string             `json:"employee"`
	Conversation crm.ConversationID `json:"conversation"`
	Message      crm.MessageID      `json:"message"`
	Contact      crm.ContactID      `json:"contact"`
	Deal         crm.DealID         `json:"deal"`
	Data         crm.Fields         `json:"data"`
}

// BoardFile is a file that came in. Hash is empty until its bytes are stored.
type BoardFile struct {
	ID           crm.AttachmentID   `json:"id"`
	Conversation crm.ConversationID `json:"conversation"`
	Message      crm.MessageID      `json:"message"`
	Deal         crm.DealID         `json:"deal"`
	Name         string             `json:"name"`
	Kind         string             `json:"kind"`
	FileName     string             `json:"file_name"`
	MIME         string             `json:"mime"`
	Size         int64              `json:"size"`
	Width        int                `json:"width"`
	Height       int                `json:"height"`
	Hash         string             `json:"-"`
	Status       string             `json:"status"`
	Reason       string             `json:"reason"`
	CreatedAt    time.Time          `json:"created_at"`
}

// BoardMachine is an asset as a list shows it.
type BoardMachine struct {
	Code    string     `json:"code"`
	Name    string     `json:"name"`
	City    string     `json:"city"`
	Address string     `json:"address"`
	Fields  crm.Fields `json:"fields"`
}
