package rules

import (
	"time"

	"govorun/crm"
)

// Codes of a Line.
const (
	LineFires     = "fires"
	LinePipeline  = "other_pipeline" // the rule is about another pipeline
	LineStage     = "other_stage"    // it is about another stage
	LineClosed    = "closed"         // the deal is closed, the rule about open ones
	LineEarly     = "early"          // the deal doesn't stand there long enough: Due
	LineCondition = "condition"      // the condition doesn't hold now
	LineFailed    = "failed"         // the rule errs: Error
)

// Line says what one rule would do to a deal if what it waits for happened now, or why nothing. Due is when an idle rule's time comes;
// Effects are what the rule itself would do, not what follows from it. Refused says which of its moves the book would not allow.
type Line struct {
	Rule    string
	When    Trigger
	Code    string
	Due     time.Time
	Error   string
	Effects []crm.Effect
	Refused []Refusal
}

// Explain tells of every rule, in the order of the kit, what it would do to the deal of the scene. Nothing is done; no
// number of a deal is taken.
func (b *Book) Explain(s Scene) []Line {
	s.NewDeal = func() crm.DealID { return 0 }
	lines := make([]Line, 0, len(b.Rules))
	for _, rule := range b.Rules {
		lines = append(lines, b.explain(rule, s))
	}
	return lines
}

func (b *Book) explain(rule *Rule, s Scene) Line {
	line := Line{Rule: rule.ID, When: rule.When}
	if line.Code, line.Due = b.applies(rule, &s.View, s.Now); line.Code != "" {
		return line
	}
	holds, err := rule.holds(&s)
	if err == nil && holds {
		line.Effects, err = rule.effects(&s)
	}
	switch {
	case err != nil:
		line.Code, line.Error = LineFailed, err.Error()
	case !holds:
		line.Code = LineCondition
	default:
		line.Code = LineFires
	}
	for _, e := range line.Effects {
		if m, ok := e.(crm.DealMoved); ok && m.Deal == s.Deal.ID {
			if refusal := b.Refused(&s.View, m.Stage, nil, m.Reason); refusal != nil {
				line.Refused = append(line.Refused, *refusal)
			}
		}
	}
	return line
}

// applies tells why a rule is not about this deal; empty when it is.
func (b *Book) applies(rule *Rule, v *View, now time.Time) (code string, due time.Time) {
	when, here := rule.When, b.here(v)
	switch {
	case when.Pipeline != "" && when.Pipeline != here.Pipeline:
		return LinePipeline, due
	case when.Stage != "" && when.Stage != here.Stage:
		return LineStage, due
	case when.Kind != Idle:
		return "", due
	case v.Deal.Status != crm.DealOpen:
		return LineClosed, due
	}
	due = v.Deal.EnteredAt.Add(when.For)
	if due.After(now) {
		return LineEarly, due
	}
	return "", due
}
