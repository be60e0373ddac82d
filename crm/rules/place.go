package rules

import (
	"slices"
	"strings"

	"govorun/crm"
)

// Moved gives the stage on which deals of p stand now: p itself when the kit has it, else the end of the chain of Was.
// False, with p unchanged, when the kit neither has nor maps it.
func (b *Book) Moved(p Place) (Place, bool) {
	pipeline := b.Pipelines[p.Pipeline]
	if pipeline == nil {
		return p, false
	}
	now := p.Stage
	for range len(pipeline.Was) + 1 { // a chain that bites its tail ends here too
		if pipeline.stage(now) != nil {
			return Place{p.Pipeline, now}, true
		}
		next, mapped := pipeline.Was[now]
		if !mapped {
			break
		}
		now = next
	}
	return p, false
}

// Orphans gives those of the stages on which deals stand that the kit neither has nor maps, in order.
func (b *Book) Orphans(stages []Place) []Place {
	var lost []Place
	for _, p := range stages {
		if _, known := b.Moved(p); !known {
			lost = append(lost, p)
		}
	}
	slices.SortFunc(lost, func(a, b Place) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(lost)
}

// here is where a deal stands, by today's names.
func (b *Book) here(v *View) Place {
	p, _ := b.Moved(Place{v.Deal.Pipeline, v.Deal.Stage})
	return p
}

// stage finds a stage, nil when the kit has none of that name.
func (b *Book) stage(p Place) *Stage {
	if pipeline := b.Pipelines[p.Pipeline]; pipeline != nil {
		return pipeline.stage(p.Stage)
	}
	return nil
}

func (p *Pipeline) stage(name string) *Stage {
	for _, s := range p.Stages {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// status is the outcome that a stage stands for.
func (s *Stage) status() crm.DealStatus {
	if s == nil || s.Status == "" {
		return crm.DealOpen
	}
	return s.Status
}

func (b *Book) link(name string) *Link {
	for _, l := range b.Links {
		if l.Name == name {
			return l
		}
	}
	return nil
}

func (b *Book) rule(id string) *Rule {
	for _, r := range b.Rules {
		if r.ID == id {
			return r
		}
	}
	return nil
}
