package staff

import (
	"maps"
	"slices"

	"govorun/dialogs"
)

// Owners lists the roles whose people may be responsible for deals of a pipeline, sorted: those that its stages and rules choose owners from, those
// that become owners by moving a deal or by a button of a card, and those to whom a card offers it. Where the kit says nothing of it, all that
// have to do with the pipeline.
func Owners(kit *dialogs.Kit, pipeline string) []string {
	may := map[string]bool{}
	note := func(roles ...string) {
		for _, role := range roles {
			may[role] = true
		}
	}
	assigned := func(a *dialogs.Assign) {
		if a != nil {
			note(a.Role, a.Head)
		}
	}
	if p := kit.Pipelines[pipeline]; p != nil {
		for _, stage := range p.Stages {
			if stage.Owner != nil {
				assigned(stage.Owner.Assign)
			}
			if stage.Owner != nil && stage.Owner.Mover {
				note(stage.By...)
			}
		}
	}
	for _, rule := range kit.Rules {
		for i := range rule.Do {
			if rule.When.Pipeline == pipeline {
				assigned(rule.Do[i].Assign)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kit.Cards)) {
		card := kit.Cards[name]
		if !slices.Contains(card.Pipelines, pipeline) {
			continue
		}
		for i := range card.Actions {
			a := &card.Actions[i]
			note(a.Reassign...)
			if slices.ContainsFunc(a.Do, takes) {
				note(card.Roles...)
			}
		}
	}
	around := Roles(kit, pipeline)
	if owners := slices.DeleteFunc(slices.Clone(around), func(role string) bool { return !may[role] }); len(owners) > 0 {
		return owners
	}
	return around
}

// takes tells whether an action makes its presser the owner.
func takes(a dialogs.Action) bool { return a.Own != nil && a.Own.String() == "me" }
