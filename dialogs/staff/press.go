package staff

import (
	"strconv"
	"strings"

	"govorun/crm"
)

// Press is a pressed button of a card.
type Press struct {
	Deal   crm.DealID
	Card   string
	Action string
}

// pressMark begins the data of all buttons of cards, so that no nonce of a prompt is taken for one.
const pressMark = "k:"

func press(id crm.DealID, card, action string) string {
	return pressMark + strconv.FormatInt(int64(id), 10) + ":" + card + ":" + action
}

// ParsePress reads the data of a button. It reports false for what is no button of a card, whatever it is.
func ParsePress(data string) (Press, bool) {
	rest, ok := strings.CutPrefix(data, pressMark)
	parts := strings.Split(rest, ":")
	if !ok || len(parts) != 3 {
		return Press{}, false
	}
	id, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || id <= 0 {
		return Press{}, false
	}
	return Press{Deal: crm.DealID(id), Card: parts[1], Action: parts[2]}, true
}
