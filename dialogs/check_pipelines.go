package dialogs

import (
	"cmp"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
)

// checkPipelines reports losses that nobody can explain, stages that are gone only in words, and stages that no deal comes to.
func (d *draft) checkPipelines() {
	entries := d.entered()
	for _, p := range d.kit.inFile() {
		at := d.declared[string(usePipeline)+"  "+p.Name]
		lost := slices.ContainsFunc(p.Stages, func(s Stage) bool { return s.Status == crm.DealLost })
		switch {
		case len(p.Reasons) > 0 && !lost:
			d.add(at, "Give a stage “status: lost”, or remove “reasons”.", "pipeline “%s” has reasons of a loss and no lost stage", p.Name)
		case p.Reason != "" && len(p.Reasons) == 0:
			d.add(at, "Add “reasons” with text keys, or remove “reason”.", "pipeline “%s” asks for a reason and offers none", p.Name)
		}
		if p.Missed != nil {
			missed := d.declared["missed  "+p.Name]
			if !lost {
				d.add(missed, "Give a stage “status: lost”, or remove “missed”.", "pipeline “%s” collects lost deals and has no lost stage", p.Name)
			}
			if p.Missed.Pipeline == p.Name {
				d.add(missed, "Send them to another pipeline.", "pipeline “%s” sends its lost deals to itself", p.Name)
			}
		}
		for _, old := range sortedKeys(p.Was) {
			if p.stage(old) != nil {
				d.add(d.declared["was "+p.Name+" "+old], "Remove it here, or remove the stage.", "pipeline “%s” says where deals of stage “%s” go, but the stage is still there", p.Name, old)
			}
		}
		d.checkArrivals(p, entries)
	}
}

// inFile lists the pipelines in the order of the file.
func (k *Kit) inFile() []*Pipeline {
	list := make([]*Pipeline, 0, len(k.Pipelines))
	for _, p := range k.Pipelines {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *Pipeline) int { return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Name, b.Name)) })
	return list
}

// entered are the stages at which deals are opened, or to which a linked deal moves them.
func (d *draft) entered() map[rules.Place]bool {
	at := map[rules.Place]bool{}
	for _, a := range d.acts {
		if open := a.action.OpenDeal; open != nil {
			at[rules.Place{Pipeline: open.Pipeline, Stage: open.Stage}] = true
		}
	}
	for _, p := range d.kit.Pipelines {
		if p.Missed != nil {
			at[*p.Missed] = true
		}
	}
	for _, l := range d.kit.Links {
		at[l.To] = true
		for _, stage := range l.Back {
			at[rules.Place{Pipeline: l.From.Pipeline, Stage: stage}] = true
		}
		for ours, theirs := range l.Stages {
			at[rules.Place{Pipeline: l.From.Pipeline, Stage: ours}] = true
			at[rules.Place{Pipeline: l.To.Pipeline, Stage: theirs}] = true
		}
	}
	return at
}

// checkArrivals reports stages to which no arrow leads and at which no deal begins.
func (d *draft) checkArrivals(p *Pipeline, entries map[rules.Place]bool) {
	if len(p.Stages) == 0 {
		return
	}
	reached := map[string]bool{}
	var reach func(name string)
	reach = func(name string) {
		stage := p.stage(name)
		if stage == nil || reached[name] {
			return
		}
		reached[name] = true
		for _, next := range p.after(stage) {
			reach(next)
		}
	}
	reach(p.Stages[0].Name)
	for _, stage := range p.Stages {
		if entries[rules.Place{Pipeline: p.Name, Stage: stage.Name}] {
			reach(stage.Name)
		}
	}
	for _, stage := range p.Stages {
		if !reached[stage.Name] {
			d.add(d.declared[string(useStage)+" "+p.Name+" "+stage.Name], "Name it in “to” of another stage, or remove it.", "no deal can come to stage “%s” of pipeline “%s”", stage.Name, p.Name)
		}
	}
}

// after lists the stages to which a deal may go from one: all others when the stage names none.
func (p *Pipeline) after(stage *Stage) []string {
	if len(stage.To) > 0 {
		return stage.To
	}
	var all []string
	for i := range p.Stages {
		if p.Stages[i].Name != stage.Name {
			all = append(all, p.Stages[i].Name)
		}
	}
	return all
}

// leads tells whether the pipeline has an arrow between two stages, both of which it must have.
func (p *Pipeline) leads(from, to string) bool {
	stage := p.stage(from)
	return stage == nil || p.stage(to) == nil || slices.Contains(p.after(stage), to)
}

// checkHead reports a kit in which something escalates to nobody.
func (d *draft) checkHead() {
	if at, escalates := d.declared["escalates  "]; escalates && d.kit.Head == "" {
		d.add(at, "Add “head: ROLE” to kit.yaml, or “head” here.", "%s escalates to the kit's head, and kit.yaml has none", d.escalating)
	}
}
