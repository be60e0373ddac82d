package dialogs

import (
	"maps"
	"slices"

	"govorun/crm"
	"govorun/dialogs/slot"
	"govorun/locales"
)

// intents are what works at every step, each with its list of words.
var intents = [...]struct{ name, words string }{
	{"back", "grammar.back_words"}, {"cancel", "grammar.cancel_words"}, {"restart", "grammar.restart_words"},
	{"help", "grammar.help_words"}, {"lang", "grammar.language_words"}, {"human", "grammar.human_words"}, {"skip", "grammar.skip_words"},
}

// word finds the intent that a whole message is, in any language of the kit. A label of an option that says the same goes first,
// and so does an answer: "-" where nothing may be skipped, "9" where a number is asked for.
func (t *step) word() string {
	if t.in.Kind != crm.InText || t.in.Text == "" || len(t.in.Text) > 100 {
		return ""
	}
	folded := locales.Fold(t.in.Text)
	name := t.digit(folded)
	for _, intent := range intents {
		if name != "" {
			break
		}
		for _, lang := range t.kit.Languages {
			if slices.Contains(t.kit.Texts.Words(lang, intent.words), folded) {
				name = intent.name
				break
			}
		}
	}
	if name == "" || t.def == nil {
		return name
	}
	st := t.state()
	if name == "skip" && !st.Optional && t.takesText(st) || t.isLabel(st, folded) {
		return ""
	}
	return name
}

// digit is what 0 and 9 mean on channels without buttons, unless the question takes them as an answer.
func (t *step) digit(folded string) string {
	if t.env.Channel.Buttons || folded != "0" && folded != "9" || t.def == nil || t.s.Pending != "" {
		return ""
	}
	st := t.state()
	if len(t.choices(nil, st)) >= 9 && folded == "9" {
		return ""
	}
	if sl := t.def.Slots[st.Slot]; sl != nil && (sl.Type == "number" || sl.Type == "money" || sl.Type == "asset") {
		if _, wrong := slot.Parse(t.specOf(sl), t.given()); wrong == nil {
			return ""
		}
	}
	if folded == "0" {
		return "back"
	}
	return "human"
}

func (t *step) isLabel(st *State, folded string) bool {
	for _, option := range t.choices(nil, st) {
		if locales.Fold(t.label(option)) == folded {
			return true
		}
	}
	return false
}

// intentOf is the intent that a typed command is, empty when it is none.
func intentOf(command string) string {
	switch command {
	case "back", "cancel", "restart", "help", "human", "skip", "lang":
		return command
	case "stop":
		return "cancel"
	case "language":
		return "lang"
	case "operator":
		return "human"
	}
	return ""
}

// intent does what works at every step; false when it means nothing here.
func (t *step) intent(name string) bool {
	if t.s.Dialog == "" {
		return t.intentIdle(name)
	}
	t.s.Pending, t.s.Switch = "", nil
	st := t.state()
	switch name {
	case "back":
		t.back(st)
	case "cancel":
		if len(t.s.Trail) > 2 {
			t.pend("confirm_cancel", "grammar.cancel_confirm", nil)
		} else {
			t.cancel()
		}
	case "restart":
		if len(t.s.Trail) > 2 {
			t.pend("confirm_restart", "grammar.restart_confirm", nil)
		} else {
			t.restart()
		}
	case "help":
		t.help(st)
	case "lang":
		return t.chooseLanguage()
	case "human":
		t.human()
	case "skip":
		t.skip(st)
	default:
		return false
	}
	return true
}

// intentIdle does the same when nothing is going on.
func (t *step) intentIdle(name string) bool {
	switch name {
	case "cancel": // who says stop when nothing is going on means us
		t.wants(true)
		t.tell("grammar.silenced", nil)
	case "help":
		t.tell("grammar.help_idle", nil)
		t.tell("grammar.help_text", nil)
	case "human":
		t.human()
	case "lang":
		if t.otherLanguage() == "" {
			t.startHome()
		}
		return t.chooseLanguage()
	default:
		t.startHome()
	}
	return true
}

// cancel ends the dialog and those that called it.
func (t *step) cancel() {
	if insists(t.s.Dialog) {
		t.tell("retake.later", nil)
		t.later()
		return
	}
	t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "asked"})
	waiting := t.insisted()
	t.over()
	t.tell("grammar.cancelled", nil)
	if len(waiting) > 0 {
		t.s.Stack = waiting
		if st := t.comeBack(); st != nil {
			t.ask(st)
		}
	}
}

// restart begins the outermost dialog anew. What it was started with stays: the machine of a link, the deal of a signal.
func (t *step) restart() {
	if insists(t.s.Dialog) && !t.later() {
		t.prompt(t.state())
		return
	}
	t.record("dialog_cancelled", crm.Fields{"state": t.s.State, "reason": "restart"})
	name, values, deal := t.s.Dialog, t.values, t.s.Deal
	if i := slices.IndexFunc(t.s.Stack, func(f Frame) bool { return !insists(f.Dialog) }); i >= 0 {
		outer := t.s.Stack[i]
		name, values, deal = outer.Dialog, outer.Slots, outer.Deal
	}
	def := t.kit.Dialogs[name]
	if def == nil {
		t.over()
		return
	}
	if len(def.Entries) > 0 || name == t.kit.Home {
		deal = 0 // the deal is one that the dialog opened itself
	}
	t.launch(def, def.given(values), deal)
}

// given keeps of the answers those that were not asked for: a link, a signal or a caller gave them.
func (d *Definition) given(values map[string]Value) map[string]Value {
	kept := maps.Clone(values)
	for _, st := range d.States {
		delete(kept, st.Slot)
		for i := range st.Accept {
			delete(kept, st.Accept[i].Slot)
		}
	}
	for _, entry := range d.Entries {
		if value, ok := values[entry.Slot]; ok && entry.Link != "" {
			kept[entry.Slot] = value
		}
	}
	delete(kept, albumSlot)
	return kept
}

// help says where one is and what is needed, with a person within reach.
func (t *step) help(st *State) {
	t.tell("grammar.help_text", nil)
	if at := t.progress(); at[1] > 0 {
		t.tell("grammar.help_step", map[string]any{"step": at[0], "steps": at[1]})
	} else {
		t.tell("grammar.help_here", nil)
	}
	t.prompt(st)
	question := &t.out.Say[len(t.out.Say)-1]
	question.Progress = [2]int{}
	if !t.offersHuman(question.Options) {
		question.Options = append(question.Options, Option{ID: ":human", Key: "grammar.human"})
	}
}

// human asks for a person. The dialog waits where it stands.
func (t *step) human() {
	t.out.HandOver = true
	t.effect(crm.HandedOver{Role: t.kit.Human, Reason: "staff.human_wanted"})
	t.handedOver()
}

// handedOver says that a person has been told, and when they come if nobody is there now.
func (t *step) handedOver() {
	if t.kit.isOpen(t.now) {
		t.tell("grammar.handed_over", nil)
		return
	}
	t.tell("grammar.handed_over_closed", map[string]any{"opens": t.kit.opens(t.now).Format("15:04")})
}

// skip goes on without an answer where that is allowed.
func (t *step) skip(st *State) {
	if !st.Optional {
		t.tell("grammar.cannot_skip", nil)
		t.prompt(st)
		return
	}
	if st.Slot != "" {
		t.unset(st.Slot)
	}
	t.leave(st, "")
}
