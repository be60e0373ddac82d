package bots

import (
	"context"
	"time"

	"govorun/crm"
)

// OutboxStore is the table behind the outbox. All times in it are of the database's clock; durations cross this border, so
// that a program whose clock is wrong sends nothing too early or too late.
type OutboxStore interface {
	OutboxLease
	OutboxQueue
	OutboxRecord
}

// OutboxLease decides which process sends for a channel account.
type OutboxLease interface {
	// Lead waits until this process is the one sender of the channel. It calls entered as soon as a sender elsewhere can know
	// of this process by Alone. The lease ends when the right to send is lost. Release gives it up; clean says that
	// everything sent is marked, so that the next sender need not doubt it.
	Lead(ctx context.Context, channel string, entered func()) (lease context.Context, release func(clean bool), err error)
	// Sure tells whether the right to send was confirmed in the last moments. It need not be over when false: but a process that stood still, and
	// may have a successor, finds it so until it knows, and begins no call.
	Sure(channel string) bool
	// Alone says whether no other process shares the channel, so that no rows but ours appear.
	Alone(ctx context.Context, channel string) (bool, error)
	// Beat records that the sender lives.
	Beat(ctx context.Context, channel string) error
}

// OutboxQueue is what waits.
type OutboxQueue interface {
	// Doubt flags the rows that a sender which did not end cleanly may have sent, and gives their number.
	Doubt(ctx context.Context, channel string) (int, error)
	// Expire cancels what has been due for longer than age, and gives the number.
	Expire(ctx context.Context, channel string, age time.Duration) (int, error)
	// Holds gives for how long chats, and with an empty chat the whole account, must not be written to.
	Holds(ctx context.Context, channel string) (map[string]time.Duration, error)
	// Due gives what may be sent, ordered by priority and id: at most room[p] of each priority p, none of known and none of
	// the full conversations. A row that failed before comes even before its time, because what follows must wait for
	// it. The second result is the database's now.
	Due(ctx context.Context, channel string, room [3]int, known []crm.MessageID, full []crm.ConversationID) ([]crm.Outbound, time.Time, error)
	// Gone gives those of the rows that are not queued any more.
	Gone(ctx context.Context, conversations []crm.ConversationID, ids []crm.MessageID) ([]crm.MessageID, error)
	// Target gives the provider's id of a message, empty when it has none, and whether it still waits to be sent.
	Target(ctx context.Context, conversation crm.ConversationID, id crm.MessageID) (ref string, waits bool, err error)
}

// OutboxRecord is what became of it.
type OutboxRecord interface {
	// Sent marks rows with the provider's ids. A row that has a Target and is an OutMessage was sent in its place: the
	// target gets the id.
	Sent(ctx context.Context, rows []crm.Outbound, refs []string) error
	// Settle records a refusal: Retry (After, with out.Attempts counted already), Postpone (After, nothing counted any more),
	// GiveUp, Blocked, Readdress and Unthread (After).
	Settle(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error
	// Bury makes a dead letter of a row.
	Bury(ctx context.Context, out crm.Outbound, verdict *crm.SendError) error
	// Hold keeps a chat, or with an empty chat the whole account, silent.
	Hold(ctx context.Context, to crm.Address, wait time.Duration, reason string) error
	// SetState records the state of the account for people.
	SetState(ctx context.Context, channel, state, detail string) error
}
