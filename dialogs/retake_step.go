package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
)

// A retake, or a question asked back, is never lost: it comes in between whatever is going on, waits in the stack while something else is
// done, and ends only when it is answered or its deal is closed.

// insists tells whether a dialog is one that employees wait for.
func insists(dialog string) bool {
	return strings.HasPrefix(dialog, retakePrefix) || strings.HasPrefix(dialog, questionPrefix)
}

// Insists tells whether a dialog is one that employees wait for: nothing else makes it go away.
func Insists(dialog string) bool { return insists(dialog) }

// cutIn takes the signal of a dialog that insists; false for any other, and when nothing is going on that could be lost.
func (t *step) cutIn(def *Definition, values map[string]Value) bool {
	deal := t.in.Signal.Deal
	if !insists(def.Name) {
		return false
	}
	if same := t.in.Facts.Same; same != nil && same.ID == deal && closed(same.Status) {
		return true // decided before it could be asked
	}
	again := func(f Frame) bool { return f.Dialog == def.Name && f.Deal == deal }
	if again(t.frame()) { // the same once more: with its new reason
		t.values, t.owned, t.vars = values, true, nil
		t.ask(t.state())
		return true
	}
	if i := slices.IndexFunc(t.s.Stack, again); i >= 0 {
		t.s.Stack = slices.Clone(t.s.Stack)
		t.s.Stack[i].Slots = values
		return true
	}
	if !insists(t.s.Dialog) {
		if t.s.Dialog == "" || t.s.Dialog == t.kit.Home && !t.started() {
			return false
		}
		return t.inBetween(def, values)
	}
	at := len(t.s.Stack) // behind those that wait already
	for at > 0 && insists(t.s.Stack[at-1].Dialog) {
		at--
	}
	t.s.Stack = slices.Insert(slices.Clone(t.s.Stack), at, Frame{Dialog: def.Name, Version: def.Version, State: def.Start, Slots: values, Deal: deal})
	return true
}

// inBetween puts what is going on aside and starts a dialog.
func (t *step) inBetween(def *Definition, values map[string]Value) bool {
	t.s.Stack = append(t.s.Stack[:len(t.s.Stack):len(t.s.Stack)], t.frame())
	t.s.Pending, t.s.Switch = "", nil
	t.s.Deal, t.deal = t.in.Signal.Deal, dealOf(t.in.Signal.Deal, t.in.Facts)
	t.open(def, values)
	t.enter(def.Start)
	return true
}

func closed(status crm.DealStatus) bool { return status == crm.DealWon || status == crm.DealLost }

// insisted are the dialogs of the session that insist, the one that runs last. They outlive whatever else begins or ends.
func (t *step) insisted() []Frame {
	var kept []Frame
	for _, f := range t.s.Stack {
		if insists(f.Dialog) {
			kept = append(kept, f)
		}
	}
	if insists(t.s.Dialog) {
		kept = append(kept, t.frame())
	}
	return kept
}

// tooLate ends what was wanted for a deal that is closed by now, and says so unless nobody is there to hear it. It reports true when that was
// all that the input could be about.
func (t *step) tooLate() bool {
	if !insists(t.s.Dialog) || t.deal.ID != t.s.Deal || !closed(t.deal.Status) {
		return false
	}
	id := t.s.Deal
	t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "closed"})
	t.s.Stack = unwanted(t.s.Stack, id)
	quiet := t.in.Kind == crm.InTimeout
	if !quiet {
		t.tell("retake.closed", map[string]any{"id": int(id)})
	}
	if len(t.s.Stack) == 0 {
		t.over()
		return t.in.Press != nil || len(t.in.Media) > 0 || quiet || t.in.Kind == crm.InText && t.in.Command == ""
	}
	below := t.comeBack()
	if below == nil || quiet {
		t.s.Asked = t.now
		return true
	}
	t.ask(below)
	if t.in.Press == nil && t.in.Command == "" {
		t.offer()
	}
	return t.in.Command == ""
}

// unwanted is a stack in which nothing is wanted for a deal any more.
func unwanted(stack []Frame, id crm.DealID) []Frame {
	return slices.DeleteFunc(slices.Clone(stack), func(f Frame) bool { return insists(f.Dialog) && f.Deal == id })
}

// dropDecided takes away what was wanted next for deals that are closed by now.
func (t *step) dropDecided() {
	for last := len(t.s.Stack) - 1; last >= 0; last-- {
		frame := t.s.Stack[last]
		if deal := dealOf(frame.Deal, t.in.Facts); !insists(frame.Dialog) || !closed(deal.Status) {
			return
		}
		t.s.Stack = t.s.Stack[:last:last]
	}
}

// later puts a dialog that insists behind everything else that is going on; false when there is nothing else.
func (t *step) later() bool {
	i := slices.IndexFunc(t.s.Stack, func(f Frame) bool { return !insists(f.Dialog) })
	if i < 0 {
		return false
	}
	t.behind()
	if st := t.comeBack(); st != nil {
		t.ask(st)
	}
	return true
}

// behind moves the dialog that runs, and those that insist right below it, under all others.
func (t *step) behind() {
	above := t.frame()
	stack := slices.Clone(t.s.Stack)
	var queue []Frame
	for last := len(stack) - 1; last >= 0 && insists(stack[last].Dialog); last-- {
		queue = append([]Frame{stack[last]}, queue...)
		stack = stack[:last]
	}
	t.s.Stack = slices.Concat(queue, []Frame{above}, stack)
}

// takeWanted tries files on what somebody waits for, wherever in the stack that is: false when nobody waits for such.
func (t *step) takeWanted() bool {
	if len(t.in.Media) == 0 || insists(t.s.Dialog) {
		return false
	}
	for i := len(t.s.Stack) - 1; i >= 0; i-- {
		if !strings.HasPrefix(t.s.Stack[i].Dialog, retakePrefix) {
			continue
		}
		if id := t.s.Stack[i].Deal; closed(dealOf(id, t.in.Facts).Status) {
			t.s.Stack = unwanted(t.s.Stack, id)
			t.tell("retake.closed", map[string]any{"id": int(id)})
			t.prompt(t.state())
			return true
		}
		other := *t
		other.out = Result{}
		other.s.Stack = t.wantedFirst(i)
		if other.comeBack() == nil {
			return false
		}
		if taken, _ := other.take(); taken && other.err == nil {
			*t = other
			return true
		}
	}
	return false
}

// wantedFirst is the stack in which one frame comes next, then whatever else insists, then what runs now.
func (t *step) wantedFirst(i int) []Frame {
	var others, rest []Frame
	for j, f := range t.s.Stack {
		switch {
		case j == i:
		case insists(f.Dialog):
			others = append(others, f)
		default:
			rest = append(rest, f)
		}
	}
	return slices.Concat(rest, []Frame{t.frame()}, others, []Frame{t.s.Stack[i]})
}

// replace attaches the photo of a slot in place of one that the deal has.
func (t *step) replace(r *Replace) {
	value := t.values[r.Slot]
	if len(value.Media) == 0 || !t.needDeal() {
		return
	}
	t.effect(crm.Attached{Deal: t.s.Deal, Name: r.Slot, Media: value.Media[:1:1], Place: r.Place})
	if r.Only || len(raised(value)) > 0 {
		t.raise(r.Slot)
	}
	data := crm.Fields{}
	if item := t.slot(itemSlot); item != nil && len(item.Options) > 0 {
		data["title"] = item.Options[0]
	}
	t.effect(crm.Recorded{Kind: "retake_done", Deal: t.s.Deal, Data: data})
}

// handBack brings the answer to whoever waits for it, and the deal back to its stage when nothing more is wanted for it.
func (t *step) handBack(h *HandBack) {
	if !t.needDeal() {
		return
	}
	deal := t.s.Deal
	more := slices.ContainsFunc(t.s.Stack, func(f Frame) bool { return insists(f.Dialog) && f.Deal == deal })
	if h.Stage != "" && !more && t.deal.Stage == h.From {
		t.moveDeal(&MoveDeal{Stage: h.Stage})
	}
	key := h.Key
	if _, answered := t.values[answerSlot]; h.Files != "" && !answered {
		key = h.Files
	}
	if t.slot(questionSlot) != nil {
		t.effect(crm.Recorded{Kind: "question_answered", Deal: deal})
	}
	t.effect(crm.Notified{Deal: deal, To: crm.ToEmployee, Employee: crm.EmployeeID(t.values[bySlot].Number), Card: h.Card, Key: key, Args: t.args(key, nil)})
	t.cutTrail()
}

// askBack starts the dialog in which the deal's contact, or its owner, answers a question.
func (t *step) askBack(a *AskBack) {
	if !t.needDeal() {
		return
	}
	question := t.values[questionSlot].Text
	by := 0
	if t.me != nil {
		by = int(t.me.ID)
	}
	wanted := crm.DialogWanted{Deal: t.s.Deal, Dialog: a.Dialog, Slots: crm.Fields{questionSlot: question, bySlot: by}}
	if a.To == "owner" {
		wanted.Employee = t.deal.Owner
	}
	t.effect(crm.Recorded{Kind: "question_asked", Deal: t.s.Deal, Data: crm.Fields{"text": question}})
	t.effect(wanted)
}
