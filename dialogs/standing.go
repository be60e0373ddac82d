package dialogs

import (
	"maps"
	"regexp"

	"github.com/expr-lang/expr/types"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs/slot"
)

// Person is what lists of the business say of the number that an input gives. Own tells that the provider vouches for the number.
type Person struct {
	crm.Standing
	Phone string
	Own   bool
}

// standingPattern recognises expressions that ask what was known of a person before. Where a kit has none, nothing is looked up.
var standingPattern = regexp.MustCompile(`\bcontact\??\.(known|partner|balance)`)

// withStanding adds to the members of a contact what lists of the business say.
func withStanding(env exprEnv) exprEnv {
	env[crm.FieldKnown], env[crm.FieldPartner] = boolMember, textMember
	env[crm.FieldBalance], env[crm.FieldBalanceAt] = member{kind: types.Float64}, timeMember
	return env
}

// contactVariable is the contact as expressions see it. A number that this very input gave counts already; somebody's balance only when the
// number is theirs for certain.
func (v *view) contactVariable() map[string]any {
	c := v.contact
	fields := fieldsOf(c.Fields)
	if p := v.person; p != nil && p.Own && p.City != "" && c.Fields.Text(crm.FieldCity) == "" {
		fields = maps.Clone(fields)
		fields[crm.FieldCity] = p.City
	}
	vars := map[string]any{"id": int(c.ID), "name": c.Name, "phone": c.Phone, "lang": c.Lang, "fields": fields, "adverts": !c.RefusesAdverts() && !rules.WantsSilence(c)}
	s := crm.StandingOf(c.Fields)
	if p := v.person; p != nil {
		s = p.with(crm.ProvenStanding(c.Fields)) // a number given before is this person's no more
	}
	vars[crm.FieldKnown] = s.Known
	if s.Partner != "" {
		vars[crm.FieldPartner] = s.Partner
	}
	if s.Balance != nil {
		vars[crm.FieldBalance] = *s.Balance
		if !s.At.IsZero() {
			vars[crm.FieldBalanceAt] = s.At.In(v.now.Location())
		}
	}
	return vars
}

// with adds to what is known of the contact what is known of the number.
func (p *Person) with(s crm.Standing) crm.Standing {
	s.Known, s.Partner = s.Known || p.Known, first(p.Partner, s.Partner)
	if p.Own && p.Balance != nil {
		s.Balance, s.At = p.Balance, p.At
	}
	return s
}

// Learnt gives the fields that a contact gets with a number: all that is known of it when it is theirs, a claim when they only typed it.
func (p *Person) Learnt() crm.Fields {
	if p.Own {
		f := p.Fields()
		if !p.Known { // what is known of the contact itself stays
			delete(f, crm.FieldKnown)
		}
		f[crm.FieldClaim] = nil
		return f
	}
	return p.Claimed()
}

// Learn keeps with the contact what is known of the number that they have just given, if the step took it for theirs: rules, cards and later
// steps see it then as well.
func Learn(p *Person, effects []crm.Effect) {
	if p == nil {
		return
	}
	for i, e := range effects {
		if changed, ok := e.(crm.ContactChanged); ok && changed.Phone == p.Phone {
			fields := p.Learnt()
			maps.Copy(fields, changed.Fields)
			changed.Fields = fields
			effects[i] = changed
		}
	}
}

// needsOfPhone names the number that an input gives to a question for one, when the kit asks who it is.
func (k *Kit) needsOfPhone(s Session, in crm.Inbound) []Need {
	def := k.Dialogs[s.Dialog]
	if !k.knows || def == nil || def.States[s.State] == nil {
		return nil
	}
	st := def.States[s.State]
	names := []string{st.Slot}
	for i := range st.Accept {
		names = append(names, st.Accept[i].Slot)
	}
	for _, name := range names {
		sl := def.Slots[name]
		if sl == nil || sl.Type != "phone" && sl.Type != "contact" {
			continue
		}
		value, wrong := slot.Parse(slot.Spec{Type: sl.Type, Regions: sl.Regions}, slot.Given{Text: in.Text, Card: in.Card})
		if wrong == nil {
			return []Need{{Kind: NeedPerson, Text: value.Text, Own: in.Card != nil && in.Card.Own}}
		}
	}
	return nil
}

// contactText is the contact as texts show it; what is not known is empty.
func (v *view) contactText() map[string]any {
	vars := v.contactVariable()
	shown := map[string]any{"name": vars["name"], "phone": vars["phone"], "fields": vars["fields"], crm.FieldKnown: vars[crm.FieldKnown],
		crm.FieldPartner: "", crm.FieldBalance: "", crm.FieldBalanceAt: ""}
	if partner, known := vars[crm.FieldPartner]; known {
		shown[crm.FieldPartner] = partner
	}
	if balance, known := vars[crm.FieldBalance].(float64); known {
		shown[crm.FieldBalance] = slot.Show(slot.Spec{Type: "number", Lang: v.lang}, Value{Number: balance})
	}
	if at, known := vars[crm.FieldBalanceAt]; known {
		shown[crm.FieldBalanceAt] = v.readable(at)
	}
	return shown
}

// AsksStanding tells whether some expression of the kit asks what was known of a contact before.
func (k *Kit) AsksStanding() bool { return k.knows }
