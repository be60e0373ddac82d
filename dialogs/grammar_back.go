package dialogs

import (
	"slices"

	"govorun/crm"
)

// canGoBack tells whether there is a question to go back to, in this dialog or in one that called it.
func (t *step) canGoBack() bool {
	if insists(t.s.Dialog) {
		return false // what is below waits, and this is not to be lost
	}
	if t.kit.lastShown(t.def, t.s.Trail, t.values) >= 0 {
		return true
	}
	return slices.ContainsFunc(t.s.Stack, func(f Frame) bool {
		return t.kit.lastShown(t.kit.Dialogs[f.Dialog], f.Trail, f.Slots) >= 0
	})
}

// lastShown is the place in the trail of the last question that can be put again: one that doesn't show an answer which has been
// thrown away. It is -1 when there is none.
func (k *Kit) lastShown(def *Definition, trail []string, values map[string]Value) int {
	for i := len(trail) - 1; i >= 0 && def != nil; i-- {
		if st := def.States[trail[i]]; st != nil && st.Ask != "" && k.showable(def, st, values) {
			return i
		}
	}
	return -1
}

func (k *Kit) showable(def *Definition, st *State, values map[string]Value) bool {
	for _, path := range k.Texts.Placeholders(st.Ask) {
		_, filled := values[path[0]]
		if def.Slots[path[0]] != nil && st.Args[path[0]] == nil && !filled {
			return false
		}
	}
	return true
}

// back puts the question before this one. Answers stay, also those to later questions: they can be kept by a press.
func (t *step) back(st *State) {
	if !t.canGoBack() {
		why := "grammar.no_way_back"
		if t.s.Deal != 0 {
			why = "grammar.behind_is_done"
		}
		t.tell(why, nil)
		t.prompt(st)
		return
	}
	last := t.kit.lastShown(t.def, t.s.Trail, t.values)
	for last < 0 {
		t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "back"})
		if t.comeBack() == nil {
			return
		}
		last = t.kit.lastShown(t.def, t.s.Trail, t.values)
	}
	t.s.State, t.s.Trail = t.s.Trail[last], t.s.Trail[:last:last]
	t.s.Failures, t.s.Timeout = 0, 0
	t.ask(t.state())
}

// forget takes a slot's answer away, and with it the way back to the question that gave it.
func (t *step) forget(name string) {
	if _, filled := t.values[name]; !filled {
		return
	}
	t.unset(name)
	for i, state := range t.s.Trail {
		if st := t.def.States[state]; st != nil && st.Slot == name {
			t.s.Trail = t.s.Trail[:i:i]
			return
		}
	}
}
