package dialogs

import (
	"time"

	"govorun/crm"
	"govorun/crm/rules"
)

// City is where people are: its time zone, the region of the kit to which it belongs, what it is called in other languages than the
// kit's first, and other ways to write it.
type City struct {
	Zone   *time.Location
	Region string
	Names  map[string]string // by language
	Also   []string
}

// Pipeline is a row of stages that deals go through. Reasons are text keys of why deals are lost; the id is what follows the last
// dot. Reason is the text key of the question for it. A lost deal opens one at Missed. Was leads from stages that are gone to those
// where their deals go.
type Pipeline struct {
	Name    string
	Key     string // text key
	Line    int    // in the file
	Stages  []Stage
	Reason  string
	Reasons []string
	Missed  *rules.Place
	Was     map[string]string
}

// Stage is one place in a pipeline. To are the stages that may follow (none named: any), By the roles that may move a deal here by hand,
// Enter and Leave the fields demanded on the way. Template is a text key, told to the contact.
type Stage struct {
	Name     string
	Key      string
	Status   crm.DealStatus
	To       []string
	By       []string
	Enter    []string
	Leave    []string
	Owner    *Owner
	Template string
	Recall   time.Duration
}

// Owner says who becomes responsible when a deal enters a stage: exactly one of Mover, Nobody, Assign is set.
type Owner struct {
	Mover  bool
	Nobody bool
	Assign *Assign
}

// Field is a field of deals that a stage may demand: a slot, and the text key of the question for it.
type Field struct {
	Slot
	Ask string
}

// Link makes deals belong together; see rules.Link. Fields are expressions over the deal that opens the other.
type Link struct {
	Name     string
	Mirror   bool
	From, To rules.Place
	Fields   map[string]*Expr
	Back     map[string]string // stage of the child → stage of the parent
	Results  []string
	Keep     []string
	Stages   map[string]string
	Up, Down bool // comments
}

// Unique says what makes a request of these pipelines the same as another.
type Unique struct {
	Name      string
	Pipelines []string
	Key       *Expr
}

// Rule is something that follows by itself: when, if, do.
type Rule struct {
	ID   string
	When rules.Trigger
	If   *Expr
	Do   []Action
}

// Assign lets the distribution choose the owner of the deal. City, Skill and Source are expressions; Head is the role that gets the deal
// when nobody is there, the kit's head when empty.
type Assign struct {
	Role   string
	City   *Expr
	Skill  *Expr
	Source *Expr
	Pick   crm.Pick
	Cap    int
	Within time.Duration
	Head   string
}

// Rate gives somebody points, or takes them: "owner", "contact" or "me". Reason is a text key.
type Rate struct {
	Who    string
	Points int
	Reason string
}

// Remind reminds the contact After a time and then Every so often, at most Max times, until they answer; then the owner gets the
// task to call, if there is one. Name is how a timer refers to it; it stays the same while the place in the kit does.
type Remind struct {
	Name  string
	Text  string // text key
	After time.Duration
	Every time.Duration
	Max   int
	Task  *Task
	// Advert says that it advertises: the contact may have refused that.
	Advert bool
}
