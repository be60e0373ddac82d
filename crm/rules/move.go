package rules

import (
	"time"

	"govorun/crm"
)

// KeyMoveRefused and the other keys are texts that the cascade asks to be told to employees; their words are the product's.
const (
	KeyMoveRefused = "rules.move_refused" // to heads: args stage, code, fields
	KeyAssigned    = "rules.assigned"     // to the new owner, chosen by the distribution
	KeyNobodyTook  = "rules.nobody_took"  // to the head who gets what nobody took
	KeyRecalled    = "rules.recalled"     // to the stage's people: nobody processed it
	KeyTaskOverdue = "rules.task_overdue" // to heads: args title
)

// move moves a deal if the book allows it. Links within a mirror don't ask: see mirror.
func (r *run) move(e crm.DealMoved, by by) error {
	v, err := r.deal(e.Deal)
	if err != nil {
		return err
	}
	to, known := r.Book.Moved(Place{v.Deal.Pipeline, e.Stage})
	if known {
		e.Stage = to.Stage
	}
	if r.Book.here(v).Stage == e.Stage {
		return nil
	}
	refusal, err := r.refusal(v, e, by)
	if err != nil {
		return err
	}
	if refusal != nil {
		r.refuse(v, e, refusal, by)
		return nil
	}
	if stage := r.Book.stage(to); stage != nil {
		e.Status = stage.status()
	}
	if err := r.shift(v, e, by); err != nil {
		return err
	}
	return r.spreadStage(v, by)
}

// refusal tells why a move may not be. Roles bind only who moves by hand.
func (r *run) refusal(v *View, e crm.DealMoved, by by) (*Refusal, error) {
	if e.From != "" {
		if from, _ := r.Book.Moved(Place{v.Deal.Pipeline, e.From}); from != r.Book.here(v) {
			return &Refusal{Code: RefusedStale}, nil
		}
	}
	me := r.Me
	if !by.hand() {
		me = nil
	}
	if refusal := r.Book.Refused(v, e.Stage, me, e.Reason); refusal != nil {
		return refusal, nil
	}
	to := r.Book.stage(Place{v.Deal.Pipeline, e.Stage})
	return r.reopening(v, to)
}

// reopening refuses to open a closed deal again whose request another open deal bears meanwhile.
func (r *run) reopening(v *View, to *Stage) (*Refusal, error) {
	if to.status() != crm.DealOpen || v.Deal.Status == crm.DealOpen || v.Deal.UniqueKey == "" {
		return nil, nil
	}
	other, err := r.sameAs(v.Deal.UniqueKey)
	if err != nil || other == 0 || other == v.Deal.ID {
		return nil, err
	}
	return &Refusal{Code: RefusedSame}, nil
}

// refuse records a refused move. Who moved by hand is told by their own screen; of a robot's the head hears.
func (r *run) refuse(v *View, e crm.DealMoved, refusal *Refusal, by by) {
	r.refused = v.Deal.ID
	data := crm.Fields{"from": v.Deal.Stage, "stage": e.Stage, "code": refusal.Code}
	if len(refusal.Fields) > 0 {
		data["fields"] = refusal.Fields
	}
	if e.Reason != "" {
		data["reason"] = e.Reason
	}
	r.emit(crm.Recorded{Kind: "move_refused", Deal: v.Deal.ID, Data: data}, by)
	if r.Book.Head != "" && !(by.hand() && r.Me != nil) {
		r.emit(crm.Notified{Deal: v.Deal.ID, Role: r.Book.Head, To: crm.ToRole, Key: KeyMoveRefused,
			Args: crm.Fields{"deal": v.Deal.ID, "stage": e.Stage, "code": refusal.Code, "fields": refusal.Fields}}, by)
	}
}

// shift moves a deal without asking, with what its new stage does at once.
func (r *run) shift(v *View, e crm.DealMoved, by by) error {
	d := &v.Deal
	e.Deal, e.From = d.ID, d.Stage
	if e.Status == "" {
		e.Status = d.Status
	}
	if e.Status != crm.DealLost {
		e.Reason = ""
	}
	d.Stage, d.EnteredAt, d.LostReason = e.Stage, r.Now, e.Reason
	switch {
	case e.Status == crm.DealOpen:
		d.ClosedAt = time.Time{}
	case d.Status == crm.DealOpen:
		d.ClosedAt = r.Now
	}
	d.Status = e.Status
	if d.Status == crm.DealOpen {
		r.remember(d.UniqueKey, d.ID)
	}
	r.emit(e, by)
	r.queue = append(r.queue, event{kind: Entered, view: v, from: e.From, to: e.Stage, by: by})
	return r.enter(v, e.From, by)
}
