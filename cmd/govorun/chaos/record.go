package chaos

import (
	"time"

	"govorun/crm/postgres"
)

// Record is what one company did and what came of it: what the phones sent and saw, what Telegram was asked, what was planted, and
// the ledger of the CRM. The oracle judges nothing else.
type Record struct {
	Kit    string
	Chats  []Chat
	Calls  []Call // of the bot, that went to a chat
	Tales  []Tale
	Poison []string // texts that could not be handled
	Undone []string // what was still to be done at the end
	Leaks  []string // secrets found in logs, each told without the secret
	Health []Health // of the replicas that lived
	Ledger postgres.Ledger
	Quiet  Quiet
	Faults Counts
	Replay Replay
}

// Chat is what one person did and saw.
type Chat struct {
	Channel, ID, Name string
	Sent              []Sent
	Seen              []Seen
	Shuffled          int  // messages that the provider was made to deliver late or out of order
	Refused           bool // Telegram was made to say that this person blocked the bot
}

// Sent is one deed of a person, under the key by which the CRM knows it. Lapsed is a press so old, and never answered, that Telegram may have given
// up to deliver it; At is when it was made.
type Sent struct {
	Key, Text string
	Lapsed    bool
	At        time.Time
}

// Seen is one message of the bot on a phone.
type Seen struct {
	ID, Text   string
	Copies     int
	Unreadable bool
}

// Call is one call of the Bot API that goes to a chat. RetryAfter is the wait that it was answered with.
type Call struct {
	At         time.Time
	Method     string
	Chat       string
	RetryAfter time.Duration
}

// Tale is a story that somebody lived through, with what the CRM must hold afterwards.
type Tale struct {
	Name    string // of the person, whom no other is called like
	Story   string
	Deals   []Want
	Notes   []string       // comments, each of which is there once
	Reads   map[string]int // words, and how many messages with them were written to the person
	Trouble string         // why it did not come to its end
	Chat    string
}

// Want is a deal that a story leaves.
type Want struct{ Pipeline, Stage, Status string }

// Quiet are the hours in which robots must not write.
type Quiet struct {
	From, To int // minutes of the day
	Zone     *time.Location
}

// Counts are how often each thing struck the company that can double a message: a replica or the database ended or stood still, an answer was lost.
type Counts struct {
	Doubling int // may double what goes out
	Garbled  int // messages of a phone that can't be opened at first; when its connection then breaks, nobody can open them ever
}

// Health is a replica early and late in its life.
type Health struct {
	Replica     string
	Early, Late Vitals
	Lived       time.Duration
}

// Vitals are what a process holds. Zero is not known.
type Vitals struct {
	Goroutines, Files, Clients int
	Memory                     int64 // bytes
}

// Replay is what came of replaying the dead letters twice.
type Replay struct {
	Tried         int
	First, Second int // rows of the poisoned texts that were received after each time
	Trouble       string
}
