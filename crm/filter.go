package crm

import "time"

// Filter picks deals: those for which every condition holds. Without conditions it picks all that may be seen.
type Filter struct {
	Conditions []Condition
	Sort       Sort
	Desc       bool
}

// Condition is one part of a filter, the one that a person can take away by itself. A deal fits when it has any of the values, or lies
// within From (inclusive) and To (exclusive), whichever Key is about; a zero From or To is open. Not turns it round.
type Condition struct {
	Key     FilterKey
	Not     bool
	Words   []string  // any, pipeline, status, city, source, text, phone (“+7707” begins so, “4567” ends so), code, name, address, field
	Stages  []Stage   // stage
	IDs     []int64   // number, owner (zero: nobody), crew
	Field   string    // field: its name
	Least   *float64  // field that is a number, as it is kept: from this, inclusive; nil is open
	Most    *float64  // up to this, inclusive
	From    time.Time // day, created, entered, closed, due, visit, field that is a date
	To      time.Time
	Written string // in the language of whoever asked, such as “city:Almaty”
}

// Stage names a stage of a pipeline.
type Stage struct {
	Pipeline string
	Stage    string
}

// FilterKey is what a condition is about.
type FilterKey string

// Keys of conditions.
const (
	ByAny      FilterKey = "any" // the deal's number, the code of the asset, four or more last digits of the phone; with letters: text, name or address
	ByNumber   FilterKey = "number"
	ByPipeline FilterKey = "pipeline"
	ByStage    FilterKey = "stage"
	ByStatus   FilterKey = "status" // open, won, lost
	ByCity     FilterKey = "city"
	ByOwner    FilterKey = "owner"
	ByCrew     FilterKey = "crew"
	BySource   FilterKey = "source"
	ByText     FilterKey = "text" // title and comments; a word fits what begins with it
	ByPhone    FilterKey = "phone"
	ByCode     FilterKey = "code" // of the asset: a machine's number, a plate; upper case, Latin letters for their Cyrillic look-alikes
	ByName     FilterKey = "name" // of the contact
	ByAddress  FilterKey = "address"
	ByField    FilterKey = "field"
	ByDay      FilterKey = "day" // created, due or visited then
	ByCreated  FilterKey = "created"
	ByEntered  FilterKey = "entered" // the stage it stands on
	ByClosed   FilterKey = "closed"
	ByDue      FilterKey = "due"   // the next open task
	ByVisit    FilterKey = "visit" // the next booked visit
)

// Sort orders deals.
type Sort string

// Orders; the default is the newest first.
const (
	SortNumber  Sort = "number"
	SortEntered Sort = "entered"
	SortDue     Sort = "due"
	SortVisit   Sort = "visit"
	SortCity    Sort = "city"
)
