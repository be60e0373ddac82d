package turn

import (
	"time"

	"govorun/crm"
)

// Trace is what one turn did and how long it took: for a page that shows it and for metrics. It holds no text.
type Trace struct {
	Channel      string
	Chat         string
	Conversation crm.ConversationID
	Message      crm.MessageID // zero for a timeout
	Kind         crm.InboundKind
	Fresh        bool
	Dialog       string
	From, To     string // states
	Effects      []string
	Arrived      time.Time
	Stored       time.Duration // storing, locking and reading, shared by the group
	Stepped      time.Duration
	Committed    time.Duration // writing and commit, shared by the group
	Group        int           // turns that shared the commit
}
