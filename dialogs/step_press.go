package dialogs

import (
	"slices"
	"strings"
)

// press takes a pressed button. Only buttons of the question that is open do anything; others are explained by a toast.
func (t *step) press() {
	if t.in.Press.Data == MutePress {
		t.mute()
		return
	}
	nonce, id, _ := strings.Cut(t.in.Press.Data, ":")
	switch {
	case nonce != "" && nonce == t.s.Nonce && t.s.Dialog != "":
		if !t.choose(id) && t.err == nil {
			t.out.Toast = "grammar.stale"
		}
	case nonce != "" && nonce == t.s.Previous && t.now.Sub(t.s.Asked) < doubleTap:
		t.out.Toast = "grammar.already_done"
	default:
		t.out.Toast = "grammar.stale"
		if !t.env.Channel.Buttons { // a number or a vote for a question that was answered
			t.out.Toast = "grammar.already_done"
		}
		if t.s.Dialog == "" {
			t.startHome()
		}
	}
}

// chooseGrammar takes a button that belongs to the grammar and not to the kit; false when it means nothing here.
func (t *step) chooseGrammar(st *State, id string) bool {
	if pending := t.pendingOptions(); slices.ContainsFunc(pending, func(o Option) bool { return o.ID == id }) {
		t.decide(id)
		return true
	}
	switch id {
	case ":back", ":skip", ":human", ":lang", ":help", ":cancel", ":restart":
		return t.intent(id[1:])
	case ":keep":
		sl := t.def.Slots[st.Slot]
		value, filled := t.values[st.Slot]
		if sl == nil || !filled || !enough(sl, value) {
			return false
		}
		t.leave(st, "")
		return true
	case ":done":
		if len(t.values[st.Slot].Many) == 0 {
			return false
		}
		t.leave(st, "")
		return true
	}
	if lang, ok := strings.CutPrefix(id, ":lang:"); ok {
		return t.speak(lang)
	}
	return false
}
