// Package crm is the memory's vocabulary: contacts, conversations, deals, what came in, what goes out and what happened.
//
// It knows nothing of SQL, of providers or of dialogs and uses the standard library only. Every other room speaks in its types:
// channels hand in an Inbound and send an Outbound, dialogs and rules return Effects, crm/postgres stores them.
package crm

import "time"

// Ids of the entities. Each is positive when set; zero means none.
type (
	ContactID      int64
	ConversationID int64
	MessageID      int64
	EmployeeID     int64
	CrewID         int64
	AssetID        int64
	DealID         int64
	AttachmentID   int64
	TaskID         int64
	EventID        int64
)

// Address says where a person or a group is reached: the channel account ("telegram", or "telegram:second" for another bot)
// and the provider's own address in it (a chat id, a phone JID).
type Address struct {
	Channel string `json:"channel"`
	Chat    string `json:"chat"`
}

// Fields hold values that a kit declares: answers, deal fields, details of a machine. Values are what JSON knows.
type Fields map[string]any

// Text returns the field as text, empty when it is missing or of another type.
func (f Fields) Text(key string) string {
	s, _ := f[key].(string)
	return s
}

// Contact is a person outside the company. Phone is E.164 or empty, Lang a language of the kit or empty.
type Contact struct {
	ID     ContactID
	Name   string
	Phone  string
	Lang   string
	Fields Fields
}

// Employee is a person of the company. Role and City are words of the kit.
type Employee struct {
	ID     EmployeeID
	Name   string
	Role   string
	City   string
	Crew   CrewID
	Lang   string
	Active bool
}

// Crew is a team of employees in one city. Chat, when set, is the group in which its cards stand.
type Crew struct {
	ID   CrewID
	Name string
	Kind string
	City string
	Chat Address
}

// Asset is a thing that deals are about: a machine, a licence, a vehicle. Code is what people read on it, unique within Kind.
// QRVersion is raised to make all printed codes of this asset worthless.
type Asset struct {
	ID        AssetID
	Kind      string
	Code      string
	Name      string
	City      string
	Address   string
	Crew      CrewID
	Fields    Fields
	QRVersion int
	Disabled  bool
}

// DealStatus is the outcome of a deal so far.
type DealStatus string

// The three statuses of a deal; the stage says more.
const (
	DealOpen DealStatus = "open"
	DealWon  DealStatus = "won"
	DealLost DealStatus = "lost"
)

// Deal is one piece of work for one person, standing on a stage of a pipeline. Its ID is the number people see.
type Deal struct {
	ID           DealID
	Pipeline     string
	Stage        string
	Status       DealStatus
	Title        string
	Contact      ContactID
	Asset        AssetID
	Owner        EmployeeID
	Crew         CrewID
	Parent       DealID
	Conversation ConversationID // where it was opened
	UniqueKey    string         // at most one open deal bears it; empty means no limit
	LostReason   string
	Fields       Fields
	EnteredAt    time.Time // when it entered the stage
	CreatedAt    time.Time
	ClosedAt     time.Time
}

// Conversation is one chat with one person or group on one channel account.
type Conversation struct {
	ID       ConversationID
	Address  Address
	Group    bool
	Contact  ContactID
	Employee EmployeeID
	Lang     string
	Operator EmployeeID // who has taken the talk over; the bot is silent while set
	Blocked  bool       // the person blocked the bot
}
