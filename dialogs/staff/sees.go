package staff

import (
	"govorun/crm"
	"govorun/dialogs"
)

// Sees says whether an employee may be shown a deal, by the rule that the store goes by: it decides who is told of deals and whose cards are
// drawn anew. What anybody asks for or does, the store itself looks at.
func Sees(kit *dialogs.Kit, v View, me crm.Employee) bool {
	if v.Deal.Owner == me.ID {
		return true
	}
	if !looksAt(kit, me.Role, v.Pipeline) {
		return false
	}
	sees := crm.SeesNear
	if duty := kit.Duties[me.Role]; duty != nil {
		sees = duty.Sees
	}
	if sees == crm.SeesNear {
		sees = crm.SeesCity
		if me.Crew != 0 {
			sees = crm.SeesCrew
		}
	}
	city := dialogs.CityOf(v.Deal, crm.Asset{City: v.Asset.City}, v.Contact)
	near := city == "" || me.City == "" || city == me.City
	switch {
	case sees == crm.SeesAll || sees == crm.SeesCity && near || sees == crm.SeesCrew && me.Crew != 0 && v.Crew == me.Crew:
		return true
	}
	return v.Status == crm.DealOpen && v.Deal.Owner == 0 && near && (v.Crew == 0 || v.Crew == me.Crew)
}

// looksAt tells whether a role has a card for deals of a pipeline.
func looksAt(kit *dialogs.Kit, role, pipeline string) bool {
	for _, card := range kit.Cards {
		if shows(card, role, pipeline) {
			return true
		}
	}
	return false
}
