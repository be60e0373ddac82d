package dialogs

import "slices"

// longSilence tells whether nobody has said anything for so long that one has to be told where one is.
func (t *step) longSilence() bool {
	return t.kit.ResumeAfter > 0 && !t.s.Asked.IsZero() && t.now.Sub(t.s.Asked) > t.kit.ResumeAfter
}

// resume says where one is, what is done and what is left.
func (t *step) resume() {
	st := t.state()
	if !t.started() {
		t.prompt(st)
		return
	}
	at := t.progress()
	done, left := t.stepNames(at[0])
	args := map[string]any{"step": at[0], "steps": at[1], "done": done, "left": left}
	switch {
	case at[1] == 0 || len(left) == 0:
		t.pend("resume", "grammar.resume_plain", nil)
	case len(done) == 0:
		t.pend("resume", "grammar.resume_left", args)
	default:
		t.pend("resume", "grammar.resume", args)
	}
}

// stepNames are the counted steps that are answered and those that are not, as the kit calls them: text "<dialog>.step_<state>".
func (t *step) stepNames(at int) (done, left []string) {
	for i, name := range t.def.Steps {
		key := t.def.Name + ".step_" + name
		if !t.kit.Texts.Has(t.lang, key) {
			continue
		}
		text, _ := t.kit.Texts.Text(t.lang, key, nil)
		if st := t.def.States[name]; st != nil && i+1 != at && t.def.answered(st, t.values) {
			done = append(done, text)
		} else {
			left = append(left, text)
		}
	}
	return done, left
}

// started tells whether answers would be lost: a question on the way back, or a counted step, has its answer.
func (t *step) started() bool {
	if t.def == nil {
		return false
	}
	if t.def.answers(t.s.Trail, t.values) || t.def.answers(t.def.Steps, t.values) {
		return true
	}
	return slices.ContainsFunc(t.s.Stack, func(f Frame) bool {
		def := t.kit.Dialogs[f.Dialog]
		return def != nil && (def.answers(f.Trail, f.Slots) || def.answers(def.Steps, f.Slots))
	})
}

// answers tells whether one of the states has its answer.
func (d *Definition) answers(states []string, values map[string]Value) bool {
	return slices.ContainsFunc(states, func(name string) bool {
		st := d.States[name]
		return st != nil && d.answered(st, values)
	})
}

// answered tells whether a state has its answer.
func (d *Definition) answered(st *State, values map[string]Value) bool {
	value, filled := values[st.Slot]
	if !filled {
		return false
	}
	sl := d.Slots[st.Slot]
	return sl != nil && enough(sl, value)
}
