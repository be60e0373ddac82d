package crm

import "time"

// Names of fields of a contact that lists of the business bring. A claim is what such lists say of a number that somebody only typed: it may be
// anybody's, so the balance and the city are not part of it.
const (
	FieldKnown     = "known"
	FieldPartner   = "partner"
	FieldBalance   = "balance"    // major units of the business's currency
	FieldBalanceAt = "balance_at" // RFC 3339
	FieldClaim     = "claim"
	FieldCity      = "city"
)

// Standing is what the business knew of a person before they wrote: whether they worked with it already, for which other partner they work, and
// their balance in major units (below zero they owe), nil when nobody knows it. At is when the balance was so, zero when unknown. City is a city of
// the kit, empty when unknown.
type Standing struct {
	Known   bool
	Partner string
	Balance *float64
	At      time.Time
	City    string
}

// StandingOf reads what is known of a contact from its fields.
func StandingOf(f Fields) Standing {
	s := ProvenStanding(f)
	if claim, ok := f[FieldClaim].(map[string]any); ok {
		c := ProvenStanding(claim)
		s.Known = s.Known || c.Known
		if s.Partner == "" {
			s.Partner = c.Partner
		}
	}
	return s
}

// ProvenStanding is StandingOf without what rests on a number that was only typed.
func ProvenStanding(f Fields) (s Standing) {
	s.Partner, s.City = f.Text(FieldPartner), f.Text(FieldCity)
	s.Known, _ = f[FieldKnown].(bool)
	if balance, ok := f[FieldBalance].(float64); ok {
		s.Balance, s.Known = &balance, true // only who works with us has one
		s.At, _ = time.Parse(time.RFC3339, f.Text(FieldBalanceAt))
	}
	return s
}

// Fields gives the standing as fields of a contact; what is not known is not among them.
func (s Standing) Fields() Fields {
	f := Fields{FieldKnown: s.Known}
	if s.Partner != "" {
		f[FieldPartner] = s.Partner
	}
	if s.City != "" {
		f[FieldCity] = s.City
	}
	if s.Balance != nil {
		f[FieldBalance] = *s.Balance
		if !s.At.IsZero() {
			f[FieldBalanceAt] = s.At.Format(time.RFC3339)
		}
	}
	return f
}

// Claimed gives the standing of a number that was only typed, as fields of a contact.
func (s Standing) Claimed() Fields {
	s.Balance, s.City = nil, ""
	return Fields{FieldClaim: map[string]any(s.Fields())}
}
