package staff

import (
	"maps"
	"slices"

	"govorun/crm"
	"govorun/dialogs"
)

// rehearsal looks for the way through a made-up job that teaches most.
type rehearsal struct {
	kit  *dialogs.Kit
	name string // of the card
	who  Viewer

	worth   int
	presses []string
	views   []View
	path    []string // being tried
	seen    []View
}

// try tries every press that changes something, up to practicePresses deep. Lost deals and ways back teach nothing.
func (r *rehearsal) try(v View) {
	r.seen = append(r.seen, v)
	defer func() { r.seen = r.seen[:len(r.seen)-1] }()
	worth := 2 * len(r.path)
	if v.Status == crm.DealWon {
		worth += practicePresses
	}
	if worth > r.worth {
		r.worth, r.presses, r.views = worth, slices.Clone(r.path), slices.Clone(r.seen)
	}
	if len(r.path) == practicePresses || v.Status != crm.DealOpen {
		return
	}
	for _, a := range r.kit.Cards[r.name].Actions {
		next, changed := r.after(v, a.ID)
		if !changed || next.Status == crm.DealLost || r.back(v, next) {
			continue
		}
		r.path = append(r.path, a.ID)
		r.try(next)
		r.path = r.path[:len(r.path)-1]
	}
}

// back tells whether a press leads back: to a stage that was left, to nobody, or to where everything is as it was.
func (r *rehearsal) back(v, next View) bool {
	return next.Deal.Owner == 0 && v.Deal.Owner != 0 || slices.ContainsFunc(r.seen, func(old View) bool {
		return old.Stage == next.Stage && (next.Stage != v.Stage || old.Deal.Owner == next.Deal.Owner && len(old.Fields) == len(next.Fields))
	})
}

// after is the job after a press: owner, stage and fields change, nothing else of what the press does happens to anybody.
func (r *rehearsal) after(v View, action string) (View, bool) {
	p := Press{Deal: v.ID, Card: r.name, Action: action}
	done, err := Act(r.kit, p, v, r.who)
	if err == nil && done.Confirm != nil { // what a second press would do
		done, err = Act(r.kit, Confirmed(r.kit, p, done.Confirm, v, r.who), v, r.who)
	}
	if err != nil {
		return v, false
	}
	changed := false
	for _, effect := range done.Effects {
		switch e := effect.(type) {
		case crm.DealOwned:
			if e.Deal != v.ID {
				continue
			}
			if changed, v.Deal.Owner, v.Owner = true, e.Owner, ""; e.Owner == r.who.Me.ID {
				v.Owner = r.who.Me.Name
			}
		case crm.DealMoved:
			if stage := r.stage(v.Pipeline, e.Stage); e.Deal == v.ID && stage != nil {
				changed, v.Stage, v.Status = true, e.Stage, stage.Status
			}
		case crm.DealChanged:
			if e.Deal == v.ID {
				fields := maps.Clone(v.Fields)
				maps.Copy(fields, e.Fields)
				changed, v.Fields = true, fields
			}
		}
	}
	return v, changed
}

func (r *rehearsal) stage(pipeline, name string) *dialogs.Stage {
	stages := r.kit.Pipelines[pipeline].Stages
	if i := slices.IndexFunc(stages, func(s dialogs.Stage) bool { return s.Name == name }); i >= 0 {
		return &stages[i]
	}
	return nil
}
