package dialogs

import (
	"maps"

	"govorun/crm"
)

// task gives a role, or the owner of the deal, something to do.
func (t *step) task(a *Task) {
	title, _ := t.kit.Texts.Text(t.kit.Languages[0], a.Title, t.args(a.Title, nil))
	added := crm.TaskAdded{Deal: t.s.Deal, Role: a.Role, Title: title, DueAt: t.now.Add(a.Due), Points: a.Points, Card: a.Card}
	if a.To == crm.ToOwner {
		added.Owner, added.Assignee, added.Role = true, t.deal.Owner, first(a.Role, t.kit.Head)
	}
	t.effect(added)
}

// assign asks the distribution for an owner.
func (t *step) assign(a *Assign) {
	if !t.needDeal() {
		return
	}
	t.effect(crm.OwnerWanted{
		Deal: t.s.Deal, Role: a.Role, City: textOf(t.eval(a.City)), Skill: textOf(t.eval(a.Skill)), Source: textOf(t.eval(a.Source)),
		Pick: a.Pick, Cap: a.Cap, Within: a.Within, Head: first(a.Head, t.kit.Head),
	})
}

// rate gives points to somebody; to nobody when the deal has no owner, or a robot acts.
func (t *step) rate(a *Rate) {
	rated := crm.Rated{Deal: t.s.Deal, Points: a.Points, Reason: a.Reason}
	switch {
	case a.Who == "contact":
		rated.Contact = t.contact.ID
	case a.Who == "owner":
		rated.Employee = t.deal.Owner
	case t.me != nil:
		rated.Employee = t.me.ID
	}
	if rated.Contact != 0 || rated.Employee != 0 {
		t.effect(rated)
	}
}

// remind sets the timer of the first reminder, out of the silence of the deal's city. It counts while the deal stands where it stands now.
func (t *step) remind(a *Remind) {
	if !t.needDeal() {
		return
	}
	t.effect(crm.TimerSet{
		Deal: t.s.Deal, Kind: crm.TimerRemind, Rule: a.Name, Stage: t.deal.Stage, Since: t.deal.EnteredAt,
		DueAt: t.kit.Wakeful(t.now.Add(a.After), t.city()), Data: crm.Fields{"text": a.Text},
	})
}

// setDeal changes fields of the deal. Expressions that follow see it.
func (t *step) setDeal(fields crm.Fields) {
	t.effect(crm.DealChanged{Deal: t.s.Deal, Fields: fields})
	changed := make(crm.Fields, len(t.deal.Fields)+len(fields))
	maps.Copy(changed, t.deal.Fields)
	for name, value := range fields {
		if value == nil {
			delete(changed, name)
		} else {
			changed[name] = value
		}
	}
	t.deal.Fields = changed
	delete(t.vars, "deal")
}

// fillDeal makes fields of the deal of those answers that were given.
func (t *step) fillDeal(slots []string) {
	fields := crm.Fields{}
	for _, name := range slots {
		if value, filled := t.values[name]; filled && t.slot(name) != nil {
			fields[name] = plain(t.variable(t.slot(name), value))
			if flags := raised(value); len(flags) > 0 {
				fields[flagField(name)] = flags
			} else if _, had := t.deal.Fields[flagField(name)]; had {
				fields[flagField(name)] = nil
			}
		}
	}
	if len(fields) > 0 && t.needDeal() {
		t.setDeal(fields)
	}
}
