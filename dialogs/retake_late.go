package dialogs

import "govorun/crm"

// Late is an album whose first part was all that somebody waited for. Its other parts are kept with the deal, and are no answers to what is
// asked next.
type Late struct {
	Album string     `json:"album"`
	Deal  crm.DealID `json:"deal"`
}

// keepLate remembers the album that ends a dialog somebody waits for.
func (t *step) keepLate() {
	if insists(t.s.Dialog) && t.in.Album != "" && len(t.in.Media) > 0 && t.s.Deal != 0 {
		t.s.Late = &Late{Album: t.in.Album, Deal: t.s.Deal}
	}
}

// lateFiles takes a further part of such an album, without a word. Anything else that a person sends ends the waiting for more.
func (t *step) lateFiles() bool {
	late := t.s.Late
	if late == nil {
		return false
	}
	if t.in.Album != late.Album || len(t.in.Media) == 0 {
		t.s.Late = nil
		return false
	}
	t.effect(crm.Attached{Deal: late.Deal, Name: answerFiles, Media: t.in.Media})
	t.out.Hold = true
	return true
}

// Wanted is the deal that files may be for: the one that the dialog is about, else the one for which something is wanted.
func (s Session) Wanted() crm.DealID {
	deal := s.Deal
	for i := len(s.Stack) - 1; i >= 0 && !insists(s.Dialog); i-- {
		if insists(s.Stack[i].Dialog) {
			return s.Stack[i].Deal
		}
	}
	return deal
}

// Insists tells whether somebody waits for something in the session, in the dialog that runs or in one put aside.
func (s Session) Insists() bool {
	if insists(s.Dialog) {
		return true
	}
	for _, f := range s.Stack {
		if insists(f.Dialog) {
			return true
		}
	}
	return false
}

// Brought is a session on the dialogs that the kit has now, whatever version it began on: see Adopt.
func (k *Kit) Brought(s Session) Session {
	if def := k.Dialogs[s.Dialog]; s.Dialog == "" || def != nil && def.Version == s.Version {
		return s
	}
	return k.Adopt(s)
}

// TakesFiles tells whether a session waits for files: as an answer, beside one, or for something asked again.
func (k *Kit) TakesFiles(s Session) bool {
	if s.Insists() {
		return true
	}
	st := k.State(s)
	if st == nil {
		return false
	}
	def := k.Dialogs[s.Dialog]
	if sl := def.Slots[st.Slot]; sl != nil && isMedia(sl.Type) {
		return true
	}
	for i := range st.Accept {
		if sl := def.Slots[st.Accept[i].Slot]; sl != nil && isMedia(sl.Type) {
			return true
		}
	}
	return false
}
