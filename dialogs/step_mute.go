package dialogs

import (
	"govorun/crm"
	"govorun/crm/rules"
)

// MutePress is the data of the button under a reminder that ends all reminders. It belongs to no prompt and never grows stale.
const MutePress = "q::mute"

// mute takes note that somebody wants no messages of robots.
func (t *step) mute() {
	t.wants(true)
	t.out.Toast = "grammar.muted"
}

// wants keeps whether the person wants silence, unless that is known.
func (t *step) wants(silence bool) {
	if rules.WantsSilence(t.contact) != silence {
		t.effect(crm.ContactChanged{Contact: t.contact.ID, Fields: crm.Fields{rules.OptedOut: silence}})
	}
}
