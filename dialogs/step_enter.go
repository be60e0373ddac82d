package dialogs

import (
	"fmt"
	"maps"

	"govorun/crm"
)

// enter comes into a state and goes on until one waits for input or all is over.
func (t *step) enter(name string) {
	for t.err == nil && name != "" {
		if t.hops++; t.hops > maxHops {
			t.fail(fmt.Errorf("state %s of %s: %w", name, t.s.Dialog, errLoop))
			return
		}
		st := t.def.States[name]
		if st == nil {
			t.fail(fmt.Errorf("dialog %s has no state %q", t.s.Dialog, name))
			return
		}
		t.s.State, t.s.Failures, t.s.Timeout, t.s.Look = name, 0, 0, ""
		t.act(st.Do)
		if st.Say != "" && t.err == nil {
			t.say(st.Say, st.Args, st.pictureOf(st.Say))
		}
		switch {
		case t.err != nil:
			return
		case st.Call != nil:
			name = t.call(st)
		case st.End != "":
			name = t.end(st)
		case st.Ask != "":
			t.ask(st)
			return
		default:
			name = t.next(st)
		}
	}
}

// next chooses where the state leads.
func (t *step) next(st *State) string {
	for i := range st.Next {
		branch := &st.Next[i]
		if branch.If != nil && !t.holds(branch.If) {
			continue
		}
		return t.move(st, branch.To)
	}
	t.fail(fmt.Errorf("state %s of %s leads nowhere", st.Name, t.s.Dialog))
	return ""
}

// move checks the arrow against the definition's machine.
func (t *step) move(from *State, to string) string {
	if t.err != nil {
		return ""
	}
	if err := t.def.move(from.Name, to); err != nil {
		t.fail(fmt.Errorf("dialog %s: %w", t.s.Dialog, err))
		return ""
	}
	return to
}

// leave goes on from an answered state: to the named one, or where it leads.
func (t *step) leave(st *State, to string) {
	if t.err != nil {
		return
	}
	t.s.Trail = pushed(t.s.Trail, st.Name)
	if to != "" {
		t.enter(t.move(st, to))
		return
	}
	t.enter(t.next(st))
}

// call puts the dialog aside and begins another inside it.
func (t *step) call(st *State) string {
	child := t.kit.Dialogs[st.Call.Dialog]
	if child == nil {
		t.fail(fmt.Errorf("state %s of %s calls dialog %q, which is not there", st.Name, t.s.Dialog, st.Call.Dialog))
		return ""
	}
	given := make(map[string]Value, len(st.Call.With))
	for _, name := range inOrder(st.Call.With) {
		if value, ok := t.answerOf(st.Call.With[name], child.Slots[name]); ok {
			given[name] = value
		}
	}
	t.s.Stack = append(t.s.Stack[:len(t.s.Stack):len(t.s.Stack)], t.frame())
	t.open(child, given)
	return child.Start
}

// frame keeps the dialog as it stands.
func (t *step) frame() Frame {
	return Frame{Dialog: t.s.Dialog, Version: t.s.Version, State: t.s.State, Slots: t.values, Trail: t.s.Trail, Deal: t.s.Deal}
}

// open makes a definition the one that runs, with these answers and the same deal.
func (t *step) open(def *Definition, values map[string]Value) {
	t.def = def
	t.s.Dialog, t.s.Version, t.s.State, t.s.Trail = def.Name, def.Version, def.Start, nil
	t.values, t.owned, t.vars = values, true, nil
	t.record("dialog_started", nil)
}

// end closes the dialog; a caller goes on where it called.
func (t *step) end(st *State) string {
	t.keepLate()
	t.record("dialog_finished", crm.Fields{"outcome": st.End, "state": st.Name})
	if len(t.s.Stack) == 0 {
		t.over()
		t.follow()
		return ""
	}
	answers := t.values
	caller := t.comeBack()
	if caller == nil {
		return ""
	}
	if caller.Call == nil { // a signal had come in between
		if t.in.Kind == crm.InTimeout { // and was not answered: the question before waits too, and nobody is reminded of it
			t.s.Timeout = len(caller.Timeouts)
			return ""
		}
		t.ask(caller)
		return ""
	}
	for _, name := range inOrder(caller.Call.Take) {
		if value, ok := answers[caller.Call.Take[name]]; ok {
			t.set(name, value)
		}
	}
	return t.next(caller)
}

// follow starts the dialog that the one that is over wanted.
func (t *step) follow() {
	if t.wanted == nil || t.kit.Dialogs[t.wanted.Dialog] == nil {
		return
	}
	def, wanted := t.kit.Dialogs[t.wanted.Dialog], t.wanted
	t.wanted = nil
	t.launch(def, answersFrom(wanted.Slots, def), wanted.Deal)
}

// comeBack takes the innermost caller from the stack; nil when its definition is gone, and then all is over.
func (t *step) comeBack() *State {
	t.dropDecided()
	last := len(t.s.Stack) - 1
	if last < 0 {
		t.over()
		return nil
	}
	frame := t.s.Stack[last]
	def := t.kit.Dialogs[frame.Dialog]
	if def == nil || def.States[frame.State] == nil {
		t.over()
		return nil
	}
	t.def = def
	t.s.Stack = t.s.Stack[:last:last]
	t.s.Dialog, t.s.Version, t.s.State, t.s.Trail = frame.Dialog, def.Version, frame.State, frame.Trail
	t.s.Failures, t.s.Timeout = 0, 0
	if frame.Deal != 0 {
		t.useDeal(dealOf(frame.Deal, t.in.Facts))
	}
	t.values, t.owned, t.vars = frame.Slots, false, nil
	return t.state()
}

// over ends the session. What remains lets a double tap of the last button be told from an old one.
func (t *step) over() {
	t.s = Session{Previous: t.was.Nonce, Asked: t.now, Late: t.s.Late}
	t.def, t.values, t.owned, t.vars = nil, nil, false, nil
}

// set fills a slot of the dialog.
func (t *step) set(name string, value Value) {
	t.own()
	t.values[name] = t.sealed(name, value)
	t.changed(name)
}

// unset empties a slot of the dialog.
func (t *step) unset(name string) {
	if _, ok := t.values[name]; !ok {
		return
	}
	t.own()
	delete(t.values, name)
	t.changed(name)
}

// own makes the answers a copy of this step.
func (t *step) own() {
	switch {
	case t.owned:
	case t.values == nil:
		t.values = make(map[string]Value, 4)
	default:
		t.values = maps.Clone(t.values)
	}
	t.owned = true
}

// useDeal makes a deal the one that the dialog is about.
func (t *step) useDeal(deal crm.Deal) {
	if t.deal.ID != deal.ID {
		t.deal = deal
		delete(t.vars, "deal")
	}
	t.s.Deal = deal.ID
}

// pushed adds a state to a trail without touching the array that the trail came in.
func pushed(trail []string, state string) []string {
	if len(trail) >= maxTrail {
		trail = trail[len(trail)-maxTrail+1:]
	}
	return append(trail[:len(trail):len(trail)], state)
}

// pictureOf is the picture that goes with a text of the state: above the question, or above the statement when there is none.
func (st *State) pictureOf(key string) string {
	if key == st.Ask || st.Ask == "" {
		return st.Picture
	}
	return ""
}
