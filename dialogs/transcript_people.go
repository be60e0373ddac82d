package dialogs

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"govorun/crm"
)

// scenePerson says what lists of the business know of a number: “person phone=+77071234567 known=yes partner=… balance=-12500 at=2026-11-20 city=…”.
func (p *player) scenePerson(values map[string]string) error {
	known := crm.Standing{Known: values["known"] == "yes", Partner: values["partner"], City: values["city"]}
	if text := values["balance"]; text != "" {
		balance, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("read the balance of a person: %w", err)
		}
		known.Balance, known.Known = &balance, true
	}
	if text := values["at"]; text != "" {
		at, err := time.ParseInLocation(time.DateOnly, text, p.kit.zone())
		if err != nil {
			return fmt.Errorf("read the day of a balance: %w", err)
		}
		known.At = at
	}
	if p.people == nil {
		p.people = map[string]crm.Standing{}
	}
	p.people[values["phone"]] = known
	return nil
}

// remember keeps fields of the contact.
func (p *player) remember(fields crm.Fields) {
	if len(fields) == 0 {
		return
	}
	all := maps.Clone(p.contact.Fields)
	if all == nil {
		all = crm.Fields{}
	}
	maps.Copy(all, fields)
	p.contact.Fields = all
}
