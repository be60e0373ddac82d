package slot

import (
	"fmt"
	"math"
	"strings"
)

// parseLocation takes a point on the map.
func parseLocation(_ Spec, given Given) (Value, *Wrong) {
	p := given.Location
	// NaN compares false with everything, so the test is for what is right.
	if p == nil || !(math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180) {
		return Value{}, wrong("slot.location_wanted")
	}
	place := *p
	return Value{Place: &place}, nil
}

func showLocation(_ Spec, v Value) any {
	switch {
	case v.Place == nil:
		return ""
	case v.Place.Title != "":
		return v.Place.Title
	}
	return fmt.Sprintf("%.5f, %.5f", v.Place.Latitude, v.Place.Longitude)
}

// parseContact takes anybody's contact card, or a typed phone number; Text is the phone in E.164.
func parseContact(spec Spec, given Given) (Value, *Wrong) {
	if given.Card == nil {
		v, w := parsePhone(spec, given)
		if w != nil && w.Key == "slot.phone_none" {
			w = wrong("slot.contact_wanted")
		}
		return v, w
	}
	number, n := e164(given.Card.Phone, spec.Regions)
	if number == "" {
		return Value{}, wrong("slot.phone_wrong", "n", n, "example", phoneExample(spec))
	}
	card := *given.Card
	card.Phone = number
	return Value{Text: number, Card: &card}, nil
}

func showContact(_ Spec, v Value) any {
	if v.Card == nil {
		return formatPhone(v.Text)
	}
	return strings.TrimSpace(v.Card.Name + " " + formatPhone(v.Text))
}
