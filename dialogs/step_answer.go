package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// idle takes what comes when nothing is going on: words of an entry start their dialog, everything else the home dialog, whose
// first question gets it at once when it fits.
func (t *step) idle() {
	if def := t.byWords(); def != nil {
		t.begin(def, nil, 0)
		return
	}
	t.startHome()
	if !t.offer() {
		t.questionAtHome()
	}
}

// offer tries the input on a question that the person hasn't seen yet. When it fits, the question needn't be put. False when it doesn't.
func (t *step) offer() bool {
	if t.err != nil || t.state() == nil || t.s.Nonce == "" || t.in.Text == "" && len(t.in.Media) == 0 && t.in.Card == nil && t.in.Location == nil {
		return false
	}
	said := t.out.Say
	t.out.Say = slices.DeleteFunc(slices.Clone(said), func(s Say) bool { return s.Nonce != "" })
	t.offering = true
	defer func() { t.offering = false }()
	taken, _ := t.take()
	if !taken && t.err == nil {
		t.out.Say = said
	}
	return taken
}

// tooEasy tells whether a slot would take any text, or a number of a list: before the question was put that says nothing, and "hello"
// is no name.
func (t *step) tooEasy(sl *Slot) bool {
	if !t.offering || t.in.Kind != crm.InText {
		return false
	}
	return sl.Type == "text" || sl.Type == "name" || sl.Type == "choice" || sl.Type == "many"
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
	if t.takeBelow() || t.takeWanted() || t.question() {
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
	wrong := t.severalMeant(st)
	if wrong != nil {
		return false, wrong
	}
	if sl := t.def.Slots[st.Slot]; sl != nil && !t.tooEasy(sl) && !t.asksForName(sl) {
		if t.in.Facts.Slowed && sl.Type == "asset" && t.in.Text != "" {
			t.reask(st, "grammar.slow_down", nil)
			return true, nil
		}
		if sl.Type == "window" {
			return t.takeWindow(st, sl)
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
	if def := t.byWords(); def != nil && !t.inside(def, nil) {
		return false, wrong // the words of another dialog are no comment to this one
	}
	if t.accept(st) {
		return true, nil
	}
	return false, t.better(st, wrong)
}

// given is the input as parsers take it.
func (t *step) given() slot.Given {
	return slot.Given{Text: t.in.Text, Media: t.in.Media, Card: t.in.Card, Location: t.in.Location, Asset: t.in.Facts.Asset, Seen: t.in.Facts.Seen}
}

// fill keeps the answer to the state's question and goes on, unless more is wanted or it was understood in another form.
func (t *step) fill(st *State, sl *Slot, value Value, more *slot.Wrong) {
	t.set(sl.Name, t.carried(sl, value))
	t.hold(sl)
	t.rememberAlbum(sl)
	switch {
	case more != nil && !enough(sl, value):
		t.s.Failures = 0
		t.reask(st, more.Key, more.Args)
	case slices.Contains(value.Flags, "normalised"):
		t.pend("confirm", "grammar.confirm_value", map[string]any{"value": t.show(sl, t.values[sl.Name])})
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
		if sl == nil || t.tooEasy(sl) || t.mayBeSecret(sl) {
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
