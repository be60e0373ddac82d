// Package dialogs is the mind: a kit's dialogs, read from files, checked, and run one step at a time.
//
// Step(session, input, env) gives a session, effects and what to say. It is pure: no SQL, no network, no clock, no logging;
// time, ids and randomness come in Env, what must be looked up is named by Needs and comes in Input.Facts.
package dialogs

import (
	"time"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// Session is where a conversation stands in a dialog. It is a value: stored as JSON in the conversation's row, never shared.
// An empty Dialog means that nothing is going on.
type Session struct {
	Dialog   string           `json:"dialog,omitempty"`
	Version  string           `json:"version,omitempty"` // of the definition it began on
	State    string           `json:"state,omitempty"`
	Slots    map[string]Value `json:"slots,omitempty"`
	Trail    []string         `json:"trail,omitempty"`    // states answered so far, for "back"
	Nonce    string           `json:"nonce,omitempty"`    // of the prompt that is open
	Previous string           `json:"previous,omitempty"` // the nonce before: a press of it was a double tap
	Failures int              `json:"failures,omitempty"`
	Timeout  int              `json:"timeout,omitempty"` // how many of the state's timeouts have fired
	Unheard  int              `json:"unheard,omitempty"` // how many have fired, in whatever state, since the person did something
	Asked    time.Time        `json:"asked,omitzero"`    // when the prompt was made
	Deal     crm.DealID       `json:"deal,omitempty"`    // the deal this dialog is about
	Look     string           `json:"look,omitempty"`    // which free windows are shown: a page of days, a day, a page of its times
	Pending  string           `json:"pending,omitempty"` // a question of the grammar itself that is open: confirm_cancel, resume, switch, language
	Switch   *Input           `json:"switch,omitempty"`  // what would start another dialog, while Pending is "switch"
	Stack    []Frame          `json:"stack,omitempty"`   // callers, the outermost first
	Tour     int              `json:"tour,omitempty"`    // where an employee stands in the tour; dialogs pass it on
	Late     *Late            `json:"late,omitempty"`    // whose other parts are no answers
}

// Frame is a dialog that waits for the sub-dialog it called.
type Frame struct {
	Dialog  string           `json:"dialog"`
	Version string           `json:"version"`
	State   string           `json:"state"`
	Slots   map[string]Value `json:"slots,omitempty"`
	Trail   []string         `json:"trail,omitempty"`
	Deal    crm.DealID       `json:"deal,omitempty"`
}

// Value is the answer in one slot.
type Value = slot.Value

// Asset is an asset with what is known of its open deals.
type Asset = slot.Asset

// Input is one thing that happened, with the facts that Needs asked for.
type Input struct {
	crm.Inbound
	Facts Facts `json:"-"`
}

// Facts are what the turn looked up for this input. A nil Asset after it was needed means unknown code.
type Facts struct {
	Asset   *Asset
	Same    *crm.Deal   // the open deal with the unique key that the step wants, or with the phone's contact
	Unique  []string    // the keys of the requests that the step opens, in their order: by them the kit tells each from others, when its dialog names none
	Taken   []*crm.Deal // the open deals that bear one of those keys already
	Slowed  bool        // too many unknown codes lately: the answer is a friendly pause whatever the code
	Fields  crm.Fields
	Started time.Time            // when the known contact began
	Seen    map[string]slot.Seen // by crm.Media.Unique: pictures of this input that are known from before
	Visits  map[Need]*VisitFacts
	Wanted  *crm.Deal // the deal for which something is wanted that was put aside
	Was     string    // what an edited message said before
	Person  *Person   // behind the number that the input gives
	Known   *Known    // what the business knows of the input, as a question; nil when nobody looked
	Source  *Origin   // of the link, when its code is known
}

// Need names a fact that Step wants before it can take this input.
type Need struct {
	Kind  NeedKind
	Asset string // kind of asset
	Text  string // code as typed, or payload of a link without its prefix
	Visit string // kind of visit whose free windows are needed
	City  string // of the visit, as far as the step knows; the turn may know better
	Skill string
	Deal  crm.DealID
	Own   bool // the provider vouches that the number in Text is the person's
}

// NeedKind is what sort of fact is needed.
type NeedKind string

// Needs.
const (
	NeedAssetByLink NeedKind = "asset_by_link" // Text is a signed payload
	NeedAssetByCode NeedKind = "asset_by_code" // Text is what the person typed
	NeedSource      NeedKind = "source"        // Text is the code of a link
	NeedVisits      NeedKind = "visits"        // Visit, City, Skill and Deal say which
	NeedPerson      NeedKind = "person"        // Text is a phone number in E.164
	NeedAnswer      NeedKind = "answer"        // Text is a question
)

// Env is what a step may know of the world. One turn has one Env.
type Env struct {
	Now      time.Time // in the person's zone
	Lang     string    // a language of the kit
	Contact  crm.Contact
	Employee *crm.Employee // set when the person works here
	Channel  Capabilities
	NewDeal  func() crm.DealID // takes the next number
	NewNonce func() string     // 6 characters, unpredictable
	Knows    bool              // the business answers questions: see Knowledge
	Unseen   bool              // the question that waits was not sent yet, and never will be when this step says something
	// Seal makes a token of a secret answer, with the mask that people see in its place; nil keeps answers as they are.
	Seal func(plain, mask string) string
}

// Capabilities say what a channel can show.
type Capabilities struct {
	Buttons bool // else options are numbered text
	Contact bool // a key that shares the phone number
	Polls   bool // else options are text; used when the kit wants it
}

// Result is what one step decided. Session is the new one (empty Dialog when finished). Say is what to tell the person:
// all texts of one step become one message. Toast, a text key, answers a press that changes nothing. DueAt is when the
// session's timer fires next, zero for never. Lang, when set, is a newly chosen language.
type Result struct {
	Session Session
	Effects []crm.Effect
	Say     []Say
	Toast   string
	DueAt   time.Time
	Lang    string
	// Needs are facts without which the step could not be taken: nothing has happened, it is to be taken again with them.
	Needs []Need
	// Edit means that the answer belongs into the message whose button was pressed, instead of a new one.
	Edit bool
	// Hold means that more parts may follow (an album): wait before sending, so that one answer is enough.
	Hold bool
	// HandOver means that a person was asked for; the bot goes on only when handed back.
	HandOver bool
	// Asked is a question that nobody has written an answer for: it is to be collected.
	Asked *Asked
}

// Say is a text of the kit or product with its arguments, and when it asks, what may be pressed.
type Say struct {
	Key      string
	Args     map[string]any // plain values; rendering escapes them
	Progress [2]int         // step, steps; zero when not counted
	Options  []Option       // in order; rendered as buttons or as numbered text
	Share    string         // "contact" or "location": a key that shares it
	Nonce    string         // set on prompts
	Several  bool           // more than one of the options may be chosen
	Picture  string         // file of the kit shown above the text
}

// Option is one thing that may be pressed. ID is stable within the state; grammar options (back, skip, human, …) begin with ":".
type Option struct {
	ID   string
	Key  string // text key; empty when Text is given
	Text string
	Args map[string]any
}
