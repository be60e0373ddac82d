package dialogs

import "govorun/crm"

// signal starts the dialog that another conversation or a job wants here. What is going on with answers is put aside and comes back.
func (t *step) signal() {
	if t.in.Signal == nil || t.err != nil {
		return
	}
	def := t.kit.Dialogs[t.in.Signal.Dialog]
	if def == nil {
		t.effect(crm.Recorded{Kind: "dialog_error", Deal: t.in.Signal.Deal, Data: crm.Fields{"dialog": t.in.Signal.Dialog, "error": "there is no such dialog"}})
		return
	}
	values := answersFrom(t.in.Signal.Slots, def)
	if t.cutIn(def, values) {
		return
	}
	if len(def.Entries) > 0 && t.started() && t.inside(def, values) {
		return // a form that is half filled in, which a robot wants begun, goes on where it stands
	}
	if !t.started() {
		t.begin(def, values, t.in.Signal.Deal)
		return
	}
	t.inBetween(def, values)
}

// answersFrom makes answers for the dialog's slots of the plain values that a signal carries.
func answersFrom(plain crm.Fields, def *Definition) map[string]Value {
	values := make(map[string]Value, len(plain))
	for name, value := range plain {
		if sl := def.Slots[name]; sl != nil {
			if answer, ok := answerFrom(value, sl); ok {
				values[name] = answer
			}
		}
	}
	return values
}
