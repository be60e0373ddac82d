package slot

import (
	"time"

	"govorun/crm"
)

// Spec says what a slot takes. Min and Max bound numbers and money (major units), length of text, count of photos.
// Regions are default regions of phones, the first also of plates. Options are what may be chosen, in the order shown.
type Spec struct {
	Type     string
	Kind     string
	Currency string
	Min, Max float64
	Regions  []string
	Options  []Option
	Day      bool // a date without time of day
	Future   bool
	Lang     string
	Now      time.Time // in the person's zone
	Have     Value     // what the slot holds so far: photos add up
}

// Option is one choice: its id and the text that the person sees.
type Option struct {
	ID   string
	Text string
}

// Given is what a person sent as an answer. Asset is what the turn found for a code, nil when unknown.
type Given struct {
	Text     string
	Media    []crm.Media
	Card     *crm.Card
	Location *crm.Location
	Asset    *Asset
}

// Wrong says why an answer can't be taken: a text key of locales with its arguments.
type Wrong struct {
	Key  string
	Args map[string]any
}
