package dialogs

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"govorun/crm"
	"govorun/crm/rules"
	"govorun/crm/seal"
)

// openDeal opens a deal for the contact, or joins the open one that bears the same unique key.
func (t *step) openDeal(o *OpenDeal) {
	t.cutTrail()
	key := textOf(t.eval(o.Unique))
	if key != "" && t.joins(key, t.in.Facts.Same) {
		return
	}
	if at := t.opens; at < len(t.in.Facts.Unique) {
		key = first(key, t.in.Facts.Unique[at])
	}
	t.opens++
	if key != "" && t.joins(key, t.in.Facts.Taken...) {
		return
	}
	stage, err := t.kit.stage(o.Pipeline, o.Stage)
	if err != nil {
		t.fail(err)
		return
	}
	deal := crm.Deal{
		Pipeline: o.Pipeline, Stage: o.Stage, Status: stage.Status, Title: t.title(o.Title), Contact: t.contact.ID,
		UniqueKey: key, Fields: t.fields(o.Fields), EnteredAt: t.now, CreatedAt: t.now,
	}
	if deal.Status == "" {
		deal.Status = crm.DealOpen
	}
	maps.DeleteFunc(deal.Fields, func(_ string, value any) bool { return value == nil })
	t.flagAnswers(deal.Fields)
	deal.Fields = Sourced(deal.Fields, t.contact)
	value := t.values[o.Asset]
	if value.Asset != nil {
		deal.Asset, deal.Crew = value.Asset.ID, value.Asset.Crew
	}
	before := t.deal
	if t.def == nil && before.ID != 0 { // one deal opens another, about the same
		deal.Asset, deal.Crew, deal.Conversation, deal.Parent = before.Asset, before.Crew, before.Conversation, before.ID
	}
	if t.err != nil {
		return // no number is taken for a deal that isn't opened
	}
	deal.ID = t.env.NewDeal()
	if value.Asset != nil { // a second question about this asset finds the own deal
		asset := *value.Asset
		asset.Own, asset.OwnAt = deal.ID, t.now
		value.Asset = &asset
		t.set(o.Asset, value)
	}
	t.effect(crm.DealOpened{Deal: deal})
	t.useDeal(deal)
	if deal.Parent != 0 {
		t.parent = &rules.View{Deal: before, Contact: t.contact}
		delete(t.vars, "parent")
	}
}

// joins makes the one of these deals that is open and bears the key the one that the dialog is about; false when there is none.
func (t *step) joins(key string, deals ...*crm.Deal) bool {
	for _, d := range deals {
		if d != nil && d.UniqueKey == key && d.Status != crm.DealWon && d.Status != crm.DealLost {
			t.useDeal(*d)
			return true
		}
	}
	return false
}

// title is what a deal is called. A bare name of a slot gives the answer in words, in the kit's first language.
func (t *step) title(e *Expr) string {
	if e == nil {
		return ""
	}
	sl := t.slot(e.String())
	value, filled := t.values[e.String()]
	if sl == nil || !filled {
		return seal.Masked(textOf(t.eval(e)))
	}
	words := t.view
	words.lang = t.kit.Languages[0]
	shown := words.show(sl, value)
	if asset, ok := shown.(map[string]any); ok {
		return textOf(asset["text"])
	}
	return textOf(shown)
}

// chooseDeal makes an existing deal the one that the dialog is about.
func (t *step) chooseDeal(e *Expr) {
	id := 0
	switch v := t.eval(e).(type) {
	case int:
		id = v
	case float64: // of a slot for numbers
		if v == math.Trunc(v) && v < 1<<53 {
			id = int(v)
		}
	}
	if t.err != nil {
		return
	}
	if id <= 0 {
		t.fail(fmt.Errorf("use_deal: %s gives no number of a deal", e))
		return
	}
	t.useDeal(dealOf(crm.DealID(id), t.in.Facts))
}

// moveDeal moves the deal to a stage of its pipeline.
func (t *step) moveDeal(m *MoveDeal) {
	if !t.needDeal() {
		return
	}
	pipeline := t.deal.Pipeline
	switch {
	case pipeline != "":
	case t.def != nil && t.def.Demand:
		pipeline, _, _ = strings.Cut(strings.TrimPrefix(t.def.Name, demandPrefix), ".")
	default:
		pipeline = t.kit.pipelineOf(m.Stage)
	}
	stage, err := t.kit.stage(pipeline, m.Stage)
	if err != nil {
		t.fail(err)
		return
	}
	status := stage.Status
	if status == "" {
		status = crm.DealOpen
	}
	t.effect(crm.DealMoved{Deal: t.s.Deal, From: t.deal.Stage, Stage: m.Stage, Status: status, Reason: textOf(t.eval(m.Reason))})
	t.deal.Stage, t.deal.Status, t.deal.EnteredAt = m.Stage, status, t.now
	delete(t.vars, "deal")
}

// ownDeal makes somebody responsible. Who takes a deal that nobody has gets it only if still nobody has it.
func (t *step) ownDeal(e *Expr) {
	if !t.needDeal() {
		return
	}
	owner := crm.EmployeeID(0)
	switch v := t.eval(e).(type) {
	case int:
		owner = crm.EmployeeID(v)
	case map[string]any: // me
		id, _ := v["id"].(int)
		owner = crm.EmployeeID(id)
	}
	t.effect(crm.DealOwned{Deal: t.s.Deal, Owner: owner, Free: owner != 0 && t.deal.Owner == 0})
	t.deal.Owner = owner
	delete(t.vars, "deal")
}

// attach binds the files of a slot to the deal: each once, however often it is asked. The slot's Number counts those that are bound.
func (t *step) attach(name string) {
	value := t.values[name]
	bound := int(value.Number)
	if bound >= len(value.Media) || !t.needDeal() {
		return
	}
	t.effect(crm.Attached{Deal: t.s.Deal, Name: name, Media: slices.Clone(value.Media[bound:])})
	value.Number = float64(len(value.Media))
	t.set(name, value)
	t.raise(name)
}

// StageNow is what the kit calls a stage today: one that was renamed or retired is the stage to which its deals go. What the kit never
// knew stays as it is.
func (k *Kit) StageNow(pipeline, stage string) string {
	p := k.Pipelines[pipeline]
	if p == nil || len(p.Was) == 0 || p.stage(stage) != nil || p.Was[stage] == "" {
		return stage
	}
	return p.Was[stage]
}

// stage finds a stage of a pipeline.
func (k *Kit) stage(pipeline, name string) (*Stage, error) {
	if p := k.Pipelines[pipeline]; p != nil {
		if stage := p.stage(name); stage != nil {
			return stage, nil
		}
	}
	return nil, fmt.Errorf("pipeline %q has no stage %q", pipeline, name)
}

// pipelineOf is the first pipeline with such a stage: for a deal of which only the number is known.
func (k *Kit) pipelineOf(stage string) string {
	for _, name := range sortedKeys(k.Pipelines) {
		if k.Pipelines[name].stage(stage) != nil {
			return name
		}
	}
	return ""
}
