package dialogs

import (
	yaml "go.yaml.in/yaml/v4"

	"govorun/crm/rules"
)

// triggerRead is how a kit writes a kind of trigger: whether it names a stage or a pipeline, and whether a person may have caused it.
type triggerRead struct {
	kind   rules.Kind
	names  useKind // usePlace, usePipeline or useDealField
	robots bool    // it is never caused by an employee: “me” is nil
	doc    string
}

// triggers are all kinds of triggers.
var triggers = [...]triggerRead{
	{rules.Opened, usePipeline, false, "a deal was opened in this pipeline"},
	{rules.Entered, usePlace, false, "a deal entered pipeline.stage"},
	{rules.Left, usePlace, false, "a deal left pipeline.stage"},
	{rules.Idle, usePlace, true, "a deal stands at pipeline.stage “for” some time"},
	{rules.Changed, useDealField, false, "this field of a deal changed"},
	{rules.Message, usePipeline, true, "the contact of a deal in this pipeline wrote"},
	{rules.TaskDone, usePipeline, false, "a task of a deal in this pipeline is done"},
	{rules.TaskOverdue, usePipeline, true, "a task of a deal in this pipeline is overdue"},
	{rules.BookingMade, usePipeline, false, "a visit was booked for a deal in this pipeline"},
	{rules.BookingMoved, usePipeline, false, "a visit was moved"},
	{rules.BookingGone, usePipeline, false, "a visit was cancelled by somebody, while its deal goes on"},
	{rules.BookingKept, usePipeline, false, "a visitor with a code came"},
	{rules.BookingLost, usePipeline, true, "a visit with a code is over and nobody came"},
	{rules.CallMissed, usePipeline, true, "nobody took the call of the contact of a deal in this pipeline"},
}

func (r *reader) rules(n *yaml.Node) {
	ids := map[string]int{}
	for _, node := range elements(child(n, "rules")) {
		id := child(node, "id")
		rule := &Rule{ID: scalar(id)}
		if id != nil {
			r.name(id, "a rule")
			if line, twice := ids[rule.ID]; twice {
				r.report(id, "Give each its own id.", "two rules have the id “%s”, the first in line %d", rule.ID, line)
			}
			ids[rule.ID] = id.Line
		}
		s := pipelineScope("rule “" + rule.ID + "”")
		s.rule, s.path = rule, rule.ID
		r.declare(node, "rule", "", rule.ID)
		rule.When = r.trigger(child(node, "when"), s)
		if s.at.Pipeline = rule.When.Pipeline; rule.When.Kind != rules.Left {
			s.at.Stage = rule.When.Stage
		}
		rule.If = r.condition(child(node, "if"), s)
		rule.Do = r.actions(child(node, "do"), s)
		if do := child(node, "do"); do != nil && len(rule.Do) == 0 && r.fits {
			r.report(do, "Add at least one action.", "%s does nothing", s.who)
		}
		r.draft.kit.Rules = append(r.draft.kit.Rules, rule)
	}
}

func (r *reader) trigger(n *yaml.Node, s scope) rules.Trigger {
	var when rules.Trigger
	found := 0
	for _, t := range triggers {
		node := child(n, string(t.kind))
		if node == nil {
			continue
		}
		found++
		when.Kind = t.kind
		switch by := s.who + " waits for " + string(t.names.noun()); t.names {
		case usePlace:
			at := r.place(node, by)
			when.Pipeline, when.Stage = at.Pipeline, at.Stage
		case usePipeline:
			when.Pipeline = r.use(node, usePipeline, "", by)
		default:
			when.Field = r.use(node, useDealField, "", by)
		}
	}
	if found != 1 && r.fits {
		r.report(n, "Make each a rule of its own.", "“when” of %s has exactly one of %s, this has %d", s.who, quoted(kindNames()), found)
	}
	r.triggerSpan(n, &when, s)
	return when
}

// triggerSpan reads how long a deal stands still, which belongs to idle and to nothing else.
func (r *reader) triggerSpan(n *yaml.Node, when *rules.Trigger, s scope) {
	span := child(n, "for")
	when.For = spanOf(span)
	switch {
	case !r.fits:
	case when.Kind == rules.Idle && span == nil:
		r.report(n, "Add “for: 48h”.", "%s waits for a deal that stands still and doesn't say how long", s.who)
	case when.Kind == rules.Idle && when.For <= 0:
		r.report(span, "Write a time such as 48h.", "%s waits for a deal that stands still for %s", s.who, when.For)
	case when.Kind != rules.Idle && span != nil:
		r.report(span, "Remove it, or write “idle”.", "%s has “for”, which only goes with “idle”", s.who)
	}
}

func kindNames() []string {
	names := make([]string, len(triggers))
	for i, t := range triggers {
		names[i] = string(t.kind)
	}
	return names
}

// robots tells whether a kind of trigger is never caused by an employee.
func robots(kind rules.Kind) bool {
	for _, t := range triggers {
		if t.kind == kind {
			return t.robots
		}
	}
	return false
}
