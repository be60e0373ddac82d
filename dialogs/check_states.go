package dialogs

import (
	"slices"
	"strings"
)

// Limits of what one prompt can offer.
const (
	manyOptions    = 6  // more are hard to read as numbered text
	tooManyOptions = 10 // numbers with two digits, and more than a phone shows
)

// checkStates reports states that can't be reached, can't be left, run in circles, or don't know whether they wait.
func (d *draft) checkStates(definition *Definition) {
	for _, name := range sortedKeys(definition.States) {
		state := definition.States[name]
		at := d.stateAt(definition, name)
		if state.End != "" {
			d.checkEnd(at, state)
			continue
		}
		d.checkWaiting(at, definition, state)
		d.checkWayOut(at, state)
		if len(state.Options) > tooManyOptions {
			d.add(at, "Group them into two questions.", "state “%s” has %d options, at most %d fit on a phone", name, len(state.Options), tooManyOptions)
		} else if len(state.Options) > manyOptions {
			d.warn(at, "Group them, or drop some.", "state “%s” has %d options, more than %d are hard to choose from", name, len(state.Options), manyOptions)
		}
	}
	d.checkReachable(definition)
	d.checkLoops(definition)
}

func (d *draft) stateAt(definition *Definition, name string) place {
	return d.declared["state "+definition.Name+" "+name]
}

func (d *draft) add(at place, fix, what string, args ...any) {
	d.problems = append(d.problems, at.problem(fix, what, args...))
}

func (d *draft) warn(at place, fix, what string, args ...any) {
	d.kit.Warnings = append(d.kit.Warnings, at.problem(fix, what, args...))
}

func (d *draft) checkEnd(at place, state *State) {
	if len(state.targets()) > 0 || state.waits() || len(state.Options) > 0 || state.Call != nil {
		d.add(at, "Remove “end”, or what comes after it: a last state only says and does.", "state “%s” ends the dialog and goes on", state.Name)
	}
}

// checkWaiting reports answers that nobody asked for, and questions that take no answer.
func (d *draft) checkWaiting(at place, definition *Definition, state *State) {
	answers := state.Slot != "" || len(state.Options) > 0 || len(state.Accept) > 0
	switch {
	case state.waits() && state.Call != nil:
		d.add(at, "Make them two states.", "state “%s” asks and calls a dialog", state.Name)
	case state.waits() && !answers:
		d.add(at, "Add “slot”, “options” or “accept”, or write “say” instead of “ask”.", "state “%s” asks and takes no answer", state.Name)
	case !state.waits() && (answers || len(state.Timeouts) > 0 || state.Share != "" || state.Optional || state.Hint != "" || state.Edit):
		d.add(at, "Add “ask” with the text key of the question.", "state “%s” takes an answer and asks no question", state.Name)
	case state.Optional && state.Slot == "":
		d.add(at, "Remove “optional”, or add “slot”.", "state “%s” is optional and fills nothing", state.Name)
	}
	d.checkChoice(at, definition, state)
}

// checkChoice reports a choice without options.
func (d *draft) checkChoice(at place, definition *Definition, state *State) {
	slot := definition.Slots[state.Slot]
	if slot == nil || slot.Type != "choice" && slot.Type != "many" {
		return
	}
	if len(slot.Options) == 0 && len(state.Options) == 0 {
		d.add(at, "Add “options” to the state or to the slot.", "state “%s” asks for a choice and offers none", state.Name)
	}
}

// checkWayOut reports dead ends.
func (d *draft) checkWayOut(at place, state *State) {
	const fix = "Add “next” with the name of a state, or “end: done”."
	switch {
	case len(state.Next) > 0:
		return
	case len(state.targets()) == 0:
		d.add(at, fix, "state “%s” is a dead end", state.Name)
		return
	case !state.waits():
		d.add(at, fix, "state “%s” doesn't say where to go on", state.Name)
		return
	case state.Slot != "":
		d.add(at, fix, "an answer to state “%s” leads nowhere", state.Name)
		return
	}
	for _, option := range state.Options {
		if option.To == "" {
			d.add(at, "Add “to” to the option, or “next” to the state.", "option “%s” of state “%s” leads nowhere", option.ID, state.Name)
		}
	}
}

// checkReachable reports states to which no way leads from the start.
func (d *draft) checkReachable(definition *Definition) {
	if definition.States[definition.Start] == nil {
		return
	}
	reached := map[string]bool{definition.Start: true}
	queue := []string{definition.Start}
	for len(queue) > 0 {
		for _, to := range definition.States[queue[0]].targets() {
			if definition.States[to] != nil && !reached[to] {
				reached[to] = true
				queue = append(queue, to)
			}
		}
		queue = queue[1:]
	}
	for _, name := range sortedKeys(definition.States) {
		if !reached[name] {
			d.add(d.stateAt(definition, name), "Lead to it from another state, or remove it.", "no way leads to state “%s”", name)
		}
	}
}

// checkLoops reports circles of states that never wait for anybody.
func (d *draft) checkLoops(definition *Definition) {
	const visiting, done = 1, 2
	mark := map[string]int{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state := definition.States[name]
		if state == nil || state.waits() || state.Call != nil || mark[name] == done {
			return
		}
		if mark[name] == visiting {
			circle := append(slices.Clone(path[slices.Index(path, name):]), name)
			d.add(d.stateAt(definition, name), "Let one of them ask something.", "the states %s run in a circle without asking anything", "“"+strings.Join(circle, "” → “")+"”")
			return
		}
		mark[name] = visiting
		path = append(path, name)
		for _, to := range state.targets() {
			visit(to)
		}
		path = path[:len(path)-1]
		mark[name] = done
	}
	for _, name := range sortedKeys(definition.States) {
		visit(name)
	}
}
