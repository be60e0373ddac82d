package dialogs

import (
	"maps"
	"slices"
	"time"

	"github.com/expr-lang/expr/types"
)

// exprEnv is what expressions and placeholders of one place may name: slots and the variables that are always there.
// A name leads to its members; a member without members of its own is a plain value.
type exprEnv map[string]member

// member is one name of an environment. A free one (the fields of a deal) has members that nobody declared.
type member struct {
	kind    types.Type
	members exprEnv
	free    bool
}

// Plain kinds of values.
var (
	textMember     = member{kind: types.String}
	numberMember   = member{kind: types.Float64}
	idMember       = member{kind: types.Int}
	boolMember     = member{kind: types.Bool}
	timeMember     = member{kind: types.TypeOf(time.Time{})}
	durationMember = member{kind: types.TypeOf(time.Duration(0))}
	listMember     = member{kind: types.Array(types.Any)}
	wordsMember    = member{kind: types.Array(types.String)}
	fieldsMember   = member{kind: types.TypeOf(map[string]any{}), free: true}
	anyMember      = member{kind: types.Any, free: true}
)

// assetEnv are the members of an asset: ids and counts are ints, own_age is how long the contact's own open deal exists.
func assetEnv() exprEnv {
	return exprEnv{
		"id": idMember, "kind": textMember, "code": textMember, "name": textMember, "city": textMember, "address": textMember,
		"crew": idMember, "own": idMember, "own_age": durationMember, "open": idMember, "since": timeMember, "fields": fieldsMember,
	}
}

// dealEnv are the members of a deal: reason is the id of why it was lost, since when it entered its stage.
func dealEnv() exprEnv {
	return exprEnv{
		"id": idMember, "pipeline": textMember, "stage": textMember, "status": textMember, "owner": idMember, "title": textMember,
		"city": textMember, "region": textMember, "reason": textMember, "since": timeMember, "created": timeMember, "fields": fieldsMember,
	}
}

// dealTexts are the members of a deal that texts may show.
func dealTexts() exprEnv {
	env := dealEnv()
	delete(env, "since")
	delete(env, "created")
	return env
}

// baseEnv is what every expression may name.
func baseEnv() exprEnv {
	return exprEnv{
		"contact": {members: withStanding(exprEnv{"id": idMember, "name": textMember, "phone": textMember, "lang": textMember, "fields": fieldsMember, "adverts": boolMember})},
		"deal":    {members: dealEnv()},
		"me":      {members: exprEnv{"id": idMember, "name": textMember, "role": textMember, "city": textMember}},
		"link":    {members: exprEnv{"code": textMember, "source": textMember, "city": textMember}},
		"now":     timeMember, "lang": textMember, "channel": textMember, "open": boolMember, "start": wordsMember, "agreed": wordsMember,
	}
}

// cardEnv is what expressions and texts of cards may name.
func cardEnv() exprEnv {
	env := baseEnv()
	env["asset"] = member{members: assetEnv()}
	return env
}

// ruleEnv is what expressions of pipelines, links and rules may name: me is nil when a robot acts, parent when nothing opened the deal,
// from is the stage that was left.
func ruleEnv() exprEnv {
	env := cardEnv()
	delete(env, "start")
	delete(env, "channel")
	delete(env, "link")
	env["parent"], env["from"] = member{members: dealEnv()}, textMember
	return env
}

// dialogEnv is what expressions of a dialog may name: the base and its slots. A slot hides nothing of the base: check refuses
// such a name.
func dialogEnv(slots map[string]*Slot) exprEnv {
	env := baseEnv()
	for name, slot := range slots {
		if _, taken := env[name]; !taken {
			env[name] = slotMember(slot.Type)
		}
	}
	return env
}

// slotMember says what a slot's answer is in expressions: text, float64 (money in major units), time.Time, a list or an asset;
// nil while there is none.
func slotMember(slotType string) member {
	switch slotType {
	case "number", "money":
		return numberMember
	case "date", "datetime", "window":
		return timeMember
	case "many":
		return wordsMember
	case "photo", "photos", "file":
		return listMember
	case "asset":
		return member{members: assetEnv()}
	case "location":
		return member{members: exprEnv{"latitude": numberMember, "longitude": numberMember, "title": textMember}}
	case "text", "choice", "phone", "email", "plate", "bank", "iin", "name", "city", "contact":
		return textMember
	}
	return anyMember
}

// types gives the environment in the form of the expression library.
func (e exprEnv) types() types.Map {
	result := make(types.Map, len(e))
	for name, m := range e {
		if m.members != nil {
			result[name] = m.members.types()
		} else {
			result[name] = m.kind
		}
	}
	return result
}

// names lists the names of the environment, sorted.
func (e exprEnv) names() []string { return slices.Sorted(maps.Keys(e)) }

// memberNames lists what the names of the environment have as members, sorted.
func (e exprEnv) memberNames() []string {
	all := map[string]bool{}
	for _, m := range e {
		for name := range m.members {
			all[name] = true
		}
	}
	return sortedKeys(all)
}
