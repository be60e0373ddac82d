package rules

import (
	"cmp"
	"fmt"
	"slices"

	"govorun/crm"
)

// ownByStage makes responsible whom the stage wants. A deal that enters by itself where the mover becomes the owner keeps the one
// it has; when it has none, the head gets it.
func (r *run) ownByStage(v *View, owner *Owner, mover *crm.Employee, by by) error {
	switch {
	case owner.Nobody:
		return r.responsible(v, 0, by)
	case owner.Mover && mover != nil:
		return r.responsible(v, mover.ID, by)
	case owner.Mover:
		if v.Deal.Owner != 0 {
			return nil
		}
		return r.toHead(v, crm.OwnerWanted{Deal: v.Deal.ID}, by)
	case owner.Want == nil:
		return nil
	}
	return r.distribute(v, r.wanted(v, owner, by), by)
}

// wanted asks the kit for whom a stage wants. When the kit errs, nobody fits, so that the head gets the deal.
func (r *run) wanted(v *View, owner *Owner, by by) crm.OwnerWanted {
	want, err := owner.of(r.scene(v, ""))
	if err != nil {
		r.failed("owner:"+r.Book.here(v).String(), v.Deal.ID, err, by)
		want = crm.OwnerWanted{}
	}
	want.Deal = v.Deal.ID
	for _, f := range r.freed { // who has just given it back does not get it again
		if f.view == v && f.before != 0 {
			want.Tried = append(slices.Clone(want.Tried), f.before)
		}
	}
	return want
}

func (o *Owner) of(s Scene) (want crm.OwnerWanted, err error) {
	defer recovered(&err)
	return o.Want(s)
}

// distribute finds an owner: who is at work and fits, else the head. Who doesn't take the deal in time passes it on.
func (r *run) distribute(v *View, want crm.OwnerWanted, by by) error {
	want.Deal = v.Deal.ID
	if want.Role == "" {
		return r.toHead(v, want, by)
	}
	id, err := r.Memory.Pick(want)
	if err != nil {
		return fmt.Errorf("choose an owner of deal %d: %w", v.Deal.ID, err)
	}
	if id == 0 {
		return r.toHead(v, want, by)
	}
	before := v.Deal.Owner
	if err := r.responsible(v, id, by); err != nil {
		return err
	}
	if before != id {
		r.tellOwner(v, KeyAssigned, by)
	}
	if want.Within > 0 {
		r.emit(takeTimer(v, want, r.Now), by)
	}
	return nil
}

// toHead gives the deal to the head of the city, who is told. Without any head the deal stays as it is, and that is recorded.
func (r *run) toHead(v *View, want crm.OwnerWanted, by by) error {
	role := cmp.Or(want.Head, r.Book.Head)
	if role != "" {
		id, err := r.Memory.Head(role, cmp.Or(want.City, v.Asset.City))
		if err != nil {
			return fmt.Errorf("find the head for deal %d: %w", v.Deal.ID, err)
		}
		if id != 0 {
			before := v.Deal.Owner
			if err := r.responsible(v, id, by); err != nil {
				return err
			}
			if before != id {
				r.tellOwner(v, KeyNobodyTook, by)
			}
			return nil
		}
	}
	r.emit(crm.Recorded{Kind: "owner_missing", Deal: v.Deal.ID, Data: crm.Fields{"role": want.Role, "head": role, "city": want.City}}, by)
	return nil
}

// tellOwner tells a new owner; who made themselves responsible knows it.
func (r *run) tellOwner(v *View, key string, by by) {
	if r.Me != nil && r.Me.ID == v.Deal.Owner {
		return
	}
	r.emit(crm.Notified{Deal: v.Deal.ID, To: crm.ToOwner, Key: key, Args: crm.Fields{"deal": v.Deal.ID}}, by)
}

// own applies a change of owner. Of two who take a free deal the first wins; the other's attempt is recorded.
func (r *run) own(e crm.DealOwned, by by) error {
	v, err := r.deal(e.Deal)
	if err != nil {
		return err
	}
	if e.Free && v.Deal.Owner != 0 && v.Deal.Owner != e.Owner {
		r.refused = e.Deal
		r.emit(crm.Recorded{Kind: "take_refused", Deal: e.Deal, Data: crm.Fields{"owner": v.Deal.Owner, "employee": e.Owner}}, by)
		return nil
	}
	if v.Deal.Owner == e.Owner && by.hand() {
		r.emit(e, by) // who takes what is already theirs has touched it
		return nil
	}
	before := v.Deal.Owner
	if err := r.responsible(v, e.Owner, by); err != nil {
		return err
	}
	if e.Owner == 0 {
		r.freed = append(r.freed, freed{v, before})
	}
	return nil
}

// freed is a deal whose owner gave it back, or lost it.
type freed struct {
	view   *View
	before crm.EmployeeID
}

// responsible sets the owner, if that is another one.
func (r *run) responsible(v *View, id crm.EmployeeID, by by) error {
	if v.Deal.Owner == id {
		return nil
	}
	owner, err := r.employee(id)
	if err != nil {
		return err
	}
	v.Deal.Owner, v.Owner = id, owner
	r.emit(crm.DealOwned{Deal: v.Deal.ID, Owner: id}, by)
	return nil
}

func (r *run) employee(id crm.EmployeeID) (crm.Employee, error) {
	if r.Me != nil && r.Me.ID == id {
		return *r.Me, nil
	}
	if people, ok := r.Memory.(People); ok && id != 0 {
		e, err := people.Employee(id)
		if err != nil {
			return e, fmt.Errorf("look at employee %d: %w", id, err)
		}
		return e, nil
	}
	return crm.Employee{ID: id}, nil
}

// ownFreed finds owners for deals that somebody gave back on a stage that wants one: another than who had it, else the head.
func (r *run) ownFreed() error {
	for _, f := range r.freed {
		v := f.view
		place := r.Book.here(v)
		stage := r.Book.stage(place)
		if stage == nil || stage.Owner == nil || stage.Owner.Nobody || v.Deal.Owner != 0 || v.Deal.Status != crm.DealOpen {
			continue
		}
		cause := by{}.through("stage", place.String(), v.Deal.ID)
		var want crm.OwnerWanted
		if stage.Owner.Want != nil {
			want = r.wanted(v, stage.Owner, cause)
		}
		if err := r.distribute(v, want, cause); err != nil {
			return err
		}
	}
	return nil
}
