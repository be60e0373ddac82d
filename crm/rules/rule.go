package rules

import (
	"fmt"
	"runtime"
	"slices"

	"govorun/crm"
)

// rules asks the rules that wait for what happened, in the order of the kit; those of the stage left come first.
func (r *run) rules(ev event) error {
	kinds := [2]Kind{ev.kind}
	switch ev.kind {
	case Entered:
		kinds = [2]Kind{Left, Entered}
	case Opened:
		kinds = [2]Kind{Opened, Entered}
	}
	for _, kind := range kinds {
		if kind == "" {
			continue
		}
		for _, rule := range r.Book.Rules {
			if rule.When.Kind != kind || !r.Book.meets(rule.When, kind, ev) {
				continue
			}
			if err := r.rule(rule, ev); err != nil || r.stopped {
				return err
			}
		}
	}
	return nil
}

// meets tells whether a trigger of this kind is about what happened.
func (b *Book) meets(t Trigger, kind Kind, ev event) bool {
	pipeline := ev.view.Deal.Pipeline
	if t.Pipeline != "" && t.Pipeline != pipeline {
		return false
	}
	switch kind {
	case Entered:
		return t.Stage == ev.to
	case Left:
		at, _ := b.Moved(Place{pipeline, ev.from})
		return t.Stage == at.Stage
	case Changed:
		return slices.Contains(ev.fields, t.Field)
	}
	return true
}

// stands tells whether an idle rule is about deals that stand here.
func (t Trigger) stands(here Place) bool {
	return t.Stage == here.Stage && (t.Pipeline == "" || t.Pipeline == here.Pipeline)
}

// rule asks one rule, and applies its effects one by one. It sees the deal as it is by now, and decides all its effects at once.
func (r *run) rule(rule *Rule, ev event) error {
	v := ev.view
	cause := ev.by.through("rule", rule.ID, v.Deal.ID)
	scene := r.scene(v, ev.from)
	effects, err := rule.effects(&scene)
	if err != nil {
		r.failed(rule.ID, v.Deal.ID, err, cause)
		return nil
	}
	return r.act(effects, cause)
}

// holds tells whether the condition is true.
func (rule *Rule) holds(s *Scene) (holds bool, err error) {
	if rule.If == nil {
		return true, nil
	}
	defer recovered(&err)
	return rule.If(*s)
}

// effects gives what the rule wants done, nothing when its condition doesn't hold.
func (rule *Rule) effects(s *Scene) (effects []crm.Effect, err error) {
	holds, err := rule.holds(s)
	if err != nil || !holds || rule.Do == nil {
		return nil, err
	}
	defer recovered(&err)
	return rule.Do(*s)
}

// recovered makes of a panic in a function of the book an error of the kit: it never ends the turn.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %T", p) // the value may be what a person wrote
		if e, ok := p.(runtime.Error); ok {
			*err = fmt.Errorf("panic: %w", e)
		}
	}
}
