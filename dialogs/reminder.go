package dialogs

import "govorun/crm/rules"

// Reminder gives the “remind” of a name that a timer bears: RULE/1 for the first of a rule, CARD/ACTION/1 of a card,
// dialog/DIALOG/STATE/1 of a dialog. It is nil when the kit has it no more.
func (k *Kit) Reminder(name string) *Remind { return k.reminders[name] }

// Reminds tells whether the kit reminds anybody of anything.
func (k *Kit) Reminds() bool { return len(k.reminders) > 0 }

// Reminding gives the plan of such a reminder as the cascade takes it, with the title of its task in words; false when the kit has it
// no more. Its text is shown with Args(plan.Text, scope).
func (k *Kit) Reminding(name string, scope Scope) (rules.Reminding, bool) {
	a := k.Reminder(name)
	if a == nil {
		return rules.Reminding{}, false
	}
	plan := rules.Reminding{Text: a.Text, Every: a.Every, Max: a.Max, Advert: a.Advert}
	if a.Task != nil {
		t := k.card(scope)
		title, _ := k.Texts.Text(k.Languages[0], a.Task.Title, t.args(a.Task.Title, nil))
		plan.Task = &rules.Call{Title: title, Due: a.Task.Due, Points: a.Task.Points, Card: a.Task.Card}
	}
	return plan, true
}
