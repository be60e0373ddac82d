package crm

import "time"

// BroadcastID is the number of a broadcast, which people see; positive when set.
type BroadcastID int64

// BroadcastStatus says how far a broadcast is.
type BroadcastStatus string

// What becomes of a broadcast: its people are gathered, its author is asked for the texts, sees it ready and lets it be sent; it may be stopped and
// go on. Dropped is one that was given up, before the first message or after some.
const (
	BroadcastGathering BroadcastStatus = "gathering"
	BroadcastAsking    BroadcastStatus = "asking"
	BroadcastReady     BroadcastStatus = "ready"
	BroadcastSending   BroadcastStatus = "sending"
	BroadcastStopped   BroadcastStatus = "stopped"
	BroadcastDone      BroadcastStatus = "done"
	BroadcastDropped   BroadcastStatus = "dropped"
)

// ReceiverStatus says what became of a broadcast for one person.
type ReceiverStatus string

// What becomes of a broadcast for a person. Queued is in the outbox, pulled was taken back out of it and waits until it is certain that it was not
// on its way. From blocked on they got nothing: the bot is blocked, they want no broadcasts, have no chat with us, work here, or are another one of
// the list.
const (
	ReceiverWaiting   ReceiverStatus = "waiting"
	ReceiverQueued    ReceiverStatus = "queued"
	ReceiverPulled    ReceiverStatus = "pulled"
	ReceiverSent      ReceiverStatus = "sent"
	ReceiverFailed    ReceiverStatus = "failed"
	ReceiverBlocked   ReceiverStatus = "blocked"
	ReceiverOptedOut  ReceiverStatus = "opted_out"
	ReceiverNoChat    ReceiverStatus = "no_chat"
	ReceiverStaff     ReceiverStatus = "staff"
	ReceiverDuplicate ReceiverStatus = "duplicate"
)

// BroadcastText is what a broadcast says to those of one language: HTML as of an Outbound, and at most one photo.
type BroadcastText struct {
	Text  string  `json:"text"`
	Photo *Upload `json:"photo,omitempty"`
	// Channel is where the photo's Ref is known; others need its Hash.
	Channel string `json:"channel,omitempty"`
}

// BroadcastRun is one broadcast: one text to many people. Said is whom it is for, in words; Texts are by language, Langs those of its people, the most frequent
// first. Counts are its people by status, Answered those who wrote within three days of getting it, Left those who wanted no more broadcasts then.
type BroadcastRun struct {
	ID           BroadcastID
	Employee     EmployeeID
	EmployeeName string
	Conversation ConversationID
	Status       BroadcastStatus
	Said         string
	Langs        []string
	Cities       []string // of those who were to get it
	Texts        map[string]BroadcastText
	Album        string
	Counts       map[ReceiverStatus]int
	Answered     int
	Left         int
	CreatedAt    time.Time
	AskedAt      time.Time
	StartedAt    time.Time
	EndedAt      time.Time
}

// Receivers is how many people get a broadcast, or have got it.
func (b BroadcastRun) Receivers() int {
	return b.Counts[ReceiverWaiting] + b.Counts[ReceiverQueued] + b.Counts[ReceiverPulled] + b.Counts[ReceiverSent] + b.Counts[ReceiverFailed]
}

// Pending is how many have still to get it.
func (b BroadcastRun) Pending() int {
	return b.Counts[ReceiverWaiting] + b.Counts[ReceiverQueued] + b.Counts[ReceiverPulled]
}

// NoAdverts is the field of a contact who wants no broadcasts and no reminders that advertise. What they ask is answered all the same.
const NoAdverts = "no_adverts"

// RefusesAdverts tells whether a contact wants no broadcasts and no reminders that advertise.
func (c Contact) RefusesAdverts() bool {
	refuses, _ := c.Fields[NoAdverts].(bool)
	return refuses
}
