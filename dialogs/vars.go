package dialogs

import (
	"slices"
	"strings"
	"time"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/dialogs/slot"
)

// view is what expressions and texts may see. Its variables are built when an expression asks for them, and only those it names.
type view struct {
	kit     *Kit
	def     *Definition // nil for cards
	values  map[string]Value
	deal    crm.Deal
	asset   *Asset // of a card
	contact crm.Contact
	person  *Person // behind the number that this input gives
	me      *crm.Employee
	now     time.Time
	lang    string
	channel string
	origin  Origin      // likewise: what its code stands for
	payload string      // of the deep link that started this step
	parent  *rules.View // of rules: the deal that opened this one
	from    string      // of rules: the stage that was left
	vars    map[string]any
}

// variables gives what the expression names. A slot without an answer is missing, which expressions see as nil.
func (v *view) variables(e *Expr) map[string]any {
	if v.vars == nil {
		v.vars = map[string]any{"now": v.now, "lang": v.lang}
	}
	source := e.String()
	for _, name := range baseNames {
		if _, there := v.vars[name]; !there && strings.Contains(source, name) && v.slot(name) == nil {
			v.vars[name] = v.base(name)
		}
	}
	if deal, named := v.vars["deal"].(map[string]any); named && asksMore(source) {
		v.describe(deal, v.deal, v.city())
	}
	for name, value := range v.values {
		if _, there := v.vars[name]; !there && strings.Contains(source, name) {
			if sl := v.slot(name); sl != nil {
				v.vars[name] = v.variable(sl, value)
			}
		}
	}
	return v.vars
}

// baseNames are the variables that are there in every dialog, card or rule, except now and lang.
var baseNames = [...]string{"contact", "deal", "me", "asset", "channel", "open", "start", "link", "parent", "from", "agreed"}

func (v *view) base(name string) any {
	switch name {
	case "contact":
		return v.contactVariable()
	case "deal":
		return v.dealVariable(v.deal)
	case "parent":
		return v.parentVariable()
	case "from":
		return v.from
	case "me":
		if v.me != nil {
			return map[string]any{"id": int(v.me.ID), "name": v.me.Name, "role": v.me.Role, "city": v.me.City}
		}
	case "asset":
		if v.asset != nil {
			return assetVariable(v.asset, v.now)
		}
	case "channel":
		kind, _, _ := strings.Cut(v.channel, ":")
		return kind
	case "open":
		return v.kit.isOpen(v.now)
	case "agreed":
		return v.agreed()
	case "link":
		return v.linkVariable()
	case "start":
		return startWords(v.payload)
	}
	return nil
}

// startWords are the words of a deep link's payload.
func startWords(payload string) []string {
	return strings.FieldsFunc(payload, func(r rune) bool { return r == '_' })
}

// changed forgets the variable of a slot.
func (v *view) changed(name string) { delete(v.vars, name) }

func (v *view) slot(name string) *Slot {
	if v.def == nil {
		return nil
	}
	return v.def.Slots[name]
}

// variable is an answer as expressions see it.
func (v *view) variable(sl *Slot, value Value) any {
	switch sl.Type {
	case "number":
		return value.Number
	case "money":
		return value.Number / minorUnits
	case "date", "datetime":
		return value.Time.In(v.now.Location())
	case "window": // by the clock of the place, which may be another than here
		return value.Time
	case "many":
		return value.Many
	case "photo", "photos", "file":
		list := make([]any, len(value.Media))
		for i, media := range value.Media {
			list[i] = media.Unique
		}
		return list
	case "asset":
		if value.Asset == nil {
			return nil
		}
		return assetVariable(value.Asset, v.now)
	case "location":
		if value.Place == nil {
			return nil
		}
		return map[string]any{"latitude": value.Place.Latitude, "longitude": value.Place.Longitude, "title": value.Place.Title}
	}
	return value.Text
}

// minorUnits is how many cents make a unit: of all currencies that kits use.
const minorUnits = 100

func assetVariable(a *Asset, now time.Time) map[string]any {
	vars := map[string]any{
		"id": int(a.ID), "kind": a.Kind, "code": a.Code, "name": a.Name, "city": a.City, "address": a.Address, "crew": int(a.Crew),
		"own": int(a.Own), "own_age": time.Duration(0), "open": a.Open, "since": a.Since.In(now.Location()), "fields": fieldsOf(a.Fields),
	}
	if a.Own != 0 {
		vars["own_age"] = now.Sub(a.OwnAt)
	}
	return vars
}

// fieldsOf gives fields the type that expressions know; nothing is an empty map.
func fieldsOf(fields crm.Fields) map[string]any {
	if fields == nil {
		return map[string]any{}
	}
	return fields
}

// holds tells whether a condition is true. A mistake in it is kept and counts as false.
func (t *step) holds(e *Expr) bool {
	if t.err != nil {
		return false
	}
	truth, err := e.Bool(t.variables(e))
	if err != nil {
		t.fail(err)
	}
	return truth
}

// eval gives the value of an expression.
func (t *step) eval(e *Expr) any {
	if e == nil || t.err != nil {
		return nil
	}
	value, err := e.Eval(t.variables(e))
	if err != nil {
		t.fail(err)
	}
	return value
}

// specOf is what the reading and showing of a slot's answers has to know, except the texts of choices.
func (v *view) specOf(sl *Slot) slot.Spec {
	return slot.Spec{
		Type: sl.Type, Kind: sl.Kind, Currency: sl.Currency, Min: sl.Min, Max: sl.Max, Regions: sl.Regions,
		Cities: v.kit.knownCities(sl), Elsewhere: sl.Elsewhere, Day: sl.Day, Future: sl.Future, Lang: v.lang, Now: v.now, Have: v.values[sl.Name],
		Checks: sl.Checks, Side: sl.Side, Others: v.otherPictures(sl),
	}
}

// inOrder gives the names of a few expressions in an order that is always the same.
func inOrder[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// afterDot is the last part of a text key, which is the id of a slot's own choice.
func afterDot(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }
