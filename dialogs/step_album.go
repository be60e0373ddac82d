package dialogs

import (
	"slices"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// albumSlot is a slot that no kit can name: it remembers which album answered which slot at which state, because the parts of an
// album come one by one and the dialog has gone on when the second one comes.
const albumSlot = ":album"

// rememberAlbum keeps where the first part of an album went.
func (t *step) rememberAlbum(sl *Slot) {
	if t.in.Album == "" || len(t.in.Media) == 0 {
		return
	}
	if t.values[albumSlot].Text != t.in.Album {
		t.set(albumSlot, Value{Text: t.in.Album, Many: []string{sl.Name, t.s.State}})
	}
}

// lateInAlbum tells whether the input is a further part of an album whose first part was an answer to an earlier state.
func (t *step) lateInAlbum() bool {
	if t.in.Album == "" || len(t.in.Media) == 0 {
		return false
	}
	album := t.values[albumSlot]
	return album.Text == t.in.Album && len(album.Many) == 2 && album.Many[1] != t.s.State
}

// takeLate adds the part to the answer that the album is, without another word than the question that is open.
func (t *step) takeLate(st *State) {
	name := t.values[albumSlot].Many[0]
	t.out.Hold = true
	if sl := t.def.Slots[name]; sl != nil && sl.Type == "photos" {
		t.addLate(sl)
	}
	t.prompt(st)
}

func (t *step) addLate(sl *Slot) {
	bound := t.values[sl.Name].Number
	value, wrong := slot.Parse(t.specOf(sl), t.given())
	if wrong != nil && !wrong.Keep {
		t.tell(wrong.Key, wrong.Args) // too many: said once, with the question that is open
		return
	}
	t.set(sl.Name, t.carried(sl, value))
	switch {
	case bound > 0 && t.s.Deal != 0:
		t.attach(sl.Name)
	case wrong != nil:
		t.tell(wrong.Key, wrong.Args)
	}
}

// isMedia tells whether a slot takes files, and so what a voice message or a sticker is to it.
func isMedia(slotType string) bool {
	return slices.Contains([]string{"photo", "photos", "file"}, slotType)
}

// sticker tells whether the input is nothing but decoration.
func (t *step) sticker() bool {
	if t.in.Kind == crm.InOther {
		return true
	}
	return len(t.in.Media) > 0 && (t.in.Media[0].Kind == crm.Sticker || t.in.Media[0].Kind == crm.Animation)
}

// voice tells whether the input is speech.
func (t *step) voice() bool {
	if len(t.in.Media) == 0 {
		return false
	}
	kind := t.in.Media[0].Kind
	return kind == crm.Voice || kind == crm.VideoNote || kind == crm.Audio
}
