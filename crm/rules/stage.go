package rules

import (
	"time"

	"govorun/crm"
)

// OptedOut is the field of a contact who wants no messages of robots.
const OptedOut = "opted_out"

// enter does what the stage on which a deal has just come does at once: owner, template, timers.
func (r *run) enter(v *View, from string, cause by) error {
	place := r.Book.here(v)
	stage := r.Book.stage(place)
	if stage == nil {
		return nil
	}
	next := cause.through("stage", place.String(), v.Deal.ID)
	if stage.Owner != nil {
		mover := r.Me
		if !cause.hand() {
			mover = nil
		}
		if err := r.ownByStage(v, stage.Owner, mover, next); err != nil {
			return err
		}
	}
	if stage.Template != "" {
		r.template(v, stage.Template, next)
	}
	r.timers(v, next)
	return nil
}

// template tells the contact the text of the stage, unless there is nobody to tell or they want none.
func (r *run) template(v *View, key string, by by) {
	if v.Deal.Contact == 0 {
		return
	}
	if WantsSilence(v.Contact) {
		r.emit(crm.Recorded{Kind: "template_skipped", Deal: v.Deal.ID, Data: crm.Fields{"text": key, "reason": string(SkipOptedOut)}}, by)
		return
	}
	r.emit(crm.Notified{Deal: v.Deal.ID, To: crm.ToContact, Key: key}, by)
}

// WantsSilence tells whether a contact wants no messages of robots.
func WantsSilence(c crm.Contact) bool {
	switch v := c.Fields[OptedOut].(type) {
	case bool:
		return v
	case string:
		return v != ""
	}
	return false
}

// timers sets the timers of a deal on its stage.
func (r *run) timers(v *View, by by) {
	for _, t := range r.Book.Timers(v) {
		r.emit(t, by)
	}
}

// Timers gives the timers that a deal has by standing on its stage since it entered: one for each idle rule and one of recall. Closed deals
// have none. Deals that stood there before a rule came into the kit get theirs by this.
func (b *Book) Timers(v *View) []crm.TimerSet {
	if v.Deal.Status != crm.DealOpen {
		return nil
	}
	var all []crm.TimerSet
	here := b.here(v)
	for _, rule := range b.Rules {
		if rule.When.Kind == Idle && rule.When.stands(here) {
			all = append(all, standing(v, crm.TimerIdle, rule.ID, rule.When.For))
		}
	}
	if stage := b.stage(here); stage != nil && stage.Recall > 0 {
		all = append(all, standing(v, crm.TimerRecall, here.String(), stage.Recall))
	}
	return all
}

// standing is a timer that counts while a deal stands where it stands.
func standing(v *View, kind crm.TimerKind, name string, after time.Duration) crm.TimerSet {
	since := v.Deal.EnteredAt
	return crm.TimerSet{Deal: v.Deal.ID, Kind: kind, Rule: name, Stage: v.Deal.Stage, Since: since, DueAt: since.Add(after)}
}
