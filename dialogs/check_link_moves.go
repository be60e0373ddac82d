package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/crm/rules"
)

// checkLinkMoves reports moves that a link makes and the other pipeline would refuse: a loss for a reason that it doesn't know. It warns of
// those for which there is no arrow from where the deal opened the other.
func (d *draft) checkLinkMoves(l linkRead) {
	from, to := d.kit.Pipelines[l.From.Pipeline], d.kit.Pipelines[l.To.Pipeline]
	if from == nil || to == nil {
		return
	}
	for _, child := range sortedKeys(l.Back) {
		at, back := l.at("back", child), l.Back[child]
		d.checkLossOver(at, l, rules.Place{Pipeline: to.Name, Stage: child}, rules.Place{Pipeline: from.Name, Stage: back})
		if back != l.From.Stage && !from.leads(l.From.Stage, back) {
			d.warn(at, "Add “"+back+"” to its “to”.", "link “%s” moves a deal back to “%s”, which “to” of “%s” doesn't name", l.Name, back, l.From.Stage)
		}
	}
	for _, ours := range sortedKeys(l.Stages) {
		one, other := rules.Place{Pipeline: from.Name, Stage: ours}, rules.Place{Pipeline: to.Name, Stage: l.Stages[ours]}
		d.checkLossOver(l.at("stages", ours), l, one, other)
		d.checkLossOver(l.at("stages", ours), l, other, one)
	}
}

// checkLossOver reports a lost stage whose pipeline wants a reason that a deal coming from the other side can't have.
func (d *draft) checkLossOver(at place, l linkRead, from, to rules.Place) {
	source, target := d.kit.Pipelines[from.Pipeline], d.kit.Pipelines[to.Pipeline]
	before, after := source.stage(from.Stage), target.stage(to.Stage)
	if before == nil || after == nil || after.Status != crm.DealLost || len(target.Reasons) == 0 {
		return
	}
	if before.Status != crm.DealLost || len(source.Reasons) == 0 {
		d.add(at, "Lead to another stage, or give pipeline “"+source.Name+"” a lost stage and “reasons”.",
			"link “%s” moves a deal to “%s”, which needs a reason, and “%s” has none", l.Name, to, from)
		return
	}
	var known []string
	for _, key := range target.Reasons {
		known = append(known, afterDot(key))
	}
	for _, key := range source.Reasons {
		if !slices.Contains(known, afterDot(key)) {
			d.add(at, "Add it to “reasons” of pipeline “"+target.Name+"”.",
				"link “%s” moves a deal to “%s” for the reason “%s”, which the pipeline doesn't have", l.Name, to, afterDot(key))
		}
	}
}
