package slot

import (
	"time"

	"govorun/crm"
)

// Spec says what a slot takes. Min and Max bound numbers and money (major units), length of text, count of photos and choices.
// Regions are default regions of phones, the first also of plates. Options are what may be chosen, in the order shown.
type Spec struct {
	Type      string
	Kind      string
	Currency  string
	Min, Max  float64
	Regions   []string
	Options   []Option
	Cities    []City // of the kit, for type city; Elsewhere lets any other be
	Elsewhere bool
	Day       bool // a date without time of day
	Future    bool
	Lang      string
	Now       time.Time // in the person's zone
	Have      Value     // what the slot holds so far: photos add up
	Checks    Checks    // of photos
	Side      int       // pixels that the shorter side of a photo has at least, 600 when zero
	Others    []string  // crm.Media.Unique of the pictures in other slots
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
	Seen     map[string]Seen // by crm.Media.Unique: pictures that are known from before
}

// Wrong says why an answer can't be taken: a text key of locales with its arguments, which are plain values and not yet escaped.
// Keep means that the value beside it is good as far as it goes: keep it in the slot, say this, and wait for the rest.
type Wrong struct {
	Key  string
	Args map[string]any
	Keep bool
}

// kind is how one type of slot is read and shown.
type kind struct {
	parse func(Spec, Given) (Value, *Wrong)
	show  func(Spec, Value) any
}

// Types returns the names of all types of slots.
func Types() []string {
	return []string{"text", "name", "choice", "many", "number", "money", "phone", "email", "date", "datetime", "window",
		"photo", "photos", "file", "location", "contact", "asset", "plate", "bank", "iin", "city"}
}

func kindOf(name string) (kind, bool) {
	switch name {
	case "text":
		return kind{parseText, showText}, true
	case "name":
		return kind{parseName, showText}, true
	case "choice":
		return kind{parseChoice, showChoice}, true
	case "window":
		return kind{parseDate, showWindow}, true
	case "many":
		return kind{parseMany, showMany}, true
	case "number":
		return kind{parseNumber, showNumber}, true
	case "money":
		return kind{parseMoney, showMoney}, true
	case "phone":
		return kind{parsePhone, showPhone}, true
	case "email":
		return kind{parseEmail, showText}, true
	case "date", "datetime":
		return kind{parseDate, showDate}, true
	case "photo", "photos":
		return kind{parsePhotos, showMedia}, true
	case "file":
		return kind{parseFile, showMedia}, true
	case "location":
		return kind{parseLocation, showLocation}, true
	case "contact":
		return kind{parseContact, showContact}, true
	case "asset":
		return kind{parseAsset, showAsset}, true
	case "plate":
		return kind{parsePlate, showText}, true
	case "bank":
		return kind{parseBank, showBank}, true
	case "iin":
		return kind{parseIIN, showText}, true
	case "city":
		return kind{parseCity, showCity}, true
	}
	return kind{}, false
}

// Parse reads an answer as a value of the slot's type. When it can't be taken, Wrong says why and what to do; the value is then empty,
// unless Wrong.Keep is set. A type that is none is read as text.
func Parse(spec Spec, given Given) (Value, *Wrong) {
	if spec.Type == "date" {
		spec.Day = true
	}
	k, ok := kindOf(spec.Type)
	if !ok {
		k = kind{parseText, showText}
	}
	v, wrong := k.parse(spec, given)
	if wrong != nil && !wrong.Keep {
		v = Value{}
	}
	return v, wrong
}

// Show returns how a value is said in texts, in the language of spec: a string, or a map for assets ({{.machine.code}}). It isn't
// escaped. An empty value is shown as "".
func Show(spec Spec, v Value) any {
	if spec.Type == "date" {
		spec.Day = true
	}
	k, ok := kindOf(spec.Type)
	if !ok {
		return showText(spec, v)
	}
	return k.show(spec, v)
}

// wrong makes a Wrong of a key and pairs of argument names and values.
func wrong(key string, pairs ...any) *Wrong {
	w := &Wrong{Key: key}
	if len(pairs) > 0 {
		w.Args = make(map[string]any, len(pairs)/2)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		w.Args[pairs[i].(string)] = pairs[i+1]
	}
	return w
}
