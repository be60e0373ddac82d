package rules

import (
	"errors"
	"maps"

	"govorun/crm"
)

// act does what was decided together, in order. What comes after a refused move or take of the same deal supposes it, so it is left out: nobody hears
// that a repair is done when it is not. Words, files and fields are kept.
func (r *run) act(effects []crm.Effect, by by) error {
	refused := crm.DealID(0)
	for _, e := range effects {
		if refused != 0 && dealOf(e) == refused && supposes(e) {
			continue
		}
		r.refused = 0
		do := r.step
		if by.hand() {
			do = r.apply
		}
		if err := do(e, by); err != nil || r.stopped {
			return err
		}
		if r.refused != 0 && r.refused == dealOf(e) {
			refused = r.refused
		}
	}
	return nil
}

// supposes tells whether an effect makes sense only if what came before it was done.
func supposes(e crm.Effect) bool {
	switch e.(type) {
	case crm.Commented, crm.Attached, crm.DealChanged, crm.Recorded:
		return false
	}
	return true
}

// apply does one effect to what the memory shows, and notes it with what comes at once with it.
func (r *run) apply(e crm.Effect, by by) error {
	e, keep, err := r.redirect(e)
	if err != nil || !keep {
		return err
	}
	err = r.applyOne(e, by)
	if errors.Is(err, crm.ErrNotFound) && !by.hand() { // a rule that names a deal which is not there
		r.failed(by.cause[len(by.cause)-1], by.origin, err, by)
		return nil
	}
	return err
}

func (r *run) applyOne(e crm.Effect, by by) error {
	switch e := e.(type) {
	case crm.DealOpened:
		return r.open(e.Deal, by)
	case crm.DealMoved:
		return r.move(e, by)
	case crm.DealChanged:
		return r.change(e, by)
	case crm.DealOwned:
		return r.own(e, by)
	case crm.OwnerWanted:
		v, err := r.deal(e.Deal)
		if err != nil {
			return err
		}
		return r.distribute(v, e, by)
	case crm.Commented:
		return r.comment(e, by)
	case crm.DealLinked:
		return r.bind(e, by)
	case crm.ContactChanged:
		r.contact(e)
	case crm.Booked:
		return r.booking(BookingMade, e.Booking.Deal, e, by)
	case crm.BookingMoved:
		return r.booking(BookingMoved, e.Booking.Deal, e, by)
	case crm.BookingCancelled:
		return r.booking(BookingGone, e.Booking.Deal, e, by)
	case crm.BookingKept:
		return r.booking(BookingKept, e.Booking.Deal, e, by)
	case crm.BookingMissed:
		return r.booking(BookingLost, e.Booking.Deal, e, by)
	}
	r.emit(e, by)
	return nil
}

// booking notes a visit and lets the rules that wait for it be asked.
func (r *run) booking(kind Kind, id crm.DealID, e crm.Effect, by by) error {
	v, err := r.deal(id)
	if err != nil {
		return err
	}
	r.emit(e, by)
	r.queue = append(r.queue, event{kind: kind, view: v, by: by})
	return nil
}

// change sets fields and keeps mirrors equal. Robots' changes that change nothing are no history.
func (r *run) change(e crm.DealChanged, by by) error {
	v, err := r.deal(e.Deal)
	if err != nil {
		return err
	}
	changed := r.set(v, e.Fields, by)
	if !by.hand() {
		e.Fields = only(e.Fields, changed)
	}
	if len(changed) > 0 || by.hand() {
		r.emit(e, by)
	}
	return r.spreadFields(v, changed, by)
}

// set changes the fields that differ, and gives their names.
func (r *run) set(v *View, fields crm.Fields, by by) []string {
	var changed []string
	for name, value := range fields {
		if same(v.Deal.Fields[name], value) {
			continue
		}
		changed = append(changed, name)
	}
	if len(changed) == 0 {
		return nil
	}
	v.Deal.Fields = maps.Clone(v.Deal.Fields) // effects noted before keep theirs
	if v.Deal.Fields == nil {
		v.Deal.Fields = crm.Fields{}
	}
	for _, name := range changed {
		if value := fields[name]; value == nil {
			delete(v.Deal.Fields, name)
		} else {
			v.Deal.Fields[name] = value
		}
	}
	r.queue = append(r.queue, event{kind: Changed, view: v, fields: changed, by: by})
	return changed
}

func only(fields crm.Fields, names []string) crm.Fields {
	if len(names) == len(fields) {
		return fields
	}
	some := make(crm.Fields, len(names))
	for _, name := range names {
		some[name] = fields[name]
	}
	return some
}

// contact lets the deals at hand show what is newly known of their contact.
func (r *run) contact(e crm.ContactChanged) {
	for _, v := range r.seen {
		c := &v.Contact
		if c.ID == 0 || c.ID != e.Contact {
			continue
		}
		if e.Name != "" {
			c.Name = e.Name
		}
		if e.Phone != "" {
			c.Phone = e.Phone
		}
		if e.Lang != "" {
			c.Lang = e.Lang
		}
		if len(e.Fields) > 0 {
			fields := crm.Fields{}
			maps.Copy(fields, c.Fields)
			maps.Copy(fields, e.Fields)
			maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
			c.Fields = fields
		}
	}
}
