package crm

import "time"

// Effect is something that a dialog, a staff action or a rule decided. Effects are values in the past tense: they are
// applied in the turn's transaction and kept as history. Ids inside were given before, so that texts can name them.
type Effect interface{ effect() }

// DealOpened opens a deal; Deal.ID is already taken from the sequence.
type DealOpened struct{ Deal Deal }

// DealMoved moves a deal to a stage of its pipeline. From, when set, is the stage it must stand on, else the move is refused.
type DealMoved struct {
	Deal   DealID
	From   string
	Stage  string
	Status DealStatus
	Reason string // of a loss
}

// DealChanged sets fields of a deal; a nil value removes the field.
type DealChanged struct {
	Deal   DealID
	Fields Fields
}

// DealOwned makes an employee responsible, None when zero. When Free is set, only if nobody is: the first wins.
type DealOwned struct {
	Deal  DealID
	Owner EmployeeID
	Free  bool
}

// Commented adds a line to the timeline of a deal.
type Commented struct {
	Deal DealID
	Text string
}

// Attached binds files of the current message, or of the session's answers, to a deal under a name of the kit ("photos"). With a Place the
// one file takes the place of the deal's file of that name which stands there, counted from 1.
type Attached struct {
	Deal  DealID
	Name  string
	Media []Media
	Place int
}

// ContactChanged sets what is known of the contact. Empty strings change nothing.
type ContactChanged struct {
	Contact ContactID
	Name    string
	Phone   string
	Lang    string
	Fields  Fields
}

// TaskAdded gives somebody something to do. Owner means whoever owns the deal when the task is stored; nobody owning it, the Role gets it.
// Points (below zero) are taken from the assignee when the task is overdue. Card, when set, is the card shown with it.
type TaskAdded struct {
	Deal     DealID
	Assignee EmployeeID
	Owner    bool
	Role     string // when nobody is named
	Title    string
	DueAt    time.Time
	Points   int
	Card     string
}

// Notified sends the card of a deal to a role or crew (Card) or a plain text (Key with Args) to the deal's contact.
type Notified struct {
	Deal DealID
	Role string // of the kit; members of the deal's crew first, else of its city, else all
	Card string // of the kit
	Key  string
	Args Fields
	To   Recipient

	Employee EmployeeID // whom ToEmployee means; when they can't be reached any more, whoever owns the deal
	// Advert says that it advertises: not told to a contact who refuses that.
	Advert bool
}

// Recipient says whom a notice is for.
type Recipient string

// Recipients.
const (
	ToRole    Recipient = "role"
	ToOwner   Recipient = "owner"
	ToContact Recipient = "contact"

	ToEmployee Recipient = "employee"
)

// DialogWanted starts a dialog in the conversation of the deal's contact, or in that of an employee, in a turn of its own.
type DialogWanted struct {
	Deal     DealID
	Dialog   string
	Slots    Fields
	Employee EmployeeID
}

// HandedOver asks a person of the role to take over the talk; the dialog waits where it stands.
type HandedOver struct {
	Role   string
	Reason string
}

// LinkKind says how two deals belong together.
type LinkKind string

// Kinds of links.
const (
	LinkChild  LinkKind = "child"  // Other was opened by Deal and its result comes back
	LinkMirror LinkKind = "mirror" // both show one thing and are kept in step
)

// DealLinked binds two deals. Name is the kit's name of the link.
type DealLinked struct {
	Deal  DealID
	Other DealID
	Kind  LinkKind
	Name  string
}

// Pick says how one of several possible owners is chosen.
type Pick string

// Ways to pick an owner.
const (
	PickLoad  Pick = "load"  // who has the fewest open deals
	PickQueue Pick = "queue" // who has waited longest since the last one
)

// OwnerWanted asks the distribution for an owner: an employee of Role in City with Skill for Source who is at work, below
// the cap and not among Tried. Who doesn't take the deal Within that time passes it on; when nobody is there, Head gets it.
type OwnerWanted struct {
	Deal   DealID
	Role   string
	City   string
	Skill  string
	Source string
	Pick   Pick
	Cap    int // open deals a person may have, 0 for no limit
	Within time.Duration
	Head   string // role
	Tried  []EmployeeID
}

// TimerSet makes something happen to a deal later. Rule names what of the kit; Step counts repetitions from 0. A timer counts only while
// the deal stands on Stage since Since; an empty stage means whatever the stage.
type TimerSet struct {
	Deal  DealID
	Kind  TimerKind
	Rule  string
	Step  int
	Stage string
	Since time.Time
	DueAt time.Time
	Data  Fields
}

// TimerKind says what fires.
type TimerKind string

// Kinds of timers.
const (
	TimerIdle   TimerKind = "idle"   // a rule about a deal that stands still
	TimerRemind TimerKind = "remind" // a reminder to the contact
	TimerTake   TimerKind = "take"   // the owner has not taken the deal
	TimerTask   TimerKind = "task"   // a task is overdue
	TimerRecall TimerKind = "recall" // an unprocessed deal is shown again
	TimerVisit  TimerKind = "visit"  // the contact is reminded of a visit
)

// Rated gives an employee or a contact points (or takes them), with a reason: a text key.
type Rated struct {
	Employee EmployeeID
	Contact  ContactID
	Deal     DealID
	Points   int
	Reason   string
}

// Recorded is an event that changes nothing else: "dialog_started", "dialog_finished", "unknown_code".
type Recorded struct {
	Kind string
	Deal DealID
	Data Fields
}

// Agreed keeps that a contact agreed to the version of something: a consent, by the Digest (SHA-256, hex) of the text that was shown, or, without
// one, the document of this name that the deal was sent last.
type Agreed struct {
	Contact ContactID
	Deal    DealID
	Name    string
	Version int
	Digest  string
}

// DocumentWanted makes a file of a text for the contact of a deal. Text is marked up as crm/documents says, and may hold sealed values.
type DocumentWanted struct {
	Deal    DealID
	Name    string
	Version int
	Title   string
	Text    string
}

// HookCalled tells an address outside, by its name in the kit. Data is all that leaves the house.
type HookCalled struct {
	Hook    string
	Deal    DealID
	Contact ContactID
	Data    Fields
}

func (HookCalled) effect()     {}
func (DealOpened) effect()     {}
func (DealMoved) effect()      {}
func (DealChanged) effect()    {}
func (DealOwned) effect()      {}
func (Commented) effect()      {}
func (Attached) effect()       {}
func (ContactChanged) effect() {}
func (TaskAdded) effect()      {}
func (Notified) effect()       {}
func (DialogWanted) effect()   {}
func (HandedOver) effect()     {}
func (DealLinked) effect()     {}
func (OwnerWanted) effect()    {}
func (TimerSet) effect()       {}
func (Rated) effect()          {}
func (Recorded) effect()       {}
func (Agreed) effect()         {}
func (DocumentWanted) effect() {}
