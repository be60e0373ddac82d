// Package bots is the ears and the mouth: channels decode what people do into crm.Inbound and send crm.Outbound.
//
// It decides nothing and knows neither dialogs nor SQL. A channel is one folder below; the outbox here sends for all of them.
package bots

import (
	"context"
	"io"

	"govorun/crm"
)

// Inbox takes what came in and returns when it is committed. Only then may a channel acknowledge it to its provider.
// An error that is crm.ErrUnavailable means nothing was stored: do not acknowledge, the provider delivers it again.
// Calls for one chat must not overlap; calls for different chats may and should, they share a commit.
type Inbox interface {
	Accept(ctx context.Context, in crm.Inbound) (Receipt, error)
}

// Receipt is what a channel shows at once, without the outbox, because it is worthless later: Toast answers a press
// (empty: just stop the spinner). Fresh is false for a redelivery.
type Receipt struct {
	Toast string
	Fresh bool
}

// Channel is one account at one provider.
type Channel interface {
	// Name is the channel part of crm.Address, such as "telegram".
	Name() string
	// Run listens until ctx ends, handing everything to the inbox in order per chat. It returns nil when ctx ended
	// and nothing accepted is unacknowledged, else why it can't go on.
	Run(ctx context.Context, inbox Inbox) error
	// Send makes one call to the provider and returns the provider's id of what was sent. An error is a *crm.SendError.
	Send(ctx context.Context, out crm.Outbound) (ref string, err error)
}

// Fetcher is a channel that can download what crm.Media refers to. It writes at most limit bytes and then fails with
// ErrTooLarge; a file that is gone fails with ErrGone. Errors hold no token.
type Fetcher interface {
	Fetch(ctx context.Context, media crm.Media, limit int64, to io.Writer) error
}
