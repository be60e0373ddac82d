// Package rules is the part of the CRM that acts by itself: what a stage, a link of deals or a rule of the kit makes follow from
// what people and robots did. It is pure: it sees deals through a Memory, decides, and returns effects; it knows no SQL, no files
// of kits, no clock and no texts. Rooms that read kits fill a Book, rooms that store deals give a Memory and apply what is done.
package rules

import (
	"time"

	"govorun/crm"
)

// Place is a stage of a pipeline, both by their names in the kit.
type Place struct{ Pipeline, Stage string }

func (p Place) String() string { return p.Pipeline + "." + p.Stage }

// Book is everything that a kit says about deals that act by themselves. Head is the role that gets what nobody takes,
// empty when nothing escalates. A Book is read by many cascades at once and never changes.
type Book struct {
	Pipelines map[string]*Pipeline
	Links     []*Link
	Rules     []*Rule
	Unique    []*Unique
	Head      string
}

// Pipeline is a row of stages. Reasons are the ids of lost reasons; when there are any, a lost deal needs one. A lost deal opens
// one at Missed, when set. Was leads from the names of stages that the kit had once to those where their deals go.
type Pipeline struct {
	Name    string
	Stages  []*Stage
	Reasons []string
	Missed  *Place
	Was     map[string]string
}

// Stage is one place of a pipeline with its policies. To lists the stages a deal may go to from here (empty: any), By the roles
// that may move one here by hand (empty: any), Enter and Leave the fields demanded on the way. Template is the text key told to the
// contact on entering; a deal nobody processed is shown again each Recall. A nil Owner lets the responsible stay.
type Stage struct {
	Name     string
	Status   crm.DealStatus
	To       []string
	By       []string
	Enter    []string
	Leave    []string
	Owner    *Owner
	Template string
	Recall   time.Duration
}

// Owner says who becomes responsible on entering a stage: who moves the deal, nobody, or who is picked by Want.
type Owner struct {
	Mover  bool
	Nobody bool
	Want   func(Scene) (crm.OwnerWanted, error)
}

// Link makes deals belong together: entering From opens one at To with Fields. A child's stage in Back moves the parent there
// and takes Results along. A Mirror keeps the fields Keep equal and stages in step, both ways: Stages leads from stages of From's
// pipeline to those of To's. Up copies comments of the opened deal to the opening one, Down the other way.
type Link struct {
	Name     string
	Mirror   bool
	From, To Place
	Fields   func(Scene) (crm.Fields, error)
	Back     map[string]string // stage of the child → stage of the parent
	Results  []string
	Keep     []string
	Stages   map[string]string
	Up, Down bool
}

// Unique says what makes a request of these pipelines the same as another. An empty key means that nothing is known yet.
type Unique struct {
	Name      string
	Pipelines []string
	Key       func(Scene) (string, error)
}

// Rule does something when something happens, if a condition holds. A nil If always holds.
type Rule struct {
	ID   string
	When Trigger
	If   func(Scene) (bool, error)
	Do   func(Scene) ([]crm.Effect, error)
}

// Kind is what a rule waits for.
type Kind string

// Kinds of triggers, as kits write them.
const (
	Opened       Kind = "opened"
	Entered      Kind = "entered"
	Left         Kind = "left"
	Idle         Kind = "idle"
	Changed      Kind = "changed"
	Message      Kind = "message" // the contact wrote
	TaskDone     Kind = "task_done"
	TaskOverdue  Kind = "task_overdue"
	BookingMade  Kind = "booking_made"
	BookingMoved Kind = "booking_moved"
	BookingGone  Kind = "booking_cancelled"
	BookingKept  Kind = "booking_kept"
	BookingLost  Kind = "booking_missed"
	CallMissed   Kind = "call_missed"
)

// Trigger is when a rule is asked: Stage counts for Entered, Left and Idle, Field for Changed, For for Idle.
// An empty Pipeline means any.
type Trigger struct {
	Kind     Kind
	Pipeline string
	Stage    string
	Field    string
	For      time.Duration
}

// View is a deal with what belongs to it, as the transaction sees it now. Owner, Asset and Contact are zero when there is none.
type View struct {
	Deal    crm.Deal
	Contact crm.Contact
	Asset   crm.Asset
	Owner   crm.Employee
	Parent  *View // the deal that opened it, or nil
}

// Scene is what functions of a Book may look at. Me is nil when a robot acts; From is the stage that was left;
// NewDeal gives the id of a deal that an effect opens.
type Scene struct {
	View
	Me      *crm.Employee
	Now     time.Time
	From    string
	NewDeal func() crm.DealID
}

// Memory is where deals are looked up: the transaction of a turn, or maps in tests.
type Memory interface {
	// Deal gives the view of a deal, locked, the same pointer each time: effects already run are visible in it. Else crm.ErrNotFound.
	Deal(id crm.DealID) (*View, error)
	// Open makes a deal of this transaction known from now on.
	Open(d crm.Deal) (*View, error)
	// Links gives the links of which the deal is one side, those of this transaction too.
	Links(id crm.DealID) ([]crm.DealLinked, error)
	// Same gives the open deal that bears the unique key, 0 when none does.
	Same(key string) (crm.DealID, error)
	// Pick chooses an owner, 0 when nobody is there.
	Pick(want crm.OwnerWanted) (crm.EmployeeID, error)
	// Head gives the head of that role, of the city first, 0 when the company has none.
	Head(role, city string) (crm.EmployeeID, error)
}
