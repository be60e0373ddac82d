package rules

import (
	"maps"

	"govorun/crm"
)

// MissedLink is the name of the link between a lost deal and the one opened for it in the pipeline of missed deals.
const MissedLink = "missed"

// links does what follows from a deal's coming to a stage over links: deals are opened, and a child's result goes to its parent.
func (r *run) links(ev event) error {
	if ev.kind != Opened && ev.kind != Entered {
		return nil
	}
	place, _ := r.Book.Moved(Place{ev.view.Deal.Pipeline, ev.to})
	if err := r.missed(ev, place); err != nil {
		return err
	}
	for _, link := range r.Book.Links {
		// what came over a link opens nothing over the same link
		if link.From == place && link.Name != ev.by.link {
			if err := r.openOver(link, ev); err != nil {
				return err
			}
		}
	}
	return r.back(ev, place)
}

// openOver opens the other deal of a link, unless there is one that still belongs to it.
func (r *run) openOver(link *Link, ev event) error {
	v := ev.view
	there, err := r.opened(link, v)
	if err != nil || there {
		return err
	}
	cause := ev.by.through("link", link.Name, v.Deal.ID)
	if r.exhausted(cause) {
		return nil
	}
	d := r.beside(v, link.To)
	if link.Fields != nil {
		if d.Fields, err = link.of(r.scene(v, ev.from)); err != nil { // the deal is worth more than its fields
			r.failed("link:"+link.Name, v.Deal.ID, err, cause)
			d.Fields = nil
		}
	}
	if d.Fields == nil {
		d.Fields = crm.Fields{}
	}
	kind := crm.LinkChild
	if link.Mirror {
		kind = crm.LinkMirror
		r.mirrored(&d, link, v)
	}
	maps.DeleteFunc(d.Fields, func(_ string, value any) bool { return value == nil })
	if err := r.open(d, cause); err != nil {
		return err
	}
	return r.bind(crm.DealLinked{Deal: v.Deal.ID, Other: d.ID, Kind: kind, Name: link.Name}, cause)
}

func (l *Link) of(s Scene) (fields crm.Fields, err error) {
	defer recovered(&err)
	return l.Fields(s)
}

// mirrored lets a mirror begin as the deal that opens it stands now.
func (r *run) mirrored(d *crm.Deal, link *Link, v *View) {
	for _, name := range link.Keep {
		if value := v.Deal.Fields[name]; value != nil {
			d.Fields[name] = value
		}
	}
	if stage := link.Stages[r.Book.here(v).Stage]; stage != "" {
		d.Stage = stage
	}
}

// opened tells whether a deal has already opened one over the link that still counts: an open one, or a mirror in step.
func (r *run) opened(link *Link, v *View) (bool, error) {
	pairs, err := r.pairs(v.Deal.ID)
	if err != nil {
		return false, err
	}
	for _, p := range pairs {
		if p.opened || p.row.Name != link.Name {
			continue
		}
		other, err := r.deal(p.other)
		if err != nil {
			return false, err
		}
		if other.Deal.Status == crm.DealOpen || p.mirror() && r.inStep(p, r.Book.here(other).Stage) {
			return true, nil
		}
	}
	return false, nil
}

// beside is a new deal about the same person and thing.
func (r *run) beside(v *View, to Place) crm.Deal {
	d := v.Deal
	return crm.Deal{ID: r.NewDeal(), Pipeline: to.Pipeline, Stage: to.Stage, Title: d.Title, Contact: d.Contact, Asset: d.Asset,
		Crew: d.Crew, Parent: d.ID, Conversation: d.Conversation, CreatedAt: r.Now}
}

// missed opens a deal in the pipeline that collects lost ones, with all that is known and the reason. Of two mirrored deals one is enough.
func (r *run) missed(ev event, place Place) error {
	pipeline, stage := r.Book.Pipelines[place.Pipeline], r.Book.stage(place)
	if pipeline == nil || pipeline.Missed == nil || stage.status() != crm.DealLost || pipeline.Missed.Pipeline == place.Pipeline {
		return nil
	}
	v := ev.view
	if link := r.Book.link(ev.by.link); link != nil && link.Mirror {
		twin, err := r.deal(ev.by.origin)
		if err != nil {
			return err
		}
		if theirs := r.Book.Pipelines[twin.Deal.Pipeline]; theirs != nil && theirs.Missed != nil && twin.Deal.Status == crm.DealLost {
			return nil
		}
	}
	there, err := r.opened(&Link{Name: MissedLink}, v)
	if err != nil || there {
		return err
	}
	cause := ev.by.through("link", MissedLink, v.Deal.ID)
	if r.exhausted(cause) {
		return nil
	}
	d := r.beside(v, *pipeline.Missed)
	d.Fields = crm.Fields{}
	maps.Copy(d.Fields, v.Deal.Fields)
	d.Fields["lost_reason"], d.Fields["lost_pipeline"] = v.Deal.LostReason, v.Deal.Pipeline
	if err := r.open(d, cause); err != nil {
		return err
	}
	return r.bind(crm.DealLinked{Deal: v.Deal.ID, Other: d.ID, Kind: crm.LinkChild, Name: MissedLink}, cause)
}

// back brings a child's result to its parent: fields first, since the parent's next stage may demand them, then the move.
// A parent that is closed already learns the result and stays closed.
func (r *run) back(ev event, place Place) error {
	pairs, err := r.pairs(ev.view.Deal.ID)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if !p.opened || p.link == nil || p.row.Kind != crm.LinkChild || p.other == ev.by.origin {
			continue
		}
		stage, ends := p.link.Back[place.Stage]
		if !ends {
			continue
		}
		if err := r.result(p, ev, stage); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) result(p pair, ev event, stage string) error {
	parent, err := r.deal(p.other)
	if err != nil {
		return err
	}
	v := ev.view
	cause := ev.by.through("link", p.link.Name, v.Deal.ID)
	results := crm.Fields{}
	for _, name := range p.link.Results {
		if value := v.Deal.Fields[name]; value != nil {
			results[name] = value
		}
	}
	if len(results) > 0 {
		if err := r.step(crm.DealChanged{Deal: p.other, Fields: results}, cause); err != nil {
			return err
		}
	}
	if parent.Deal.Status != crm.DealOpen {
		return nil
	}
	return r.step(crm.DealMoved{Deal: p.other, Stage: stage, Reason: v.Deal.LostReason}, cause)
}
