package dialogs

import (
	"strings"
	"unicode"

	"govorun/crm"
	"govorun/dialogs/slot"
)

// better chooses the sentence for an answer that fits nothing: what a voice message or a sticker is, else what the parser says.
func (t *step) better(st *State, wrong *slot.Wrong) *slot.Wrong {
	sl := t.def.Slots[st.Slot]
	switch {
	case sl != nil && isMedia(sl.Type) && wrong != nil:
		return wrong
	case t.nearly(st) != nil:
		return t.nearly(st)
	case t.voice():
		return &slot.Wrong{Key: "grammar.voice_at_text"}
	case t.sticker():
		return &slot.Wrong{Key: "grammar.sticker"}
	case len(t.in.Media) > 0 && wrong == nil:
		return &slot.Wrong{Key: "grammar.file_at_text"}
	case wrong == nil || sl.Type == "asset" && t.in.Text == "":
		return &slot.Wrong{Key: "grammar.not_understood"}
	}
	return wrong
}

// nearly finds what is wrong with an input of a kind that the state takes beside its answer: a file too large, words too long, an account with a
// slip in its number.
func (t *step) nearly(st *State) *slot.Wrong {
	for i := range st.Accept {
		sl := t.def.Slots[st.Accept[i].Slot]
		if sl == nil || t.tooEasy(sl) {
			continue
		}
		if files := len(t.in.Media) > 0; files != isMedia(sl.Type) || !files && (sl.Type != "text" && sl.Type != "bank" || t.in.Kind != crm.InText) {
			continue
		}
		_, wrong := slot.Parse(t.spec(sl, st), t.given())
		if wrong != nil && !wrong.Keep && !strings.HasSuffix(wrong.Key, "_wanted") && wrong.Key != "slot.bank_wrong" {
			return wrong
		}
	}
	return nil
}

// refusedSlot is a slot that no kit can name: it remembers the album that was refused last.
const refusedSlot = ":refused"

// refuse says what is wrong with an answer: the first time the parser's sentence, the second time other words, from the third time
// on with the offer of a person. The state and the answers so far stay.
func (t *step) refuse(wrong *slot.Wrong) {
	st := t.state()
	if t.s.Dialog == t.kit.Home && t.s.Failures == 0 && t.now.Sub(t.s.Asked) < burst && t.chatter() {
		return // written before the greeting could be read: one greeting is enough
	}
	if t.in.Album != "" && t.values[refusedSlot].Text == t.in.Album {
		return // all of an album is refused once
	}
	if t.in.Album != "" {
		t.set(refusedSlot, Value{Text: t.in.Album})
	}
	t.s.Failures++
	switch {
	case t.s.Failures == 1 && t.covered:
		t.tell(wrong.Key, wrong.Args)
		t.prompt(st)
	case t.s.Failures == 1:
		t.reask(st, wrong.Key, wrong.Args)
	case t.s.Failures == 2 && st.Hint != "":
		t.reask(st, st.Hint, t.args(st.Hint, st.Args))
	case t.s.Failures == 2:
		if vague(wrong.Key) {
			wrong = &slot.Wrong{Key: "grammar.still_not_understood"}
		}
		t.tell(wrong.Key, wrong.Args)
		t.prompt(st)
	default:
		if !vague(wrong.Key) {
			t.tell(wrong.Key, wrong.Args)
		}
		t.reask(st, "grammar.offer_human", nil)
	}
}

// chatter tells whether an input is words only, such as "hello" and "are you there": a number or a file is an answer, however quick.
func (t *step) chatter() bool {
	return t.in.Kind == crm.InText && !strings.ContainsFunc(t.in.Text, unicode.IsDigit)
}

// vague tells whether a sentence says no more than that the answer was not understood.
func vague(key string) bool {
	return key == "grammar.not_understood" || key == "slot.choice_wrong" || key == "slot.text_wanted"
}

// takeBelow tries the input on a dialog that a signal has come in between of: who sends the photo asked for before means that.
func (t *step) takeBelow() bool {
	last := len(t.s.Stack) - 1
	if last < 0 {
		return false
	}
	frame := t.s.Stack[last]
	def := t.kit.Dialogs[frame.Dialog]
	if insists(frame.Dialog) {
		return false
	}
	if def == nil || def.States[frame.State] == nil || def.States[frame.State].Call != nil {
		return false
	}
	below := *t
	below.out = Result{}
	if insists(t.s.Dialog) {
		below.tell("retake.waits", map[string]any{"id": int(t.s.Deal)})
		below.behind()
	} else {
		below.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "answered_another"})
	}
	if below.comeBack() == nil {
		return false
	}
	if taken, _ := below.take(); (!taken || below.err != nil) && len(below.needs) == 0 {
		return false
	}
	*t = below
	return true
}
