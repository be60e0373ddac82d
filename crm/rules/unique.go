package rules

import (
	"fmt"
	"slices"
	"strings"

	"govorun/crm"
)

// UniqueKey gives what makes a request the same as another, empty when nothing does, and the name of the rule in the kit. Case and
// spaces don't make a request another one. The key holds personal data: it is for comparing, not for showing.
func (b *Book) UniqueKey(s Scene) (key, name string, err error) {
	for _, u := range b.Unique {
		if !slices.Contains(u.Pipelines, s.Deal.Pipeline) {
			continue
		}
		raw, err := u.of(s)
		if err != nil {
			return "", u.Name, fmt.Errorf("unique key %s: %w", u.Name, err)
		}
		if raw = strings.ToLower(strings.Join(strings.Fields(raw), " ")); raw != "" {
			return u.Name + ":" + raw, u.Name, nil
		}
	}
	return "", "", nil
}

func (u *Unique) of(s Scene) (key string, err error) {
	defer recovered(&err)
	return u.Key(s)
}

// repeat is a deal that was not opened because First is the same request. By hand it was refused, else it joined.
type repeat struct {
	first   crm.DealID
	refused bool
}

// sameAs finds the open deal that bears the key, 0 when there is none. Deals of this transaction count as they are now.
func (r *run) sameAs(key string) (crm.DealID, error) {
	id := r.keys[key]
	if id == 0 {
		var err error
		if id, err = r.Memory.Same(key); err != nil {
			return 0, fmt.Errorf("look for the same request: %w", err)
		}
	}
	if id == 0 {
		return 0, nil
	}
	v, err := r.deal(id)
	if err != nil || v.Deal.Status != crm.DealOpen {
		return 0, err
	}
	return id, nil
}

// remember keeps the key of a deal that is opened now.
func (r *run) remember(key string, id crm.DealID) {
	if key == "" {
		return
	}
	if r.keys == nil {
		r.keys = map[string]crm.DealID{}
	}
	r.keys[key] = id
}

// join lets a repeated request go to the deal that is there. What the second one knows better fills the gaps of the first; what
// differs stays in the record. Who enters by hand what is there already is refused, and that counts.
func (r *run) join(d crm.Deal, first crm.DealID, unique string, by by) error {
	rep := &repeat{first: first, refused: by.hand() && r.Me != nil}
	if r.repeats == nil {
		r.repeats = map[crm.DealID]*repeat{}
	}
	r.repeats[d.ID] = rep
	if rep.refused {
		r.emit(crm.Recorded{Kind: "duplicate_refused", Deal: first, Data: crm.Fields{
			"instead": d.ID, "employee": r.Me.ID, "unique": unique, "pipeline": d.Pipeline, "title": d.Title}}, by)
		return nil
	}
	r.emit(crm.Recorded{Kind: "deal_repeated", Deal: first, Data: crm.Fields{
		"instead": d.ID, "unique": unique, "pipeline": d.Pipeline, "title": d.Title, "fields": d.Fields}}, by)
	return r.fill(first, d.Fields, by)
}

// fill sets those fields that are still empty.
func (r *run) fill(id crm.DealID, fields crm.Fields, by by) error {
	v, err := r.deal(id)
	if err != nil {
		return err
	}
	left := gaps(v, fields)
	if len(left) == 0 {
		return nil
	}
	return r.change(crm.DealChanged{Deal: id, Fields: left}, by)
}

// gaps gives those fields that the deal doesn't know yet.
func gaps(v *View, fields crm.Fields) crm.Fields {
	left := crm.Fields{}
	for name, value := range fields {
		if value != nil && !filled(v.Deal.Fields[name]) {
			left[name] = value
		}
	}
	return left
}

// redirect sends what is meant for a deal that was not opened to the one that is there: comments and files always; what the contact
// is told, and what fills gaps, unless it was refused. Moves, tasks, owners and timers are for a new deal only. False: nothing is left to do.
func (r *run) redirect(e crm.Effect) (crm.Effect, bool, error) {
	rep := r.repeats[dealOf(e)]
	if rep == nil {
		return e, true, nil
	}
	switch e := e.(type) {
	case crm.Commented:
		e.Deal = rep.first
		return e, true, nil
	case crm.Attached:
		e.Deal = rep.first
		return e, true, nil
	}
	if rep.refused {
		return nil, false, nil
	}
	switch e := e.(type) {
	case crm.DealChanged:
		v, err := r.deal(rep.first)
		if err != nil {
			return nil, false, err
		}
		e.Deal, e.Fields = rep.first, gaps(v, e.Fields)
		return e, len(e.Fields) > 0, nil
	case crm.Notified:
		e.Deal = rep.first
		return e, e.To == crm.ToContact, nil // the staff has its card already
	case crm.DialogWanted:
		e.Deal = rep.first
		return e, true, nil
	case crm.Recorded:
		e.Deal = rep.first
		return e, true, nil
	}
	return nil, false, nil
}

// dealOf is the deal an effect is about, 0 for none.
func dealOf(e crm.Effect) crm.DealID {
	switch e := e.(type) {
	case crm.DealMoved:
		return e.Deal
	case crm.DealChanged:
		return e.Deal
	case crm.DealOwned:
		return e.Deal
	case crm.Commented:
		return e.Deal
	case crm.Attached:
		return e.Deal
	case crm.TaskAdded:
		return e.Deal
	case crm.Notified:
		return e.Deal
	case crm.DialogWanted:
		return e.Deal
	case crm.OwnerWanted:
		return e.Deal
	case crm.TimerSet:
		return e.Deal
	case crm.Rated:
		return e.Deal
	case crm.Recorded:
		return e.Deal
	case crm.HookCalled:
		return e.Deal
	case crm.Booked:
		return e.Booking.Deal
	case crm.BookingMoved:
		return e.Booking.Deal
	case crm.BookingCancelled:
		return e.Booking.Deal
	case crm.BookingKept:
		return e.Booking.Deal
	case crm.BookingMissed:
		return e.Booking.Deal
	}
	return 0
}
