package dialogs

import "slices"

// checkSlots reports slots that nothing fills.
func (d *draft) checkSlots(definition *Definition) {
	for _, name := range sortedKeys(definition.Slots) {
		if !d.broken[definition.Name] && !d.filled[definition.Name+" "+name] {
			d.add(d.declared["slot "+definition.Name+" "+name], "Let a state ask for it, or remove it.", "nothing fills slot “%s”", name)
		}
	}
}

// checkCalls reports dialogs that call themselves, directly or through others.
func (d *draft) checkCalls() {
	for _, name := range sortedKeys(d.kit.Dialogs) {
		definition := d.kit.Dialogs[name]
		for _, state := range sortedKeys(definition.States) {
			call := definition.States[state].Call
			if call != nil && slices.Contains(d.kit.calls(call.Dialog, nil), name) {
				d.add(d.stateAt(definition, state), "End the first dialog, and start the other one instead of calling it.", "dialog “%s” calls itself through “%s”", name, call.Dialog)
			}
		}
	}
}

// calls lists a dialog and all dialogs that it calls, directly or through others.
func (k *Kit) calls(name string, before []string) []string {
	if slices.Contains(before, name) || k.Dialogs[name] == nil {
		return before
	}
	before = append(before, name)
	definition := k.Dialogs[name]
	for _, state := range sortedKeys(definition.States) {
		if call := definition.States[state].Call; call != nil {
			before = k.calls(call.Dialog, before)
		}
	}
	return before
}
