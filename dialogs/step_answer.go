package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// idle takes what comes when nothing is going on: words of an entry start their dialog, everything else the home dialog, whose
// first question gets it at once when it fits.
func (t *step) idle() {
	if def := t.byWords(); def != nil {
		t.begin(def, nil, 0)
		return
	}
	t.startHome()
	t.offer()
}

// offer tries the input on a question that the person hasn't seen yet. When it fits, the question needn't be put.
func (t *step) offer() {
	if t.err != nil || t.state() == nil || t.s.Nonce == "" || t.in.Text == "" && len(t.in.Media) == 0 && t.in.Card == nil && t.in.Location == nil {
		return
	}
	said := t.out.Say
	t.out.Say = slices.DeleteFunc(slices.Clone(said), func(s Say) bool { return s.Nonce != "" })
	t.offering = true
	if taken, _ := t.take(); !taken && t.err == nil {
		t.out.Say = said
	}
	t.offering = false
}

// tooEasy tells whether a slot would take any text: before its question was put that says nothing, and "hello" is no name.
func (t *step) tooEasy(sl *Slot) bool {
	return t.offering && t.in.Kind == crm.InText && (sl.Type == "text" || sl.Type == "name")
}

// answer takes the input as an answer to the state that waits.
func (t *step) answer() {
	taken, wrong := t.take()
	if taken || t.err != nil {
		return
	}
	if def := t.byWords(); def != nil {
		t.want(def, nil)
		return
	}
	if t.takeBelow() {
		return
	}
	if t.longSilence() {
		t.resume()
		return
	}
	t.refuse(wrong)
}

// take takes the input when it fits the state and tells what is wrong when it doesn't. Nothing has changed then.
func (t *step) take() (bool, *slot.Wrong) {
	st := t.state()
	if t.lateInAlbum() {
		t.takeLate(st)
		return true, nil
	}
	if id := t.optionInText(st); id != "" {
		t.choose(id)
		return true, nil
	}
	var wrong *slot.Wrong
	if sl := t.def.Slots[st.Slot]; sl != nil && !t.tooEasy(sl) {
		if t.in.Facts.Slowed && sl.Type == "asset" && t.in.Text != "" {
			t.reask(st, "grammar.slow_down", nil)
			return true, nil
		}
		spec := t.spec(sl, st)
		if full(sl, spec.Have) {
			spec.Have = Value{} // asked once more: new photos take the place of the old ones
		}
		value, reason := slot.Parse(spec, t.given())
		if reason == nil || reason.Keep {
			t.fill(st, sl, value, reason)
			return true, nil
		}
		wrong = reason
	}
	if t.accept(st) {
		return true, nil
	}
	return false, t.better(st, wrong)
}

// given is the input as parsers take it.
func (t *step) given() slot.Given {
	return slot.Given{Text: t.in.Text, Media: t.in.Media, Card: t.in.Card, Location: t.in.Location, Asset: t.in.Facts.Asset}
}

// fill keeps the answer to the state's question and goes on, unless more is wanted or it was understood in another form.
func (t *step) fill(st *State, sl *Slot, value Value, more *slot.Wrong) {
	t.set(sl.Name, t.carried(sl, value))
	t.hold(sl)
	t.rememberAlbum(sl)
	switch {
	case sl.Type == "many":
		t.ask(st)
	case more != nil && !enough(sl, value):
		t.s.Failures = 0
		t.reask(st, more.Key, more.Args)
	case slices.Contains(value.Flags, "normalised"):
		t.pend("confirm", "grammar.confirm_value", map[string]any{"value": t.show(sl, value)})
	default:
		if more != nil {
			t.tell(more.Key, more.Args)
		}
		if slices.Contains(value.Flags, "card_masked") {
			t.tell("slot.card_masked", map[string]any{"card": value.Text})
		}
		t.leave(st, "")
	}
}

// hold lets the answer wait for more photos where more may come.
func (t *step) hold(sl *Slot) {
	if len(t.in.Media) > 0 && (t.in.Album != "" || sl.Type == "photos") {
		t.out.Hold = true
	}
}

// carried keeps in an answer how many files of the slot are attached to the deal already: see attach.
func (t *step) carried(sl *Slot, value Value) Value {
	if isMedia(sl.Type) {
		value.Number = 0
		if bound := t.values[sl.Name].Number; sl.Type == "photos" && int(bound) <= len(value.Media) {
			value.Number = bound
		}
	}
	return value
}

// accept takes the input as something else that the state takes besides its answer: a photo, a comment, or both in one message.
func (t *step) accept(st *State) bool {
	var said *Accept
	for i := range st.Accept {
		a := &st.Accept[i]
		sl := t.def.Slots[a.Slot]
		if sl == nil || t.tooEasy(sl) {
			continue
		}
		value, wrong := slot.Parse(t.spec(sl, st), t.given())
		if wrong != nil && !wrong.Keep {
			continue
		}
		t.set(sl.Name, t.carried(sl, value))
		t.hold(sl)
		t.rememberAlbum(sl)
		t.act(a.Do)
		if wrong != nil {
			t.tell(wrong.Key, wrong.Args)
		}
		if a.To != "" {
			t.leave(st, a.To)
			return true
		}
		if said == nil {
			said = a
		}
	}
	if said == nil || t.err != nil {
		return said != nil
	}
	t.s.Failures = 0
	if said.Say != "" {
		t.reask(st, said.Say, t.args(said.Say, st.Args))
	} else {
		t.prompt(st)
	}
	return true
}

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
	if sl != nil && sl.Type == "many" || t.env.Channel.Buttons && t.takesText(st) {
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
