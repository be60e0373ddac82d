package rules

import (
	"fmt"

	"govorun/crm"
)

// open opens a deal, unless an open one is the same request. Fields that its stage demands don't keep it out: a request is never lost.
func (r *run) open(d crm.Deal, by by) error {
	place, _ := r.Book.Moved(Place{d.Pipeline, d.Stage})
	d.Stage, d.EnteredAt = place.Stage, r.Now
	if stage := r.Book.stage(place); stage != nil || d.Status == "" {
		d.Status = stage.status()
	}
	if d.CreatedAt.IsZero() {
		d.CreatedAt = r.Now
	}
	if d.Status != crm.DealOpen {
		d.ClosedAt = r.Now
	}
	key := d.UniqueKey
	d.UniqueKey = "" // it bears the key when nobody else does
	v, err := r.Memory.Open(d)
	if err != nil {
		return fmt.Errorf("open deal %d: %w", d.ID, err)
	}
	r.saw(v)
	if by.link == "" { // what a link opens is no new request
		joined, err := r.claim(v, key, by)
		if err != nil || joined {
			return err
		}
	}
	r.emit(crm.DealOpened{Deal: v.Deal}, by)
	r.queue = append(r.queue, event{kind: Opened, view: v, to: v.Deal.Stage, by: by})
	return r.enter(v, "", by)
}

// claim gives the new deal its unique key, or lets it join the deal that bears the key.
func (r *run) claim(v *View, key string, by by) (joined bool, err error) {
	name := ""
	if key == "" {
		if key, name, err = r.Book.UniqueKey(r.scene(v, "")); err != nil {
			r.failed("unique:"+name, v.Deal.ID, err, by)
			return false, nil
		}
	}
	if key == "" || v.Deal.Status != crm.DealOpen {
		return false, nil
	}
	first, err := r.sameAs(key)
	if err != nil {
		return false, err
	}
	if first != 0 && first != v.Deal.ID {
		v.Deal.Status = crm.DealLost // never stored: the memory only shows it to be no open deal
		return true, r.join(v.Deal, first, name, by)
	}
	v.Deal.UniqueKey = key
	r.remember(key, v.Deal.ID)
	return false, nil
}
