package dialogs

import (
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// Kit is a business as files, read and checked: everything below is known to fit together.
type Kit struct {
	Name        string
	Languages   []string // the first is the default
	Zone        *time.Location
	Home        string // the dialog of a plain start and of words that fit nothing
	Human       string // the role that takes talks over
	Hours       Hours
	Holidays    map[string]bool // days off as 2026-12-31, in the zone of whoever asks
	Silence     Silence         // when robots are silent
	Polls       bool            // questions with options are polls where a channel has them
	Reminders   int             // robot reminders in a row that nobody answered: a deal never gets more
	Cities      map[string]City
	Sources     map[string]*Source // where leads come from
	Reports     *Reports           // what /reports counts; nil when the kit doesn't say
	spelt       []slot.City        // the same, as people write them
	means       map[string]string  // folded spelling → city
	Head        string             // the role that gets what nobody takes
	Guard       Guard              // what robots may write by themselves from a number that may be banned
	Retention   []*Retention       // in the order of the file
	ResumeAfter time.Duration      // silence after which one is shown where one is
	Roles       map[string]string
	Duties      map[string]*Role // what roles see and may, by their names
	Pipelines   map[string]*Pipeline
	Fields      map[string]*Field   // of deals, that stages demand
	Visits      map[string]*Visit   // kinds of visits that crews make
	Consents    map[string]*Consent // what people agree to, documents among it
	Links       []*Link
	Unique      []*Unique
	Rules       []*Rule
	Dialogs     map[string]*Definition
	Cards       map[string]*Card
	Forms       map[string]*Form
	Calls       *Form // what follows a missed call of somebody without an open deal; nil when nothing does
	CallNext    *CallNext
	Hooks       map[string]*Hook
	Map         string // the address of a map, with {place} in it
	Texts       *locales.Catalog
	Knowledge   *Knowledge          // nil when the kit has none
	Book        *rules.Book         // pipelines, links and rules as functions
	Warnings    Problems            // worth a look, but nothing breaks
	files       files               // as read, from which Source takes
	pictures    files               // what “picture” of states shows, by name
	raw         rawTexts            // likewise
	keysOf      map[string][]string // text → keys under which it stands in some language
	reminders   map[string]*Remind
	knows       bool // some expression asks what was known of a contact before
	said        commonWords
	compares    bool     // it matters whether a photo came before
	names       []string // text keys of roles, pipelines, stages and cards
}

// Hours are the working hours in the kit's zone, minutes since midnight by weekday; an empty day is a day off.
type Hours [7]struct{ Open, Close int }

// Definition is a checked dialog. Version is a hash of its file and of the texts it uses.
type Definition struct {
	Name    string
	File    string
	Version string
	Demand  bool // generated: it asks whoever moves a deal for what the stage demands
	// ContinueIn is the provider with which its person goes on once it has led to a deal, empty for where they are.
	ContinueIn string
	Start      string
	Steps      []string // states counted in "step 3 of 6"
	Entries    []Entry
	Slots      map[string]*Slot
	States     map[string]*State
	machine    machines // checked transition tables, pooled
	texts      []string // text keys it uses, sorted
}

// Entry is a way into a dialog: exactly one of Link, Command, Words is set.
type Entry struct {
	Link    string // prefix of a deep link: "m" for ?start=m_…
	Slot    string // what the link fills
	Command string
	Words   string // text key of a list of words, separated by "|"
}

// Slot is a named answer.
type Slot struct {
	Name     string
	Type     string // a name of dialogs/slot
	Kind     string // of asset
	Visit    string // kind of visit, of a window
	Currency string
	Min, Max float64  // of number and money (major units), length of text, count of photos
	Regions  []string // default regions of phone, letters of plate
	Secret   bool
	Options  []string // of choice and many, when not given by a state: text keys, the id is what follows the last dot
	Day      bool     // a date without time
	Future   bool
	// Elsewhere lets a city be that the kit doesn't name.
	Elsewhere bool
	Checks    slot.Checks // of photos
	Side      int         // pixels that the shorter side of a photo has at least
}

// State is one place in a dialog. It waits for input when it has Ask (and then Slot, Options or Accept), else it acts and goes on.
type State struct {
	Name     string
	Line     int
	Ask      string // text key of the question
	Say      string // text key of a statement made on entering
	Hint     string // text key shown instead after a second wrong answer
	Picture  string
	Slot     string
	Share    string // contact, location
	Optional bool
	Edit     bool // the question replaces the message whose button was pressed
	Options  []StateOption
	Accept   []Accept
	Do       []Action // on entering
	Next     []Branch // where to go when answered, or at once
	Timeouts []Timeout
	Call     *Call
	End      string           // "done" or "cancelled"
	Args     map[string]*Expr // extra placeholders of its texts
}

// StateOption is a choice offered by a state.
type StateOption struct {
	ID  string
	Key string
	If  *Expr
	To  string // empty: Next
	Do  []Action
	Set map[string]*Expr
}

// Accept is something else a state takes besides its main answer. It fills Slot, acts, says, and stays, unless To is set.
type Accept struct {
	Slot string
	Do   []Action
	Say  string
	To   string
}

// Branch leads to a state when its condition holds; the last one has none.
type Branch struct {
	If *Expr
	To string
}

// Timeout fires when nobody answered for After since the question: it says something or leads on. The timeouts of a state are
// sorted by After, each fires once. Daytime moves it out of the night.
type Timeout struct {
	After   time.Duration
	Say     string
	To      string
	Do      []Action
	Daytime bool
}

// Call runs another dialog and comes back. With fills its slots from expressions of ours; Take copies its answers back, our slot
// to the name of its slot.
type Call struct {
	Dialog string
	With   map[string]*Expr
	Take   map[string]string
}

// Action is one effect as the file has it; exactly one pointer is set. Dialogs and cards share it.
type Action struct {
	OpenDeal     *OpenDeal
	UseDeal      *Expr // makes an existing deal the one this dialog is about
	SetDeal      map[string]*Expr
	MoveDeal     *MoveDeal
	Own          *Expr // "me" or an employee's id
	Comment      *Expr
	Attach       string // a slot
	Book         string // a slot of type window: the visit of the deal
	Visit        string // a kind of visit: its dialog begins in the chat of whoever acts
	CancelVisit  string // a kind of visit
	SetContact   map[string]*Expr
	Task         *Task
	Notify       *Notify
	HandOver     *HandOver
	StartDialog  *StartDialog
	FillDeal     []string // slots: those that are filled become fields of the deal
	Assign       *Assign
	Rate         *Rate
	Remind       *Remind
	Set          map[string]*Expr // slots of this dialog
	Clear        []string         // slots
	Agree        string           // a consent or document that the contact agrees to
	SendDocument string
	Record       string
	Replace      *Replace
	HandBack     *HandBack
	AskBack      *AskBack
	Hook         *CallMe
}

// OpenDeal opens a deal for the contact. Unique gives a key that only one open deal may bear: the second joins the first.
type OpenDeal struct {
	Pipeline string
	Stage    string
	Title    *Expr
	Asset    string // slot
	Unique   *Expr
	Fields   map[string]*Expr
}

// MoveDeal moves the deal to a stage of its pipeline.
type MoveDeal struct {
	Stage  string
	Reason *Expr
}

// Task gives a role, or the owner of the deal, something to do, Due after now. Points (below zero) are taken when it is overdue.
type Task struct {
	Role   string // also when nobody owns the deal
	To     crm.Recipient
	Title  string // text key
	Due    time.Duration
	Points int
	Card   string
}

// Notify shows the deal's card to a role, or tells the contact a text.
type Notify struct {
	Role string
	Card string
	To   crm.Recipient
	Key  string
	// Advert says that it advertises: the contact may have refused that.
	Advert bool
}

// HandOver asks for a person.
type HandOver struct {
	Role   string
	Reason string // text key
}

// StartDialog starts a dialog in the contact's own conversation.
type StartDialog struct {
	Dialog string
	With   map[string]*Expr
}
