package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// typedTypes are the slots whose answers are typed, so that an edited message may correct them.
var typedTypes = [...]string{"text", "name", "number", "money", "phone", "email", "date", "datetime", "plate", "city"}

// edited notices that an earlier message was changed. The turn keeps it, and it is never run again; but at a question that only sums up, the new
// answer is offered in place of the old one.
func (t *step) edited() {
	if !t.started() || t.in.Text == "" || len(t.s.Trail) == 0 || t.err != nil {
		return
	}
	name := t.corrected()
	if name == "" {
		t.tell("grammar.edit_noticed", nil)
		return
	}
	sl := t.def.Slots[name]
	value, _ := slot.Parse(t.afresh(sl), t.given())
	t.s.Switch = &Input{Inbound: crm.Inbound{Kind: crm.InText, Text: t.in.Text, Note: name}}
	t.pend("edit", "review.edit_offer", map[string]any{"was": t.show(sl, t.values[name]), "now": t.show(sl, value)})
}

// corrected is the answer that the message gave before it was edited, when the question that is open sums up and the new text would do as well;
// empty when there is none.
func (t *step) corrected() string {
	st := t.state()
	if st == nil || st.Slot != "" || len(st.Options) == 0 || t.in.Facts.Was == "" {
		return ""
	}
	for _, name := range sortedKeys(t.values) {
		sl := t.slot(name)
		if sl == nil || sl.Secret || !slices.Contains(typedTypes[:], sl.Type) {
			continue
		}
		was, wrong := slot.Parse(t.afresh(sl), slot.Given{Text: t.in.Facts.Was})
		if wrong != nil || !sameAnswer(was, t.values[name]) {
			continue
		}
		if now, wrong := slot.Parse(t.afresh(sl), t.given()); wrong == nil && !sameAnswer(now, was) {
			return name
		}
	}
	return ""
}

// afresh is how an answer is read that takes the place of the one that is there.
func (t *step) afresh(sl *Slot) slot.Spec {
	spec := t.specOf(sl)
	spec.Have = Value{}
	return spec
}

func sameAnswer(a, b Value) bool {
	return a.Text == b.Text && a.Number == b.Number && a.Time.Equal(b.Time)
}

// correct takes the edited message as the answer.
func (t *step) correct(in *Input) {
	st := t.state()
	if in != nil && t.slot(in.Note) != nil {
		if value, wrong := slot.Parse(t.afresh(t.slot(in.Note)), slot.Given{Text: in.Text}); wrong == nil {
			t.set(in.Note, value)
		}
	}
	t.ask(st)
}
