package staff

import (
	"strconv"
	"strings"

	"govorun/crm"
)

// Press is a pressed button of a card. Arg tells what more was seen or chosen: empty on the buttons of the card itself.
type Press struct {
	Deal   crm.DealID
	Card   string
	Action string
	Arg    string
}

// pressMark begins the data of all buttons of cards, so that no nonce of a prompt is taken for one.
const pressMark = "k:"

// Arguments of presses. A confirmation bears confirmMark and what was seen, a person personMark and their number.
const (
	argBack     = "x" // shows the card as it was before the question
	confirmMark = "y"
	personMark  = "e"
)

// Data is what a button carries for this press.
func (p Press) Data() string {
	data := pressMark + strconv.FormatInt(int64(p.Deal), 10) + ":" + p.Card + ":" + p.Action
	if p.Arg != "" {
		data += ":" + p.Arg
	}
	return data
}

// Back tells whether the press gives up a question that a card asks.
func (p Press) Back() bool { return p.Arg == argBack }

// Person is the employee whom the press names, zero when none.
func (p Press) Person() crm.EmployeeID {
	rest, named := strings.CutPrefix(p.Arg, personMark)
	id, err := strconv.ParseInt(rest, 10, 64)
	if !named || err != nil || id <= 0 {
		return 0
	}
	return crm.EmployeeID(id)
}

// ParsePress reads the data of a button. It reports false for what is no button of a card, whatever it is.
func ParsePress(data string) (Press, bool) {
	rest, ok := strings.CutPrefix(data, pressMark)
	parts := strings.Split(rest, ":")
	if !ok || len(parts) < 3 || len(parts) > 4 {
		return Press{}, false
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || id <= 0 {
		return Press{}, false
	}
	p := Press{Deal: crm.DealID(id), Card: parts[1], Action: parts[2]}
	if len(parts) == 4 {
		p.Arg = parts[3]
	}
	return p, true
}
