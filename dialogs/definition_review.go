package dialogs

// Retake asks the contact of a deal for one of its photos again: who presses picks the photo, then the reason. While it is awaited the deal
// stands on Stage, and goes Back when the last wanted photo has come; both empty: it stays where it is.
type Retake struct {
	Items   []RetakeItem
	Reasons []string // text keys; what the contact reads may be another text, see told
	Ask     string   // text key of the question, with {{.item}} and {{.reason}}
	Stage   string
	Back    string
}

// RetakeItem is one photo: the Place-th of those attached under Name, counted from 1.
type RetakeItem struct {
	Name  string
	Place int
	Key   string // text key of the button; what the contact reads may be another text, see told
}

// Question asks the owner of a deal, or its contact, what whoever presses types. Stage and Back are as those of Retake.
type Question struct {
	To    string // owner, contact
	Stage string
	Back  string
}

// Replace attaches the photo of a slot in place of one that the deal has: the Place-th of those attached under the slot's name. Only: there are
// no others, so that what was flagged before is flagged no more.
type Replace struct {
	Slot  string
	Place int
	Only  bool
}

// HandBack brings an answer to the employee who wanted it, by number in the slot “by”: the card with the text above. When nothing more is
// wanted of the person for this deal, it goes from the stage From to Stage.
type HandBack struct {
	Card  string
	Key   string
	Files string // text key instead, when the slot “answer” is empty
	From  string
	Stage string
}

// AskBack starts the dialog that asks the question of the slot “question”, with the deal's contact or its owner.
type AskBack struct {
	Dialog string
	To     string
}
