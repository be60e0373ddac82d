package dialogs

import (
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
)

// checkActions reports what can never apply: moves without an arrow, losses without a reason, things done by a robot that has no self.
func (d *draft) checkActions() {
	for _, a := range d.acts {
		if a.action.MoveDeal != nil {
			d.checkMove(a)
			d.checkReason(a)
		}
		if a.rule != nil {
			d.checkRobot(a)
		}
	}
	for _, rule := range d.kit.Rules {
		p := d.kit.Pipelines[rule.When.Pipeline]
		if rule.When.Kind != rules.Idle || p == nil {
			continue
		}
		if stage := p.stage(rule.When.Stage); stage != nil && stage.Status != crm.DealOpen {
			d.add(d.declared["rule  "+rule.ID], "Wait for “entered” instead.", "rule “%s” waits for deals that stand still at “%s”, where they are closed", rule.ID, stage.Name)
		}
	}
}

// checkMove reports a move of a rule for which the pipeline has no arrow.
func (d *draft) checkMove(a actRead) {
	p := d.kit.Pipelines[a.at.Pipeline]
	if a.rule == nil || p == nil || a.at.Stage == "" {
		return
	}
	from, to := p.stage(a.at.Stage), p.stage(a.action.MoveDeal.Stage)
	switch {
	case from == nil || to == nil:
	case from == to && a.rule.When.Kind == rules.Entered:
		d.add(a.place, "Move it to another stage, or remove the action.", "%s moves a deal that enters “%s” to “%s” again, for ever", a.who, from.Name, to.Name)
	case from == to:
		d.add(a.place, "Move it to another stage, or remove the action.", "%s moves a deal to “%s”, where it stands", a.who, to.Name)
	case !p.leads(from.Name, to.Name):
		d.add(a.place, "Write "+quoted(from.To)+", or add “"+to.Name+"” to its “to”.", "%s moves a deal from “%s” to “%s”, which “to” of “%s” doesn't name", a.who, from.Name, to.Name, from.Name)
	}
}

// checkReason reports a loss without a reason where one is mandatory, and reasons that the pipeline doesn't have. On cards people are
// asked for it.
func (d *draft) checkReason(a actRead) {
	move := a.action.MoveDeal
	card := a.rule == nil && a.dialog == ""
	var ids []string
	for _, p := range d.kit.inFile() {
		if a.at.Pipeline != "" && a.at.Pipeline != p.Name {
			continue
		}
		stage := p.stage(move.Stage)
		if stage == nil {
			continue
		}
		if stage.Status != crm.DealLost || len(p.Reasons) == 0 {
			return // one of the pipelines that may be meant wants none
		}
		for _, key := range p.Reasons {
			ids = append(ids, afterDot(key))
		}
	}
	if len(ids) == 0 {
		return
	}
	if move.Reason == nil {
		if !card {
			d.add(a.place, "Write {stage: "+move.Stage+", reason: '\""+ids[0]+"\"'}.", "%s moves a deal to “%s” without a reason, which a lost deal needs", a.who, move.Stage)
		}
		return
	}
	literal, ok := literalOf(move.Reason)
	if ok && !slices.Contains(ids, literal) {
		fix := "Write one of " + quoted(ids) + "."
		if best := suggest(literal, ids); best != "" {
			fix = "Write “" + best + "”."
		}
		d.add(a.place, fix, "%s moves a deal to “%s” for the reason “%s”, which the pipeline doesn't have", a.who, move.Stage, literal)
	}
}

// literalOf is the text that an expression is, when it is nothing but a text.
func literalOf(e *Expr) (string, bool) {
	source := strings.TrimSpace(e.String())
	if len(source) < 2 || source[0] != source[len(source)-1] || source[0] != '"' && source[0] != '\'' {
		return "", false
	}
	inner := source[1 : len(source)-1]
	return inner, !strings.ContainsAny(inner, `"'\`)
}

// checkRobot reports what a robot should do with itself.
func (d *draft) checkRobot(a actRead) {
	if !robots(a.rule.When.Kind) {
		return
	}
	if own := a.action.Own; own != nil && (own.String() == "me" || own.String() == "me.id") {
		d.add(a.place, "Write “assign”.", "%s gives the deal to “me”, but after “%s” nobody is there", a.who, a.rule.When.Kind)
	}
	if rate := a.action.Rate; rate != nil && rate.Who == "me" {
		d.add(a.place, "Write “who: owner”.", "%s gives points to “me”, but after “%s” nobody is there", a.who, a.rule.When.Kind)
	}
}
