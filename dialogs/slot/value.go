// Package slot reads answers: what a person typed, pressed or sent becomes a typed value, or a sentence that says what is wrong
// and shows an example. Every parser is pure and total: any input gives a value or a Wrong, never a panic.
package slot

import (
	"time"

	"govorun/crm"
)

// Value is the answer in one slot, in the form its type keeps: Text for text, choice, phone (E.164), e-mail, plate, IBAN;
// Number for number and money (money in minor units); Time for dates; Many for several choices; Media for photos and files;
// Asset, Place and Card for theirs. Flags name what a reviewer should know: one of the constants below.
type Value struct {
	Text   string        `json:"text,omitempty"`
	Number float64       `json:"number,omitempty"`
	Time   time.Time     `json:"time,omitzero"`
	Many   []string      `json:"many,omitempty"`
	Media  []crm.Media   `json:"media,omitempty"`
	Asset  *Asset        `json:"asset,omitempty"`
	Place  *crm.Location `json:"place,omitempty"`
	Card   *crm.Card     `json:"card,omitempty"`
	Flags  []string      `json:"flags,omitempty"`
}

// Flags of a Value. The text of each is staff.flag_<flag>.
const (
	Forwarded  = "forwarded"            // from another chat
	SameImage  = "same_image"           // the same picture as one already there
	Invisible  = "invisible_characters" // the text held some; they were dropped
	CardMasked = "card_masked"          // a full card number was sent: say slot.card_masked
	Screenshot = "screenshot"           // by its name
	Reused     = "reused"               // another contact has sent the same picture
	Normalised = "normalised"           // kept differently from what was typed: ask grammar.confirm_value
)

// Asset is an asset with what is known of its open deals: Own is this contact's open deal on it, Open how many others are open,
// Since when the oldest of those was opened.
type Asset struct {
	ID      crm.AssetID `json:"id"`
	Kind    string      `json:"kind"`
	Code    string      `json:"code"`
	Name    string      `json:"name,omitempty"`
	City    string      `json:"city,omitempty"`
	Address string      `json:"address,omitempty"`
	Crew    crm.CrewID  `json:"crew,omitempty"`
	Own     crm.DealID  `json:"own,omitempty"`
	OwnAt   time.Time   `json:"own_at,omitzero"` // when the own deal was opened
	Open    int         `json:"open,omitempty"`
	Since   time.Time   `json:"since,omitzero"`
	Fields  crm.Fields  `json:"fields,omitempty"`
}
