package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
)

// Scope is a scene of the rules as conditions, actions and texts of the kit see it. Texts are in the contact's language when the kit
// speaks it, else in its first.
func (k *Kit) Scope(scene rules.Scene) Scope {
	scope := Scope{
		Deal: scene.Deal, Contact: scene.Contact, Me: scene.Me, Now: scene.Now, NewDeal: scene.NewDeal,
		Parent: scene.Parent, From: scene.From, Lang: k.Languages[0],
	}
	if slices.Contains(k.Languages, scene.Contact.Lang) {
		scope.Lang = scene.Contact.Lang
	}
	if scene.Asset.ID != 0 {
		scope.Asset = assetOf(scene.Asset)
	}
	return scope
}

// assetOf is an asset of which no open deals are known.
func assetOf(a crm.Asset) *Asset {
	return &Asset{ID: a.ID, Kind: a.Kind, Code: a.Code, Name: a.Name, City: a.City, Address: a.Address, Crew: a.Crew, Fields: a.Fields}
}

// dealVariable is a deal as expressions see it, without what they seldom ask for: see describe.
func (v *view) dealVariable(d crm.Deal) map[string]any {
	return map[string]any{
		"id": int(d.ID), "pipeline": d.Pipeline, "stage": v.kit.StageNow(d.Pipeline, d.Stage), "status": string(d.Status), "owner": int(d.Owner),
		"title": d.Title, "fields": fieldsOf(d.Fields),
	}
}

// seldom are the members of a deal that describe adds.
var seldom = [...]string{"city", "region", "reason", "since", "created"}

// asksMore tells whether an expression may name one of them.
func asksMore(source string) bool {
	for _, name := range seldom {
		if strings.Contains(source, name) {
			return true
		}
	}
	return false
}

// describe adds the rest to a deal: where it is, why it was lost and since when.
func (v *view) describe(vars map[string]any, d crm.Deal, city string) map[string]any {
	vars["city"], vars["region"], vars["reason"] = city, v.kit.RegionOf(city), d.LostReason
	vars["since"], vars["created"] = d.EnteredAt.In(v.now.Location()), d.CreatedAt.In(v.now.Location())
	return vars
}

// city is where the deal is.
func (v *view) city() string {
	var asset crm.Asset
	if v.asset != nil {
		asset.City = v.asset.City
	}
	return CityOf(v.deal, asset, v.contact)
}

// parentVariable is the deal that opened this one, nil when none did.
func (v *view) parentVariable() any {
	if v.parent == nil {
		return nil
	}
	return v.describe(v.dealVariable(v.parent.Deal), v.parent.Deal, CityOf(v.parent.Deal, v.parent.Asset, v.parent.Contact))
}
