package dialogs

import (
	"fmt"
	"sync"

	"github.com/looplab/fsm"
)

// machines is a dialog's transition table. The table is built once; copies of it are pooled, because a machine holds its
// current state and building one costs more than a whole step.
type machines struct{ pool *sync.Pool }

// newMachines builds the table: an event is named by the state it leads to, equal arrows are one.
func newMachines(d *Definition) machines {
	var events []fsm.EventDesc
	for _, from := range sortedKeys(d.States) {
		for _, to := range d.States[from].targets() {
			events = append(events, fsm.EventDesc{Name: to, Src: []string{from}, Dst: to})
		}
	}
	start := d.Start
	return machines{pool: &sync.Pool{New: func() any { return fsm.NewFSM(start, events, nil) }}}
}

// move checks that the definition has an arrow between two states; an arrow to the state itself counts when it is drawn.
// It asks Can instead of calling Event: without callbacks the session is all that moves, Event would only add five allocations
// and an error for an arrow to the state itself.
func (d *Definition) move(from, to string) error {
	machine := d.machine.pool.Get().(*fsm.FSM)
	defer d.machine.pool.Put(machine)
	machine.SetState(from)
	if machine.Can(to) {
		return nil
	}
	return fmt.Errorf("move dialog %s from state %q to %q: there is no such arrow", d.Name, from, to)
}

// targets lists the states that a state leads to, each once, in the order of the file.
func (s *State) targets() []string {
	var targets []string
	seen := map[string]bool{"": true}
	add := func(to string) {
		if !seen[to] {
			seen[to] = true
			targets = append(targets, to)
		}
	}
	for _, option := range s.Options {
		add(option.To)
	}
	for _, accept := range s.Accept {
		add(accept.To)
	}
	for _, branch := range s.Next {
		add(branch.To)
	}
	for _, timeout := range s.Timeouts {
		add(timeout.To)
	}
	return targets
}

// waits says whether the state stops for an answer, instead of acting and going on.
func (s *State) waits() bool { return s.Ask != "" }
