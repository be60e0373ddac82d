package dialogs

import "slices"

// Adopt brings a session that began on another version of its dialog to the one the kit has now. A state that is still there and
// still waits goes on; else the dialog begins anew with the answers that still fit, which the session shows by an empty State.
// A dialog that is gone ends. The session that was given is not changed.
func (k *Kit) Adopt(s Session) Session {
	def := k.Dialogs[s.Dialog]
	if def == nil {
		return Session{Previous: s.Nonce, Asked: s.Asked, Tour: s.Tour}
	}
	s.Version = def.Version
	s.Slots = def.fitting(s.Slots)
	s.Trail = slices.DeleteFunc(slices.Clone(s.Trail), func(name string) bool { return !def.waits(name) })
	s.Stack = slices.Clone(s.Stack)
	s.Stack = slices.DeleteFunc(s.Stack, func(f Frame) bool {
		caller := k.Dialogs[f.Dialog]
		return caller == nil || caller.States[f.State] == nil
	})
	if def.waits(s.State) {
		return s
	}
	s.State, s.Trail, s.Pending, s.Switch, s.Failures, s.Timeout = "", nil, "", nil, 0, 0
	return s
}

// waits tells whether the definition has such a state and it waits for input.
func (d *Definition) waits(state string) bool {
	st := d.States[state]
	return st != nil && st.Ask != ""
}

// fitting are the answers for which the definition still has a slot.
func (d *Definition) fitting(values map[string]Value) map[string]Value {
	kept := make(map[string]Value, len(values))
	for name, value := range values {
		if d.Slots[name] != nil || name == albumSlot {
			kept[name] = value
		}
	}
	return kept
}
