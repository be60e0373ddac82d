package dialogs

import (
	"slices"
	"strconv"
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// optionInText finds the option that a text means: by its label, and by its number where that can't be an answer of its own.
func (t *step) optionInText(st *State) string {
	if t.in.Kind != crm.InText || t.in.Text == "" {
		return ""
	}
	sl := t.def.Slots[st.Slot]
	if sl != nil && (sl.Type == "choice" || sl.Type == "many") && len(st.Options) == 0 {
		return "" // the slot's parser knows its own options
	}
	options := t.choices(nil, st)
	if len(options) == 0 {
		return ""
	}
	folded := locales.Fold(t.in.Text)
	for _, option := range options {
		if locales.Fold(t.label(option)) == folded {
			return option.ID
		}
	}
	switch {
	case t.offering, t.env.Channel.Buttons && t.takesText(st):
		return ""
	case sl != nil && sl.Type == "many":
		if id := t.numbered(options); strings.HasPrefix(id, ":") {
			return id // the button that ends the choosing; other numbers are read together
		}
		return ""
	}
	return t.numbered(options)
}

// numbered finds the option that a text like "2", "2)" or "второй" means.
func (t *step) numbered(options []Option) string {
	labels := make([]slot.Option, len(options))
	for i, option := range options {
		labels[i] = slot.Option{ID: option.ID, Text: t.label(option)}
	}
	value, wrong := slot.Parse(slot.Spec{Type: "choice", Options: labels, Lang: t.lang, Now: t.now}, slot.Given{Text: t.in.Text})
	if wrong != nil {
		return ""
	}
	return value.Text
}

// severalMeant tells what is wrong with a text that names more than one option where one is to be chosen, or a number that none has, on channels
// where numbers are how one chooses: that is no answer in one's own words.
func (t *step) severalMeant(st *State) *slot.Wrong {
	sl := t.def.Slots[st.Slot]
	if t.env.Channel.Buttons || t.in.Kind != crm.InText || sl != nil && sl.Type != "text" && sl.Type != "choice" {
		return nil
	}
	options := t.choices(nil, st)
	labels := make([]string, len(options))
	for i, option := range options {
		labels[i] = t.label(option)
	}
	if _, several := slot.Meant(labels, t.in.Text); several {
		return &slot.Wrong{Key: "slot.choice_ambiguous", Args: map[string]any{"example": "1"}}
	}
	if n := smallNumber(t.in.Text); len(options) > 0 && (sl == nil || sl.Type == "choice") && n > len(options) {
		return &slot.Wrong{Key: "slot.choice_number", Args: map[string]any{"number": n, "max": len(options)}}
	}
	return nil
}

// longestNumber is how many digits the number of an option may have; what is longer is something else, such as a phone.
const longestNumber = 2

// smallNumber reads a text that is a small number and nothing else, zero when it is not.
func smallNumber(text string) int {
	digits := locales.OnlyDigits(text)
	n, err := strconv.Atoi(digits)
	if err != nil || len(digits) > longestNumber || locales.Fold(text) != locales.Fold(digits) {
		return 0
	}
	return n
}

// takesText tells whether a text may be an answer to the state, beside its options.
func (t *step) takesText(st *State) bool {
	if sl := t.def.Slots[st.Slot]; sl != nil && typed(sl.Type) {
		return true
	}
	return slices.ContainsFunc(st.Accept, func(a Accept) bool {
		sl := t.def.Slots[a.Slot]
		return sl != nil && typed(sl.Type)
	})
}

// typed tells whether answers of this type are typed.
func typed(slotType string) bool {
	switch slotType {
	case "choice", "many", "photo", "photos", "file", "location", "contact":
		return false
	}
	return true
}

// choose takes an option that was pressed or meant; false when the state doesn't offer it now.
func (t *step) choose(id string) bool {
	st := t.state()
	if t.windowOf(st) != "" && t.chooseWindow(st, id) {
		return true
	}
	if strings.HasPrefix(id, ":") {
		return t.chooseGrammar(st, id)
	}
	sl := t.def.Slots[st.Slot]
	for i := range st.Options {
		option := &st.Options[i]
		if option.ID != id || option.If != nil && !t.holds(option.If) {
			continue
		}
		t.pick(st, sl, option)
		return true
	}
	if sl == nil || len(st.Options) > 0 || !slices.ContainsFunc(sl.Options, func(key string) bool { return afterDot(key) == id }) {
		return false
	}
	t.pick(st, sl, &StateOption{ID: id})
	return true
}

// pick applies an option: it fills the slot, sets and does what it says, and leads on.
func (t *step) pick(st *State, sl *Slot, option *StateOption) {
	t.s.Pending = ""
	if sl != nil && sl.Type == "many" && option.To == "" {
		t.toggle(sl, option.ID)
		t.setAll(option.Set)
		t.act(option.Do)
		t.ask(st)
		t.out.Edit = t.in.Press != nil
		return
	}
	if sl != nil && option.Set[sl.Name] == nil {
		if sl.Type == "choice" {
			t.set(sl.Name, Value{Text: option.ID})
		} else if value, wrong := slot.Parse(t.specOf(sl), slot.Given{Text: option.ID}); wrong == nil && option.To == "" {
			t.set(sl.Name, value) // {id: "100"} at a question for money
		}
	}
	t.setAll(option.Set)
	t.act(option.Do)
	t.leave(st, option.To)
}

// toggle chooses one of several choices, or takes it back.
func (t *step) toggle(sl *Slot, id string) {
	chosen := slices.Clone(t.values[sl.Name].Many)
	if i := slices.Index(chosen, id); i >= 0 {
		chosen = slices.Delete(chosen, i, i+1)
	} else {
		chosen = append(chosen, id)
	}
	t.set(sl.Name, Value{Many: chosen})
}
