package dialogs

import (
	"errors"
	"slices"
	"time"

	"govorun/crm"
)

// Limits of one step.
const (
	maxHops    = 64                      // states entered without waiting for input: more is a loop in the kit
	maxTrail   = 64                      // how far "back" reaches
	doubleTap  = time.Minute             // a press of the previous prompt is a double tap for so long, later it is out of date
	burst      = 1500 * time.Millisecond // what comes so soon after a prompt was made can't be an answer to it
	nightBegin = 21                      // hours between which nobody is reminded of anything
	nightEnd   = 9
)

// errLoop is a chain of states that doesn't come to one that waits.
var errLoop = errors.New("the dialog goes on without waiting for input")

// Step runs one input through the session and says what follows. It is pure and total: the session it was given is not changed,
// the same arguments give the same result, and a mistake in a kit ends in an apology and an event "dialog_error" or "step_limit",
// never in a panic.
func (k *Kit) Step(s Session, in Input, env Env) Result {
	t := newStep(k, s, in, env)
	t.load()
	switch in.Kind {
	case crm.InTimeout:
		t.timeout()
	case crm.InSignal:
		t.signal()
	case crm.InEdit:
		t.edited()
	case crm.InText, crm.InPress, crm.InMedia, crm.InContact, crm.InLocation, crm.InOther:
		t.person()
	}
	return t.result()
}

// step is one Step under way.
type step struct {
	view
	in       Input
	env      Env
	was      Session // as it was given
	s        Session // as it becomes; its answers are view.values until the end
	out      Result
	err      error             // a mistake in the kit: nothing of this step counts
	hops     int               // states entered so far
	opens    int               // requests that it opens, before it is known whether they are there already
	nonce    string            // of the prompts of this step, made once
	wanted   *crm.DialogWanted // starts when this dialog is over, in the same step; else in a turn of its own
	owned    bool              // view.values is a copy and may be changed
	offering bool              // the question that the input is tried on was not put yet
	forced   bool              // the person has confirmed that another dialog starts
	needs    []Need            // without which the step can't be taken
	lost     string            // the slot whose window was taken meanwhile
	covered  bool              // the question that waits stands under another, or was not sent yet
}

func newStep(k *Kit, s Session, in Input, env Env) step {
	return step{
		view: view{
			kit: k, values: s.Slots, deal: dealOf(s.Deal, in.Facts), contact: env.Contact, person: in.Facts.Person, me: env.Employee,
			now: env.Now, lang: env.Lang, channel: in.Address.Channel, payload: in.Start,
		},
		in: in, env: env, was: s, s: s,
	}
}

// load finds the definition of the session. A session of another version is adopted.
func (t *step) load() {
	if t.s.Dialog == "" {
		return
	}
	t.def = t.kit.Dialogs[t.s.Dialog]
	if t.def != nil && t.s.Version == t.def.Version && t.def.States[t.s.State] != nil {
		return
	}
	t.s = t.kit.Adopt(t.s)
	t.values, t.owned = t.s.Slots, false
	t.def = t.kit.Dialogs[t.s.Dialog]
	if t.def != nil && t.s.State == "" {
		t.enter(t.def.Start)
	}
}

// person takes what a person did.
func (t *step) person() {
	if t.err != nil {
		return
	}
	t.s.Unheard = 0
	adopted := t.asked()
	t.covered = t.s.Pending != "" || t.env.Unseen
	if t.lateFiles() || t.tooLate() {
		return
	}
	if t.in.Press != nil {
		t.press()
		return
	}
	if t.asksOutright() {
		return
	}
	if t.in.Command != "" {
		t.command()
		return
	}
	if t.s.Pending != "" && t.answerPending() {
		return
	}
	if word := t.word(); word != "" && t.intent(word) {
		return
	}
	switch {
	case t.s.Dialog == "":
		t.idle()
	case adopted:
		t.offer()
	default:
		t.answer()
	}
}

// result closes the step.
func (t *step) result() Result {
	t.leaveWanted()
	if t.out.HandOver && len(t.out.Say) == 0 {
		t.handedOver() // the kit says nothing of its own
	}
	if t.err != nil && t.unfinished() {
		return t.out
	}
	if t.err != nil {
		t.apologise()
	}
	t.s.Slots = t.values
	t.s.Tour = t.was.Tour
	t.out.Session = t.s
	t.out.DueAt = t.due()
	return t.out
}

// apologise answers a mistake in the kit: nothing of this step happened, except that it is recorded and a person is offered.
func (t *step) apologise() {
	kind := "dialog_error"
	if errors.Is(t.err, errLoop) {
		kind = "step_limit"
	}
	record := crm.Recorded{Kind: kind, Deal: t.was.Deal, Data: crm.Fields{"dialog": t.s.Dialog, "state": t.s.State, "error": t.err.Error()}}
	t.s, t.values, t.err = t.was, t.was.Slots, nil
	t.def = t.kit.Dialogs[t.s.Dialog]
	t.out = Result{Effects: []crm.Effect{record}}
	if t.in.Kind == crm.InTimeout {
		t.s.Timeout++ // else it would err for ever
		return
	}
	if t.s.Nonce == "" {
		t.s.Nonce = t.env.NewNonce()
	}
	t.out.Say = []Say{{Key: "grammar.trouble", Nonce: t.s.Nonce, Options: []Option{{ID: ":human", Key: "grammar.human"}}}}
}

// asked tells whether this step has put a question already.
func (t *step) asked() bool {
	return slices.ContainsFunc(t.out.Say, func(s Say) bool { return s.Nonce != "" })
}

func (t *step) effect(e crm.Effect) { t.out.Effects = append(t.out.Effects, e) }

// fail keeps the first mistake.
func (t *step) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// record adds an event about the dialog.
func (t *step) record(kind string, more crm.Fields) {
	data := crm.Fields{"dialog": t.s.Dialog}
	for name, value := range more {
		data[name] = value
	}
	t.effect(crm.Recorded{Kind: kind, Deal: t.s.Deal, Data: data})
}

// state is the state that waits, nil when there is none.
func (t *step) state() *State {
	if t.def == nil {
		return nil
	}
	return t.def.States[t.s.State]
}

// dealOf is what is known of the deal: all of it when the turn has looked it up.
func dealOf(id crm.DealID, facts Facts) crm.Deal {
	if facts.Same != nil && facts.Same.ID == id {
		return *facts.Same
	}
	if facts.Wanted != nil && facts.Wanted.ID == id {
		return *facts.Wanted
	}
	return crm.Deal{ID: id}
}
