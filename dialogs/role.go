package dialogs

import (
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"govorun/crm"
)

// Role is what employees of a role see and may. May is nil when the kit doesn't say.
type Role struct {
	Sees crm.Sees
	May  []crm.Right
}

// rights are all there are, in the order in which they are named to people.
var rights = []string{string(crm.MayExport), string(crm.MayAssign), string(crm.MayInvite), string(crm.MaySlots), string(crm.MayBind), string(crm.MayPlan), string(crm.MayReports), string(crm.MayQuestions), string(crm.MayBroadcast), string(crm.MayMerge)}

func roleShape() *shape {
	short := aTextKey("the text key of the role's name")
	short.or = anObject("a role", "What employees of the role see and may.",
		must("text", aTextKey("the text key of the role's name")),
		may("sees", aWord("what a role sees", "whose deals it sees besides free ones: own, those of the crew, of the city, or all; "+
			"the crew's when absent, or those of the city for who has no crew", string(crm.SeesOwn), string(crm.SeesCrew), string(crm.SeesCity), string(crm.SeesAll))),
		may("may", listOf("“may” of a role", aWord("a right", "what the role may do; everything when absent for the role that is the kit's head, else nothing", rights...))))
	return short
}

// role reads “technician: role.technician” or the long form.
func (r *reader) role(key, v *yaml.Node) {
	kit, name := r.draft.kit, r.name(key, "a role")
	duty, text := &Role{Sees: crm.SeesNear}, v
	if v.Kind == yaml.MappingNode {
		text = child(v, "text")
		if sees := scalar(child(v, "sees")); sees != "" {
			duty.Sees = crm.Sees(sees)
		}
		if list := child(v, "may"); list != nil {
			duty.May = []crm.Right{}
			for _, item := range elements(list) {
				if right := crm.Right(scalar(item)); slices.Contains(duty.May, right) {
					r.report(item, "Remove one of them.", "role “%s” has the right “%s” twice", key.Value, right)
				} else {
					duty.May = append(duty.May, right)
				}
			}
		}
	}
	kit.Roles[name] = r.text(text, scope{who: "role “" + key.Value + "”"})
	kit.Duties[name] = duty
}

// May tells whether employees of a role have a right. Where the kit doesn't say, the head has all and nobody else any.
func (k *Kit) May(role string, right crm.Right) bool {
	duty := k.Duties[role]
	switch {
	case duty == nil:
		return false
	case duty.May == nil:
		return role == k.Head
	}
	return slices.Contains(duty.May, right)
}

// Scopes are what each role sees, sorted by role, for the store to keep. A role looks into the pipelines whose cards serve it; into any when
// one of those names no pipeline, or when no card serves it.
func (k *Kit) Scopes() []crm.RoleScope {
	var scopes []crm.RoleScope
	for _, role := range sortedKeys(k.Roles) {
		s := crm.RoleScope{Role: role, Sees: crm.SeesNear}
		if duty := k.Duties[role]; duty != nil {
			s.Sees = duty.Sees
		}
		for _, name := range sortedKeys(k.Cards) {
			card := k.Cards[name]
			if len(card.Roles) > 0 && !slices.Contains(card.Roles, role) {
				continue
			}
			if len(card.Pipelines) == 0 {
				s.Pipelines = nil
				break
			}
			s.Pipelines = append(s.Pipelines, card.Pipelines...)
		}
		slices.Sort(s.Pipelines)
		s.Pipelines = slices.Compact(s.Pipelines)
		scopes = append(scopes, s)
	}
	return scopes
}
