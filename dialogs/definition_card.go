package dialogs

// Card is how a deal looks to employees, with what they may press. Pipelines are those whose deals it shows by itself; none
// named: any.
type Card struct {
	Name      string
	Key       string
	Roles     []string
	Pipelines []string
	Actions   []CardAction
	Album     []string // names of the deal's files that are sent above the card, once to each chat
}

// CardAction is one button of a card. If sees deal, asset, contact, me and now. It is of exactly one form: Do, Ask, Route, Call,
// Comment, Reassign, Retake, Question or Talk.
type CardAction struct {
	ID    string
	Key   string
	If    *Expr
	Toast string

	Do       []Action
	Confirm  string   // text key of the button that confirms Do in a second press; empty: one press is enough
	Ask      []string // fields of the deal that are asked for in the presser's own chat
	Route    *Expr    // an address, or coordinates: the button opens a map
	Call     bool     // shows the phone of the deal's contact
	Comment  bool     // asks for a line of the timeline
	Reveal   []string // fields, and names of attached files, that are shown in plain in the presser's own chat
	Reassign []string // roles: lists their people, one of whom gets the deal
	Retake   *Retake
	Question *Question
	Talk     bool // takes over the talk with the deal's contact
}

// Names of what every card can do by itself; no action of a kit bears them.
const (
	ActionShow   = "show"   // sends the card
	ActionUndo   = "undo"   // takes back what the presser did last
	ActionAssign = "assign" // gives the deal to another employee
	ActionFiles  = "files"  // attaches files that came before
)
