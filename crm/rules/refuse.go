package rules

import (
	"slices"

	"govorun/crm"
)

// Codes of a Refusal.
const (
	RefusedStage  = "no_stage" // the kit has no such stage
	RefusedArrow  = "no_arrow" // it is not among the allowed next stages
	RefusedRole   = "role"     // this role may not move deals there
	RefusedFields = "fields"   // fields are demanded that are not filled
	RefusedReason = "reason"   // a loss needs one of the pipeline's reasons
	RefusedStale  = "stale"    // the deal no longer stands where whoever moves it saw it
	RefusedSame   = "same"     // another open deal bears its unique key meanwhile
)

// Refusal says why a deal may not go to a stage. Fields are those still to be asked for; Reason is true when a reason of the loss is
// missing as well, so that both can be asked for in one go.
type Refusal struct {
	Code   string
	Fields []string
	Reason bool
}

// Refused tells why me may not move the deal to the stage, by hand; nil when it is allowed. A nil me stands for a robot: roles don't bind it.
// Staying where it stands is always allowed.
func (b *Book) Refused(v *View, stage string, me *crm.Employee, reason string) *Refusal {
	pipeline := b.Pipelines[v.Deal.Pipeline]
	if pipeline == nil {
		return nil // a pipeline that the kit no longer has binds nobody
	}
	to, known := b.Moved(Place{v.Deal.Pipeline, stage})
	if !known {
		return &Refusal{Code: RefusedStage}
	}
	here := b.here(v)
	if here == to {
		return nil
	}
	from, target := b.stage(here), b.stage(to)
	if from != nil && len(from.To) > 0 && !slices.Contains(from.To, to.Stage) {
		return &Refusal{Code: RefusedArrow}
	}
	if me != nil && len(target.By) > 0 && !slices.Contains(target.By, me.Role) {
		return &Refusal{Code: RefusedRole}
	}
	noReason := target.status() == crm.DealLost && len(pipeline.Reasons) > 0 && !slices.Contains(pipeline.Reasons, reason)
	if fields := demanded(v.Deal.Fields, from, target); len(fields) > 0 {
		return &Refusal{Code: RefusedFields, Fields: fields, Reason: noReason}
	}
	if noReason {
		return &Refusal{Code: RefusedReason, Reason: true}
	}
	return nil
}

// demanded lists the fields still missing on the way from one stage to another, each once.
func demanded(fields crm.Fields, from, to *Stage) []string {
	var none []string
	if from != nil {
		none = missing(fields, from.Leave)
	}
	for _, name := range missing(fields, to.Enter) {
		if !slices.Contains(none, name) {
			none = append(none, name)
		}
	}
	return none
}
